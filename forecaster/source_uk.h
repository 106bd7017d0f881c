/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Great Britain's Carbon Intensity API as text; pure, so that tests and the fuzzer can reach it. */
#ifndef CARBON_SOURCE_UK_H
#define CARBON_SOURCE_UK_H

#include "forecaster/source.h"

/* Body of a national or regional range: half hours in a list, or inside one region or a list of one. */
enum carbon_failure carbon_uk_parse(const char *text, size_t length, const struct carbon_ask *ask,
				    struct carbon_reply *reply, struct carbon_err *err);

#endif
