/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as an answer of WattTime, a login's too. What is believed must keep what fuzz_source.h says. */
#include <string.h>

#include "forecaster/source_watttime.h"
#include "tests/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char token[CARBON_TOKEN_MAX] = "";

	fuzz_source(carbon_watttime_parse, "CAISO_NORTH", data, size);
	if (carbon_watttime_parse_login((const char *)data, size, token, NULL) == CARBON_FAILURE_NONE)
		assert(token[0] && !strpbrk(token, "\r\n "));
	return 0;
}
