/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a decision sees of a place against a plain reckoning, minute by minute: the slack clock, the price, and the room that
 * capacity, load and limits leave.
 */

#include "lib/time.h"
#include "policies/view.h"
#include "tests/unit/world.h"

#define MINUTE_S 60
#define HOUR_S 3600
#define SLOT_AT (WORLD_NOW - WORLD_NOW % CARBON_LOAD_SLOT_S)
#define LIMITS 3
#define OWN_RUNS 12

/* A world in which times are whole minutes, so that minutes can be added up. */
struct scene {
	struct world world;
	struct carbon_full full[WORLD_PLACES];
	struct carbon_site_series load[2], power[2], price[2];
	struct carbon_limit limit[LIMITS];
	struct carbon_load own;
	float storage[CARBON_LOAD_FLOATS(WORLD_PLACES)];
	struct carbon_view_ask ask;
};

static struct scene scene;
static struct carbon_view view;
static struct carbon_view_store store;

static void roll_series(struct dice *dice, struct carbon_site_series *series, const char *name, double max)
{
	snprintf(series->name, sizeof(series->name), "%s", name);
	series->from_at = WORLD_NOW - HOUR_S * dice_between(dice, 0, 2);
	series->step_s = (uint32_t)dice_between(dice, 1, 8) * 900;
	series->count = (size_t)dice_between(dice, 1, 60);
	for (size_t i = 0; i < series->count; i++)
		series->value[i] = (float)dice_between(dice, 0, (int)max);
}

static void roll_full(struct dice *dice, struct carbon_full *full)
{
	bool is_always = dice_chance(dice, 10);

	snprintf(full->partition, sizeof(full->partition), "batch");
	full->count = CARBON_SITE_WEEK_H;
	for (size_t i = 0; i < CARBON_SITE_WEEK_H; i++)
		full->value[i] = is_always ? 1 : dice_chance(dice, 40) ? 0 : (float)dice_real(dice, 0, 1);
}

static void roll_limits(struct dice *dice)
{
	for (size_t i = 0; i < LIMITS; i++) {
		struct carbon_limit *limit = &scene.limit[i];

		snprintf(limit->partition, sizeof(limit->partition), "%s",
			 dice_chance(dice, 50) ? "" : dice_chance(dice, 70) ? "batch" : "nordic");
		limit->from_at = WORLD_NOW + dice_between(dice, -3, 30) * HOUR_S;
		limit->to_at = limit->from_at + dice_between(dice, 1, 200) * MINUTE_S;
		limit->nodes = dice_chance(dice, 50) ? CARBON_LIMIT_NONE : (uint32_t)dice_between(dice, 0, 40);
		limit->kw = dice_chance(dice, 50) ? -1 : dice_between(dice, 0, 60);
	}
}

static void roll_own(struct dice *dice)
{
	carbon_load_init(&scene.own, WORLD_PLACES, scene.storage, WORLD_NOW);
	for (int i = 0; i < OWN_RUNS; i++) {
		struct carbon_claim claim = {.place = (size_t)dice_between(dice, 0, 2),
					     .begin_at = WORLD_NOW + dice_between(dice, 0, 30 * 60) * MINUTE_S,
					     .nodes = dice_between(dice, 1, 12),
					     .kw = dice_between(dice, 1, 12)};

		claim.end_at = claim.begin_at + dice_between(dice, 1, 400) * MINUTE_S;
		carbon_load_add(&scene.own, &claim);
	}
}

/* Whole minutes between the knots. */
static void roll_curves(struct dice *dice)
{
	for (size_t z = 0; z < WORLD_ZONES; z++) {
		struct curve_store *mean = &scene.world.mean[z], *high = &scene.world.high[z];

		curve_roll(dice, mean, WORLD_NOW - HOUR_S, 60, 110);
		*high = *mean;
		for (size_t i = 0; i <= 60; i++)
			mean->knot_s[i] = high->knot_s[i] = mean->knot_s[i] * MINUTE_S;
		for (size_t i = 0; i < 60; i++)
			high->value[i] += (float)dice_real(dice, 0, 100);
		carbon_curve_sum(60, mean->knot_s, mean->value, mean->sum);
		carbon_curve_sum(60, high->knot_s, high->value, high->sum);
		mean->curve = (struct carbon_curve){WORLD_NOW - HOUR_S, 60, mean->knot_s, mean->value, mean->sum, NULL};
		high->curve = (struct carbon_curve){WORLD_NOW - HOUR_S, 60, high->knot_s, high->value, high->sum, NULL};
	}
}

