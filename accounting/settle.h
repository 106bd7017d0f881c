/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settling: what one run used and emitted, and what its delay changed, from accounting and from the
 * intensity that the grid really had (DESIGN: Accounting). Pure: no storage, no clock.
 */
#ifndef CARBON_SETTLE_H
#define CARBON_SETTLE_H

#include <stdbool.h>
#include <time.h>

#include "lib/optout.h"
#include "lib/record.h"
#include "lib/run.h"
#include "lib/series.h"
#include "lib/site.h"
#include "lib/terms.h"

/* Kept in carbon.db: never renumber. */
enum carbon_energy_method {
	CARBON_ENERGY_MODEL = 0,
	CARBON_ENERGY_MEASURED = 1,
	CARBON_ENERGY_METHODS
};

enum carbon_intensity_method {
	CARBON_INTENSITY_UNKNOWN = 0,	  /* no zone, or no history of that time */
	CARBON_INTENSITY_PROVISIONAL = 1, /* history may still come or be corrected: settled again */
	CARBON_INTENSITY_PROFILE = 2,	  /* a shipped typical day, not this one */
	CARBON_INTENSITY_ESTIMATED = 3,	  /* in part estimated by the provider, or filled in by us */
	CARBON_INTENSITY_SETTLED = 4,	  /* measured throughout */
	CARBON_INTENSITY_METHODS
};

const char *carbon_energy_method_name(enum carbon_energy_method method);
const char *carbon_intensity_method_name(enum carbon_intensity_method method);

/* What is wrong with an accounting row; kept and counted, never dropped. */
#define CARBON_ODD_NO_END 0x01	      /* not in the ledger until it ends */
#define CARBON_ODD_END_FIRST 0x02     /* ended before it started: no energy */
#define CARBON_ODD_NO_CPUS 0x04
#define CARBON_ODD_NO_PARTITION 0x08  /* the partition is gone */
#define CARBON_ODD_NO_USER 0x10	      /* the user is gone: known by number only */
#define CARBON_ODD_RECORD 0x20	      /* a damaged decision record */
#define CARBON_ODD_CLOCK 0x40	      /* started before it was submitted */
#define CARBON_ODD_KINDS 7

/* For bit 1 << KIND: "no end yet" for people, "no_end" for programs. */
const char *carbon_odd_name(unsigned int kind);
const char *carbon_odd_key(unsigned int kind);

/* Estimates are replaced by measurements and holes are filled within this time; then a row is final. */
#define CARBON_SETTLE_OPEN_S ((time_t)14 * 86400)

/* Less of a run than this share known: its emissions are unknown. */
#define CARBON_SETTLE_KNOWN_MIN 0.5

/* By which clock a timing credit was reckoned. Kept in carbon.db: never renumber. */
enum carbon_credit_clock {
	CARBON_CLOCK_WALL = 0, /* at least in part, for it is not known how full the place was */
	CARBON_CLOCK_SLACK = 1,
	CARBON_CLOCKS
};

/* "wall", "slack". */
const char *carbon_credit_clock_name(enum carbon_credit_clock clock);

struct carbon_slack_clock;

/* Power and energy of a run. */
struct carbon_settled_energy {
	double power_w;	     /* IT, mean while it ran */
	double above_w;	     /* of it above idle: cores, and GPUs less what they draw without work (the rest draws anyway) */
	double pue;
	double running_s;    /* suspensions taken off */
	double energy_kwh;   /* PUE included */
	double low_kwh, high_kwh;
	double measured_kwh; /* PUE included; NAN: not measured. Used only where METHOD says so */
	enum carbon_energy_method method;
};

/*
 * Measured energy counts where the run had its nodes to itself and the figure lies between a fifth
 * and three times the model's; else it is kept beside the model, and spans low to high with it. TERMS may be NULL.
 */
struct carbon_settled_energy carbon_settle_energy(const struct carbon_run *run, const struct carbon_place *place,
						  const struct carbon_terms *terms);

