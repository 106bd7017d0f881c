/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ledger says of one job, for carbonctl explain. */
#ifndef CARBON_TOOL_OUTCOME_H
#define CARBON_TOOL_OUTCOME_H

#include "accounting/outcome.h"

struct carbon_json;
struct carbon_tool;

/* 1: found; 0: no ledger yet, or no such job in it; -1: there is a ledger, and it could not be read. */
int carbon_tool_outcome_find(const struct carbon_tool *tool, const struct carbon_outcome_key *key,
			     struct carbon_outcome *outcome, struct carbon_err *err);

void carbon_tool_outcome_print(const struct carbon_tool *tool, const struct carbon_outcome *outcome);
void carbon_tool_outcome_json(struct carbon_json *json, const struct carbon_outcome *outcome);

#endif