static void roll_ask(struct dice *dice)
{
	struct carbon_view_ask *ask = &scene.ask;

	*ask = (struct carbon_view_ask){.site = &scene.world.site,
					.place = &scene.world.place[0],
					.zone = &scene.world.zone[0],
					.earliest_at = WORLD_NOW + dice_between(dice, 0, 300) * MINUTE_S,
					.runtime_s = (uint32_t)dice_between(dice, 1, 400) * MINUTE_S,
					.power_w = dice_real(dice, 100, 10000),
					.nodes = dice_between(dice, 1, 20),
					.kw = dice_between(dice, 1, 20)};
	if (dice_chance(dice, 70))
		ask->own = &scene.own;
	ask->latest_at = ask->earliest_at + dice_between(dice, 0, 30 * 60) * MINUTE_S;
}

static void roll(struct dice *dice)
{
	struct carbon_site *site = &scene.world.site;

	world_init(&scene.world);
	roll_curves(dice);
	world_join(&scene.world);
	roll_full(dice, &scene.full[0]);
	site->full = scene.full;
	site->fulls = dice_chance(dice, 60);
	roll_series(dice, &scene.load[0], "batch", 30);
	roll_series(dice, &scene.load[1], "nordic", 30);
	site->load = scene.load;
	site->loads = dice_chance(dice, 70) ? 2 : 0;
	roll_series(dice, &scene.power[0], "", 60);
	roll_series(dice, &scene.power[1], "batch", 30);
	site->power = scene.power;
	site->powers = dice_chance(dice, 70) ? 2 : 0;
	roll_series(dice, &scene.price[0], "", 100);
	scene.price[0].value[0] = -30;
	site->price = scene.price;
	site->prices = 1;
	site->carbon_price = dice_chance(dice, 30) ? dice_real(dice, 10, 500) : 0;
	roll_limits(dice);
	site->limit = scene.limit;
	site->limits = dice_chance(dice, 50) ? LIMITS : 0;
	scene.world.place[0].nodes = dice_chance(dice, 80) ? 40 : 0;
	roll_own(dice);
	roll_ask(dice);
}

/* --- the plain reckoning --- */

static double known(const struct carbon_site_series *series, bool is_there, time_t at)
{
	double value = is_there ? carbon_site_series_value(series, at) : NAN;

	return isnan(value) ? 0 : value;
}

/* Of the slot, whenever in it. */
static double committed(const struct carbon_site_series *series, bool is_there, time_t slot_at)
{
	double most = 0;

	for (time_t at = slot_at; at < slot_at + 900; at += MINUTE_S)
		most = fmax(most, known(series, is_there, at));
	return most;
}

static double own_nodes(size_t place, time_t at)
{
	return scene.ask.own ? carbon_load_nodes(scene.ask.own, place, at) : 0;
}

static bool breaks(const struct carbon_limit *limit, time_t slot_at)
{
	const struct carbon_site *site = &scene.world.site;
	bool all = !limit->partition[0], loads = site->loads > 0;
	double nodes = own_nodes(all ? WORLD_PLACES : 0, slot_at) + committed(&scene.load[0], loads, slot_at);
	double kw = committed(&scene.power[all ? 0 : 1], site->powers > 0, slot_at);

	if (all)
		nodes += committed(&scene.load[1], loads, slot_at);
	if (scene.ask.own)
		kw += carbon_load_kw(scene.ask.own, all ? WORLD_PLACES : 0, slot_at);
	if (limit->to_at <= slot_at || limit->from_at >= slot_at + 900 || strcmp(limit->partition, "nordic") == 0)
		return false;
	return (limit->nodes != CARBON_LIMIT_NONE && nodes + scene.ask.nodes > limit->nodes) ||
	       (limit->kw >= 0 && kw + scene.ask.kw > limit->kw);
}

static bool is_full(time_t at)
{
	time_t slot_at = at - at % 900;
	uint32_t nodes = scene.world.place[0].nodes;

	return nodes && own_nodes(0, slot_at) + committed(&scene.load[0], scene.world.site.loads > 0, slot_at) +
				       scene.ask.nodes > nodes;
}

static bool is_limited(time_t at)
{
	for (size_t i = 0; i < scene.world.site.limits; i++)
		if (breaks(&scene.limit[i], at - at % 900))
			return true;
	return false;
}

static bool has_room(time_t begin_at)
{
	for (time_t at = begin_at; at < begin_at + scene.ask.runtime_s; at += MINUTE_S)
		if (is_full(at) || is_limited(at))
			return false;
	return true;
}

