/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as an answer or a file of the Carbon Aware SDK. What is believed must keep what fuzz_source.h says. */
#include "forecaster/source_carbon_aware_sdk.h"
#include "tests/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_source(carbon_sdk_emissions_parse, "eastus", data, size);
	fuzz_source_as(carbon_sdk_forecast_parse, "eastus", true, data, size);
	return 0;
}
