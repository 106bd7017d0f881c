/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbon.conf out of a text, for its tests. Must never read an installed one.
 */
#ifndef CARBON_UNIT_CONFIG_TEXT_H
#define CARBON_UNIT_CONFIG_TEXT_H

#include "config/config.h"
#include "config/options.h"
#include "lib/err.h"
#include "tests/unit/unit.h"

static inline struct carbon_config *parse(const char *text)
{
	struct carbon_config *config;
	struct carbon_err err;

	if (carbon_config_parse("carbon.conf", text, strlen(text), &config, &err) != 0)
		fail_msg("%s", err.text);
	return config;
}

#endif
