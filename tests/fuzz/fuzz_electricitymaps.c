/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as an answer of Electricity Maps. What is believed must keep what fuzz_source.h says. */
#include "forecaster/source_electricitymaps.h"
#include "tests/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_source(carbon_electricitymaps_parse, "DE", data, size);
	return 0;
}
