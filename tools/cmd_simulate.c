/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl simulate: a job trace on intensity data, policies side by side. Reads files alone,
 * so that two people with the same files get the same figures; what was left out is said, and
 * how often.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/num.h"
#include "lib/time.h"
#include "simulator/simulate.h"
#include "simulator/trace.h"
#include "tools/simulate_print.h"
#include "tools/tool.h"
#include "tools/zones.h"

#define DELAY_DEFAULT_S 86400
#define NODE_POWER_DEFAULT_W 1000
#define PROGRESS_AFTER_S 2
#define PROGRESS_WIDTH 40
#define ZONES_RUN_MAX CARBON_ZONES_MAX
#define NAME_MAX_BYTES 64

static const struct carbon_flag flags[] = {
	{"jobs", 'j', "FILE", "the trace: SWF, CSV with a header, or sacct -P"},
	{"intensity", 'i', "FILE", "CSV of intensity over time; may be given again"},
	{"zone", 'z', "ZONE", "this zone alone, where the files hold several"},
	{"signal", 0, "SIGNAL", "average-lifecycle (default), average-direct or marginal"},
	{"policy", 'p', "NAME,...", "which policies (default: all)"},
	{"delay", 0, "TIME", "how long a job may wait (default: 24h)"},
	{"forecast", 0, "NAME",
	 "model (ours, default), perfect, ens, mean7, yesterday, lastweek or last"},
	{"runtime", 0, "NAME",
	 "run times believed: habit (default; exact where the trace tells neither limits nor "
	 "users), limit or exact"},
	{"replan", 0, "TIME", "decide again this often while a job waits (default: never)"},
	{"nodes", 'N', "N",
	 "a cluster of so many nodes, with backfilling (default: room for all)"},
	{"max-flexible-share", 0, "PERCENT",
	 "with --nodes: delay no more of the node-hours than this (default: any)"},
	{"flexible", 0, "SHARE", "share of the jobs that takes part, 0 to 1 (default: 1)"},
	{"seed", 0, "N", "who takes part (default: 1)"},
	{"node-power", 0, "WATTS",
	 "of one node, where the trace tells no power (default: 1000)"},
	{"idle-power", 0, "WATTS", "of one node without a job, with --nodes (default: 0)"},
	{"min-saving", 0, "PERCENT", "wait for no less than this (default: 0)"},
	{"delay-price", 0, "GRAMS", "forgone per hour waited (default: 0)"},
	{"restart", 0, "TIME", "run time that each restart of a split run costs (default: 0)"},
	{"from", 0, "TIME", "jobs submitted from here on; a trace without dates begins here"},
	{"to", 0, "TIME", "jobs submitted before"},
	{"start", 0, "TIME", "move the trace so that its first job is submitted here"},
	{"unit", 0, "UNIT", "of arrival_time and length: s (default), m or h"},
	{NULL, 0, NULL, NULL},
};

/* Everything that was asked for. */
struct asked {
	struct carbon_simulation_ask ask;
	enum carbon_signal signal;
	time_t from_at, to_at, start_at; /* 0: not given */
	double unit_s, seed, nodes;
	size_t policies;
	const struct carbon_policy *policy[CARBON_SIMULATE_POLICIES_MAX];
};

/* --- options --- */

static int number(const struct carbon_tool *tool, const char *name, double least, double most,
		  double *out, struct carbon_err *err)
{
	const char *text = carbon_tool_value(tool, name);

	if (text && carbon_num_parse(text, least, most, out) < 0)
		return carbon_err_set(err, "--%s=%s: not a number from %g to %g", name, text,
				      least, most);
	return 0;
}

static int whole(const struct carbon_tool *tool, const char *name, double least, double most, double *out,
		 struct carbon_err *err)
{
	const char *text = carbon_tool_value(tool, name);

	if (text && (carbon_num_parse(text, least, most, out) < 0 || floor(*out) < *out))
		return carbon_err_set(err, "--%s=%s: not a whole number from %.0f to %.0f", name, text, least,
				      most);
	return 0;
}

