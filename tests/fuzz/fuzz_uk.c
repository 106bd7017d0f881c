/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as an answer of Great Britain's Carbon Intensity. What is believed must keep what fuzz_source.h says. */
#include "forecaster/source_uk.h"
#include "tests/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_source(carbon_uk_parse, "GB", data, size);
	return 0;
}
