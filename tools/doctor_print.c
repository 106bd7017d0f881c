/* SPDX-License-Identifier: GPL-2.0-or-later */
/* carbonctl doctor: what was found, one plain line each, or as JSON (carbonctl(1) documents its members).
 */
#include <stdio.h>

#include "config/config.h"
#include "tools/doctor.h"
#include "tools/json.h"
#include "tools/tool.h"

static void print_json(const struct carbon_doctor *doctor)
{
	struct carbon_json json;

	carbon_json_init(&json, doctor->tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_time(&json, "looked_at", doctor->tool->now);
	carbon_json_text(&json, "config",
			 doctor->config && doctor->config->is_there ? doctor->config->path : NULL);
	carbon_json_text(&json, "cluster", doctor->setup ? doctor->setup->cluster : NULL);
	carbon_json_int(&json, "problems", (long long)carbon_doctor_count(doctor, CARBON_GRADE_PROBLEM));
	carbon_json_int(&json, "notes", (long long)carbon_doctor_count(doctor, CARBON_GRADE_NOTE));
	carbon_json_begin(&json, "findings", '[');
	for (size_t i = 0; i < doctor->findings; i++) {
		const struct carbon_finding *finding = &doctor->finding[i];

		carbon_json_begin(&json, NULL, '{');
		carbon_json_text(&json, "check", finding->check);
		carbon_json_text(&json, "grade", carbon_grade_name(finding->grade));
		carbon_json_bool(&json, "looked", !finding->is_unseen);
		carbon_json_text(&json, "text", finding->text);
		carbon_json_text(&json, "advice", finding->advice[0] ? finding->advice : NULL);
		carbon_json_end(&json, '}');
	}
	carbon_json_end(&json, ']');
	carbon_json_end(&json, '}');
}

static void print_count(FILE *out, size_t count, const char *what)
{
	fprintf(out, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

static void print_text(const struct carbon_doctor *doctor)
{
	FILE *out = doctor->tool->out;

	for (size_t i = 0; i < doctor->findings; i++) {
		const struct carbon_finding *finding = &doctor->finding[i];

		fprintf(out, "%-8s %s: %s%s%s%s\n", carbon_grade_name(finding->grade), finding->check,
			finding->text, finding->advice[0] ? " (" : "", finding->advice,
			finding->advice[0] ? ")" : "");
	}
	print_count(out, carbon_doctor_count(doctor, CARBON_GRADE_PROBLEM), "problem");
	fputs(", ", out);
	print_count(out, carbon_doctor_count(doctor, CARBON_GRADE_NOTE), "note");
	fputc('\n', out);
}

void carbon_doctor_print(const struct carbon_doctor *doctor)
{
	if (carbon_tool_is_json(doctor->tool))
		print_json(doctor);
	else
		print_text(doctor);
}
