/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Published experiments done again with this simulator: the same jobs, the same grid, the
 * published rule as a policy of its own where it is not one of ours. For doc/figures.md and the
 * replay tests; the data are not shipped. Must never read an expected value into a result.
 */
#ifndef CARBON_PUBLISHED_H
#define CARBON_PUBLISHED_H

#include <stddef.h>
#include <stdint.h>

struct carbon_err;

/* EuroSys '24: every start hour of a year, seven lengths, one file of expected values. */
struct carbon_published_sums {
	size_t rows;
	double worst;	     /* greatest difference of any value, g/kWh */
	double saved[2];     /* percent, all rows: in one piece, in pieces */
	double published[2]; /* the same from the published values */
};

/* ZONE "DE" or "US-CAL-CISO", SLACK_H 24 or 168. */
int carbon_published_eurosys(const char *data, const char *zone, unsigned int slack_h,
			     struct carbon_published_sums *out, struct carbon_err *err);

/* GAIA, figure 8; and the same jobs under our own policies. */
#define CARBON_PUBLISHED_GAIA 8
struct carbon_published_gaia {
	const char *name;
	double published, published_wait_h; /* share of starting at once; NAN: not published */
	double carbon, wait_h;
};

int carbon_published_gaia(const char *data,
			  struct carbon_published_gaia out[CARBON_PUBLISHED_GAIA],
			  struct carbon_err *err);

/* Let's Wait Awhile, Germany. */
#define CARBON_PUBLISHED_WAIT_MAX 32
struct carbon_published_wait {
	char name[64];
	double published, ours; /* percent saved */
};

int carbon_published_wait(const char *data, struct carbon_published_wait *out, size_t *count,
			  struct carbon_err *err);

/* What waiting is worth in one zone in 2023, percent saved against starting at once. */
enum {
	CARBON_PUBLISHED_PERFECT,
	CARBON_PUBLISHED_YESTERDAY,
	CARBON_PUBLISHED_ENS,
	CARBON_PUBLISHED_MODEL,
	CARBON_PUBLISHED_FORESIGHTS
};

struct carbon_published_arm {
	unsigned int runtime_h, delay_h;
	int splits;    /* interruptible */
	int foresight; /* between these files */
};

struct carbon_published_delay {
	struct carbon_published_arm arm; /* set by the caller; the rest is the answer */
	double published[3];		 /* perfect, yesterday, ens; NAN: not published */
	double published_again;		 /* ens, each hour again */
	double once[CARBON_PUBLISHED_FORESIGHTS], again[CARBON_PUBLISHED_FORESIGHTS];
};

/* ZONE in every of COUNT arms. */
int carbon_published_delay(const char *data, const char *zone,
			   struct carbon_published_delay *out, size_t count,
			   struct carbon_err *err);

/* Every policy by our own forecast in one zone in 2023: a job of 4 hours in every hour, up to
 * 24 h. */
#define CARBON_PUBLISHED_POLICIES_MAX 16
struct carbon_published_policy {
	const char *name;
	double once, again; /* percent saved, decided once and each hour again */
	double share[2];    /* of what perfect foresight saves in one piece, percent */
	double wait_h[2];   /* mean */
};

int carbon_published_policies(const char *data, const char *zone,
			      struct carbon_published_policy *out, size_t *count,
			      struct carbon_err *err);

/*
 * A made-up year on 400 nodes in Germany, half of the jobs may wait a day: what each job would
 * claim by the clock on the wall and by the slack clock, what the cluster saved, and what the
 * others waited.
 */
struct carbon_published_load {
	double load; /* asked for, share of the nodes; set by the caller */
	int is_real; /* our own forecast, run times by habit, decided again each hour; else all
			is known; set by the caller */
	const char *grid; /* a file of the data's intensity/; NULL: Germany's; set by the caller */
	uint64_t year;	  /* which made-up year; 0 is the first; set by the caller */
	double utilisation, naive, credit, effect;
	double others_wait_h[2]; /* without us and with us */
	size_t jobs, missed;
};

int carbon_published_load(const char *data, struct carbon_published_load *out,
			  struct carbon_err *err);

#endif
