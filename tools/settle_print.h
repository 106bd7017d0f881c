/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one run of carbonctl settle did, in words and as JSON (keys in carbonctl(1)). */
#ifndef CARBON_TOOL_SETTLE_PRINT_H
#define CARBON_TOOL_SETTLE_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "accounting/books.h"

struct carbon_tool;

struct carbon_settle_done {
	const char *cluster;
	const struct carbon_books_count *count;
	time_t from, to;
	bool from_dbd;	 /* else from slurmctld's memory */
	size_t lost;	 /* without an end, and slurmctld knows nothing of them */
	int effects;	 /* months whose cluster effect was worked out */
	bool has_learned;
	size_t habits;
};

/* As the format asked for has it. */
void carbon_tool_settle_print(const struct carbon_tool *tool, const struct carbon_settle_done *done);

#endif
