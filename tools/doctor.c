/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of carbonctl doctor's checks, and how their findings are kept. A check that needs what is not
 * there is not run; for each such need it is said once who could not look. Must never stop at the first
 * trouble.
 */
#include "tools/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "accounting/store.h"
#include "config/config.h"
#include "lib/outlook.h"
#include "lib/time.h"
#include "tools/tool.h"

#define CHECK_ROW(id, name, needs) {name, needs, carbon_doctor_##id},
static const struct carbon_doctor_check checks[] = {CARBON_DOCTOR_CHECKS(CHECK_ROW)};
#define CHECKS (sizeof(checks) / sizeof(checks[0]))

const char *carbon_grade_name(enum carbon_grade grade)
{
	static const char *const names[CARBON_GRADES] = {"ok", "note", "problem"};

	return names[grade];
}

/* --- findings --- */

/* The last one of a full list is told of what did not fit. */
static struct carbon_finding *add(struct carbon_doctor *doctor, enum carbon_grade grade, const char *advice)
{
	struct carbon_finding *finding;

	if (doctor->findings == CARBON_FINDINGS_MAX)
		doctor->findings--;
	finding = &doctor->finding[doctor->findings++];
	memset(finding, 0, sizeof(*finding));
	finding->check = doctor->check;
	finding->grade = grade;
	snprintf(finding->advice, sizeof(finding->advice), "%s", advice);
	return finding;
}

void carbon_doctor_say(struct carbon_doctor *doctor, enum carbon_grade grade, const char *advice,
		       const char *format, ...)
{
	struct carbon_finding *finding = add(doctor, grade, advice);
	va_list args;

	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

void carbon_doctor_unseen(struct carbon_doctor *doctor, const char *format, ...)
{
	struct carbon_finding *finding = add(doctor, CARBON_GRADE_NOTE, "");
	va_list args;

	finding->is_unseen = true;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

size_t carbon_doctor_count(const struct carbon_doctor *doctor, enum carbon_grade grade)
{
	size_t count = 0;

	for (size_t i = 0; i < doctor->findings; i++)
		count += doctor->finding[i].grade == grade;
	return count;
}

void carbon_doctor_ago(const struct carbon_doctor *doctor, time_t at, char text[CARBON_AGO_TEXT])
{
	char duration[CARBON_DURATION_TEXT];
	time_t age_s = doctor->tool->now - at;

	if (age_s < 60) {
		snprintf(text, CARBON_AGO_TEXT, "less than a minute");
		return;
	}
	carbon_duration_format(age_s, duration);
	snprintf(text, CARBON_AGO_TEXT, "%s", duration);
}

/* --- the run --- */

static unsigned int missing(const struct carbon_doctor *doctor)
{
	return (doctor->config ? 0 : CARBON_NEEDS_CONFIG) | (doctor->site ? 0 : CARBON_NEEDS_SITE) |
	       (doctor->outlook ? 0 : CARBON_NEEDS_OUTLOOK) | (doctor->store ? 0 : CARBON_NEEDS_DB) |
	       (doctor->setup ? 0 : CARBON_NEEDS_SLURM);
}

/* One line per need that was not met, with all those who wanted it and nothing more basic. */
static void say_unmet(struct carbon_doctor *doctor, const unsigned int unmet[CHECKS])
{
	static const char *const without[CARBON_NEEDS_COUNT] = {
		"configuration", "site", "outlook", "carbon.db", "answer from slurmctld",
	};

	for (unsigned int need = 0; need < CARBON_NEEDS_COUNT; need++) {
		char names[CARBON_FINDING_TEXT / 2] = "";
		size_t length = 0;

		for (size_t i = 0; i < CHECKS; i++)
			if ((unmet[i] & -unmet[i]) == 1u << need && length < sizeof(names))
				length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
							   length ? ", " : "", checks[i].name);
		doctor->check = "unseen";
		if (length)
			carbon_doctor_unseen(doctor, "not looked at, for there is no %s: %s", without[need],
					     names);
	}
}

void carbon_doctor_run(struct carbon_doctor *doctor)
{
	unsigned int unmet[CHECKS] = {0};

	for (size_t i = 0; i < CHECKS; i++) {
		unmet[i] = checks[i].needs & missing(doctor);
		doctor->check = checks[i].name;
		if (!unmet[i])
			checks[i].run(doctor);
	}
	say_unmet(doctor, unmet);
}

void carbon_doctor_fini(struct carbon_doctor *doctor)
{
	carbon_tool_live_fini(&doctor->live);
	carbon_store_close(doctor->store);
	carbon_outlook_destroy(doctor->outlook);
	if (doctor->site)
		carbon_site_fini(doctor->site);
	carbon_config_destroy(doctor->config);
}
