/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slurm's two spellings of what a job holds: "cpu=4,mem=8000M,node=1,gres/gpu:a100=2" (slurmctld) and
 * "1=4,2=8000,4=1,1002=2" (slurmdbd, whose numbers a table explains). No Slurm call is made here.
 */
#ifndef CARBON_TRES_H
#define CARBON_TRES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/power.h"

#define CARBON_TRES_NAME_MAX 96

/* What a number of 1001 and above means: "gres/gpu:a100". */
struct carbon_tres_name {
	uint32_t id;
	char name[CARBON_TRES_NAME_MAX];
};

struct carbon_tres_table {
	size_t count;
	struct carbon_tres_name *name;
};

/* TRES may be NULL. What cannot be read stays zero: the books count it as odd. */
void carbon_tres_parse(const char *tres, const struct carbon_tres_table *table,
		       struct carbon_resources *use);

/* The count of one numbered TRES ("3=1200"); -1: not there, or Slurm's "no value". */
double carbon_tres_count(const char *tres, uint32_t id);

#endif
