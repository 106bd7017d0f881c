/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cluster effect by switchback blocks, of the months that carbonctl settle has just seen, into carbon.db. */
#ifndef CARBON_TOOL_SWITCHBACK_H
#define CARBON_TOOL_SWITCHBACK_H

#include "lib/holdout.h"
#include "tools/effect_month.h"

/*
 * Nothing where HOLDOUT is not on. Looks back 120 days from each month's end; returns how many months have an estimate
 * now, or -1.
 */
int carbon_tool_switchback_settle(const struct carbon_tool_effect_ask *ask, const struct carbon_holdout *holdout,
				  struct carbon_err *err);

#endif
