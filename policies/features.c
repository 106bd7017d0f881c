/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading --constraint by descent: a list of terms joined by operators, a term being a name or a list in brackets. Must
 * say no to what it does not understand: a job is moved only where it is sure to run.
 */
#include "policies/features.h"

#include <stddef.h>
#include <string.h>

#include "lib/job.h"

#define NESTED_MAX 8 /* Slurm itself knows one level of parentheses inside one of brackets */

struct reading {
	const char *at;
	carbon_feature_f has;
	const void *caller;
	int nested;
	bool is_odd; /* not understood: nothing is met */
};

static bool read_list(struct reading *reading, char end);

static bool refuse(struct reading *reading)
{
	reading->is_odd = true;
	return false;
}

/* "*4" behind a term: on so many nodes. */
static void pass_count(struct reading *reading)
{
	size_t digits;

	if (*reading->at != '*')
		return;
	digits = strspn(++reading->at, "0123456789");
	reading->at += digits;
	if (!digits)
		refuse(reading);
}

static bool read_name(struct reading *reading)
{
	size_t length = strcspn(reading->at, "&|,()[]{}*!=<> ");
	char name[CARBON_NAME_MAX];

	if (!length || length >= sizeof(name))
		return refuse(reading);
	memcpy(name, reading->at, length);
	name[length] = '\0';
	reading->at += length;
	return reading->has(reading->caller, name);
}

static bool read_term(struct reading *reading)
{
	char end = *reading->at == '(' ? ')' : *reading->at == '[' ? ']' : '\0';
	bool is_met;

	if (!end) {
		is_met = read_name(reading);
	} else {
		if (++reading->nested > NESTED_MAX)
			return refuse(reading);
		reading->at++;
		is_met = read_list(reading, end);
		reading->nested--;
	}
	pass_count(reading);
	return is_met;
}

/* Terms up to END, which is passed. */
static bool read_list(struct reading *reading, char end)
{
	bool all = true, any = false, has_and = false, has_or = false;

	while (!reading->is_odd) {
		bool is_met = read_term(reading);

		all = all && is_met;
		any = any || is_met;
		if (reading->is_odd || *reading->at == end)
			break;
		if (*reading->at == '|')
			has_or = true;
		else if (*reading->at == '&' || *reading->at == ',')
			has_and = true;
		else
			return refuse(reading);
		reading->at++;
	}
	if (reading->is_odd)
		return false;
	reading->at += end != '\0';
	return has_or && !has_and ? any : all;
}

bool carbon_features_meet(const char *constraint, carbon_feature_f has, const void *caller)
{
	struct reading reading = {.at = constraint, .has = has, .caller = caller};

	return !*constraint || (read_list(&reading, '\0') && !reading.is_odd);
}
