/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl replan: after a new outlook, the site compiled anew and every job decided again that waits because of us.
 * Run by a timer. Must change nothing where slurmctld does not answer, and no job whose start somebody changed.
 */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "lib/time.h"
#include "tools/keep.h"
#include "tools/measure.h"
#include "tools/replan.h"
#include "tools/site.h"
#include "tools/tool.h"

static const struct carbon_flag flags[] = {
	{"dry-run", 'n', NULL, "print what would be moved, and change nothing"},
	{"every", 0, "TIME", "how often this runs (default: replan_every)"},
	{NULL, 0, NULL, NULL},
};

/* An outlook that is missing or old is not what a timer should be silent about. */
static int read_outlook(struct carbon_replan *run, struct carbon_err *err)
{
	char age[CARBON_DURATION_TEXT];
	time_t age_s;

	if (carbon_tool_outlook(run->config, &run->outlook, err) != 0)
		return -1;
	age_s = run->tool->now - run->outlook->written_at;
	if (age_s <= run->site.outlook_max_age_s)
		return 0;
	carbon_duration_format(age_s, age);
	return carbon_err_set(err, "the outlook is %s old, so no begin is changed (carbon-forecaster writes it)", age);
}

/* What should be moved, as far as that can be told: in the room that is left when none of our jobs is there. */
static int plan(struct carbon_replan *run, struct carbon_err *err)
{
	if (carbon_tool_waiting_choose(run->live.from, run->tool->now, &run->list, err) != 0 ||
	    read_outlook(run, err) != 0 ||
	    carbon_measure_load(run->tool, run->config, run->live.from, CARBON_MEASURE_WITHOUT_OURS, &run->site, err) != 0)
		return -1;
	return carbon_replan_decide(run, err) == 0 ? carbon_tool_pause_decide(run, err) : -1;
}

/* Signals first: while begins are moved, jobs write their checkpoints. */
static void act(struct carbon_replan *run)
{
	carbon_tool_pause_tell(run);
	carbon_replan_move_all(run);
	run->places_failed = !carbon_tool_keep_places(run);
	carbon_tool_pause_requeue(run);
}

/* The site, put into place for the plugin with the load as it will be once all is moved. */
static int put_site(struct carbon_replan *run, struct carbon_err *err)
{
	if (carbon_replan_foresee(run, err) != 0 ||
	    carbon_measure_load(run->tool, run->config, run->live.from, CARBON_MEASURE_WITH_OURS, &run->site, err) != 0)
		return -1;
	return run->is_dry ? 0 : carbon_tool_site_write(run->config, &run->site, err);
}

/* Without an outlook to go by the site is put into place all the same: it carries more than what waits. */
static int replan(struct carbon_replan *run, const char *path)
{
	struct carbon_err err, why;
	int planned;

	if (carbon_tool_site_join(run->tool, run->config, &run->live.cluster, &run->site, &err) != 0)
		return carbon_tool_keep(run->tool, path, &err);
	carbon_measure_books(run->tool, run->config, run->live.from, &run->site);
	planned = plan(run, &why);
	if (put_site(run, &err) != 0)
		return carbon_tool_keep(run->tool, path, &err);
	if (planned != 0)
		return carbon_tool_fail(run->tool, &why);
	if (!run->is_dry)
		act(run);
	return carbon_replan_print(run) ? CARBON_EXIT_OK : CARBON_EXIT_FAILED;
}

static int run_live(struct carbon_replan *run)
{
	char path[CARBON_PATH_MAX];
	struct carbon_err err;
	int code;

	carbon_config_path(run->config, "site", path);
	if (carbon_tool_live_read(run->tool, &run->live, &err) != 0)
		return carbon_tool_keep(run->tool, path, &err);
	code = replan(run, path);
	carbon_tool_waiting_fini(&run->list);
	carbon_tool_live_fini(&run->live);
	return code;
}

static int run_config(struct carbon_replan *run)
{
	int code;

	carbon_tool_pace_init(run->config, &run->pace);
	run->pace.left = run->config->updates_per_run;
	run->pace.queue_max = run->config->slurmdbd_queue_max;
	carbon_site_init(&run->site);
	code = run_live(run);
	carbon_site_fini(&run->site);
	carbon_outlook_destroy(run->outlook);
	free(run->move);
	free(run->asked);
	free(run->own_storage);
	free(run->beside);
	carbon_mates_fini(&run->mates);
	carbon_tool_pause_fini(&run->pause);
	free(run->dependent);
	return code;
}

static int run(struct carbon_tool *tool)
{
	const char *every = carbon_tool_value(tool, "every");
	struct carbon_replan state = {.tool = tool, .is_dry = carbon_tool_has(tool, "dry-run")};
	struct carbon_config *config;
	struct carbon_err err;
	int code;

	if (every && (carbon_duration_parse(every, &state.every_s) != 0 || state.every_s < 1))
		return carbon_tool_usage(tool, "--every=%s: must be a duration such as 15m", every);
	if (carbon_tool_config(tool, &config, &err) != 0)
		return carbon_tool_keep(tool, "", &err);
	state.config = config;
	if (every)
		config->site.replan_every_s = (uint32_t)state.every_s;
	state.every_s = (time_t)config->site.replan_every_s;
	code = run_config(&state);
	carbon_config_destroy(config);
	return code;
}

const struct carbon_command carbon_command_replan = {
	.name = "replan",
	.summary = "decide again every job that waits for clean power, and compile the site (timer-run)",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
