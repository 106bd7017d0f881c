/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiling the site, for every command that has it compiled anew. Whatever fails, the last good site stays where it
 * is, and that is said. Where delaying is switched off, the site says so whatever carbon.conf asks for.
 */
#include "tools/site.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/time.h"
#include "tools/events.h"
#include "tools/bystanders.h"
#include "tools/json.h"
#include "tools/live.h"
#include "tools/measure.h"
#include "tools/off.h"
#include "tools/prices.h"
#include "tools/tool.h"

#define SITE_MODE 0644 /* nothing in it is secret, and slurmctld may run as another user */

static int gather(const struct carbon_tool *tool, const struct carbon_config *config,
		  struct carbon_tool_live *live, struct carbon_err *err)
{
	if (!carbon_tool_has(tool, "offline"))
		return carbon_tool_live_read(tool, live, err);
	return carbon_config_offline(config, tool->now, &live->cluster, &live->partition, err);
}

int carbon_tool_run_file_write(const struct carbon_config *config, const char *name, const void *bytes, size_t length,
			       struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];

	carbon_config_path(config, name, path);
	if (mkdir(config->run_dir, 0755) != 0 && errno != EEXIST)
		return carbon_err_set(err, "couldn't make the folder %s: %s", config->run_dir, strerror(errno));
	return carbon_file_write(path, bytes, length, SITE_MODE, err);
}

int carbon_tool_site_write(const struct carbon_config *config, const struct carbon_site *site,
			   struct carbon_err *err)
{
	struct carbon_buf buf;
	int rc = -1;

	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	if (carbon_site_format(site, &buf, err) == 0)
		rc = carbon_tool_run_file_write(config, "site", buf.text, buf.length, err);
	carbon_buf_fini(&buf);
	return rc;
}

static int print_site(const struct carbon_tool *tool, const struct carbon_site *site, struct carbon_err *err)
{
	struct carbon_buf buf;
	int rc;

	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	rc = carbon_site_format(site, &buf, err);
	if (rc == 0)
		fwrite(buf.text, 1, buf.length, tool->out);
	carbon_buf_fini(&buf);
	return rc;
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

int carbon_tool_keep(const struct carbon_tool *tool, const char *path, const struct carbon_err *err)
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

/* Of a cluster that does not answer now: when it was last seen, by the site that is in force. */
static void remember_siblings(const struct carbon_config *config, struct carbon_site *site)
{
	struct carbon_site before;

	if (!site->siblings)
		return;
	carbon_site_init(&before);
	if (carbon_tool_site(config, &before, NULL) != 0)
		return;
	for (size_t i = 0; i < site->siblings; i++) {
		const struct carbon_sibling *was = carbon_site_sibling(&before, site->sibling[i].cluster);

		if (was && !site->sibling[i].seen_at)
			site->sibling[i].seen_at = was->seen_at;
	}
	carbon_site_fini(&before);
}

int carbon_tool_site_join(const struct carbon_tool *tool, const struct carbon_config *config,
			  const struct carbon_config_cluster *cluster, struct carbon_site *site,
			  struct carbon_err *err)
{
	char since[CARBON_TIME_TEXT];
	time_t off_at;

	if (carbon_config_compile(config, cluster, tool->now, site, err) != 0 ||
	    carbon_events_join(config, tool->now, site, err) != 0)
		return -1;
	remember_siblings(config, site);
	if (config->price_file[0] && carbon_prices_read(config->price_file, tool->now, site, err) != 0)
		return -1;
	carbon_bystanders_apply(tool, config, site);
	if (carbon_tool_off_is(config, &off_at)) {
		site->level = CARBON_LEVEL_OFF;
		carbon_time_format(off_at, since);
		carbon_tool_warn(tool, "delaying is switched off since %s; \"carbonctl on\" switches it on", since);
	}
	return 0;
}

static int measure(const struct carbon_tool *tool, const struct carbon_config *config,
		   const struct carbon_live *live, struct carbon_site *site, struct carbon_err *err)
{
	carbon_measure_books(tool, config, live, site);
	return carbon_measure_load(tool, config, live, CARBON_MEASURE_WITH_OURS, site, err);
}

int carbon_tool_site_compile(const struct carbon_tool *tool, const struct carbon_config *config,
			     struct carbon_site *site, struct carbon_err *err)
{
	struct carbon_tool_live live = {.partition = NULL};
	int rc = -1;

	if (gather(tool, config, &live, err) == 0 &&
	    carbon_tool_site_join(tool, config, &live.cluster, site, err) == 0)
		rc = live.from ? measure(tool, config, live.from, site, err) : 0;
	carbon_tool_live_fini(&live);
	return rc;
}

/* To where it belongs, or printed with --dry-run where the command has such an option. */
static int put(const struct carbon_tool *tool, const struct carbon_config *config, const char *path,
	       const struct carbon_site *site, struct carbon_err *err)
{
	if (carbon_tool_has(tool, "dry-run"))
		return print_site(tool, site, err);
	if (carbon_tool_site_write(config, site, err) != 0)
		return -1;
	report(tool, path, site);
	return 0;
}

int carbon_tool_apply(const struct carbon_tool *tool)
{
	char path[CARBON_PATH_MAX] = "";
	struct carbon_config *config;
	struct carbon_site site;
	struct carbon_err err;
	int code = CARBON_EXIT_OK;

	if (carbon_tool_config(tool, &config, &err) != 0)
		return carbon_tool_keep(tool, path, &err);
	carbon_config_path(config, "site", path);
	carbon_site_init(&site);
	if (carbon_tool_site_compile(tool, config, &site, &err) != 0 || put(tool, config, path, &site, &err) != 0)
		code = carbon_tool_keep(tool, path, &err);
	carbon_site_fini(&site);
	carbon_config_destroy(config);
	return code;
}