static double raw(const struct carbon_curve *curve, time_t at)
{
	const struct carbon_site *site = &scene.world.site;
	double price = known(&scene.price[0], site->carbon_price > 0, at - at % 900);

	return carbon_curve_value(curve, at) + (site->carbon_price > 0 ? price * 1000 / site->carbon_price : 0);
}

static double last_day(const struct carbon_curve *curve)
{
	time_t end_at = carbon_curve_end(curve);
	double sum = 0, count = 0, price = 0, hours = 0;

	for (time_t at = end_at - 86400; at < end_at; at += MINUTE_S, count++)
		sum += carbon_curve_value(curve, at);
	for (time_t at = end_at - 86400; at < end_at; at += HOUR_S, hours++)
		price += raw(curve, at) - carbon_curve_value(curve, at);
	return sum / count + price / hours;
}

/* What a kWh at AT moves: its own moment as far as the place is not full, else the next hour's beginning. */
static double moved(const struct carbon_curve *curve, time_t at)
{
	time_t hour_at = at - at % HOUR_S, last_at = (carbon_curve_end(curve) - 1) / HOUR_S * HOUR_S;
	double full;

	if (!scene.world.site.fulls)
		return raw(curve, at);
	if (hour_at > last_at)
		return last_day(curve);
	full = (double)scene.full[0].value[carbon_hour_of_week(at)];
	if (full <= 0)
		return raw(curve, at);
	return full * moved(curve, hour_at + HOUR_S) + (1 - full) * raw(curve, at);
}

/* By the minute; remembered, for every start is asked for. */
static double minute_sum[2][40 * 24 * 60];

static void reckon(void)
{
	const struct carbon_curve *curves[2] = {&scene.ask.zone->mean, &scene.ask.zone->high};
	size_t minutes = (size_t)(view.latest_at + scene.ask.runtime_s - scene.ask.earliest_at) / MINUTE_S;

	for (size_t c = 0; c < 2; c++) {
		minute_sum[c][0] = 0;
		for (size_t i = 0; i < minutes; i++)
			minute_sum[c][i + 1] = minute_sum[c][i] +
					       MINUTE_S * moved(curves[c], scene.ask.earliest_at + (time_t)i * MINUTE_S);
	}
}

static double cost(size_t curve, time_t begin_at)
{
	size_t first = (size_t)(begin_at - scene.ask.earliest_at) / MINUTE_S;

	return (minute_sum[curve][first + scene.ask.runtime_s / MINUTE_S] - minute_sum[curve][first]) *
	       scene.ask.power_w / 3.6e6;
}

static void assert_alike(double a, double b)
{
	if (fabs(a - b) > 1e-4 * (1 + fabs(a)))
		fail_msg("%.9g is not %.9g", a, b);
}

/* --- the tests --- */

static void check_now(void)
{
	bool full = false, limited = false;

	for (time_t at = scene.ask.earliest_at; at < scene.ask.earliest_at + scene.ask.runtime_s; at += MINUTE_S) {
		limited |= is_limited(at);
		full |= is_full(at) || is_limited(at);
	}
	assert_int_equal(view.is_full_now, full);
	assert_int_equal(view.is_limited_now, limited);
	assert_alike(carbon_view_now_g(&view, &scene.ask), cost(0, scene.ask.earliest_at));
}

static time_t check_starts(void)
{
	time_t best_at = 0;
	double least = INFINITY;

	for (time_t at = scene.ask.earliest_at; at <= view.latest_at; at += MINUTE_S) {
		bool room = has_room(at);

		assert_int_equal(carbon_view_has_room(&view, &scene.ask, at), room);
		if (!room)
			continue;
		assert_alike(carbon_view_cost_g(&view, &scene.ask, at), cost(0, at));
		assert_alike(carbon_curve_mass_g(&view.high, at, at + scene.ask.runtime_s, scene.ask.power_w), cost(1, at));
		if (cost(0, at) < least - 1e-4 * (1 + fabs(least == INFINITY ? 0 : least))) {
			least = cost(0, at);
			best_at = at;
		}
	}
	return best_at;
}

static time_t choose(const char *policy)
{
	const struct carbon_query query = {.mean = &view.mean,
					   .high = &view.high,
					   .earliest_at = scene.ask.earliest_at,
					   .latest_at = view.latest_at,
					   .runtime_s = scene.ask.runtime_s,
					   .power_w = scene.ask.power_w};

	return carbon_policy_find(policy)->choose(&query);
}

