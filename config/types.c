/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of values in carbon.conf: how each is read, bounded and shown again. Every refusal names
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

/* --- lists --- */

/* Append a name to zone.source; TARGET is the zone block. */
static int parse_source(const struct carbon_config_option *option, const char *text, void *target,
			struct carbon_err *err)
{
	struct carbon_config_zone *zone = target;

	if (!carbon_name_is_valid(text, CARBON_SOURCE_MAX))
		return carbon_err_set(err, "%s: \"%s\" is no name of a source", option->name, text);
	for (size_t i = 0; i < zone->sources; i++)
		if (strcmp(zone->source[i], text) == 0)
			return carbon_err_set(err, "%s: \"%s\" is named twice", option->name, text);
	if (zone->sources == CARBON_ZONE_SOURCES_MAX)
		return carbon_err_set(err, "%s: more than %d", option->name, CARBON_ZONE_SOURCES_MAX);
	snprintf(zone->source[zone->sources++], CARBON_SOURCE_MAX, "%s", text);
	return 0;
}

static void show_sources(const struct carbon_config_option *option, const void *target,
			 char out[CARBON_CONFIG_TEXT_MAX])
{
	const struct carbon_config_zone *zone = target;
	size_t used = 0;

	(void)option;
	out[0] = '\0';
	for (size_t i = 0; i < zone->sources; i++)
		used += (size_t)snprintf(out + used, CARBON_CONFIG_TEXT_MAX - used, "%s%s", i ? ", " : "",
					 zone->source[i]);
}

static void clear_sources(void *target)
{
	struct carbon_config_zone *zone = target;

	zone->sources = 0;
}

/* "a100:400" into NAME, in lower case, and NUMBER. */
static int parse_pair(const struct carbon_config_option *option, const char *text, char name[CARBON_GPU_NAME_MAX],
		      double *number, struct carbon_err *err)
{
	const char *colon = strchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;

	if (length == 0 || length >= CARBON_GPU_NAME_MAX ||
	    carbon_num_parse(colon + 1, option->min, option->max, number) != 0)
		return carbon_err_set(err, "%s: \"%s\" is no %s (such as %s, %g to %g%s%s)", option->name, text,
				      strchr(option->type->word, 'T'), option->unit[0] ? "a100:400" : "a100:2.5",
				      option->min, option->max, option->unit[0] ? " " : "", option->unit);
	memset(name, 0, CARBON_GPU_NAME_MAX);
	for (size_t i = 0; i < length; i++)
		name[i] = (char)tolower((unsigned char)text[i]);
	if (!carbon_name_is_valid(name, CARBON_GPU_NAME_MAX))
		return carbon_err_set(err, "%s: \"%s\" is no name of a GRES type", option->name, name);
	return 0;
}

/* Append "a100:400" to the GPU types of a power model, which TARGET is. */
static int parse_gpu(const struct carbon_config_option *option, const char *text, void *target,
		     struct carbon_err *err)
{
	struct carbon_power_model *power = target;
	struct carbon_gpu_type type = {.name = ""};

	if (parse_pair(option, text, type.name, &type.power_w, err) != 0)
		return -1;
	for (size_t i = 0; i < power->gpu_types; i++)
		if (strcmp(power->gpu_type[i].name, type.name) == 0)
			return carbon_err_set(err, "%s: \"%s\" is named twice", option->name, type.name);
	if (power->gpu_types == CARBON_GPU_TYPES_MAX)
		return carbon_err_set(err, "%s: more than %d", option->name, CARBON_GPU_TYPES_MAX);
	power->gpu_type[power->gpu_types++] = type;
	return 0;
}

/* The same with relative speeds; TARGET is the configuration. */
static int parse_speed(const struct carbon_config_option *option, const char *text, void *target,
		       struct carbon_err *err)
{
	struct carbon_config *config = target;
	struct carbon_gpu_speed speed = {.type = ""};

	if (parse_pair(option, text, speed.type, &speed.speed, err) != 0)
		return -1;
	for (size_t i = 0; i < config->gpu_speeds; i++)
		if (strcmp(config->gpu_speed[i].type, speed.type) == 0)
			return carbon_err_set(err, "%s: \"%s\" is named twice", option->name, speed.type);
	if (config->gpu_speeds == CARBON_GPU_TYPES_MAX)
		return carbon_err_set(err, "%s: more than %d", option->name, CARBON_GPU_TYPES_MAX);
	config->gpu_speed[config->gpu_speeds++] = speed;
	return 0;
}

static void show_speeds(const struct carbon_config_option *option, const void *target,
			char out[CARBON_CONFIG_TEXT_MAX])
{
	const struct carbon_config *config = target;
	size_t used = 0;

	(void)option;
	out[0] = '\0';
	for (size_t i = 0; i < config->gpu_speeds; i++)
		used += (size_t)snprintf(out + used, CARBON_CONFIG_TEXT_MAX - used, "%s%s:%.6g", i ? ", " : "",
					 config->gpu_speed[i].type, config->gpu_speed[i].speed);
}

static void clear_speeds(void *target)
{
	struct carbon_config *config = target;

	config->gpu_speeds = 0;
}

