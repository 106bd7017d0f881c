/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of single values in carbon.conf: how each is read, bounded and shown again. Every refusal names
 * the option, the value and what would be right. A type never looks outside its option and its text.
 */
#include "config/options.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/time.h"
#include "lib/words.h"

/* --- text --- */

static int copy_text(const struct carbon_config_option *option, const char *text, void *target,
		     struct carbon_err *err)
{
	size_t length = strlen(text);

	if (length >= option->size)
		return carbon_err_set(err, "%s is too long (%zu bytes, at most %zu)", option->name, length,
				      option->size - 1);
	memcpy(target, text, length + 1);
	return 0;
}

static void show_text(const struct carbon_config_option *option, const void *target,
		      char out[CARBON_CONFIG_TEXT_MAX])
{
	(void)option;
	snprintf(out, CARBON_CONFIG_TEXT_MAX, "%s", (const char *)target);
}

static int parse_path(const struct carbon_config_option *option, const char *text, void *target,
		      struct carbon_err *err)
{
	if (text[0] != '/')
		return carbon_err_set(err, "%s \"%s\" is no absolute path", option->name, text);
	return copy_text(option, text, target, err);
}

static int parse_url(const struct carbon_config_option *option, const char *text, void *target,
		     struct carbon_err *err)
{
	size_t scheme = strncmp(text, "https://", 8) == 0 ? 8 : strncmp(text, "http://", 7) == 0 ? 7 : 0;

	if (!scheme || !isalnum((unsigned char)text[scheme]) || strpbrk(text, " \t\"'<>@"))
		return carbon_err_set(err, "%s \"%s\" is no address (such as https://host/path)", option->name,
				      text);
	return copy_text(option, text, target, err);
}

static int parse_name(const struct carbon_config_option *option, const char *text, void *target,
		      struct carbon_err *err)
{
	if (!carbon_name_is_valid(text, option->size))
		return carbon_err_set(err, "%s \"%s\" is no name (1 to %zu letters, digits and -_.)",
				      option->name, text, option->size - 1);
	return copy_text(option, text, target, err);
}

static int parse_zone(const struct carbon_config_option *option, const char *text, void *target,
		      struct carbon_err *err)
{
	if (!carbon_zone_is_valid(text))
		return carbon_err_set(err, "%s \"%s\" is no zone (such as DE or US-CAL-CISO)", option->name,
				      text);
	return copy_text(option, text, target, err);
}

/* --- words --- */

static int parse_level(const struct carbon_config_option *option, const char *text, void *target,
		       struct carbon_err *err)
{
	if (!carbon_level_find(text, target))
		return carbon_err_set(err, "%s \"%s\" unknown (known: off, observe, opt-in, default)",
				      option->name, text);
	return 0;
}

static void show_level(const struct carbon_config_option *option, const void *target,
		       char out[CARBON_CONFIG_TEXT_MAX])
{
	show_text(option, carbon_level_name(*(const enum carbon_level *)target), out);
}

static int parse_signal(const struct carbon_config_option *option, const char *text, void *target,
			struct carbon_err *err)
{
	if (!carbon_signal_find(text, target))
		return carbon_err_set(err,
				      "%s \"%s\" unknown (known: average-lifecycle, average-direct, marginal)",
				      option->name, text);
	return 0;
}

static void show_signal(const struct carbon_config_option *option, const void *target,
			char out[CARBON_CONFIG_TEXT_MAX])
{
	show_text(option, carbon_signal_name(*(const enum carbon_signal *)target), out);
}

static int parse_switch(const struct carbon_config_option *option, const char *text, void *target,
			struct carbon_err *err)
{
	bool yes = strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0;

	if (!yes && strcasecmp(text, "false") != 0 && strcasecmp(text, "no") != 0)
		return carbon_err_set(err, "%s \"%s\" is neither true nor false", option->name, text);
	*(bool *)target = yes;
	return 0;
}

static void show_switch(const struct carbon_config_option *option, const void *target,
			char out[CARBON_CONFIG_TEXT_MAX])
{
	show_text(option, *(const bool *)target ? "true" : "false", out);
}

static int parse_holdout(const struct carbon_config_option *option, const char *text, void *target,
			 struct carbon_err *err)
{
	bool is_on = strcmp(text, "switchback") == 0;

	if (!is_on && strcmp(text, "none") != 0)
		return carbon_err_set(err, "%s \"%s\" unknown (known: none, switchback)", option->name, text);
	*(bool *)target = is_on;
	return 0;
}

static void show_holdout(const struct carbon_config_option *option, const void *target,
			 char out[CARBON_CONFIG_TEXT_MAX])
{
	show_text(option, *(const bool *)target ? "switchback" : "none", out);
}

/* --- durations --- */

