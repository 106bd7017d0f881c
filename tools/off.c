/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mark that delaying is switched off. Its being there is all that counts; its text is for people. */
#include "tools/off.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/time.h"
#include "tools/site.h"

bool carbon_tool_off_is(const struct carbon_config *config, time_t *since)
{
	char path[CARBON_PATH_MAX];
	struct carbon_file_id id;

	carbon_config_path(config, "off", path);
	carbon_file_identify(path, &id);
	if (id.size < 0)
		return false;
	*since = (time_t)(id.mtime_ns / 1000000000);
	return true;
}

int carbon_tool_off_set(const struct carbon_config *config, time_t now, struct carbon_err *err)
{
	char text[CARBON_TIME_TEXT + 128], at[CARBON_TIME_TEXT];

	carbon_time_format(now, at);
	snprintf(text, sizeof(text), "Delaying is switched off since %s; \"carbonctl on\" switches it on.\n", at);
	return carbon_tool_run_file_write(config, "off", text, strlen(text), err);
}

int carbon_tool_off_clear(const struct carbon_config *config, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];

	carbon_config_path(config, "off", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return carbon_err_set(err, "%s: %s", path, strerror(errno));
	return 0;
}