static void show_gpus(const struct carbon_config_option *option, const void *target,
		      char out[CARBON_CONFIG_TEXT_MAX])
{
	const struct carbon_power_model *power = target;
	size_t used = 0;

	(void)option;
	out[0] = '\0';
	for (size_t i = 0; i < power->gpu_types; i++)
		used += (size_t)snprintf(out + used, CARBON_CONFIG_TEXT_MAX - used, "%s%s:%.6g",
					 i ? ", " : "", power->gpu_type[i].name,
					 power->gpu_type[i].power_w);
}

static void clear_gpus(void *target)
{
	struct carbon_power_model *power = target;

	power->gpu_types = 0;
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

/* Append a number to the PUE by month, of the terms that TARGET is. */
static int parse_month(const struct carbon_config_option *option, const char *text, void *target,
		       struct carbon_err *err)
{
	struct carbon_terms *terms = target;

	if (terms->pue_months == 12)
		return carbon_err_set(err, "%s has more than 12 numbers", option->name);
	if (parse_number(option, text, &terms->pue_month[terms->pue_months], err) != 0)
		return -1;
	terms->pue_months++;
	return 0;
}

static void show_months(const struct carbon_config_option *option, const void *target,
			char out[CARBON_CONFIG_TEXT_MAX])
{
	const struct carbon_terms *terms = target;
	size_t used = 0;

	(void)option;
	out[0] = '\0';
	for (size_t i = 0; i < terms->pue_months; i++)
		used += (size_t)snprintf(out + used, CARBON_CONFIG_TEXT_MAX - used, "%s%.6g", i ? ", " : "",
					 terms->pue_month[i]);
}

static void clear_months(void *target)
{
	struct carbon_terms *terms = target;

	terms->pue_months = 0;
}

static int parse_capacity(const struct carbon_config_option *option, const char *text, void *target,
			  struct carbon_err *err)
{
	struct carbon_config_hours_list *list = target;

	if (list->count == CARBON_CONFIG_HOURS_MAX)
		return carbon_err_set(err, "%s: more than %d", option->name, CARBON_CONFIG_HOURS_MAX);
	if (carbon_config_hours_parse(text, &list->item[list->count], err) != 0)
		return carbon_err_prefix(err, "%s", option->name);
	list->count++;
	return 0;
}

static void show_capacities(const struct carbon_config_option *option, const void *target,
			    char out[CARBON_CONFIG_TEXT_MAX])
{
	const struct carbon_config_hours_list *list = target;
	size_t used = 0;

	(void)option;
	out[0] = '\0';
	for (size_t i = 0; i < list->count && used + 80 < CARBON_CONFIG_TEXT_MAX; i++) {
		used += (size_t)snprintf(out + used, CARBON_CONFIG_TEXT_MAX - used, "%s", i ? ", " : "");
		carbon_config_hours_format(&list->item[i], out + used, CARBON_CONFIG_TEXT_MAX - used);
		used += strlen(out + used);
	}
}

static void clear_capacities(void *target)
{
	((struct carbon_config_hours_list *)target)->count = 0;
}

static int parse_blackout(const struct carbon_config_option *option, const char *text, void *target,
			  struct carbon_err *err)
{
	struct carbon_config_blackouts *list = target;

	if (list->count == CARBON_CONFIG_BLACKOUTS_MAX)
		return carbon_err_set(err, "%s: more than %d", option->name, CARBON_CONFIG_BLACKOUTS_MAX);
	if (carbon_config_blackout_parse(text, &list->item[list->count], err) != 0)
		return carbon_err_prefix(err, "%s", option->name);
	list->count++;
	return 0;
}

static void show_blackouts(const struct carbon_config_option *option, const void *target,
			   char out[CARBON_CONFIG_TEXT_MAX])
{
	const struct carbon_config_blackouts *list = target;
	size_t used = 0;

	(void)option;
	out[0] = '\0';
	for (size_t i = 0; i < list->count && used + 100 < CARBON_CONFIG_TEXT_MAX; i++) {
		used += (size_t)snprintf(out + used, CARBON_CONFIG_TEXT_MAX - used, "%s", i ? ", " : "");
		carbon_config_blackout_format(&list->item[i], out + used, CARBON_CONFIG_TEXT_MAX - used);
		used += strlen(out + used);
	}
}

static void clear_blackouts(void *target)
{
	((struct carbon_config_blackouts *)target)->count = 0;
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
const struct carbon_config_type carbon_type_sources = {"list of names", true, parse_source, show_sources,
						       clear_sources};
const struct carbon_config_type carbon_type_gpus = {"list of TYPE:WATTS", true, parse_gpu, show_gpus,
						    clear_gpus};
const struct carbon_config_type carbon_type_months = {"list of 12 numbers", true, parse_month, show_months,
						      clear_months};
const struct carbon_config_type carbon_type_capacities = {"list of hours", true, parse_capacity, show_capacities,
							  clear_capacities};
const struct carbon_config_type carbon_type_blackouts = {"list of times", true, parse_blackout, show_blackouts,
							 clear_blackouts};
const struct carbon_config_type carbon_type_speeds = {"list of TYPE:SPEED", true, parse_speed, show_speeds,
						      clear_speeds};
