/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl apply: carbon.conf and the cluster, compiled into the site that slurmctld's plugin reads.
 * Whatever fails, the last good site stays where it is, and that is said.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/time.h"
#include "tools/json.h"
#include "tools/live.h"
#include "tools/tool.h"

#define SITE_MODE 0644 /* nothing in it is secret, and slurmctld may run as another user */

static const struct carbon_flag flags[] = {
	{"offline", 0, NULL, "compile from carbon.conf alone, without asking Slurm"},
	{"dry-run", 'n', NULL, "print the site file instead of putting it into place"},
	{NULL, 0, NULL, NULL},
};

static int gather(const struct carbon_tool *tool, const struct carbon_config *config,
		  struct carbon_tool_live *live, struct carbon_err *err)
{
	if (!carbon_tool_has(tool, "offline"))
		return carbon_tool_live_read(tool, live, err);
	return carbon_config_offline(config, tool->now, &live->cluster, &live->partition, err);
}

/* The folder, should it be the only thing missing. */
static int put(const struct carbon_config *config, const char *path, const struct carbon_buf *buf,
	       struct carbon_err *err)
{
	if (mkdir(config->run_dir, 0755) != 0 && errno != EEXIST)
		return carbon_err_set(err, "couldn't make the folder %s: %s", config->run_dir, strerror(errno));
	return carbon_file_write(path, buf->text, buf->length, SITE_MODE, err);
}

/* ", 1 rule", ", 2 rules" */
static void print_count(const struct carbon_tool *tool, size_t count, const char *what)
{
	fprintf(tool->out, ", %zu %s%s", count, what, count == 1 ? "" : "s");
}

static void report(const struct carbon_tool *tool, const char *path, const struct carbon_site *site)
{
	struct carbon_json json;

	if (!carbon_tool_is_json(tool)) {
		fprintf(tool->out, "%s: level %s", path, carbon_level_name(site->level));
		print_count(tool, site->places, "partition");
		print_count(tool, site->rules, "rule");
		print_count(tool, site->users, "user");
		print_count(tool, site->walls, "maintenance reservation");
		fputc('\n', tool->out);
		return;
	}
	carbon_json_init(&json, tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_text(&json, "site", path);
	carbon_json_text(&json, "cluster", site->cluster);
	carbon_json_text(&json, "level", carbon_level_name(site->level));
	carbon_json_int(&json, "partitions", (long long)site->places);
	carbon_json_int(&json, "rules", (long long)site->rules);
	carbon_json_int(&json, "users", (long long)site->users);
	carbon_json_int(&json, "walls", (long long)site->walls);
	carbon_json_int(&json, "waiting", site->waiting);
	carbon_json_time(&json, "written_at", site->written_at);
	carbon_json_end(&json, '}');
}

/* What holds on after a failure. PATH is "" where the configuration did not even say where the site is. */
static int keep(const struct carbon_tool *tool, const char *path, const struct carbon_err *err)
{
	struct carbon_file_id id = {.size = -1};
	char when[CARBON_TIME_TEXT];

	carbon_tool_fail(tool, err);
	if (path[0])
		carbon_file_identify(path, &id);
	if (id.size >= 0) {
		carbon_time_format((time_t)(id.mtime_ns / 1000000000), when);
		carbon_tool_warn(tool, "the last good site stays in force: %s of %s", path, when);
	} else {
		carbon_tool_warn(tool, "nothing was written; a site that is in place stays in force");
	}
	return CARBON_EXIT_FAILED;
}

static int compile(const struct carbon_tool *tool, const struct carbon_config *config, const char *path,
		   struct carbon_err *err)
{
	struct carbon_tool_live live = {.partition = NULL};
	struct carbon_site site;
	struct carbon_buf buf;
	int rc = -1;

	carbon_site_init(&site);
	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	if (gather(tool, config, &live, err) != 0 ||
	    carbon_config_compile(config, &live.cluster, tool->now, &site, err) != 0 ||
	    carbon_site_format(&site, &buf, err) != 0)
		goto out;
	if (carbon_tool_has(tool, "dry-run")) {
		fwrite(buf.text, 1, buf.length, tool->out);
	} else {
		if (put(config, path, &buf, err) != 0)
			goto out;
		report(tool, path, &site);
	}
	rc = 0;
out:
	carbon_buf_fini(&buf);
	carbon_site_fini(&site);
	carbon_tool_live_fini(&live);
	return rc;
}

static int run(struct carbon_tool *tool)
{
	char path[CARBON_PATH_MAX] = "";
	struct carbon_config *config;
	struct carbon_err err;
	int code = CARBON_EXIT_OK;

	if (carbon_tool_config(tool, &config, &err) != 0)
		return keep(tool, path, &err);
	carbon_config_path(config, "site", path);
	if (compile(tool, config, path, &err) != 0)
		code = keep(tool, path, &err);
	carbon_config_destroy(config);
	return code;
}

const struct carbon_command carbon_command_apply = {
	.name = "apply",
	.summary = "compile carbon.conf into the site file that slurmctld's plugin reads",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
