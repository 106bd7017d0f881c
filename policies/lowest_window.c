/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contiguous window of the run's length with the least expected emissions. */
#include "policies/builtin.h"
#include "policies/sweep.h"

static time_t choose(const struct carbon_query *query)
{
	return carbon_sweep_lowest(query, query->mean);
}

const struct carbon_policy carbon_policy_lowest_window = {
	.name = "lowest-window",
	.summary = "the window of the run's length with the least expected emissions",
	.reads_room = true,
	.choose = choose,
};
