/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Electricity Maps' answers (v3 and v4) as text; pure, so that tests and the fuzzer can reach it. */
#ifndef CARBON_SOURCE_ELECTRICITYMAPS_H
#define CARBON_SOURCE_ELECTRICITYMAPS_H

#include "forecaster/source.h"

/*
 * The body of history, past-range or forecast with status 200. Refuses another zone's answer, made-up
 * numbers of a sandbox key, another signal, and an error inside a 200. REPLY is untouched on failure.
 */
enum carbon_failure carbon_electricitymaps_parse(const char *text, size_t length, const struct carbon_ask *ask,
						 struct carbon_reply *reply, struct carbon_err *err);

#endif
