/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mark of a job whose user said --carbon=off. Read without case, for sacctmgr lower-cases what it rewrites. */
#include "lib/optout.h"

#include <string.h>
#include <strings.h>

static const char *const names[CARBON_OPTOUTS] = {
	[CARBON_OPTOUT_NONE] = "",
	[CARBON_OPTOUT_FLAG] = "flag",
	[CARBON_OPTOUT_START] = "start",
	[CARBON_OPTOUT_SITE] = "site",
};

const char *carbon_optout_name(enum carbon_optout optout)
{
	return (unsigned int)optout < CARBON_OPTOUTS ? names[optout] : "";
}

bool carbon_optout_is_marked(const char *comment)
{
	for (; comment && (comment = strchr(comment, '[')) != NULL; comment++)
		if (strncasecmp(comment, CARBON_OPTOUT_MARK, strlen(CARBON_OPTOUT_MARK)) == 0)
			return true;
	return false;
}