static void check_policies(time_t best_at)
{
	time_t chosen_at = choose("lowest-window");

	if (!best_at) { /* nowhere: whatever is chosen has no room, and that is seen */
		assert_false(carbon_view_has_room(&view, &scene.ask, chosen_at));
		return;
	}
	assert_true(carbon_view_has_room(&view, &scene.ask, chosen_at));
	assert_alike(cost(0, chosen_at), cost(0, best_at));
	assert_true(carbon_view_has_room(&view, &scene.ask, choose("risk-averse")));
	chosen_at = choose("threshold");
	assert_true(chosen_at == scene.ask.earliest_at || carbon_view_has_room(&view, &scene.ask, chosen_at));
}

static void the_view_is_the_plain_reckoning(void **state)
{
	struct dice dice = dice_start(__func__);
	int delayed = 0, nowhere = 0;

	(void)state;
	for (int i = 0; i < 150; i++) {
		time_t best_at;

		roll(&dice);
		carbon_view_init(&view, &scene.ask, &store);
		if (view.latest_at < scene.ask.earliest_at)
			continue;
		assert_true(carbon_curve_has(&view.mean, scene.ask.earliest_at, view.latest_at + scene.ask.runtime_s));
		reckon();
		check_now();
		best_at = check_starts();
		check_policies(best_at);
		delayed += best_at > scene.ask.earliest_at;
		nowhere += best_at == 0;
	}
	assert_true(delayed > 40);
	assert_true(nowhere > 0);
}

static void the_first_room_is_the_first(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int i = 0; i < 150; i++) {
		time_t from_at, to_at, found_at, at;
		bool fits = false;

		roll(&dice);
		from_at = scene.ask.earliest_at;
		to_at = from_at + 86400;
		found_at = carbon_view_first_room(&scene.ask, from_at, to_at);
		for (at = from_at; at < to_at && !fits; at += MINUTE_S) {
			fits = true;
			for (time_t t = at; t < at + scene.ask.runtime_s; t += MINUTE_S)
				fits = fits && !is_full(t);
		}
		assert_int_equal(found_at, fits ? at - MINUTE_S : to_at);
	}
}

static void a_place_of_which_nothing_is_known_costs_nothing(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	roll(&dice);
	world_init(&scene.world);
	scene.ask.own = NULL;
	carbon_view_init(&view, &scene.ask, &store);
	assert_true(view.is_plain);
	assert_ptr_equal(view.mean.value, scene.ask.zone->mean.value);
	assert_true(view.slack_share == 1);
	assert_false(view.is_full_now);
	assert_int_equal(carbon_view_first_room(&scene.ask, WORLD_NOW, WORLD_NOW + 60), WORLD_NOW);
}

/* What is full around the clock has no clean hour of its own. */
static void an_always_full_place_is_flat(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	do
		roll(&dice);
	while (scene.ask.latest_at == scene.ask.earliest_at);
	world_init(&scene.world);
	scene.ask.own = NULL;
	for (size_t i = 0; i < CARBON_SITE_WEEK_H; i++)
		scene.full[0].value[i] = 1;
	scene.full[0].count = CARBON_SITE_WEEK_H;
	scene.world.site.full = scene.full;
	scene.world.site.fulls = 1;
	carbon_view_init(&view, &scene.ask, &store);
	assert_false(view.is_plain);
	assert_true(view.slack_share == 0);
	for (size_t i = 1; i < view.mean.count; i++)
		assert_true(view.mean.value[i] == view.mean.value[0]);
	assert_int_equal(choose("lowest-window"), scene.ask.earliest_at);
	assert_int_equal(choose("carbon-time"), scene.ask.earliest_at);
	assert_int_equal(choose("threshold"), scene.ask.earliest_at);
}

static void what_it_takes_already_is_not_counted_twice(void **state)
{
	struct carbon_claim self = {.place = 0, .begin_at = WORLD_NOW + 4 * HOUR_S, .end_at = WORLD_NOW + 6 * HOUR_S, .nodes = 10, .kw = 5};

	(void)state;
	world_init(&scene.world);
	scene.world.place[0].nodes = 10;
	carbon_load_init(&scene.own, WORLD_PLACES, scene.storage, WORLD_NOW);
	carbon_load_add(&scene.own, &self);
	scene.ask = (struct carbon_view_ask){.site = &scene.world.site, .own = &scene.own, .place = &scene.world.place[0],
					     .zone = &scene.world.zone[0], .earliest_at = WORLD_NOW, .latest_at = WORLD_NOW + 86400,
					     .runtime_s = 2 * HOUR_S, .power_w = 5000, .nodes = 10, .kw = 5};
	carbon_view_init(&view, &scene.ask, &store);
	assert_false(carbon_view_has_room(&view, &scene.ask, WORLD_NOW + 4 * HOUR_S));
	scene.ask.self = &self;
	carbon_view_init(&view, &scene.ask, &store);
	assert_true(carbon_view_has_room(&view, &scene.ask, WORLD_NOW + 4 * HOUR_S));
}

