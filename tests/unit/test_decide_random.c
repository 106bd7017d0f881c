/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The promises over random clusters, grids and jobs, against an independent account of what was allowed and what would
 * have been best.
 */
#include "lib/err.h"
#include "lib/time.h"
#include "policies/policy.h"
#include "tests/unit/decide_world.h"
#include "tests/unit/world.h"

static void roll_grid(struct dice *dice, struct world *world)
{
	for (size_t i = 0; i < WORLD_ZONES; i++) {
		size_t count = (size_t)dice_between(dice, 1, 40);

		curve_roll(dice, &world->mean[i], WORLD_NOW - (time_t)dice_between(dice, 0, 7200), count, 3 * HOUR_S);
		world->high[i] = world->mean[i];
		for (size_t j = 0; j < count; j++)
			world->high[i].value[j] += (float)dice_real(dice, 0, 300);
		carbon_curve_sum(count, world->high[i].knot_s, world->high[i].value, world->high[i].sum);
		world->high[i].curve.knot_s = world->high[i].knot_s;
		world->high[i].curve.value = world->high[i].value;
		world->high[i].curve.sum = world->high[i].sum;
		world->zone[i].part[1].first = count / 2;
		world->zone[i].parts = count > 1 ? 2 : 1;
	}
}

static void roll_site(struct dice *dice, struct world *world)
{
	static const char *const names[] = {"", "batch", "nordic"};
	struct carbon_site *site = &world->site;
	time_t at = WORLD_NOW - 2 * 86400;

	site->default_delay_s = (time_t)dice_between(dice, 0, 3 * 86400);
	site->max_delay_s = (time_t)dice_between(dice, 0, 3 * 86400);
	site->slack_s = (time_t)dice_between(dice, 0, 600);
	site->min_runtime_s = (uint32_t)dice_between(dice, 0, 1800);
	site->min_saving_percent = dice_chance(dice, 50) ? 0 : dice_real(dice, 0, 60);
	site->min_saving_g = dice_chance(dice, 50) ? 0 : dice_real(dice, 0, 500);
	site->delay_price_g_h = dice_chance(dice, 50) ? 0 : dice_real(dice, 0, 30);
	site->max_waiting = (uint32_t)dice_between(dice, 1, 10);
	site->max_waiting_user = (uint32_t)dice_between(dice, 1, 10);
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		world->place[i].queue_wait_s = (uint32_t)dice_between(dice, 0, 7200);
		world->place[i].boot_s = (uint32_t)dice_between(dice, 0, 600);
		world->place[i].max_limit_s = dice_chance(dice, 50) ? 0 : 86400;
		world->place[i].default_limit_s = dice_chance(dice, 50) ? 0 : 3600;
	}
	site->walls = (size_t)dice_between(dice, 0, WORLD_WALLS);
	for (size_t i = 0; i < site->walls; i++) {
		at += (time_t)dice_between(dice, 0, 2 * 86400);
		world->wall[i] = (struct carbon_wall){.from_at = at, .to_at = at + (time_t)dice_between(dice, 0, 86400)};
		snprintf(world->wall[i].partition, sizeof(world->wall[i].partition), "%s", names[dice_between(dice, 0, 2)]);
	}
}

