/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places of carbonctl plan: each one with what it would make of the job, and what to tell sbatch. */
#ifndef CARBON_TOOL_PLAN_PLACES_H
#define CARBON_TOOL_PLAN_PLACES_H

#include "policies/decide.h"

struct carbon_json;
struct carbon_tool;

/* "Decision  runs in ZONE (...)", of a job that is moved. */
void carbon_plan_moved_print(const struct carbon_tool *tool, const struct carbon_context *context,
			     const struct carbon_decision *decision);

/* A table, or "places": [...]; nothing of a job that may not move. */
void carbon_plan_places_print(const struct carbon_tool *tool, const struct carbon_context *context,
			      const struct carbon_job *job, const struct carbon_decision *decision);
void carbon_plan_places_json(struct carbon_json *json, const struct carbon_context *context,
			     const struct carbon_job *job, const struct carbon_decision *decision);

/* "-M north -p gpu --begin=2026-10-05T03:00:00" on one line, in the time zone of who asks; "" where the job runs as without us. */
void carbon_plan_sbatch(const struct carbon_tool *tool, const struct carbon_context *context,
			const struct carbon_decision *decision);

#endif