/* Three clean hours are free between two claims; the run is a second longer, and gains most by overlapping one of them. */
static void not_a_second_is_taken_where_there_is_no_room(void **state)
{
	const time_t free_at = SLOT_AT + 10 * HOUR_S + HOUR_S / 2, free_to = free_at + 3 * HOUR_S;
	const struct carbon_claim before = {.begin_at = SLOT_AT + 4 * HOUR_S, .end_at = free_at, .nodes = 10},
				  behind = {.begin_at = free_to, .end_at = free_to + HOUR_S, .nodes = 10};

	(void)state;
	world_init(&scene.world);
	scene.world.place[0].nodes = 10;
	carbon_load_init(&scene.own, WORLD_PLACES, scene.storage, WORLD_NOW);
	carbon_load_add(&scene.own, &before);
	carbon_load_add(&scene.own, &behind);
	scene.ask = (struct carbon_view_ask){.site = &scene.world.site, .own = &scene.own, .place = &scene.world.place[0],
					     .zone = &scene.world.zone[0], .earliest_at = WORLD_NOW, .latest_at = WORLD_NOW + 86400,
					     .runtime_s = 3 * HOUR_S + 1, .power_w = 5000, .nodes = 10, .kw = 5};
	carbon_view_init(&view, &scene.ask, &store);
	assert_false(carbon_view_has_room(&view, &scene.ask, free_at));
	assert_int_equal(choose("lowest-window"), WORLD_NOW);
	scene.ask.runtime_s--;
	carbon_view_init(&view, &scene.ask, &store);
	assert_int_equal(choose("lowest-window"), free_at);
}

static void begins_are_staggered(void **state)
{
	struct carbon_claim other = {.place = 1, .begin_at = SLOT_AT + 4 * HOUR_S, .end_at = SLOT_AT + 6 * HOUR_S, .nodes = 10, .kw = 8};

	(void)state;
	world_init(&scene.world);
	carbon_load_init(&scene.own, WORLD_PLACES, scene.storage, WORLD_NOW);
	carbon_load_add(&scene.own, &other);
	scene.ask = (struct carbon_view_ask){.site = &scene.world.site, .own = &scene.own, .place = &scene.world.place[0],
					     .zone = &scene.world.zone[0], .earliest_at = WORLD_NOW, .latest_at = SLOT_AT + 5 * HOUR_S,
					     .runtime_s = 2 * HOUR_S, .power_w = 5000, .nodes = 1, .kw = 5};
	carbon_view_init(&view, &scene.ask, &store);
	assert_int_equal(carbon_view_stagger(&view, &scene.ask, other.begin_at), other.begin_at); /* no ramp is set */
	scene.world.site.ramp_kw = 13;
	assert_int_equal(carbon_view_stagger(&view, &scene.ask, other.begin_at), other.begin_at);
	scene.world.site.ramp_kw = 12;
	assert_int_equal(carbon_view_stagger(&view, &scene.ask, other.begin_at), other.begin_at + 900);
	scene.ask.latest_at = view.latest_at = other.begin_at + 60;
	assert_int_equal(carbon_view_stagger(&view, &scene.ask, other.begin_at), other.begin_at - 900);
	scene.ask.kw = 50; /* larger than the ramp by itself */
	assert_int_equal(carbon_view_stagger(&view, &scene.ask, other.begin_at + 60), other.begin_at - 900);
	scene.ask.earliest_at = other.begin_at;
	assert_int_equal(carbon_view_stagger(&view, &scene.ask, other.begin_at + 30), other.begin_at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_view_is_the_plain_reckoning),
		cmocka_unit_test(the_first_room_is_the_first),
		cmocka_unit_test(a_place_of_which_nothing_is_known_costs_nothing),
		cmocka_unit_test(an_always_full_place_is_flat),
		cmocka_unit_test(what_it_takes_already_is_not_counted_twice),
		cmocka_unit_test(not_a_second_is_taken_where_there_is_no_room),
		cmocka_unit_test(begins_are_staggered),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
