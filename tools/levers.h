/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What would have helped one job, for carbonctl explain; and what carbon.conf says of the site's levers. */
#ifndef CARBON_TOOL_LEVERS_H
#define CARBON_TOOL_LEVERS_H

#include "accounting/levers.h"
#include "accounting/outcome.h"

struct carbon_config;
struct carbon_json;
struct carbon_tool;

/* Borrows from CONFIG. */
void carbon_tool_lever_site(const struct carbon_config *config, struct carbon_lever_site *site);

/*
 * Of the job KEY, which could have started at READY_AT (0: when it did). 1: LEVERS is set, 0: its emissions are not known,
 * -1: error.
 */
int carbon_tool_levers_find(const struct carbon_tool *tool, const struct carbon_outcome_key *key, time_t ready_at,
			    struct carbon_levers *levers, struct carbon_err *err);

void carbon_tool_levers_print(const struct carbon_tool *tool, const struct carbon_levers *levers, double now_g);
void carbon_tool_levers_json(struct carbon_json *json, const struct carbon_levers *levers);

#endif
