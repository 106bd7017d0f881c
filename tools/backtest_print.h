/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A backtest as people and as programs read it. Must never round what is shown to look better.
 */
#ifndef CARBON_BACKTEST_PRINT_H
#define CARBON_BACKTEST_PRINT_H

#include <stdio.h>

#include "tools/backtest.h"

void carbon_backtest_print_text(const char *zone, const struct carbon_backtest_ask *ask,
				const struct carbon_backtest *result, FILE *out);

/* The shape of doc/carbonctl.1; a number that does not exist is null. */
void carbon_backtest_print_json(const char *zone, const struct carbon_backtest_ask *ask,
				const struct carbon_backtest *result, FILE *out);

#endif
