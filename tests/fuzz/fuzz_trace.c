/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a job trace. What is believed must be in order and within its bounds. */
#include <assert.h>

#include "lib/err.h"
#include "simulator/trace.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct carbon_err err = {""};
	struct carbon_trace trace;

	carbon_trace_init(&trace);
	if (carbon_trace_parse((const char *)data, size, 3600, &trace, &err) < 0)
		assert(err.text[0]);
	for (size_t i = 0; i < trace.count && !err.text[0]; i++) {
		const struct carbon_trace_job *job = &trace.job[i];

		assert(i == 0 || job->submit_at >= trace.job[i - 1].submit_at);
		assert(job->submit_at >= 0 && job->runtime_s > 0 && job->nodes > 0);
		assert(job->runtime_s <= CARBON_TRACE_SECONDS_MAX && job->power_w >= 0);
	}
	carbon_trace_fini(&trace);
	return 0;
}
