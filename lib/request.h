/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a researcher asked for with --carbon-... or CARBON_...: one table of options for sbatch's
 * plugin, slurmctld's plugin, carbonctl plan and the manuals' test.
 */
#ifndef CARBON_REQUEST_H
#define CARBON_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/notice.h"

struct carbon_err;

#define CARBON_POLICY_MAX 24 /* name of a policy, NUL included */
#define CARBON_OPTION_VALUE_MAX 256

enum carbon_mode {
	CARBON_MODE_UNSET,
	CARBON_MODE_OFF,
	CARBON_MODE_AUTO,
};

struct carbon_request {
	enum carbon_mode mode;
	bool given;	      /* some option was given: the user takes part */
	time_t delay_s;	      /* -1: not given */
	time_t finish_by_at;  /* 0: not given */
	uint32_t runtime_s;   /* 0: not given */
	double power_w;	      /* 0: not given; IT power, all nodes together */
	char policy[CARBON_POLICY_MAX]; /* "": not given */
	bool relocate;	      /* it may run elsewhere */
	char places[CARBON_OPTION_VALUE_MAX]; /* only in these, "north,gpu,north/gpu"; "": anywhere */
	double data_gb;	      /* what would have to be moved with it; 0: nothing, or not given */
	struct carbon_notice notice; /* signal 0: not given, it is not to be interrupted */
};

/* Whether PLACES ("": anywhere) names the partition PARTITION of CLUSTER: "PARTITION" or "CLUSTER" or
 * "CLUSTER/PARTITION", a partition alone being one of this cluster (IS_HERE). */
bool carbon_places_name(const char *places, const char *cluster, const char *partition, bool is_here);

struct carbon_option {
	const char *name;     /* "carbon-delay" */
	const char *variable; /* "CARBON_DELAY" */
	const char *arginfo;  /* "TIME", for --help; "[PLACE,...]": the value may be left out and is "" then */
	const char *usage;    /* one line for --help */
	/* Use carbon_request_set(). */
	int (*parse)(const char *value, time_t now, struct carbon_request *request,
		     struct carbon_err *err);
};

/* All options, in the order of the manual. */
extern const struct carbon_option carbon_options[];
extern const size_t carbon_options_count;

/* Whether its value may be left out. */
bool carbon_option_is_optional(const struct carbon_option *option);

void carbon_request_init(struct carbon_request *request);

/* By name ("carbon-delay") or variable ("CARBON_DELAY"); NULL: unknown. */
const struct carbon_option *carbon_option_find(const char *name);

/*
 * Fill in one option. NOW is for times such as now+6hours. Errors name option, value and what would be
 * right; the request is untouched then.
 */
int carbon_request_set(struct carbon_request *request, const struct carbon_option *option,
		       const char *value, time_t now, struct carbon_err *err);

#endif
