/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --wait and --test-only in what sbatch tells of its own command line, and not in what only looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugin/submit_line.h"

#define WRAP(text) "#!/bin/sh\n# This script was created by sbatch --wrap.\n\n" text "\n"

static const char *const no_names[] = {NULL};
static const char *const known[] = {"please --wait now", "", NULL};

static const struct line_case {
	const char *line, *script;
	const char *const *known;
	bool wait, test_only;
} cases[] = {
	{NULL, NULL, NULL, false, false},
	{"", "", no_names, false, false},
	{"sbatch job.sh", NULL, no_names, false, false},
	{"sbatch --wait job.sh", NULL, no_names, true, false},
	{"sbatch -W job.sh", NULL, no_names, true, false},
	{"sbatch -HW job.sh", NULL, no_names, true, false},
	{"/usr/bin/sbatch -n 4 -W job.sh", NULL, no_names, true, false},
	{"sbatch -n4 --wait", NULL, no_names, true, false},
	{"sbatch --test-only job.sh", NULL, no_names, false, true},
	{"sbatch --test job.sh", NULL, no_names, false, true},
	{"sbatch --te --wait job.sh", NULL, no_names, true, true},
	/* another option that begins alike */
	{"sbatch --wait-all-nodes=1 job.sh", NULL, no_names, false, false},
	{"sbatch --wait-all-nodes 1 job.sh --wait", NULL, no_names, false, false},
	{"sbatch --tasks-per-node 2 job.sh", NULL, no_names, false, false},
	/* arguments of the script */
	{"sbatch job.sh --wait", NULL, no_names, false, false},
	{"sbatch -n 4 -p gpu --mem 4G job.sh -W --test-only", NULL, no_names, false, false},
	{"sbatch --exclusive job.sh --wait", NULL, no_names, false, false},
	{"sbatch --requeue -v job.sh --wait", NULL, no_names, false, false},
	{"sbatch --carbon-delay 12h job.sh --wait", NULL, no_names, false, false},
	{"sbatch -- job.sh --wait", NULL, no_names, false, false},
	/* values */
	{"sbatch -J --wait job.sh", NULL, no_names, true, false}, /* in doubt the job is left alone */
	{"sbatch --job-name=--wait job.sh", NULL, no_names, false, false},
	{"sbatch -JW job.sh", NULL, no_names, false, false},
	{"sbatch --comment=please --wait now job.sh", NULL, known, false, false},
	{"sbatch --comment please --wait now -W job.sh", NULL, known, true, false},
	/* a wrapped command */
	{"sbatch --wrap=curl --wait x", WRAP("curl --wait x"), no_names, false, false},
	{"sbatch --wrap curl --wait x -W", WRAP("curl --wait x"), no_names, true, false},
	{"sbatch --wrap=true --wait", WRAP("true"), no_names, true, false},
	/* the script's own lines */
	{"sbatch job.sh", "#!/bin/sh\n#SBATCH --wait\ntrue\n", no_names, true, false},
	{"sbatch job.sh", "#!/bin/sh\n\n# note\n#SBATCH -n 2 -W\ntrue\n", no_names, true, false},
	{"sbatch job.sh", "#!/bin/sh\n#SBATCH -n 2\n#SBATCH --test-only\n", no_names, false, true},
	{"sbatch job.sh", "#!/bin/sh\ntrue\n#SBATCH --wait\n", no_names, false, false},
	{"sbatch job.sh", "#!/bin/sh\n##SBATCH --wait\n#SBATCH", no_names, false, false},
};

static void each_line_is_read_as_sbatch_did(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct carbon_submit_flags got =
			carbon_submit_line_parse(cases[i].line, cases[i].script, cases[i].known);

		if (got.wait != cases[i].wait || got.test_only != cases[i].test_only)
			fail_msg("\"%s\": wait %d, test-only %d", cases[i].line, got.wait,
				 got.test_only);
	}
}

/* Any cut of any line ends, and reads nothing behind it (seen by the sanitizers). */
static void every_cut_of_every_line_is_read_safely(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t length = cases[i].line ? strlen(cases[i].line) : 0; length > 0; length--) {
			char *cut = strndup(cases[i].line, length);

			assert_non_null(cut);
			carbon_submit_line_parse(cut, cut, cases[i].known);
			free(cut);
		}
}

static void a_line_of_a_megabyte_is_cut(void **state)
{
	size_t size = 1 << 20;
	char *line = malloc(size + 1);

	(void)state;
	assert_non_null(line);
	memset(line, '-', size);
	line[size] = '\0';
	carbon_submit_line_parse(line, line, no_names);
	memset(line, 'n', size);
	memcpy(line, "sbatch -W ", 10);
	assert_true(carbon_submit_line_parse(line, line, no_names).wait);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_is_read_as_sbatch_did),
		cmocka_unit_test(every_cut_of_every_line_is_read_safely),
		cmocka_unit_test(a_line_of_a_megabyte_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
