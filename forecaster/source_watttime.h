/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WattTime's answers (v3) as text; pure, so that tests and the fuzzer can reach it. */
#ifndef CARBON_SOURCE_WATTTIME_H
#define CARBON_SOURCE_WATTTIME_H

#include "forecaster/source.h"

/* Body of forecast or historical: marginal intensity, pounds per MWh turned into g/kWh. */
enum carbon_failure carbon_watttime_parse(const char *text, size_t length, const struct carbon_ask *ask,
					  struct carbon_reply *reply, struct carbon_err *err);

/* Body of login: the token into OUT (CARBON_TOKEN_MAX). */
enum carbon_failure carbon_watttime_parse_login(const char *text, size_t length, char *out,
						struct carbon_err *err);

#endif
