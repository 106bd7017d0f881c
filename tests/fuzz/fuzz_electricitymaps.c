/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as an answer of Electricity Maps. What is believed must keep what fuzz_source.h says. */
#include "forecaster/source_electricitymaps.h"
#include "tests/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct carbon_rights rights = {0};

	fuzz_source(carbon_electricitymaps_parse, "DE", data, size);
	if (carbon_electricitymaps_parse_rights((const char *)data, size, &rights, NULL) == CARBON_FAILURE_NONE)
		assert(rights.is_whole && rights.count && rights.count <= CARBON_RIGHTS_ZONES_MAX);
	carbon_rights_fini(&rights);
	return 0;
}