/* Where a job that we moved would have run. */
struct carbon_settle_home {
	char cluster[CARBON_NAME_MAX]; /* "": the run's own */
	char partition[CARBON_NAME_MAX]; /* "": it was not moved */
	char zone[CARBON_ZONE_MAX];
	double power_w;	 /* PUE included; expected, until carbon_settle_home_w() is asked */
	double slowness; /* its run time there, as a multiple of the one here */
	double data_gb, data_g; /* moved with it, and the emissions of that */
};

/* When the run was, and when it would have been. */
struct carbon_settle_times {
	struct carbon_settle_home home;
	time_t start_at, end_at;
	time_t baseline_at; /* its start without us; 0: was not delayed (or no record) */
	time_t shadow_at;   /* its start as shadow mode would have had it; 0: not in shadow mode */
	time_t redo_s;	    /* so much of it a restart of ours cost: without us it would have been shorter by that */
};

/*
 * What a moved job would have drawn at home, PUE included: as much more or less than ENERGY's real power as the decision
 * expected. So what somebody claimed of its power (--carbon-power) enters no credit.
 */
double carbon_settle_home_w(const struct carbon_settled_energy *energy, const struct carbon_record *record);

/*
 * FIRST_START_AT: of the job's first segment after the decision; later segments would have been as much earlier. Of
 * one that we had interrupted: its start less what it had run by then, for without us there had been no gap.
 */
struct carbon_settle_times carbon_settle_times(const struct carbon_run *run,
					       const struct carbon_record *record,
					       time_t first_start_at);

struct carbon_settled_mass {
	enum carbon_intensity_method method;
	struct carbon_integral intensity; /* over the run */
	double mean_g_kwh;		  /* NAN: unknown */
	double mass_g, low_g, high_g;	  /* NAN: unknown, never zero */
	/*
	 * Timing credit: the power above idle, PUE included, over the running time, times the intensity at the slack
	 * clock of the baseline less that of the real run; where a node is really powered down then, all of its power.
	 * Negative where waiting was wrong. NAN: none, or unknown. Low and high: with power above idle throughout and
	 * with all of it, on the bounds of the energy, and missing hours as the least and the most around them.
	 */
	double credit_g, credit_low_g, credit_high_g;
	enum carbon_credit_clock credit_clock;
	enum carbon_intensity_method credit_method;
	double shadow_g; /* the credit that shadow mode's start would have had; NAN as above */
	/* Lines that stay apart, of the same energy: NAN where that signal has no history. */
	double direct_g, marginal_g;
};

/* What a run is reckoned with. */
struct carbon_settle_grid {
	const struct carbon_series *series;	/* sorted; NULL: the zone is unknown */
	const struct carbon_slack_clock *clock; /* of that series */
	time_t now;
};

struct carbon_settled_mass carbon_settle_mass(const struct carbon_settled_energy *energy,
					      const struct carbon_settle_times *times,
					      const struct carbon_settle_grid *grid);

/* What may be said of intensity over [FROM, TO), of which INTEGRAL is known. */
enum carbon_intensity_method carbon_settle_judge(const struct carbon_series *series,
						 const struct carbon_integral *integral, time_t from, time_t to,
						 time_t now);

/*
 * The credit of a job that we moved, in the place of what stands in OUT: what it would have drawn at home from its baseline on, on
 * the home's grid and slack clock, less what it drew here and what moving its data cost. All of its power counts, for
 * two places are two sets of nodes; low and high as for other credits.
 */
void carbon_settle_moved(const struct carbon_settled_energy *energy, const struct carbon_settle_times *times,
			 const struct carbon_settle_grid *here, const struct carbon_settle_grid *home,
			 struct carbon_settled_mass *out);

/* Of another signal: grams alone; NAN where too little is known. */
double carbon_settle_beside(const struct carbon_settled_energy *energy, const struct carbon_settle_times *times,
			    const struct carbon_series *series);

/*
 * Why our part in RUN ended before its start, as far as its comment and its RECORD (NULL: none) tell. A start before
 * the begin that the record gives was somebody's change; of work that is interrupted the record's begin is the last one.
 */
enum carbon_optout carbon_settle_optout(const struct carbon_run *run, const struct carbon_record *record);

/* CARBON_ODD_... of what the row itself shows. */
unsigned int carbon_settle_odd(const struct carbon_run *run);

#endif
