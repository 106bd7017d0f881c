/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl off: stop delaying at once, whatever state Slurm or carbon.conf's wishes are in. Needs nothing but the
 * folder that slurmctld's plugin reads. With --drain, what waits because of us is started, slowly.
 */
#include <string.h>

#include "config/config.h"
#include "lib/file.h"
#include "lib/site.h"
#include "tools/json.h"
#include "tools/off.h"
#include "tools/site.h"
#include "tools/tool.h"
#include "tools/waiting.h"

static const struct carbon_flag flags[] = {
	{"drain", 0, NULL, "start what waits because of us, at updates_per_second"},
	{NULL, 0, NULL, NULL},
};

/* The site in place, with its level changed and nothing else: Slurm need not answer for that. */
static int switch_off(const struct carbon_tool *tool, const struct carbon_config *config, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];
	struct carbon_file_id id;
	struct carbon_site site;
	int rc;

	if (carbon_tool_off_set(config, tool->now, err) != 0)
		return -1;
	carbon_config_path(config, "site", path);
	carbon_file_identify(path, &id);
	if (id.size < 0) /* then nothing delays, and the mark keeps it so */
		return 0;
	carbon_site_init(&site);
	if (carbon_tool_site(config, &site, err) != 0) { /* damaged: one without any place then, which delays nothing either */
		carbon_tool_warn(tool, "%s; it is replaced by an empty one", err->text);
		snprintf(site.cluster, sizeof(site.cluster), "unknown");
		site.written_at = site.jobs_as_of = tool->now;
	}
	site.level = CARBON_LEVEL_OFF;
	rc = carbon_tool_site_write(config, &site, err);
	carbon_site_fini(&site);
	return rc;
}

static int drain(const struct carbon_tool *tool, const struct carbon_config *config,
		 struct carbon_release_count *count)
{
	struct carbon_waiting_list list;
	struct carbon_pace pace;
	struct carbon_err err;

	carbon_tool_pace_init(config, &pace);
	if (carbon_tool_waiting_read(tool->now, &list, &err) != 0)
		return carbon_tool_fail(tool, &err);
	for (size_t i = 0; i < list.count; i++)
		carbon_tool_release(tool, &list.item[i], NULL, &pace, count);
	carbon_tool_waiting_fini(&list);
	return count->failed ? CARBON_EXIT_FAILED : CARBON_EXIT_OK;
}

static void report(const struct carbon_tool *tool, const struct carbon_release_count *count)
{
	bool drains = carbon_tool_has(tool, "drain");
	struct carbon_json json;

	if (carbon_tool_is_json(tool)) {
		carbon_json_init(&json, tool->out);
		carbon_json_begin(&json, NULL, '{');
		carbon_json_bool(&json, "off", true);
		carbon_json_int(&json, "released", (long long)count->released);
		carbon_json_int(&json, "failed", (long long)count->failed);
		carbon_json_end(&json, '}');
		return;
	}
	fputs("Delaying is switched off; \"carbonctl on\" switches it on.\n", tool->out);
	if (drains)
		fprintf(tool->out, "%zu jobs that waited were released, %zu could not be.\n", count->released,
			count->failed);
	else
		fputs("Jobs that wait keep their begin times; \"carbonctl off --drain\" starts them.\n", tool->out);
}

static int run(struct carbon_tool *tool)
{
	struct carbon_release_count count = {0};
	struct carbon_config *config;
	struct carbon_err err;
	int code = CARBON_EXIT_OK;

	if (carbon_tool_config(tool, &config, &err) != 0) {
		carbon_tool_fail(tool, &err);
		carbon_tool_warn(tool, "nothing was switched off, since the folder of the site is not known; mend the file, "
				       "or give one that names run_dir alone with -c");
		return CARBON_EXIT_FAILED;
	}
	if (switch_off(tool, config, &err) != 0) {
		code = carbon_tool_fail(tool, &err);
	} else {
		if (carbon_tool_has(tool, "drain"))
			code = drain(tool, config, &count);
		report(tool, &count);
	}
	carbon_config_destroy(config);
	return code;
}

const struct carbon_command carbon_command_off = {
	.name = "off",
	.summary = "stop delaying jobs at once, until carbonctl on",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
