/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policies that the table in policy.c lists; nobody else needs their names. */
#ifndef CARBON_BUILTIN_H
#define CARBON_BUILTIN_H

#include "policies/policy.h"

extern const struct carbon_policy carbon_policy_carbon_time;
extern const struct carbon_policy carbon_policy_immediate;
extern const struct carbon_policy carbon_policy_lowest_window;
extern const struct carbon_policy carbon_policy_risk_averse;
extern const struct carbon_policy carbon_policy_segments;
extern const struct carbon_policy carbon_policy_threshold;

#endif
