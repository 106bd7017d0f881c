/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job before an adapter has filled it, and names for why jobs are exempt. */
#include "lib/job.h"

#include <string.h>

static const char *const exempt_names[CARBON_EXEMPTS] = {
	[CARBON_EXEMPT_NONE] = "not exempt",
	[CARBON_EXEMPT_INTERACTIVE] = "it is interactive (srun, salloc)",
	[CARBON_EXEMPT_WAIT] = "somebody waits for it (--wait)",
	[CARBON_EXEMPT_TEST_ONLY] = "it is only a test (--test-only)",
	[CARBON_EXEMPT_CRON] = "it comes from scrontab",
	[CARBON_EXEMPT_HET] = "it is a heterogeneous job",
	[CARBON_EXEMPT_RESERVATION] = "it uses a reservation",
	[CARBON_EXEMPT_BEGIN] = "it has its own --begin",
	[CARBON_EXEMPT_TIME_MIN] = "it has a --time-min",
	[CARBON_EXEMPT_IMMEDIATE] = "it must start immediately",
	[CARBON_EXEMPT_HELD] = "it is held",
	[CARBON_EXEMPT_SIBLING] = "its begin was decided on another cluster",
};

const char *carbon_exempt_name(enum carbon_exempt exempt)
{
	return exempt_names[exempt];
}

void carbon_job_init(struct carbon_job *job)
{
	memset(job, 0, sizeof(*job));
	carbon_request_init(&job->request);
}
