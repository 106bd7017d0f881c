/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many tasks an array has, and how many of them run one after another, from what sbatch's --array says.
 */
#ifndef CARBON_ARRAY_H
#define CARBON_ARRAY_H

#include <stdint.h>

#define CARBON_ARRAY_TASKS_MAX 4000000u /* Slurm has none as large */

struct carbon_array {
	uint32_t tasks; /* at least 1 */
	uint32_t waves; /* "%4": so many times four tasks run one after another; 1: all may run at once */
};

/* INDICES such as "1-10,15,20-30:2%4"; one task in one wave for NULL, "" and what cannot be read. */
void carbon_array_parse(const char *indices, struct carbon_array *out);

#endif
