/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start at once. The baseline of every comparison, and a way to take part in reports without waiting. */
#include "policies/builtin.h"

static time_t choose(const struct carbon_query *query)
{
	return query->earliest_at;
}

const struct carbon_policy carbon_policy_immediate = {
	.name = "immediate",
	.summary = "start at once; decisions are recorded, nothing waits",
	.reads_room = true,
	.choose = choose,
};
