/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * write_files DIR [KEY=VALUE...]: writes the site and the outlook of a small cluster for tests on a real
 * slurmctld. One zone, DE: dirty at first, clean from `clean_after` for `clean_for`, dirty again; with `clean_every` so
 * often. It must use the project's own writers and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/num.h"
#include "lib/outlook.h"
#include "lib/site.h"
#include "lib/time.h"

#define PARTITIONS_MAX 8
#define HORIZON_S (96 * 3600)
#define WINDOWS 8 /* with clean_every */

struct plan {
	struct carbon_site site;
	struct carbon_place place[PARTITIONS_MAX];
	struct carbon_rule rule;
	struct carbon_full full;
	struct carbon_limit event;
	struct carbon_blackout blackout;
	const char *what; /* "site", "outlook", "both" */
	time_t now, age_s, clean_after_s, clean_for_s, clean_every_s;
	double dirty_g_kwh, clean_g_kwh;
	enum carbon_kind kind;
};

static const char *const keys =
	"what=both|site|outlook level policy delay max_delay max_age slack min_runtime min_saving_g "
	"max_waiting max_waiting_user waiting clean_after clean_for clean_every age dirty clean kind partitions "
	"queue_wait limit exclude_user nodes full event blackout paused";

static int die(const char *text)
{
	fprintf(stderr, "write_files: %s (keys: %s)\n", text, keys);
	exit(2);
}

static time_t seconds(const char *value)
{
	time_t out;

	if (carbon_duration_parse(value, &out) < 0)
		die(value);
	return out;
}

static double number(const char *value)
{
	double out;

	if (carbon_num_parse(value, 0, 1e9, &out) < 0)
		die(value);
	return out;
}

static void add_place(struct plan *plan, const char *name, size_t length)
{
	struct carbon_place *place = &plan->place[plan->site.places];

	if (plan->site.places == PARTITIONS_MAX || length >= sizeof(place->partition))
		die(name);
	memset(place, 0, sizeof(*place));
	memcpy(place->partition, name, length);
	snprintf(place->zone, sizeof(place->zone), "DE");
	place->is_default = plan->site.places == 0;
	place->default_limit_s = 3600;
	place->max_limit_s = 7 * 86400;
	place->node_cores = 4;
	carbon_power_init(&place->power);
	plan->site.places++;
}

/* "batch,day": sorted by the caller; the first one is the default. */
static void set_partitions(struct plan *plan, const char *value)
{
	plan->site.places = 0;
	while (*value) {
		size_t length = strcspn(value, ",");

		add_place(plan, value, length);
		value += length + (value[length] == ',');
	}
}

static void set_places(struct plan *plan, const char *key, uint32_t value)
{
	for (size_t i = 0; i < plan->site.places; i++)
		if (key[0] == 'q')
			plan->place[i].queue_wait_s = value;
		else if (key[0] == 'n')
			plan->place[i].nodes = value;
		else
			plan->place[i].default_limit_s = value;
}

static void exclude_user(struct plan *plan, const char *uid)
{
	carbon_rule_init(&plan->rule, CARBON_RULE_USER);
	plan->rule.exclude = true;
	snprintf(plan->rule.name, sizeof(plan->rule.name), "%s", uid);
	plan->site.rules = 1;
	plan->site.rule = &plan->rule;
}

/* The first partition is full with this probability at any hour. */
static void set_full(struct plan *plan, double probability)
{
	memcpy(plan->full.partition, plan->place[0].partition, sizeof(plan->full.partition));
	plan->full.count = CARBON_SITE_WEEK_H;
	for (size_t i = 0; i < CARBON_SITE_WEEK_H; i++)
		plan->full.value[i] = (float)probability;
	plan->site.full = &plan->full;
	plan->site.fulls = 1;
}

/* For so long from now on no node may be in use. */
static void set_event(struct plan *plan, time_t for_s)
{
	plan->event = (struct carbon_limit){.from_at = plan->now - 60, .to_at = plan->now + for_s, .nodes = 0, .kw = -1};
	plan->site.limit = &plan->event;
	plan->site.limits = 1;
}

/* For an hour, so long from now on. */
static void set_blackout(struct plan *plan, time_t in_s)
{
	plan->blackout = (struct carbon_blackout){plan->now + in_s - 60, plan->now + in_s + 3600};
	plan->site.blackout = &plan->blackout;
	plan->site.blackouts = 1;
}

static bool is(const char *key, const char *name)
{
	return strcmp(key, name) == 0;
}

