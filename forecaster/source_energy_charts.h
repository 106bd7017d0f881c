/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Energy-Charts' answers as text; pure, so that tests and the fuzzer can reach it. */
#ifndef CARBON_SOURCE_ENERGY_CHARTS_H
#define CARBON_SOURCE_ENERGY_CHARTS_H

#include "forecaster/source.h"

/* Body of co2eq: parallel lists of seconds, values and forecasts. */
enum carbon_failure carbon_energy_charts_parse(const char *text, size_t length, const struct carbon_ask *ask,
					       struct carbon_reply *reply, struct carbon_err *err);

#endif
