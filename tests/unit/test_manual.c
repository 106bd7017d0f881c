/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slurm-carbon.7 and the tables behind it say the same: options, variables, reasons, exemptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/job.h"
#include "lib/request.h"
#include "policies/decide.h"

static char manual[1 << 17];

/* The page without its backslashes, so that "\-" is "-"; a newline before and behind everything. */
static int read_manual(void **state)
{
	const char *source = getenv("CARBON_SRC");
	char path[1024];
	size_t length = 1;
	FILE *file;
	int byte;

	(void)state;
	snprintf(path, sizeof(path), "%s/doc/slurm-carbon.7", source ? source : ".");
	file = fopen(path, "r");
	if (!file)
		return -1;
	manual[0] = '\n';
	while ((byte = getc(file)) != EOF && length < sizeof(manual) - 1)
		if (byte != '\\')
			manual[length++] = (char)byte;
	fclose(file);
	return 0;
}

static bool has_line(const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "\n%s\n", text);
	return strstr(manual, line) != NULL;
}

static void every_option_and_its_variable_is_in_the_manual(void **state)
{
	char line[256];

	(void)state;
	for (size_t i = 0; i < carbon_options_count; i++) {
		if (carbon_option_is_optional(&carbon_options[i]))
			snprintf(line, sizeof(line), ".BI --%s [=%s", carbon_options[i].name,
				 carbon_options[i].arginfo + 1);
		else
			snprintf(line, sizeof(line), ".BI --%s= %s", carbon_options[i].name,
				 carbon_options[i].arginfo);
		if (!has_line(line))
			fail_msg("slurm-carbon.7 lacks: %s", line);
		snprintf(line, sizeof(line), ".B %s", carbon_options[i].variable);
		if (!has_line(line))
			fail_msg("slurm-carbon.7 lacks: %s", line);
	}
}

static void every_option_of_the_manual_exists(void **state)
{
	size_t count = 0;

	(void)state;
	for (const char *at = manual; (at = strstr(at, "\n.BI --carbon")) != NULL; at++) {
		char name[64];
		size_t length = strcspn(at + 7, "= ");

		assert_true(length < sizeof(name));
		memcpy(name, at + 7, length);
		name[length] = '\0';
		if (!carbon_option_find(name))
			fail_msg("slurm-carbon.7 has an option that does not exist: --%s", name);
		count++;
	}
	assert_int_equal(count, carbon_options_count);
}

static void every_reason_and_exemption_is_in_the_manual(void **state)
{
	(void)state;
	/* NONE is no reason, and EXEMPT is said by the exemption's own words. */
	for (int reason = CARBON_REASON_LEVEL; reason < CARBON_REASONS; reason++)
		if (reason != CARBON_REASON_EXEMPT && !has_line(carbon_reason_text(reason)))
			fail_msg("slurm-carbon.7 lacks: %s", carbon_reason_text(reason));
	for (int exempt = CARBON_EXEMPT_INTERACTIVE; exempt < CARBON_EXEMPTS; exempt++)
		if (!has_line(carbon_exempt_name(exempt)))
			fail_msg("slurm-carbon.7 lacks: %s", carbon_exempt_name(exempt));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_and_its_variable_is_in_the_manual),
		cmocka_unit_test(every_option_of_the_manual_exists),
		cmocka_unit_test(every_reason_and_exemption_is_in_the_manual),
	};

	return cmocka_run_group_tests(tests, read_manual, NULL);
}