static void roll_job(struct dice *dice, struct world *world)
{
	struct carbon_job *job = &world->job;

	job->limit_s = dice_chance(dice, 10) ? 0 : (uint32_t)dice_between(dice, 60, 20 * HOUR_S);
	if (dice_chance(dice, 50))
		snprintf(job->partition, sizeof(job->partition), "nordic");
	if (dice_chance(dice, 20))
		job->begin_at = WORLD_NOW + (time_t)dice_between(dice, -HOUR_S, 20 * HOUR_S);
	if (dice_chance(dice, 30))
		job->deadline_at = WORLD_NOW + (time_t)dice_between(dice, -HOUR_S, 3 * 86400);
	if (dice_chance(dice, 20))
		job->waves = (uint32_t)dice_between(dice, 0, 9);
	job->use.cores = (double)dice_between(dice, 0, 200);
	job->request.given = dice_chance(dice, 70);
	if (job->request.given && dice_chance(dice, 60))
		job->request.delay_s = (time_t)dice_between(dice, 0, 4 * 86400);
	if (job->request.given && dice_chance(dice, 30))
		job->request.finish_by_at = WORLD_NOW + (time_t)dice_between(dice, -HOUR_S, 3 * 86400);
	if (job->request.given && dice_chance(dice, 30))
		job->request.runtime_s = (uint32_t)dice_between(dice, 60, 20 * HOUR_S);
	world->context.waiting = (uint32_t)dice_between(dice, 0, 4);
	world->context.waiting_user = (uint32_t)dice_between(dice, 0, 4);
}

static void roll_world(struct dice *dice, struct world *world)
{
	world_init(world);
	roll_grid(dice, world);
	world_join(world);
	roll_site(dice, world);
	roll_job(dice, world);
}

/* What the promises allow, worked out anew. */
struct allowance {
	const struct carbon_place *place;
	const struct carbon_curve *curve;
	time_t limit_s, runtime_s, margin_s, earliest_at, latest_at;
	bool ends_without_limit;
};

static void lower(time_t *latest_at, time_t bound_at)
{
	*latest_at = bound_at < *latest_at ? bound_at : *latest_at;
}

static struct allowance allowed(const struct world *world)
{
	const struct carbon_job *job = &world->job;
	const struct carbon_request *request = &job->request;
	size_t nordic = job->partition[0] ? 1 : 0;
	struct allowance a = {.place = &world->place[nordic], .curve = &world->zone[nordic ? 2 : 0].mean};
	time_t delay_s = request->delay_s >= 0 ? request->delay_s
			 : request->finish_by_at ? world->site.max_delay_s
						 : world->site.default_delay_s;
	time_t waves;

	a.limit_s = job->limit_s ? job->limit_s : a.place->default_limit_s ? a.place->default_limit_s : a.place->max_limit_s;
	a.runtime_s = request->runtime_s ? request->runtime_s : a.limit_s;
	if (a.limit_s)
		lower(&a.runtime_s, a.limit_s);
	a.margin_s = world->site.slack_s + a.place->queue_wait_s + a.place->boot_s;
	a.earliest_at = job->begin_at > world->context.now ? job->begin_at : world->context.now;
	waves = job->waves > 1 ? job->waves : 1;
	lower(&delay_s, world->site.max_delay_s);
	a.latest_at = a.earliest_at + delay_s;
	lower(&a.latest_at, carbon_curve_end(a.curve) - a.runtime_s);
	if (request->finish_by_at)
		lower(&a.latest_at, request->finish_by_at - waves * a.limit_s - a.margin_s);
	if (job->deadline_at)
		lower(&a.latest_at, job->deadline_at - waves * a.limit_s - a.margin_s);
	a.ends_without_limit = !a.limit_s && (request->finish_by_at || job->deadline_at);
	for (size_t i = 0; i < world->site.walls; i++) {
		const struct carbon_wall *wall = &world->wall[i];

		if ((wall->partition[0] && strcmp(wall->partition, a.place->partition)) || wall->to_at <= a.earliest_at)
			continue;
		lower(&a.latest_at, wall->from_at - a.limit_s - a.margin_s);
		a.ends_without_limit = a.ends_without_limit || !a.limit_s;
	}
	return a;
}

/* Grams gained by starting at AT instead of at once, the price of waiting taken off. */
static double gain_g(const struct world *world, const struct allowance *a, double power_w, time_t at)
{
	return carbon_curve_mass_g(a->curve, a->earliest_at, a->earliest_at + a->runtime_s, power_w) -
	       carbon_curve_mass_g(a->curve, at, at + a->runtime_s, power_w) -
	       world->site.delay_price_g_h * (double)(at - a->earliest_at) / 3600;
}