/* What only a cluster can heed must not seem to be heeded. */
static int needs_nodes(const struct carbon_tool *tool, struct carbon_err *err)
{
	static const char *const names[] = {"max-flexible-share", "idle-power"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (carbon_tool_has(tool, names[i]) && !carbon_tool_has(tool, "nodes"))
			return carbon_err_set(err, "--%s counts only with --nodes=N", names[i]);
	return 0;
}

static int duration(const struct carbon_tool *tool, const char *name, time_t *out,
		    struct carbon_err *err)
{
	const char *text = carbon_tool_value(tool, name);

	if (text && carbon_duration_parse(text, out) < 0)
		return carbon_err_set(err,
				      "--%s=%s: not a duration, such as 90m, 12h or 2-00:00:00",
				      name, text);
	return 0;
}

static int moment(const struct carbon_tool *tool, const char *name, time_t *out,
		  struct carbon_err *err)
{
	const char *text = carbon_tool_value(tool, name);

	if (text && carbon_time_parse(text, out, NULL) < 0)
		return carbon_err_set(
			err, "--%s=%s: not a time, such as 2023-01-01 or 2023-01-01T06:00Z",
			name, text);
	return 0;
}

static int words(const struct carbon_tool *tool, struct asked *asked, struct carbon_err *err)
{
	const char *forecast = carbon_tool_value(tool, "forecast"),
		   *runtime = carbon_tool_value(tool, "runtime");
	const char *signal = carbon_tool_value(tool, "signal"),
		   *unit = carbon_tool_value(tool, "unit");

	if (forecast && !carbon_foresight_find(forecast, &asked->ask.foresight))
		return carbon_err_set(err,
				      "--forecast=%s unknown (known: model, perfect, ens, "
				      "mean7, yesterday, lastweek, last)",
				      forecast);
	if (runtime && !carbon_belief_find(runtime, &asked->ask.belief))
		return carbon_err_set(err, "--runtime=%s unknown (known: habit, limit, exact)",
				      runtime);
	if (signal && !carbon_signal_find(signal, &asked->signal))
		return carbon_err_set(err,
				      "--signal=%s unknown (known: average-lifecycle, "
				      "average-direct, marginal)",
				      signal);
	if (unit && (strlen(unit) != 1 || !strchr("smh", *unit)))
		return carbon_err_set(err, "--unit=%s unknown (known: s, m, h)", unit);
	asked->unit_s = !unit || *unit == 's' ? 1 : *unit == 'm' ? 60 : 3600;
	return 0;
}

static int add_policy(struct asked *asked, const char *name, struct carbon_err *err)
{
	const struct carbon_policy *policy = carbon_policy_find(name);
	char known[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < carbon_policies_count && !policy && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 i ? ", " : "", carbon_policies[i]->name);
	if (!policy)
		return carbon_err_set(err, "--policy: \"%s\" unknown (known: %s)", name, known);
	if (asked->policies == CARBON_SIMULATE_POLICIES_MAX)
		return carbon_err_set(err, "--policy: more than %d",
				      CARBON_SIMULATE_POLICIES_MAX);
	asked->policy[asked->policies++] = policy;
	return 0;
}

static int policies(const struct carbon_tool *tool, struct asked *asked, struct carbon_err *err)
{
	const char *at = carbon_tool_value(tool, "policy");

	for (size_t i = 0; i < carbon_policies_count && !at; i++)
		if (add_policy(asked, carbon_policies[i]->name, err) < 0)
			return -1;
	while (at && *at) {
		size_t length = strcspn(at, ",");
		char name[NAME_MAX_BYTES];

		snprintf(name, sizeof(name), "%.*s",
			 (int)(length < sizeof(name) ? length : sizeof(name) - 1), at);
		if (add_policy(asked, name, err) < 0)
			return -1;
		at += length + (at[length] == ',');
	}
	return asked->policies ? 0 : carbon_err_set(err, "--policy: no name");
}

static int read_options(const struct carbon_tool *tool, struct asked *asked,
			struct carbon_err *err)
{
	struct carbon_simulation_ask *ask = &asked->ask;
	time_t restart_s = 0;

	if (!carbon_tool_has(tool, "jobs") || !carbon_tool_has(tool, "intensity"))
		return carbon_err_set(err, "--jobs=FILE and --intensity=FILE are needed");
	if (words(tool, asked, err) < 0 || policies(tool, asked, err) < 0 ||
	    duration(tool, "delay", &ask->delay_s, err) < 0 ||
	    duration(tool, "replan", &ask->replan_s, err) < 0 ||
	    duration(tool, "restart", &restart_s, err) < 0 ||
	    number(tool, "max-flexible-share", 0, 100, &ask->max_flexible_share, err) < 0 ||
	    number(tool, "flexible", 0, 1, &ask->flexible, err) < 0 ||
	    needs_nodes(tool, err) < 0 || whole(tool, "seed", 0, 1e15, &asked->seed, err) < 0 ||
	    whole(tool, "nodes", 1, CARBON_TRACE_NODES_MAX, &asked->nodes, err) < 0 ||
	    number(tool, "node-power", 0.001, 1e6, &ask->node_power_w, err) < 0 ||
	    number(tool, "idle-power", 0, 1e6, &ask->idle_power_w, err) < 0 ||
	    number(tool, "min-saving", 0, 100, &ask->min_saving_percent, err) < 0 ||
	    number(tool, "delay-price", 0, 1e9, &ask->delay_price_g_h, err) < 0 ||
	    moment(tool, "from", &asked->from_at, err) < 0 ||
	    moment(tool, "to", &asked->to_at, err) < 0 ||
	    moment(tool, "start", &asked->start_at, err) < 0)
		return -1;
	if (asked->from_at && asked->to_at && asked->from_at >= asked->to_at)
		return carbon_err_set(err, "--from must lie before --to");
	ask->seed = (uint64_t)asked->seed;
	ask->nodes = (uint32_t)asked->nodes;
	ask->restart_s = (uint32_t)restart_s;
	return 0;
}

/* --- files --- */

/* Several files without a column of zones are as many zones, as soon as one of them is named after the one wanted: what
 * belongs to another must not become part of its sums. */
static bool is_by_name(const struct carbon_tool *tool, const char *zone)
{
	for (size_t i = 0; zone && i < tool->args; i++)
		if (strcmp(tool->arg[i].flag->name, "intensity") == 0 &&
		    carbon_zones_is_named(tool->arg[i].value, zone))
			return true;
	return false;
}

static int read_zones(const struct carbon_tool *tool, const struct asked *asked,
		      struct carbon_zones *zones, struct carbon_err *err)
{
	const char *zone = carbon_tool_value(tool, "zone");

	zones->by_name = is_by_name(tool, zone);
	for (size_t i = 0; i < tool->args; i++)
		if (strcmp(tool->arg[i].flag->name, "intensity") == 0 &&
		    carbon_zones_read(zones, tool->arg[i].value, zone, asked->signal, err) < 0)
			return -1;
	if (carbon_zones_finish(zones, zone, err) < 0)
		return -1;
	if (zones->unusable || zones->duplicates)
		carbon_tool_warn(tool,
				 "intensity: of %zu rows %zu without a usable time or value are gaps, "
				 "%zu replaced an earlier one of the same time",
				 zones->rows, zones->unusable, zones->duplicates);
	if (zones->unnamed && zone)
		carbon_tool_warn(tool, "intensity: %zu rows of files without a column of zones are taken for %s",
				 zones->unnamed, zone);
	if (zones->foreign)
		carbon_tool_warn(tool, "intensity: left out %zu rows of files that are named after other zones than %s",
				 zones->foreign, zone);
	return 0;
}

static void tell_skips(const struct carbon_tool *tool, const struct carbon_trace *trace)
{
	const char *path = carbon_tool_value(tool, "jobs");

	for (int i = 0; i < CARBON_TRACE_SKIPS; i++)
		if (trace->skipped[i])
			carbon_tool_warn(tool, "%s: left out %zu rows %s (the first: line %zu)",
					 path, trace->skipped[i],
					 carbon_trace_skip_text((enum carbon_trace_skip)i),
					 trace->first_line[i]);
	if (trace->unsorted)
		carbon_tool_warn(
			tool, "%s: %zu rows were submitted before the row above them; sorted",
			path, trace->unsorted);
}

/* DATA_AT is where the intensity begins. */
static int read_trace(const struct carbon_tool *tool, const struct asked *asked, time_t data_at,
		      struct carbon_trace *trace, struct carbon_err *err)
{
	const char *path = carbon_tool_value(tool, "jobs");
	char first[CARBON_TIME_TEXT], last[CARBON_TIME_TEXT];
	int rc = carbon_trace_read(path, asked->unit_s, trace, err);

	tell_skips(tool, trace); /* where no row is left they say why */
	if (rc < 0)
		return -1;
	if (asked->start_at)
		carbon_trace_shift(trace, asked->start_at - trace->job[0].submit_at);
	else if (trace->is_relative)
		carbon_trace_shift(trace, asked->from_at ? asked->from_at : data_at);
	carbon_time_format(trace->job[0].submit_at, first);
	carbon_time_format(trace->job[trace->count - 1].submit_at, last);
	carbon_trace_cut(trace, asked->from_at, asked->to_at ? asked->to_at : CARBON_TIME_MAX);
	if (trace->count == 0)
		return carbon_err_set(err,
				      "%s: no job was submitted between --from and --to: the first one was at %s, the "
				      "last at %s",
				      path, first, last);
	return 0;
}

/* A trace that tells neither limits nor users leaves nothing to believe in: unless a belief was
 * asked for, its run times are taken as known. */
static void choose_belief(const struct carbon_tool *tool, const struct carbon_trace *trace,
			  struct asked *asked)
{
	if (carbon_tool_has(tool, "runtime"))
		return;
	for (size_t i = 0; i < trace->count; i++)
		if (trace->job[i].limit_s || trace->job[i].user)
			return;
	asked->ask.belief = CARBON_BELIEF_EXACT;
	carbon_tool_warn(tool,
			 "%s tells neither time limits nor users: run times are taken as known "
			 "(--runtime=exact)",
			 carbon_tool_value(tool, "jobs"));
}

/* --- progress --- */

struct progress {
	FILE *err;
	time_t began_at;
	bool is_terminal, is_shown;
};

static void show_progress(void *context, double done)
{
	struct progress *progress = context;
	int full = (int)(done * PROGRESS_WIDTH);

	if (!progress->is_terminal || time(NULL) - progress->began_at < PROGRESS_AFTER_S)
		return;
	fprintf(progress->err, "\r[%.*s%*s] %3.0f %%", full,
		"########################################", PROGRESS_WIDTH - full, "",
		100 * done);
	fflush(progress->err);
	progress->is_shown = true;
}

static void clear_progress(struct progress *progress)
{
	if (progress->is_shown)
		fprintf(progress->err, "\r%*s\r", PROGRESS_WIDTH + 10, "");
	progress->is_shown = false;
}

/* --- runs --- */

static void tell_counts(const struct carbon_tool *tool, const char *zone,
			const struct carbon_simulation_counts *counts,
			const struct asked *asked)
{
	if (counts->outside)
		carbon_tool_warn(
			tool, "zone %s: left out %zu jobs that run outside the intensity data",
			zone, counts->outside);
	if (counts->gaps)
		carbon_tool_warn(tool,
				 "zone %s: left out %zu jobs that could run in a gap of the "
				 "intensity data",
				 zone, counts->gaps);
	if (counts->too_large)
		carbon_tool_warn(tool, "left out %zu jobs that ask for more than %u nodes",
				 counts->too_large, asked->ask.nodes);
	if (counts->no_runtime)
		carbon_tool_warn(tool,
				 "zone %s: of %zu jobs nobody can say how long they run: they "
				 "start at once",
				 zone, counts->no_runtime);
	if (counts->no_forecast)
		carbon_tool_warn(
			tool,
			"zone %s: %zu jobs came before a day of intensity was known: no "
			"forecast, they start at once",
			zone, counts->no_forecast);
	if (counts->short_past)
		carbon_tool_warn(
			tool,
			"zone %s: for %zu jobs our own forecast knew less than a month of "
			"intensity: let it begin a year before the jobs (--from, --start)",
			zone, counts->short_past);
	if (counts->no_power)
		carbon_tool_warn(tool,
				 "zone %s: %zu jobs tell no power: %g W a node are assumed",
				 zone, counts->no_power, asked->ask.node_power_w);
}

static int run_policies(struct carbon_simulation *simulation, const struct asked *asked,
			struct carbon_simulate_zone *zone, struct carbon_err *err)
{
	for (size_t i = 0; i < asked->policies; i++)
		if (carbon_simulation_run(simulation, asked->policy[i], &zone->result[i], err) <
		    0)
			return -1;
	zone->results = asked->policies;
	return 0;
}

static int run_zone(const struct carbon_tool *tool, struct asked *asked,
		    struct carbon_zones *zones, size_t i, struct carbon_simulate_zone *zone,
		    struct carbon_err *err)
{
	struct progress progress = {tool->err, time(NULL), isatty(fileno(tool->err)) == 1,
				    false};
	struct carbon_simulation *simulation = NULL;
	int rc = -1;

	asked->ask.progress = show_progress;
	asked->ask.context = &progress;
	asked->ask.grid = NULL;
	if (carbon_grid_create(zones->zone[i].name, &zones->zone[i].series, &asked->ask.grid,
			       err) < 0)
		return -1;
	snprintf(zone->name, sizeof(zone->name), "%s", zones->zone[i].name);
	if (carbon_simulation_create(&asked->ask, &simulation, err) == 0)
		rc = run_policies(simulation, asked, zone, err);
	clear_progress(&progress);
	if (rc == 0)
		tell_counts(tool, zone->name, carbon_simulation_counts(simulation), asked);
	carbon_simulation_destroy(simulation);
	carbon_grid_destroy(asked->ask.grid);
	return rc;
}

static int run_all(const struct carbon_tool *tool, struct asked *asked, struct carbon_err *err)
{
	struct carbon_zones *zones = calloc(1, sizeof(*zones));
	struct carbon_simulate_zone *zone = calloc(ZONES_RUN_MAX, sizeof(*zone));
	struct carbon_trace trace;
	int rc = -1;

	carbon_trace_init(&trace);
	if (!zones || !zone) {
		carbon_err_set(err, "no memory");
		goto out;
	}
	if (read_zones(tool, asked, zones, err) < 0 ||
	    read_trace(tool, asked, zones->zone[0].series.points[0].at, &trace, err) < 0)
		goto out;
	choose_belief(tool, &trace, asked);
	asked->ask.trace = &trace;
	for (size_t i = 0; i < zones->count; i++)
		if (run_zone(tool, asked, zones, i, &zone[i], err) < 0)
			goto out;
	if (carbon_tool_is_json(tool))
		carbon_simulate_print_json(tool->out, &asked->ask, zone, zones->count);
	else
		carbon_simulate_print_text(tool->out, &asked->ask, zone, zones->count);
	rc = 0;
out:
	carbon_trace_fini(&trace);
	if (zones)
		carbon_zones_fini(zones);
	free(zones);
	free(zone);
	return rc;
}

static int run(struct carbon_tool *tool)
{
	struct asked asked = {
		.ask =
			{
				.foresight = CARBON_FORESIGHT_MODEL,
				.belief = CARBON_BELIEF_HABIT,
				.delay_s = DELAY_DEFAULT_S,
				.flexible = 1,
				.node_power_w = NODE_POWER_DEFAULT_W,
			},
		.seed = 1,
	};
	struct carbon_err err;

	if (read_options(tool, &asked, &err) < 0)
		return carbon_tool_usage(tool, "%s", err.text);
	if (run_all(tool, &asked, &err) < 0)
		return carbon_tool_fail(tool, &err);
	return CARBON_EXIT_OK;
}

const struct carbon_command carbon_command_simulate = {
	.name = "simulate",
	.summary = "replay a job trace against intensity data, policies side by side",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
