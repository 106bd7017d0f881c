/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What carbonctl simulate prints: a table for people, JSON whose names are stable. */
#ifndef CARBON_SIMULATE_PRINT_H
#define CARBON_SIMULATE_PRINT_H

#include <stdio.h>

#include "simulator/simulate.h"

#define CARBON_SIMULATE_POLICIES_MAX 16

struct carbon_simulate_zone {
	char name[CARBON_ZONE_MAX];
	size_t results;
	struct carbon_simulation_result result[CARBON_SIMULATE_POLICIES_MAX];
};

void carbon_simulate_print_text(FILE *out, const struct carbon_simulation_ask *ask,
				const struct carbon_simulate_zone *zone, size_t zones);
void carbon_simulate_print_json(FILE *out, const struct carbon_simulation_ask *ask,
				const struct carbon_simulate_zone *zone, size_t zones);

#endif
