/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a site allows an account to emit in a month: carbon.conf says it, reports and carbonctl budget show what is left. */
#ifndef CARBON_ALLOWANCE_H
#define CARBON_ALLOWANCE_H

#include "lib/job.h"

struct carbon_allowance {
	char account[CARBON_NAME_MAX];
	double allowance_kg; /* of CO2e a month */
};

#endif
