/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --wait and --test-only leave no trace in a job's description but the command line that sbatch sends
 * along, words joined by spaces without quotes, and the script's own #SBATCH lines.
 */
#ifndef CARBON_SUBMIT_LINE_H
#define CARBON_SUBMIT_LINE_H

#include <stdbool.h>

struct carbon_submit_flags {
	bool wait;
	bool test_only;
};

/*
 * LINE and SCRIPT may be NULL. KNOWN are values that may hold spaces (the comment, the job's name),
 * ended by NULL; their words are not taken for options. What the script gets as arguments is not either.
 */
struct carbon_submit_flags carbon_submit_line_parse(const char *line, const char *script,
						    const char *const *known);

#endif
