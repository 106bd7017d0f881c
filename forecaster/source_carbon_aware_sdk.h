/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Carbon Aware SDK's answers and its JSON files as text; pure, so that tests and the fuzzer can reach it. */
#ifndef CARBON_SOURCE_CARBON_AWARE_SDK_H
#define CARBON_SOURCE_CARBON_AWARE_SDK_H

#include "forecaster/source.h"

/* Body of forecasts/current. */
enum carbon_failure carbon_sdk_forecast_parse(const char *text, size_t length, const struct carbon_ask *ask,
					      struct carbon_reply *reply, struct carbon_err *err);

/*
 * Body of emissions/bylocation, or a JSON file of the SDK (an object with Emissions, or a bare list; names
 * capitalised). What lies ahead of now is forecast, where that is asked for.
 */
enum carbon_failure carbon_sdk_emissions_parse(const char *text, size_t length, const struct carbon_ask *ask,
					       struct carbon_reply *reply, struct carbon_err *err);

#endif
