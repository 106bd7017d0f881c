/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of the work was delayed: node-hours that ran in the last week, that run, and that wait because of us. Must
 * never count what shadow mode would have delayed as delayed, nor the other way round.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "accounting/trail.h"
#include "lib/demand.h"
#include "lib/err.h"
#include "tools/measure.h"
#include "tools/waiting.h"

struct share {
	struct carbon_site *site;
	time_t from_at, now;
};

/* Whose node-hours they are. */
struct owner {
	const char *account, *qos, *partition;
	uint32_t uid;
};

static void count_rule(const struct share *share, enum carbon_rule_kind kind, const char *name, double node_h,
		       double delayed_h)
{
	const struct carbon_rule *found = carbon_site_rule(share->site, kind, name);
	struct carbon_rule *rule;

	if (!found)
		return;
	rule = &share->site->rule[found - share->site->rule];
	rule->all_node_h += node_h;
	rule->flexible_node_h += delayed_h;
}

static void count(const struct share *share, const struct owner *owner, double node_h, bool delayed)
{
	double delayed_h = delayed ? node_h : 0;
	char uid[16];

	snprintf(uid, sizeof(uid), "%u", owner->uid);
	share->site->all_node_h += node_h;
	share->site->flexible_node_h += delayed_h;
	count_rule(share, CARBON_RULE_USER, uid, node_h, delayed_h);
	count_rule(share, CARBON_RULE_ACCOUNT, owner->account, node_h, delayed_h);
	count_rule(share, CARBON_RULE_QOS, owner->qos, node_h, delayed_h);
	count_rule(share, CARBON_RULE_PARTITION, owner->partition, node_h, delayed_h);
}

static double hours(time_t from, time_t to)
{
	return to > from ? (double)(to - from) / 3600 : 0;
}

/* In shadow mode the shadow's delays count, otherwise the real ones. */
static bool is_counted(const struct share *share, bool delayed, enum carbon_level level)
{
	return delayed && (level == CARBON_LEVEL_OBSERVE) == (share->site->level == CARBON_LEVEL_OBSERVE);
}

static double demand(const struct share *share, const char *partition, const struct carbon_resources *use)
{
	const struct carbon_place *place = carbon_site_place(share->site, partition);

	return place ? carbon_demand_nodes(place, use) : use->nodes;
}

static int take_run(void *context, const struct carbon_trail_run *run, struct carbon_err *err)
{
	const struct share *share = context;
	const struct carbon_resources use = {
		.nodes = run->nodes,
		.cores = run->cores,
		.memory_gb = run->memory_gb,
		.gpu_kinds = run->gpus > 0,
		.gpu = {{.count = run->gpus}},
	};
	const struct owner owner = {run->account, run->qos, run->partition, run->uid};
	time_t from = run->start_at > share->from_at ? run->start_at : share->from_at;

	(void)err;
	count(share, &owner, demand(share, run->partition, &use) * hours(from, run->end_at),
	      run->has_record && is_counted(share, run->is_delayed, run->level));
	return 0;
}

/* What runs counts as far as it has come, what waits because of us with all that is expected of it. */
static void take_job(const struct share *share, const struct carbon_live_job *job)
{
	const struct owner owner = {job->account, job->qos, job->partition, job->uid};
	struct carbon_record record = {.delayed = false};
	bool waits = carbon_tool_waits(job, share->now, &record);
	time_t from = job->start_at > share->from_at ? job->start_at : share->from_at;
	double node_h = demand(share, job->partition, &job->use);

	if (waits)
		node_h *= (double)record.runtime_s / 3600 * (job->tasks ? job->tasks : 1);
	else if (job->is_running)
		node_h *= hours(from, share->now);
	else
		return;
	if (!waits && carbon_record_read(job->comment, &record, NULL) != 1)
		record.delayed = false;
	count(share, &owner, node_h, is_counted(share, record.delayed, record.level));
}

int carbon_measure_share(struct carbon_store *store, const struct carbon_live *live, time_t now,
			 struct carbon_site *site, struct carbon_err *err)
{
	struct share share = {.site = site, .from_at = now - CARBON_MEASURE_SHARE_S, .now = now};

	if (carbon_trail_each(store, site->cluster, share.from_at, now, take_run, &share, err) != 0)
		return -1;
	/* Without a past, what waits would be all the work there is. */
	if (!(site->all_node_h > 0))
		return 0;
	for (size_t i = 0; i < live->jobs; i++)
		take_job(&share, &live->job[i]);
	return 0;
}
