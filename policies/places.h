/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a job could run: which of the site's places take it, and what each makes of it. Pure like
 * deciding, of which it is the second half; allocates nothing.
 */
#ifndef CARBON_PLACES_H
#define CARBON_PLACES_H

#include "policies/decide.h"

/* Why a job is not sent to a place, in the order in which it is asked. */
enum carbon_misfit {
	CARBON_FITS,
	CARBON_MISFIT_CLUSTER,	/* of another cluster, which the job or the moment excludes */
	CARBON_MISFIT_STAYS,	/* the job stays on its cluster */
	CARBON_MISFIT_UNSEEN,	/* the cluster was not seen at work just now */
	CARBON_MISFIT_BOUND,	/* the user said where */
	CARBON_MISFIT_NAMED,	/* other places were named */
	CARBON_MISFIT_CLOSED,
	CARBON_MISFIT_ACCOUNT,
	CARBON_MISFIT_QOS,
	CARBON_MISFIT_USER,
	CARBON_MISFIT_NODES,	/* too few, too small, too little memory */
	CARBON_MISFIT_GPUS,
	CARBON_MISFIT_FEATURES,
	CARBON_MISFIT_LIMIT,	/* its longest time is too short for the job */
	CARBON_MISFIT_SPEED,	/* the job might not end there within its limit */
	CARBON_MISFIT_PRICE,
	CARBON_MISFIT_TIME,	/* nothing can be said of a run there: see the decision's reason */
	CARBON_MISFITS
};

/* One plain clause: "its partition does not take this account". */
const char *carbon_misfit_text(enum carbon_misfit misfit);

struct carbon_candidate {
	const struct carbon_place *place;
	enum carbon_misfit misfit;
	struct carbon_decision decision; /* with a record as the job would carry it; whole where it fits */
	double cost_g; /* what is emitted, moved data and the price of waiting together, set against home (policies/compare.h) */
	double kept;   /* how probable it is that the place has slack again before the outlook ends; 1 where nothing is known */
};

/* All places of the site: those of this cluster, then those of others. */
size_t carbon_places_count(const struct carbon_site *site);
const struct carbon_place *carbon_places_at(const struct carbon_site *site, size_t i);

/*
 * The place that JOB would run in without us: of a federation's sibling that of the cluster where it was
 * submitted. NULL: not known.
 */
const struct carbon_place *carbon_places_home(const struct carbon_site *site, const struct carbon_job *job);

/* What PLACE makes of a job that HOME (not LEFT_ALONE) was decided for at home. */
struct carbon_candidate carbon_candidate_evaluate(const struct carbon_context *context, const struct carbon_job *job,
						  const struct carbon_decision *home,
						  const struct carbon_place *place);

/* What a run of JOB at PLACE would be against one at HOME's, of which the decision's place, limit and record count. */
struct carbon_fit {
	enum carbon_misfit misfit; /* never CARBON_MISFIT_TIME; the rest holds where it fits */
	uint32_t runtime_s;
	double power_w; /* PUE included */
};
struct carbon_fit carbon_places_fit(const struct carbon_context *context, const struct carbon_job *job,
				    const struct carbon_decision *home, const struct carbon_place *place);

/* What it takes to move the data of THERE, the record of a run at PLACE, from its home when it begins. */
double carbon_places_data_g(const struct carbon_context *context, const struct carbon_place *place,
			    const struct carbon_record *there);

/*
 * The best of all places, in place of the decision at home where it saves enough; among equals home, then the
 * first one. On the cluster that a job was sent to, the best of its own places.
 */
void carbon_places_choose(const struct carbon_context *context, const struct carbon_job *job,
			  struct carbon_decision *decision);

/* Places that --carbon-relocate names and nobody knows, "a,b" (cut where OUT is short). False: there are none. */
bool carbon_places_unknown(const struct carbon_site *site, const char *places, char *out, size_t size);

#endif
