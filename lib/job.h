/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job as deciding sees it, whoever looks: slurmctld at submission, carbonctl plan, a simulator.
 * The adapter that fills it resolves nothing; what was not given stays unset.
 */
#ifndef CARBON_JOB_H
#define CARBON_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/power.h"
#include "lib/request.h"

#define CARBON_NAME_MAX 64 /* account, QOS, partition, cluster; NUL included */
#define CARBON_JOB_NAME_MAX 128

/* Why a job is not for us, whatever the site's level; found by the adapter. */
enum carbon_exempt {
	CARBON_EXEMPT_NONE,
	CARBON_EXEMPT_INTERACTIVE, /* srun, salloc */
	CARBON_EXEMPT_WAIT,	   /* --wait: somebody sits there */
	CARBON_EXEMPT_TEST_ONLY,
	CARBON_EXEMPT_CRON,	   /* scrontab */
	CARBON_EXEMPT_HET,
	CARBON_EXEMPT_RESERVATION,
	CARBON_EXEMPT_BEGIN,	   /* --begin, no carbon flag */
	CARBON_EXEMPT_TIME_MIN,
	CARBON_EXEMPT_IMMEDIATE,
	CARBON_EXEMPT_HELD,
	CARBON_EXEMPT_SIBLING,	   /* a federation sibling of a job decided elsewhere */
	CARBON_EXEMPTS
};

/* "interactive job", "--wait", ... for messages. */
const char *carbon_exempt_name(enum carbon_exempt exempt);

struct carbon_job {
	uint32_t uid;
	char account[CARBON_NAME_MAX];	 /* "": the user's default */
	char qos[CARBON_NAME_MAX];	 /* "": the user's default */
	char partition[CARBON_NAME_MAX]; /* "": the default one; with a list the first one counts */
	char name[CARBON_JOB_NAME_MAX];	 /* of the job, cut; "": not given */
	uint32_t limit_s;		 /* 0: not given, the partition's default */
	time_t begin_at;		 /* --begin; 0: none */
	time_t deadline_at;		 /* --deadline; 0: none */
	char partitions[CARBON_OPTION_VALUE_MAX]; /* all that --partition names, "a,b"; "": none was given */
	char features[CARBON_OPTION_VALUE_MAX];	  /* --constraint; "": none */
	bool is_bound;	     /* the user said on which nodes, or more than could be kept here: it is never moved */
	bool stays;	     /* and never to another cluster: --clusters, --cluster-constraint */
	uint32_t origin_id;  /* of a sibling: the federation's number of the cluster it was submitted to; 0: none */
	uint32_t task_cores; /* of one task; 0: not given */
	bool has_dependency;
	bool is_array;
	uint32_t tasks; /* of an array; 0 and 1: one */
	bool no_requeue; /* --no-requeue: it is not to be interrupted */
	uint32_t waves; /* an array's tasks run so many times one after another; 0 and 1: all at once */
	enum carbon_exempt exempt;
	struct carbon_resources use;
	struct carbon_request request;
};

void carbon_job_init(struct carbon_job *job);

#endif
