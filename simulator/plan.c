/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One job's begin, decided as slurmctld and replan would: at its submission, and again each
 * REPLAN while it waits. Must never look at the truth but through the forecast "perfect".
 */
#include <string.h>

#include "simulator/work.h"

/* When a job is decided, and how much of its run lies behind it. */
struct moment {
	time_t now;
	uint32_t done_s;
	enum carbon_progress progress;
};

/* The query at MOMENT on VIEW; false: the forecast does not reach over one run. */
static bool ask_at(const struct carbon_simulation *simulation, size_t i, struct moment moment,
		   const struct carbon_foreseen *view, struct carbon_query *query)
{
	uint32_t runtime_s = simulation->expected_s[i] - moment.done_s;
	time_t latest_at = carbon_job_latest(simulation, i) + (time_t)moment.done_s;
	time_t now = moment.now;
	time_t restart_s = moment.progress == CARBON_PAUSED ? (time_t)simulation->ask.restart_s : 0;
	time_t last_at = carbon_curve_end(&view->mean) - (time_t)runtime_s;

	*query = (struct carbon_query){
		.mean = &view->mean,
		.high = &view->high,
		.earliest_at = now + restart_s,
		.latest_at = latest_at < last_at ? latest_at : last_at,
		.runtime_s = runtime_s,
		.power_w = carbon_job_power_w(simulation, i),
		.delay_price_g_h = simulation->ask.delay_price_g_h,
		.restart_s = simulation->ask.restart_s,
		.progress = moment.progress,
		.looks = {.at = now, .every_s = (uint32_t)simulation->ask.replan_s},
	};
	return runtime_s > 0 && now >= view->mean.start_at && query->latest_at >= query->earliest_at;
}

static bool is_worth_it(const struct carbon_simulation *simulation,
			const struct carbon_query *query, time_t begin_at)
{
	time_t run_s = (time_t)query->runtime_s;
	double at_once, later;

	if (simulation->ask.min_saving_percent <= 0)
		return true;
	at_once = carbon_curve_integral(query->mean, query->earliest_at,
					query->earliest_at + run_s);
	later = carbon_curve_integral(query->mean, begin_at, begin_at + run_s);
	return at_once - later >= at_once * simulation->ask.min_saving_percent / 100;
}

/*
 * While the job waits, lazily: forward when a start before the next look has become best, back
 * only when it would begin before that look and later is better. The outcome is that of moving
 * it each time.
 */
static void decide_again(const struct carbon_simulation *simulation,
			 const struct carbon_policy *policy, size_t i, struct carbon_plan *plan)
{
	time_t step_s = simulation->ask.replan_s;
	time_t now = simulation->job[i].submit_at + step_s;

	for (; step_s > 0 && plan->begin_at >= now; now += step_s) {
		struct carbon_foreseen view;
		struct carbon_query query;
		time_t best_at;

		if (!carbon_grid_view(simulation->ask.grid, now, &view) ||
		    !ask_at(simulation, i, (struct moment){.now = now}, &view, &query))
			continue;
		best_at = policy->choose(&query);
		if (best_at != plan->begin_at &&
		    (best_at < now + step_s || plan->begin_at < now + step_s)) {
			plan->begin_at = best_at;
			plan->moves++;
		}
	}
}

/* Forget what was planned from NOW on; returns the seconds of run before it. */
static uint32_t cut_plan(struct carbon_plan *plan, time_t now)
{
	uint32_t done_s = 0;
	size_t kept = 0;

	for (size_t w = 0; w < plan->windows && plan->window[w].from_at < now; w++) {
		if (plan->window[w].to_at > now)
			plan->window[w].to_at = now;
		done_s += (uint32_t)(plan->window[w].to_at - plan->window[w].from_at);
		kept++;
	}
	plan->windows = kept;
	return done_s;
}

/* Whether NOW lies in the restart before one of its further windows: that is not thought over. */
static bool is_restarting(const struct carbon_plan *plan, time_t now, time_t restart_s)
{
	for (size_t w = 1; w < plan->windows; w++)
		if (plan->window[w].from_at - restart_s < now && now <= plan->window[w].from_at)
			return true;
	return false;
}

/* Of a plan that was cut at NOW. */
static enum carbon_progress progress_of(const struct carbon_plan *plan, time_t now)
{
	if (!plan->windows)
		return CARBON_FRESH;
	return plan->window[plan->windows - 1].to_at == now ? CARBON_RUNNING : CARBON_PAUSED;
}

/* Append what is best for the rest of the run; a window that goes on where one ended is that
 * one. */
static void split_rest(const struct carbon_policy *policy, const struct carbon_query *query,
		       struct carbon_plan *plan)
{
	struct carbon_window *room = plan->window + plan->windows;
	size_t added = policy->segments(query, room, CARBON_WINDOWS_MAX - plan->windows);

	plan->windows += added;
	if (room == plan->window || room[-1].to_at < room->from_at)
		return;
	room[-1].to_at = room->to_at;
	memmove(room, room + 1, (added - 1) * sizeof(*room));
	plan->windows--;
}

