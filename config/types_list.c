/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of lists in carbon.conf: parse is called per item and appends, show joins them again. Bounds and refusals as
 * in config/types.c. A type never looks outside its option and its text.
 */
#include "config/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/words.h"

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

/* Append a number to the PUE by month, of the terms that TARGET is. */
static int parse_month(const struct carbon_config_option *option, const char *text, void *target,
		       struct carbon_err *err)
{
	struct carbon_terms *terms = target;

	if (terms->pue_months == 12)
		return carbon_err_set(err, "%s has more than 12 numbers", option->name);
	if (carbon_type_number.parse(option, text, &terms->pue_month[terms->pue_months], err) != 0)
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
