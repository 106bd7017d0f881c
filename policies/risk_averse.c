/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As lowest-window, on what the grid is feared to do (the outlook's high estimate): a window that may turn out
 * dirty is passed over for one that is surely fair, so that a forecast error costs less.
 */
#include "policies/builtin.h"
#include "policies/sweep.h"

static time_t choose(const struct carbon_query *query)
{
	return carbon_sweep_lowest(query, query->high);
}

const struct carbon_policy carbon_policy_risk_averse = {
	.name = "risk-averse",
	.summary = "the window with the least emissions on the outlook's high estimate",
	.reads_high = true,
	.reads_room = true,
	.choose = choose,
};