static bool is_same(const struct carbon_plan *a, const struct carbon_plan *b)
{
	return a->windows == b->windows &&
	       memcmp(a->window, b->window, a->windows * sizeof(*a->window)) == 0;
}

/* A split run is planned anew until its last window ends. */
static void split_again(const struct carbon_simulation *simulation,
			const struct carbon_policy *policy, size_t i, struct carbon_plan *plan)
{
	time_t step_s = simulation->ask.replan_s;
	time_t now = simulation->job[i].submit_at + step_s;

	for (; step_s > 0 && plan->window[plan->windows - 1].to_at > now; now += step_s) {
		struct carbon_plan next = *plan;
		struct moment moment = {.now = now};
		struct carbon_foreseen view;
		struct carbon_query query;

		if (is_restarting(plan, now, (time_t)simulation->ask.restart_s))
			continue;
		moment.done_s = cut_plan(&next, now);
		moment.progress = progress_of(&next, now);
		if (next.windows == CARBON_WINDOWS_MAX)
			return;
		if (!carbon_grid_view(simulation->ask.grid, now, &view) ||
		    !ask_at(simulation, i, moment, &view, &query))
			continue;
		split_rest(policy, &query, &next);
		next.moves += !is_same(&next, plan);
		next.begin_at = next.window[0].from_at;
		*plan = next;
	}
}

/* --- as slurmctld and replan would --- */

struct carbon_world_job carbon_job_asks(const struct carbon_simulation *simulation, size_t i)
{
	const struct carbon_trace_job *job = &simulation->job[i];

	return (struct carbon_world_job){
		.submit_at = job->submit_at,
		.delay_s = carbon_job_latest(simulation, i) - job->submit_at,
		/* no run outlives its limit, whatever a trace says */
		.limit_s = !job->limit_s || job->limit_s > job->runtime_s ? job->limit_s
									  : job->runtime_s,
		.runtime_s = simulation->expected_s[i],
		.nodes = job->nodes,
		.power_w = carbon_job_power_w(simulation, i),
	};
}

static void decide(const struct carbon_simulation *simulation, size_t i,
		   struct carbon_foreseen *foreseen, struct carbon_plan *plan)
{
	struct carbon_world_job job = carbon_job_asks(simulation, i);
	struct carbon_decision decision =
		carbon_world_decide(simulation->world, &job, foreseen);
	time_t step_s = simulation->ask.replan_s;
	uint32_t moves;

	if (decision.verdict != CARBON_DELAY)
		return;
	for (time_t now = job.submit_at + step_s; step_s > 0 && decision.record.begin_at >= now;
	     now += step_s) {
		moves = decision.record.moves;
		if (carbon_grid_view(simulation->ask.grid, now, foreseen))
			carbon_world_decide_again(simulation->world, now, &job, foreseen,
						  &decision.record);
		plan->moves += decision.record.moves != moves;
	}
	plan->begin_at = decision.record.begin_at;
}

bool carbon_policy_is_ours(const struct carbon_policy *policy)
{
	return carbon_policy_find(policy->name) == policy;
}

void carbon_plan_make(const struct carbon_simulation *simulation,
		      const struct carbon_policy *policy, size_t i, struct carbon_plan *out)
{
	time_t now = simulation->job[i].submit_at;
	struct carbon_foreseen view;
	struct carbon_query query;
	time_t begin_at;

	out->begin_at = now;
	out->moves = 0;
	out->windows = 0;
	if (!(simulation->mark[i] & CARBON_MARK_FLEXIBLE) ||
	    !carbon_grid_view(simulation->ask.grid, now, &view) ||
	    !ask_at(simulation, i, (struct moment){.now = now}, &view, &query))
		return;
	if (policy->segments && !simulation->cluster) {
		out->windows = policy->segments(&query, out->window, CARBON_WINDOWS_MAX);
		out->begin_at = out->window[0].from_at;
		split_again(simulation, policy, i, out);
		return;
	}
	if (carbon_policy_is_ours(policy)) {
		decide(simulation, i, &view, out);
		return;
	}
	begin_at = policy->choose(&query);
	if (begin_at == now || !is_worth_it(simulation, &query, begin_at))
		return;
	out->begin_at = begin_at;
	decide_again(simulation, policy, i, out);
}

time_t carbon_plan_best(const struct carbon_simulation *simulation, size_t i)
{
	const struct carbon_curve *truth = carbon_grid_truth(simulation->settled);
	struct carbon_query query = {
		.mean = truth,
		.high = truth,
		.earliest_at = simulation->job[i].submit_at,
		.latest_at = carbon_job_latest(simulation, i),
		.runtime_s = simulation->job[i].runtime_s,
		.power_w = 1,
	};

	return simulation->mark[i] & CARBON_MARK_FLEXIBLE
		       ? carbon_policy_find("lowest-window")->choose(&query)
		       : query.earliest_at;
}