static void check_delay(const struct world *world, const struct carbon_decision *decision, const struct allowance *a)
{
	const struct carbon_record *record = &decision->record;
	double gain = gain_g(world, a, record->power_w, record->begin_at);

	assert_true(record->delayed);
	assert_false(a->ends_without_limit);
	assert_true(record->begin_at > a->earliest_at);
	assert_true(record->begin_at <= a->latest_at);
	assert_true(record->latest_at <= a->latest_at);
	assert_true(record->begin_at >= a->curve->start_at);
	assert_true(record->begin_at + a->runtime_s <= carbon_curve_end(a->curve));
	assert_true(decision->deadline_is_kept);
	assert_true(world->context.waiting < world->site.max_waiting);
	assert_true(world->context.waiting_user < world->site.max_waiting_user);
	assert_true(a->runtime_s >= (time_t)world->site.min_runtime_s);
	/* Not worse than promised on the same outlook. */
	assert_near(record->mass_g,
		    carbon_curve_mass_g(a->curve, record->begin_at, record->begin_at + a->runtime_s, record->power_w), 1e-9);
	assert_true(record->mass_g < record->baseline_g);
	assert_true(record->mass_high_g >= record->mass_g);
	assert_true(gain > 0 && gain >= world->site.min_saving_g - 1e-6);
	assert_true(gain >= world->site.min_saving_percent / 100 * record->baseline_g - 1e-6);
}

/* Nothing that was allowed, at any minute, would have been worth it. */
static void check_at_once(const struct world *world, const struct carbon_decision *decision, const struct allowance *a)
{
	const struct carbon_record *record = &decision->record;
	double floor_g = world->site.min_saving_percent / 100 * record->baseline_g;

	if (floor_g < world->site.min_saving_g)
		floor_g = world->site.min_saving_g;
	assert_false(record->delayed);
	assert_int_equal(record->begin_at, a->earliest_at);
	assert_near(record->mass_g, record->baseline_g, 0);
	if (decision->reason == CARBON_REASON_CAP)
		return;
	if (decision->reason == CARBON_REASON_BEST_NOW)
		floor_g = 0;
	for (time_t at = a->earliest_at; at <= a->latest_at; at += 60)
		assert_true(gain_g(world, a, record->power_w, at) <= floor_g + 1e-6 * (record->power_w + 1));
}

static void check_left_alone(const struct carbon_decision *decision, const struct allowance *a, const struct world *world)
{
	switch (decision->reason) {
	case CARBON_REASON_NO_SLACK:
	case CARBON_REASON_TOO_LONG:
		assert_true(a->latest_at <= a->earliest_at || a->ends_without_limit);
		break;
	case CARBON_REASON_SHORT:
		assert_true(a->runtime_s < (time_t)world->site.min_runtime_s);
		break;
	case CARBON_REASON_NO_LIMIT:
		assert_true(!a->runtime_s || a->ends_without_limit);
		break;
	default:
		print_error("reason %d\n", (int)decision->reason);
		fail();
	}
}

static void check_record(const struct carbon_record *record)
{
	struct carbon_record back;
	char text[CARBON_RECORD_MAX];
	struct carbon_err err = {""};

	assert_row(err.text, carbon_record_format(record, text, &err) == 0);
	assert_row(text, carbon_record_parse(text, strlen(text), &back, &err) == 0);
	assert_row(text, back.begin_at == record->begin_at && back.latest_at == record->latest_at);
}

