/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What most commands begin with: the configuration, the site and the outlook, each checked as it is read. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/habit.h"
#include "lib/outlook.h"
#include "lib/site.h"
#include "policies/policy.h"
#include "tools/tool.h"

/* config/ may not know the policies; this is where both are known. */
static int check_policy(const struct carbon_config *config, struct carbon_err *err)
{
	struct carbon_buf known;
	int rc = 0;

	if (carbon_policy_find(config->site.policy))
		return 0;
	carbon_buf_init(&known, 256);
	for (size_t i = 0; i < carbon_policies_count; i++)
		carbon_buf_printf(&known, "%s%s", i ? ", " : "", carbon_policies[i]->name);
	rc = carbon_err_set(err, "%s:%d: policy \"%s\" unknown (known: %s)", config->path, config->policy_line,
			    config->site.policy, known.text ? known.text : "");
	carbon_buf_fini(&known);
	return rc;
}

int carbon_tool_config(const struct carbon_tool *tool, struct carbon_config **out, struct carbon_err *err)
{
	struct carbon_config *config;

	*out = NULL;
	if (carbon_config_read(tool->config_path, &config, err) != 0)
		return -1;
	if (check_policy(config, err) != 0 || carbon_tool_check_sources(config, err) != 0) {
		carbon_config_destroy(config);
		return -1;
	}
	*out = config;
	return 0;
}

/* A file of run_dir; WRITER is the program that writes it. */
static int read_run_file(const struct carbon_config *config, const char *name, size_t cap, const char *writer,
			 char path[CARBON_PATH_MAX], char **text, size_t *length, struct carbon_err *err)
{
	struct carbon_file_id id;

	carbon_config_path(config, name, path);
	carbon_file_identify(path, &id);
	if (id.size < 0)
		return carbon_err_set(err, "%s: there is no %s yet (%s writes it)", path, name, writer);
	return carbon_file_read(path, cap, CARBON_FILE_SERVICE, NULL, text, length, err);
}

int carbon_tool_site(const struct carbon_config *config, struct carbon_site *site, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];
	char *text = NULL;
	size_t length = 0;
	int rc;

	if (read_run_file(config, "site", CARBON_SITE_SIZE_MAX, "carbonctl apply", path, &text, &length, err) != 0)
		return -1;
	rc = carbon_site_parse(text, length, site, err);
	if (rc != 0)
		carbon_err_prefix(err, "%s", path);
	free(text);
	return rc;
}

int carbon_tool_outlook(const struct carbon_config *config, struct carbon_outlook **out, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];
	char *text = NULL;
	size_t length = 0;
	int rc;

	*out = NULL;
	if (read_run_file(config, "outlook", CARBON_OUTLOOK_SIZE_MAX, "carbon-forecaster", path, &text, &length,
			  err) != 0)
		return -1;
	rc = carbon_outlook_parse(text, length, out, err);
	if (rc != 0)
		carbon_err_prefix(err, "%s", path);
	free(text);
	return rc;
}

int carbon_tool_habits(const struct carbon_config *config, const struct carbon_site *site,
		       struct carbon_habits *habits, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];
	struct carbon_habits found;
	struct carbon_file_id id;
	char *text = NULL;
	size_t length = 0;
	int rc;

	carbon_config_path(config, "habits", path);
	carbon_file_identify(path, &id);
	if (id.size < 0)
		return 0;
	if (carbon_file_read(path, CARBON_HABITS_SIZE_MAX, CARBON_FILE_SERVICE, NULL, &text, &length, err) != 0)
		return -1;
	rc = carbon_habits_parse(text, length, &found, err);
	free(text);
	if (rc != 0)
		return carbon_err_prefix(err, "%s", path);
	if (strcmp(found.cluster, site->cluster) != 0) {
		carbon_err_set(err, "%s: of cluster %s, and this one is %s", path, found.cluster, site->cluster);
		carbon_habits_fini(&found);
		return -1;
	}
	*habits = found;
	return 1;
}
