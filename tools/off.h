/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mark that delaying is switched off: a file "off" beside the site, which every apply heeds. It outlives
 * carbonctl, slurmctld and the machine; only carbonctl on (or removing it) ends it.
 */
#ifndef CARBON_TOOL_OFF_H
#define CARBON_TOOL_OFF_H

#include <stdbool.h>
#include <time.h>

struct carbon_config;
struct carbon_err;

/* Whether it is there, whatever it says; *SINCE is when it was made. */
bool carbon_tool_off_is(const struct carbon_config *config, time_t *since);

int carbon_tool_off_set(const struct carbon_config *config, time_t now, struct carbon_err *err);

/* No error where it is not there. */
int carbon_tool_off_clear(const struct carbon_config *config, struct carbon_err *err);

#endif