static void promises_hold_in_random_worlds(void **state)
{
	struct dice dice = dice_start(__func__);
	size_t seen[CARBON_DELAY + 1] = {0};
	struct world world;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		struct carbon_decision decision;
		struct allowance a;

		roll_world(&dice, &world);
		a = allowed(&world);
		decision = world_decide(&world);
		seen[decision.verdict]++;
		if (decision.verdict == CARBON_DELAY)
			check_delay(&world, &decision, &a);
		else if (decision.verdict == CARBON_AT_ONCE)
			check_at_once(&world, &decision, &a);
		else
			check_left_alone(&decision, &a, &world);
		if (decision.verdict != CARBON_LEFT_ALONE)
			check_record(&decision.record);
	}
	for (size_t i = 0; i < COUNT(seen); i++) /* or the worlds are no test */
		assert_true(seen[i] > 1000);
}

static void all_policies_keep_the_promises(void **state)
{
	struct dice dice = dice_start(__func__);
	struct world world;

	(void)state;
	for (int round = 0; round < 10000; round++) {
		struct carbon_decision decision;
		struct allowance a;

		roll_world(&dice, &world);
		snprintf(world.site.policy, sizeof(world.site.policy), "%s",
			 carbon_policies[(size_t)round % carbon_policies_count]->name);
		a = allowed(&world);
		decision = world_decide(&world);
		if (decision.verdict == CARBON_DELAY)
			check_delay(&world, &decision, &a);
	}
}

static void observing_decides_the_same(void **state)
{
	struct dice dice = dice_start(__func__);
	struct world world;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct carbon_decision real, observed;

		roll_world(&dice, &world);
		real = world_decide(&world);
		world.site.level = CARBON_LEVEL_OBSERVE;
		observed = world_decide(&world);
		assert_int_equal(observed.verdict, real.verdict);
		assert_int_equal(observed.reason, real.reason);
		if (real.verdict == CARBON_LEFT_ALONE)
			continue;
		assert_int_equal(observed.record.level, CARBON_LEVEL_OBSERVE);
		observed.record.level = real.record.level;
		assert_int_equal(observed.record.begin_at, real.record.begin_at);
		assert_near(observed.record.mass_g, real.record.mass_g, 0);
		assert_int_equal(observed.record.delayed, real.record.delayed);
	}
}

/* Whatever a client sends: no overflow, no crash, no begin beyond reason. */
static void hostile_jobs_are_survived(void **state)
{
	static const long long times[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT32_MAX, 4294967294, 4294967295, WORLD_NOW,
					  WORLD_NOW + 40 * HOUR_S, CARBON_TIME_MAX, CARBON_TIME_MAX - 1, CARBON_TIME_MIN};
	static const uint32_t seconds[] = {0, 1, 900, 7200, 86400, 4294967294u, 4294967295u};
	struct dice dice = dice_start(__func__);
	struct world world;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		struct carbon_decision decision;

		roll_world(&dice, &world);
		world.job.begin_at = (time_t)times[dice_between(&dice, 0, COUNT(times) - 1)];
		world.job.deadline_at = (time_t)times[dice_between(&dice, 0, COUNT(times) - 1)];
		world.job.request.finish_by_at = (time_t)times[dice_between(&dice, 0, COUNT(times) - 1)];
		world.job.limit_s = seconds[dice_between(&dice, 0, COUNT(seconds) - 1)];
		world.job.request.runtime_s = seconds[dice_between(&dice, 0, COUNT(seconds) - 1)];
		world.job.use.cores = dice_chance(&dice, 50) ? 4294967294.0 : 0;
		decision = world_decide(&world);
		if (decision.verdict == CARBON_DELAY)
			assert_between(decision.record.begin_at, WORLD_NOW + 1, carbon_curve_end(&world.zone[0].mean) + 40 * 86400);
		if (decision.verdict != CARBON_LEFT_ALONE)
			check_record(&decision.record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promises_hold_in_random_worlds),
		cmocka_unit_test(all_policies_keep_the_promises),
		cmocka_unit_test(observing_decides_the_same),
		cmocka_unit_test(hostile_jobs_are_survived),
	};

	return cmocka_run_group_tests_name("decide_random", tests, NULL, NULL);
}
