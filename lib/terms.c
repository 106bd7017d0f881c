/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the books need of a place. Must never make up a figure that nobody gave. */
#include "lib/terms.h"

#include <math.h>
#include <string.h>

void carbon_terms_init(struct carbon_terms *terms)
{
	memset(terms, 0, sizeof(*terms));
	terms->gpu_idle_w = terms->idle_w = terms->off_w = terms->boot_w = NAN;
	terms->market_g_kwh = terms->embodied_g_node_h = terms->water_l_kwh = NAN;
}

double carbon_terms_pue(const struct carbon_terms *terms, double pue, time_t at)
{
	struct tm date;

	if (!terms || terms->pue_months != 12 || !gmtime_r(&at, &date))
		return pue;
	return terms->pue_month[date.tm_mon];
}
