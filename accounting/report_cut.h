/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside accounting/ only: a month cut into lines by a key of up to three numbers of names. Lines are made as keys
 * turn up, and found again in constant time.
 */
#ifndef CARBON_REPORT_CUT_H
#define CARBON_REPORT_CUT_H

#include <stddef.h>
#include <stdint.h>

#include "accounting/report.h"

#define CARBON_CUT_KEYS 3
#define CARBON_CUT_NO_NAME INT64_MIN /* a key that is NULL */
#define CARBON_CUT_FAILED UINT32_MAX

struct carbon_cut_key {
	int64_t part[CARBON_CUT_KEYS]; /* those that are not used are 0 */
};

struct carbon_cut {
	size_t lines, capacity;
	struct carbon_report_line *line;
	struct carbon_cut_key *key; /* of each line */
	size_t slots;
	uint32_t *slot; /* number of a line and one; 0: free */
};

/* The line of KEY, made where there is none. CARBON_CUT_FAILED: no memory, or too many lines. */
uint32_t carbon_cut_find(struct carbon_cut *cut, const struct carbon_cut_key *key);
void carbon_cut_fini(struct carbon_cut *cut);

#endif
