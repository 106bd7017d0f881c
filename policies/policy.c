/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of policies. A new one is a file, a line in builtin.h and a line here. */
#include "policies/policy.h"

#include <strings.h>

#include "policies/builtin.h"

const struct carbon_policy *const carbon_policies[] = {
	&carbon_policy_immediate,
	&carbon_policy_lowest_window,
	&carbon_policy_threshold,
	&carbon_policy_carbon_time,
	&carbon_policy_risk_averse,
	&carbon_policy_segments,
};
const size_t carbon_policies_count = sizeof(carbon_policies) / sizeof(carbon_policies[0]);

const struct carbon_policy *carbon_policy_find(const char *name)
{
	for (size_t i = 0; i < carbon_policies_count; i++)
		if (strcasecmp(carbon_policies[i]->name, name) == 0)
			return carbon_policies[i];
	return NULL;
}
