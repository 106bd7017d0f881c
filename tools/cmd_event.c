/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl event: limit what may run for a while, because the grid's operator asks for it or for any other reason. Events end
 * by themselves; nothing here touches a job.
 */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "lib/num.h"
#include "lib/words.h"
#include "lib/when.h"
#include "tools/events.h"
#include "tools/json.h"
#include "tools/site.h"
#include "tools/tool.h"

static const struct carbon_flag flags[] = {
	{"from", 0, "WHEN", "of add: when it begins (default: now)"},
	{"to", 0, "WHEN", "of add: when it ends"},
	{"kw", 0, "KW", "of add: most kilowatts, power usage effectiveness included"},
	{"nodes", 0, "N", "of add: most nodes in use"},
	{"offline", 0, NULL, "compile the site from carbon.conf alone, without asking Slurm"},
	{"partition", 'p', "NAME", "of add: this partition alone (default: the whole cluster)"},
	{NULL, 0, NULL, NULL},
};

/* What a subcommand works on. */
struct work {
	const struct carbon_tool *tool;
	struct carbon_config *config;
	struct carbon_events events;
};

/* --- telling --- */

static const char *state_of(const struct carbon_limit *limit, time_t now)
{
	if (limit->to_at <= now)
		return "over";
	return limit->from_at <= now ? "now" : "ahead";
}

static void print_line(const struct carbon_tool *tool, const struct carbon_event *event)
{
	const struct carbon_limit *limit = &event->limit;
	char from[CARBON_WHEN_TEXT], to[CARBON_WHEN_TEXT], nodes[40] = "", kw[40] = "";

	carbon_when_format(limit->from_at, tool->now, from);
	carbon_when_format(limit->to_at, tool->now, to);
	if (limit->nodes != CARBON_LIMIT_NONE)
		snprintf(nodes, sizeof(nodes), " at most %u nodes", (unsigned int)limit->nodes);
	if (limit->kw >= 0)
		snprintf(kw, sizeof(kw), " at most %.6g kW", limit->kw);
	fprintf(tool->out, "%u %s to %s %s%s%s (%s)\n", (unsigned int)event->id, from, to,
		limit->partition[0] ? limit->partition : "*", nodes, kw, state_of(limit, tool->now));
}

static void json_event(const struct carbon_tool *tool, struct carbon_json *json, const struct carbon_event *event)
{
	const struct carbon_limit *limit = &event->limit;

	carbon_json_begin(json, NULL, '{');
	carbon_json_int(json, "id", event->id);
	carbon_json_time(json, "from", limit->from_at);
	carbon_json_time(json, "to", limit->to_at);
	carbon_json_text(json, "partition", limit->partition[0] ? limit->partition : NULL);
	if (limit->nodes == CARBON_LIMIT_NONE)
		carbon_json_text(json, "nodes", NULL);
	else
		carbon_json_int(json, "nodes", limit->nodes);
	if (limit->kw < 0)
		carbon_json_text(json, "kw", NULL);
	else
		carbon_json_number(json, "kw", limit->kw);
	carbon_json_text(json, "state", state_of(limit, tool->now));
	carbon_json_end(json, '}');
}

static int list(struct work *work)
{
	struct carbon_json json;

	if (!carbon_tool_is_json(work->tool)) {
		for (size_t i = 0; i < work->events.count; i++)
			print_line(work->tool, &work->events.item[i]);
		return CARBON_EXIT_OK;
	}
	carbon_json_init(&json, work->tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_begin(&json, "events", '[');
	for (size_t i = 0; i < work->events.count; i++)
		json_event(work->tool, &json, &work->events.item[i]);
	carbon_json_end(&json, ']');
	carbon_json_end(&json, '}');
	return CARBON_EXIT_OK;
}

/* --- changing --- */

/* slurmctld's plugin goes by the site: it is compiled anew, and where Slurm does not answer that is the next replan's work. */
static void compile(const struct work *work)
{
	struct carbon_site site;
	struct carbon_err err;

	carbon_site_init(&site);
	if (carbon_tool_site_compile(work->tool, work->config, &site, &err) != 0 ||
	    carbon_tool_site_write(work->config, &site, &err) != 0)
		carbon_tool_warn(work->tool, "%s; it holds from the next carbonctl apply or replan on", err.text);
	carbon_site_fini(&site);
}

static int save(struct work *work)
{
	struct carbon_err err;

	if (carbon_events_write(work->config, &work->events, work->tool->now, &err) != 0)
		return carbon_tool_fail(work->tool, &err);
	compile(work);
	return CARBON_EXIT_OK;
}

static int take_time(const struct carbon_tool *tool, const char *name, time_t *out)
{
	const char *value = carbon_tool_value(tool, name);

	if (value && carbon_when_parse(value, tool->now, out) != 0)
		return carbon_tool_usage(tool, "--%s=%s: must be a time such as 17:00, tomorrow or 2026-12-24T17:00", name,
					 value);
	return CARBON_EXIT_OK;
}

static int take_number(const struct carbon_tool *tool, const char *name, double max, double *out)
{
	const char *value = carbon_tool_value(tool, name);

	if (value && carbon_num_parse(value, 0, max, out) != 0)
		return carbon_tool_usage(tool, "--%s=%s: must be a number from 0 to %.0f", name, value, max);
	return CARBON_EXIT_OK;
}

static int take_nodes(const struct carbon_tool *tool, uint32_t *out)
{
	const char *value = carbon_tool_value(tool, "nodes");
	long long nodes;

	if (!value)
		return CARBON_EXIT_OK;
	if (carbon_int_parse(value, 0, CARBON_SITE_NODES_MAX, &nodes) != 0)
		return carbon_tool_usage(tool, "--nodes=%s: must be a whole number", value);
	*out = (uint32_t)nodes;
	return CARBON_EXIT_OK;
}

static int take_partition(const struct carbon_tool *tool, char partition[CARBON_NAME_MAX])
{
	const char *value = carbon_tool_value(tool, "partition");

	if (!value)
		return CARBON_EXIT_OK;
	if (!carbon_name_is_valid(value, CARBON_NAME_MAX) || strcmp(value, "*") == 0)
		return carbon_tool_usage(tool, "--partition=%s: is no partition", value);
	memcpy(partition, value, strlen(value) + 1);
	return CARBON_EXIT_OK;
}

static int take_limit(const struct carbon_tool *tool, struct carbon_limit *limit)
{
	int code;

	*limit = (struct carbon_limit){.from_at = tool->now, .nodes = CARBON_LIMIT_NONE, .kw = -1};
	if ((code = take_time(tool, "from", &limit->from_at)) != CARBON_EXIT_OK ||
	    (code = take_time(tool, "to", &limit->to_at)) != CARBON_EXIT_OK ||
	    (code = take_number(tool, "kw", CARBON_SITE_POWER_KW_MAX, &limit->kw)) != CARBON_EXIT_OK ||
	    (code = take_nodes(tool, &limit->nodes)) != CARBON_EXIT_OK ||
	    (code = take_partition(tool, limit->partition)) != CARBON_EXIT_OK)
		return code;
	if (!carbon_tool_has(tool, "to"))
		return carbon_tool_usage(tool, "add needs --to");
	if (limit->kw < 0 && limit->nodes == CARBON_LIMIT_NONE)
		return carbon_tool_usage(tool, "add needs --kw or --nodes");
	if (limit->to_at <= limit->from_at || limit->to_at <= tool->now)
		return carbon_tool_usage(tool, "--to=%s: is not after %s", carbon_tool_value(tool, "to"),
					 limit->from_at > tool->now ? "--from" : "now");
	return CARBON_EXIT_OK;
}

/* Room for one more: those that are over go. */
static bool make_room(struct carbon_events *events, time_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < events->count; i++)
		if (events->item[i].limit.to_at > now)
			events->item[kept++] = events->item[i];
	events->count = kept;
	return kept < CARBON_EVENTS_MAX;
}

