/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of one job, and telling it; for carbonctl explain alone. */
#ifndef CARBON_TOOL_EXPLAIN_H
#define CARBON_TOOL_EXPLAIN_H

#include <stdbool.h>

#include "accounting/levers.h"
#include "lib/record.h"
#include "tools/lookup.h"
#include "tools/outcome.h"

struct carbon_tool;

struct carbon_story {
	const struct carbon_tool *tool;
	bool has_job, has_record, has_outcome; /* what is known of it */
	struct carbon_tool_job job;
	struct carbon_record record;
	struct carbon_outcome outcome;
	struct carbon_levers levers; /* what would have helped */
	double mass_now_g, baseline_now_g; /* by the outlook of now; < 0: it does not cover them */
};

/* "waiting" */
const char *carbon_tool_explain_state(enum carbon_job_state state);

void carbon_tool_explain_text(const struct carbon_story *story);
void carbon_tool_explain_json(const struct carbon_story *story);

#endif
