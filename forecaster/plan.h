/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run is going to ask whom: the configuration's zones and sources as tracks. Reads token files;
 * one that others may read is refused, and so are the sources that need it.
 */
#ifndef CARBON_PLAN_H
#define CARBON_PLAN_H

#include "config/config.h"
#include "forecaster/run.h"
#include "forecaster/track.h"

struct carbon_plan {
	struct carbon_access access[CARBON_CONFIG_SOURCES_MAX + 1]; /* the last: what is built in */
	struct carbon_err access_err[CARBON_CONFIG_SOURCES_MAX + 1]; /* "": usable */
	size_t tracks;
	struct carbon_track *track;
};

/*
 * Errors (of usage): a type or zone that does not exist. LAST may be NULL; of it the zones that are
 * configured but not asked this time are carried over. PLAN borrows CONFIG and is fini'ed by the caller.
 */
int carbon_plan_init(struct carbon_plan *plan, const struct carbon_config *config,
		     const struct carbon_run_options *options, const struct carbon_outlook *last,
		     struct carbon_err *err);
void carbon_plan_fini(struct carbon_plan *plan);

#endif