static int add(struct work *work)
{
	struct carbon_event *event;
	struct carbon_limit limit;
	struct carbon_err err;
	int code = take_limit(work->tool, &limit);

	if (code != CARBON_EXIT_OK)
		return code;
	if (!make_room(&work->events, work->tool->now)) {
		carbon_err_set(&err, "there are %d events already", CARBON_EVENTS_MAX);
		return carbon_tool_fail(work->tool, &err);
	}
	event = &work->events.item[work->events.count++];
	*event = (struct carbon_event){.id = ++work->events.last_id, .limit = limit};
	code = save(work);
	if (code == CARBON_EXIT_OK && carbon_tool_is_json(work->tool)) {
		struct carbon_json json;

		carbon_json_init(&json, work->tool->out);
		json_event(work->tool, &json, event);
	} else if (code == CARBON_EXIT_OK) {
		print_line(work->tool, event);
	}
	return code;
}

static int cancel(struct work *work)
{
	const struct carbon_tool *tool = work->tool;
	long long id = 0;
	size_t i = 0;

	if (tool->operands != 2 || carbon_int_parse(tool->operand[1], 1, UINT32_MAX, &id) != 0)
		return carbon_tool_usage(tool, "cancel needs the number of one event (see carbonctl event list)");
	while (i < work->events.count && (work->events.item[i].id != id || work->events.item[i].limit.to_at <= tool->now))
		i++;
	if (i == work->events.count) {
		struct carbon_err err;

		carbon_err_set(&err, "there is no event %lld ahead (see carbonctl event list)", id);
		return carbon_tool_fail(tool, &err);
	}
	/* It ends now. One that has not begun must not look as if it had run backwards. */
	if (work->events.item[i].limit.from_at >= tool->now)
		work->events.item[i].limit.from_at = tool->now - 1;
	work->events.item[i].limit.to_at = tool->now;
	return save(work);
}

static const struct {
	const char *name;
	int (*run)(struct work *work);
} subcommands[] = {{"add", add}, {"list", list}, {"cancel", cancel}};

static int run_one(struct work *work)
{
	const struct carbon_tool *tool = work->tool;
	const char *name = tool->operands ? tool->operand[0] : "list";
	struct carbon_err err;

	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		if (strcmp(name, subcommands[i].name) != 0)
			continue;
		if (tool->operands > 1 && subcommands[i].run != cancel)
			return carbon_tool_usage(tool, "%s takes no \"%s\"", name, tool->operand[1]);
		if (carbon_events_read(work->config, &work->events, &err) != 0)
			return carbon_tool_fail(tool, &err);
		return subcommands[i].run(work);
	}
	return carbon_tool_usage(tool, "\"%s\" unknown (known: add, list, cancel)", name);
}

static int run(struct carbon_tool *tool)
{
	struct work *work = calloc(1, sizeof(*work));
	struct carbon_err err;
	int code;

	if (!work) {
		carbon_err_set(&err, "no memory");
		return carbon_tool_fail(tool, &err);
	}
	work->tool = tool;
	code = carbon_tool_config(tool, &work->config, &err) != 0 ? carbon_tool_fail(tool, &err) : run_one(work);
	carbon_config_destroy(work->config);
	free(work);
	return code;
}

const struct carbon_command carbon_command_event = {
	.name = "event",
	.summary = "limit what may run for a while: add, list and cancel events",
	.operands = "[add|list|cancel ID]",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
