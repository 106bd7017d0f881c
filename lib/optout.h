/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever said --carbon=off: a few bytes inside the job's AdminComment, "[carbon-off/1]", by which the report can count
 * them (doc/carbon-record.5). No record, and never taken for one.
 */
#ifndef CARBON_OPTOUT_H
#define CARBON_OPTOUT_H

#include <stdbool.h>

#define CARBON_OPTOUT_MARK "[carbon-off/1]"

/* Why a job's part in this ended before its start, or never began. Kept in carbon.db: never renumber. */
enum carbon_optout {
	CARBON_OPTOUT_NONE = 0,
	CARBON_OPTOUT_FLAG = 1,	 /* --carbon=off */
	CARBON_OPTOUT_START = 2, /* it started before the begin that it was given: its user took an earlier one */
	CARBON_OPTOUT_SITE = 3,	 /* released by somebody else than its user */
	CARBON_OPTOUTS
};

/* "flag", "start", "site"; "" for none. */
const char *carbon_optout_name(enum carbon_optout optout);

/* Whether COMMENT (may be NULL) holds the mark, in any case. */
bool carbon_optout_is_marked(const char *comment);

#endif
