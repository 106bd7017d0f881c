/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside accounting/ only: which jobs of a month were seen already. A job with several runs counts as one in the total
 * and in each line that it has a run in.
 */
#ifndef CARBON_REPORT_SEEN_H
#define CARBON_REPORT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct carbon_report_line;
struct carbon_seen;

struct carbon_seen_set {
	size_t count, slots; /* a power of two */
	struct carbon_seen *slot;
};

/* What is known of a run, and holds for its job: that we delayed it, and bit 1 << OPTOUT (lib/optout.h). */
#define CARBON_SEEN_DELAYED 1u

/* Count a run of JOB (any number of its own) in TOTAL and in its LINE, number INDEX, with MARKS. -1: no memory. */
int carbon_seen_count(struct carbon_seen_set *set, uint64_t job, uint32_t index, unsigned int marks,
		      struct carbon_report_line *total, struct carbon_report_line *line);
void carbon_seen_fini(struct carbon_seen_set *set);

#endif