static bool set_time(struct plan *plan, const char *key, const char *value)
{
	const struct {
		const char *key;
		time_t *target;
	} times[] = {
		{"delay", &plan->site.default_delay_s}, {"max_delay", &plan->site.max_delay_s},
		{"max_age", &plan->site.outlook_max_age_s}, {"slack", &plan->site.slack_s},
		{"clean_after", &plan->clean_after_s},	{"clean_for", &plan->clean_for_s},
		{"age", &plan->age_s},			{"clean_every", &plan->clean_every_s},
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (is(key, times[i].key)) {
			*times[i].target = seconds(value);
			return true;
		}
	return false;
}

static bool set_name(struct plan *plan, const char *key, const char *value)
{
	if (is(key, "what"))
		plan->what = value;
	else if (is(key, "level"))
		return carbon_level_find(value, &plan->site.level);
	else if (is(key, "kind"))
		return carbon_kind_find(value, &plan->kind);
	else if (is(key, "policy"))
		snprintf(plan->site.policy, sizeof(plan->site.policy), "%s", value);
	else if (is(key, "partitions"))
		set_partitions(plan, value);
	else if (is(key, "exclude_user"))
		exclude_user(plan, value);
	else
		return false;
	return true;
}

static bool set_number(struct plan *plan, const char *key, const char *value)
{
	if (is(key, "min_runtime"))
		plan->site.min_runtime_s = (uint32_t)seconds(value);
	else if (is(key, "min_saving_g"))
		plan->site.min_saving_g = number(value);
	else if (is(key, "max_waiting"))
		plan->site.max_waiting = (uint32_t)number(value);
	else if (is(key, "max_waiting_user"))
		plan->site.max_waiting_user = (uint32_t)number(value);
	else if (is(key, "waiting"))
		plan->site.waiting = (uint32_t)number(value);
	else if (is(key, "dirty"))
		plan->dirty_g_kwh = number(value);
	else if (is(key, "clean"))
		plan->clean_g_kwh = number(value);
	else if (is(key, "queue_wait") || is(key, "limit"))
		set_places(plan, key, (uint32_t)seconds(value));
	else if (is(key, "nodes"))
		set_places(plan, key, (uint32_t)number(value));
	else if (is(key, "full"))
		set_full(plan, number(value));
	else if (is(key, "event"))
		set_event(plan, seconds(value));
	else if (is(key, "blackout"))
		set_blackout(plan, seconds(value));
	else if (is(key, "paused"))
		plan->site.paused_until_at = plan->now + seconds(value);
	else
		return false;
	return true;
}

static void set(struct plan *plan, char *argument)
{
	char *value = strchr(argument, '=');

	if (!value)
		die(argument);
	*value++ = '\0';
	if (!set_time(plan, argument, value) && !set_name(plan, argument, value) &&
	    !set_number(plan, argument, value))
		die(argument);
}

static void init_plan(struct plan *plan)
{
	struct carbon_site *site = &plan->site;

	memset(plan, 0, sizeof(*plan));
	carbon_site_init(site);
	plan->now = time(NULL);
	plan->what = "both";
	plan->clean_after_s = 3 * 3600;
	plan->clean_for_s = 24 * 3600;
	plan->dirty_g_kwh = 500;
	plan->clean_g_kwh = 100;
	plan->kind = CARBON_KIND_FORECAST;
	snprintf(site->cluster, sizeof(site->cluster), "throwaway");
	snprintf(site->policy, sizeof(site->policy), "lowest-window");
	site->level = CARBON_LEVEL_DEFAULT;
	site->default_delay_s = 12 * 3600;
	site->max_delay_s = 48 * 3600;
	site->outlook_max_age_s = 3 * 3600;
	site->slack_s = 60;
	site->min_runtime_s = 900;
	site->min_saving_percent = 1;
	site->min_saving_g = 0.1;
	site->max_waiting = 10000;
	site->max_waiting_user = 1000;
	site->place = plan->place;
	set_partitions(plan, "batch");
}

static void write_buf(const char *folder, const char *name, const struct carbon_buf *buf)
{
	struct carbon_err err = {"over its cap"};
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (buf->failed || carbon_file_write(path, buf->text, buf->length, 0644, &err) < 0)
		die(err.text);
}

static void write_site(struct plan *plan, const char *folder)
{
	struct carbon_err err = {""};
	struct carbon_buf buf;

	plan->site.written_at = plan->site.jobs_as_of = plan->now;
	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	if (carbon_site_format(&plan->site, &buf, &err) < 0)
		die(err.text);
	write_buf(folder, "site", &buf);
	carbon_buf_fini(&buf);
}

static struct carbon_outlook_point point_at(time_t at, double g_kwh)
{
	return (struct carbon_outlook_point){at, g_kwh, g_kwh, g_kwh};
}

static void write_outlook(const struct plan *plan, const char *folder)
{
	time_t written_at = plan->now - plan->age_s, clean_at = plan->now + plan->clean_after_s;
	size_t windows = plan->clean_every_s ? WINDOWS : 1, count = 1;
	struct carbon_outlook_point points[1 + 2 * WINDOWS];
	const struct carbon_outlook_draft draft = {
		.zone = "DE",
		.signal = CARBON_SIGNAL_LIFECYCLE,
		.parts = 1,
		.part = {{.kind = plan->kind, .source = "synthetic", .issued_at = written_at}},
		.count = 1 + 2 * windows,
		.point = points,
		.end_at = clean_at + (time_t)(windows - 1) * plan->clean_every_s + plan->clean_for_s + HORIZON_S,
	};
	struct carbon_err err = {""};
	struct carbon_buf buf;

	/* One second earlier: at a full hour the first clean point may itself be now. */
	points[0] = point_at(carbon_hour_floor(written_at - 1), plan->dirty_g_kwh);
	for (size_t i = 0; i < windows; i++, clean_at += plan->clean_every_s) {
		points[count++] = point_at(clean_at, plan->clean_g_kwh);
		points[count++] = point_at(clean_at + plan->clean_for_s, plan->dirty_g_kwh);
	}
	carbon_buf_init(&buf, CARBON_OUTLOOK_SIZE_MAX);
	if (carbon_outlook_format(&draft, 1, written_at, &buf, &err) < 0)
		die(err.text);
	write_buf(folder, "outlook", &buf);
	carbon_buf_fini(&buf);
}

int main(int argc, char *argv[])
{
	struct plan plan;

	if (argc < 2)
		die("no folder");
	init_plan(&plan);
	for (int i = 2; i < argc; i++)
		set(&plan, argv[i]);
	if (strcmp(plan.what, "outlook") != 0)
		write_site(&plan, argv[1]);
	if (strcmp(plan.what, "site") != 0)
		write_outlook(&plan, argv[1]);
	return 0;
}
