/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many tasks an array has, and how many of them run one after another, from what sbatch's --array says.
 */
#ifndef CARBON_ARRAY_H
#define CARBON_ARRAY_H

#include <stdbool.h>
#include <stdint.h>

#define CARBON_ARRAY_TASKS_MAX 4000000u /* Slurm has none as large */

struct carbon_array {
	uint32_t tasks; /* at least 1 */
	uint32_t waves; /* "%4": so many times four tasks run one after another; 1: all may run at once */
};

/* Of the longest expression that carbon_array_take() writes. */
#define CARBON_ARRAY_TEXT_MAX 4096

/* INDICES such as "1-10,15,20-30:2%4"; one task in one wave for NULL, "" and what cannot be read. */
void carbon_array_parse(const char *indices, struct carbon_array *out);

/*
 * COUNT of the tasks of INDICES, from its FIRST (0) on and in the order given, as "3-5,9" into OUT. Errors: it has not as
 * many, they cannot be read, or the text is too long.
 */
int carbon_array_take(const char *indices, uint32_t first, uint32_t count, char out[CARBON_ARRAY_TEXT_MAX]);

/* Whether all tasks of SOME (from carbon_array_take) are among INDICES. False where either cannot be read. */
bool carbon_array_has(const char *indices, const char *some);

#endif
