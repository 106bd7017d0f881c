/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of carbonctl in the order of its --help. One line here, one file cmd_NAME.c. */
#ifndef CARBON_COMMANDS_H
#define CARBON_COMMANDS_H

#include "tools/tool.h"

#define CARBON_COMMANDS(X) \
	X(check) \
	X(apply) \
	X(doctor) \
	X(forecast) \
	X(plan) \
	X(queue) \
	X(explain) \
	X(release) \
	X(off) \
	X(on) \
	X(advise) \
	X(event) \
	X(replan) \
	X(settle) \
	X(report) \
	X(budget) \
	X(cite) \
	X(estimate) \
	X(import) \
	X(backtest) \
	X(simulate) \
	/* the list ends here */

#define CARBON_COMMAND_DECLARE(name) extern const struct carbon_command carbon_command_##name;
CARBON_COMMANDS(CARBON_COMMAND_DECLARE)

#endif