/* "90s", "12h", "1d12h": the shortest text that parses to the same. */
static void plain_duration(time_t seconds, char *out, size_t size)
{
	static const struct {
		char letter;
		time_t seconds;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	size_t used = 0;

	if (seconds <= 0) {
		snprintf(out, size, "%s", seconds == 0 ? "0s" : "");
		return;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && used < size; i++) {
		time_t count = seconds / units[i].seconds;

		if (count && (units[i].letter != 'd' || count > 1)) {
			used += (size_t)snprintf(out + used, size - used, "%lld%c", (long long)count,
						 units[i].letter);
			seconds -= count * units[i].seconds;
		}
	}
}

static int duration(const struct carbon_config_option *option, const char *text, time_t *out,
		    struct carbon_err *err)
{
	char least[CARBON_DURATION_TEXT], most[CARBON_DURATION_TEXT];
	time_t seconds;

	if (carbon_duration_parse(text, &seconds) != 0)
		return carbon_err_set(err, "%s \"%s\" is no duration (such as 90m, 12h, 2-00:00:00)",
				      option->name, text);
	if ((double)seconds < option->min || (double)seconds > option->max) {
		plain_duration((time_t)option->min, least, sizeof(least));
		plain_duration((time_t)option->max, most, sizeof(most));
		return carbon_err_set(err, "%s \"%s\" is out of bounds (%s to %s)", option->name, text, least,
				      most);
	}
	*out = seconds;
	return 0;
}

static int parse_duration(const struct carbon_config_option *option, const char *text, void *target,
			  struct carbon_err *err)
{
	return duration(option, text, target, err);
}

static void show_duration(const struct carbon_config_option *option, const void *target,
			  char out[CARBON_CONFIG_TEXT_MAX])
{
	(void)option;
	plain_duration(*(const time_t *)target, out, CARBON_CONFIG_TEXT_MAX);
}

/* The same into a uint32_t (and into an unsigned int, which a timeout is). */
static int parse_seconds(const struct carbon_config_option *option, const char *text, void *target,
			 struct carbon_err *err)
{
	time_t seconds;

	if (duration(option, text, &seconds, err) != 0)
		return -1;
	*(uint32_t *)target = (uint32_t)seconds;
	return 0;
}

static void show_seconds(const struct carbon_config_option *option, const void *target,
			 char out[CARBON_CONFIG_TEXT_MAX])
{
	(void)option;
	plain_duration((time_t) * (const uint32_t *)target, out, CARBON_CONFIG_TEXT_MAX);
}

/* Whole hours: the outlook's horizon. */
static int parse_hours(const struct carbon_config_option *option, const char *text, void *target,
		       struct carbon_err *err)
{
	time_t seconds;

	if (duration(option, text, &seconds, err) != 0)
		return -1;
	if (seconds % 3600)
		return carbon_err_set(err, "%s \"%s\" is no number of whole hours", option->name, text);
	*(unsigned int *)target = (unsigned int)(seconds / 3600);
	return 0;
}

static void show_hours(const struct carbon_config_option *option, const void *target,
		       char out[CARBON_CONFIG_TEXT_MAX])
{
	(void)option;
	snprintf(out, CARBON_CONFIG_TEXT_MAX, "%uh", *(const unsigned int *)target);
}

/* --- numbers --- */

static int parse_number(const struct carbon_config_option *option, const char *text, void *target,
			struct carbon_err *err)
{
	if (carbon_num_parse(text, option->min, option->max, target) != 0)
		return carbon_err_set(err, "%s \"%s\" is no number from %g to %g", option->name, text,
				      option->min, option->max);
	return 0;
}

static void show_number(const struct carbon_config_option *option, const void *target,
			char out[CARBON_CONFIG_TEXT_MAX])
{
	double value = *(const double *)target;

	(void)option;
	out[0] = '\0';
	if (!isnan(value)) /* not given */
		snprintf(out, CARBON_CONFIG_TEXT_MAX, "%.6g", value);
}

static int parse_count(const struct carbon_config_option *option, const char *text, void *target,
		       struct carbon_err *err)
{
	long long value;

	if (carbon_int_parse(text, (long long)option->min, (long long)option->max, &value) != 0)
		return carbon_err_set(err, "%s \"%s\" is no whole number from %.0f to %.0f", option->name, text,
				      option->min, option->max);
	*(uint32_t *)target = (uint32_t)value;
	return 0;
}

static void show_count(const struct carbon_config_option *option, const void *target,
		       char out[CARBON_CONFIG_TEXT_MAX])
{
	(void)option;
	snprintf(out, CARBON_CONFIG_TEXT_MAX, "%u", (unsigned int)*(const uint32_t *)target);
}

#define TYPE(name, word, parse, show)                                                                        \
	const struct carbon_config_type carbon_type_##name = {word, false, parse, show, NULL}

TYPE(path, "path", parse_path, show_text);
TYPE(url, "address", parse_url, show_text);
TYPE(name, "name", parse_name, show_text);
TYPE(zone, "zone", parse_zone, show_text);
TYPE(level, "word", parse_level, show_level);
TYPE(signal, "word", parse_signal, show_signal);
TYPE(holdout, "word", parse_holdout, show_holdout);
TYPE(switch, "true or false", parse_switch, show_switch);
TYPE(duration, "duration", parse_duration, show_duration);
TYPE(seconds, "duration", parse_seconds, show_seconds);
TYPE(hours, "duration", parse_hours, show_hours);
TYPE(number, "number", parse_number, show_number);
TYPE(count, "whole number", parse_count, show_count);
