/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job's demand in nodes, and the slots that decisions are added to, against a plain table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/demand.h"
#include "lib/load.h"
#include "tests/unit/support.h"

#define NOW ((time_t)1790001900)
#define HOUR_S 3600

static const struct carbon_place place = {.nodes = 100, .node_cores = 16, .node_gpus = 4, .node_mem_gb = 64};

static struct carbon_resources use(double nodes, double cores, double memory_gb, uint32_t gpus)
{
	struct carbon_resources resources = {
		.nodes = nodes, .cores = cores, .memory_gb = memory_gb, .gpu_kinds = gpus ? 2 : 0};

	resources.gpu[0].count = gpus / 2;
	resources.gpu[1].count = gpus - gpus / 2;
	return resources;
}

static double demand(struct carbon_resources resources)
{
	return carbon_demand_nodes(&place, &resources);
}

static void the_greatest_share_counts(void **state)
{
	(void)state;
	assert_true(demand(use(0, 4, 0, 0)) == 0.25);
	assert_true(demand(use(2, 4, 0, 0)) == 0.25); /* two nodes that it shares */
	assert_true(demand(use(0, 4, 48, 0)) == 0.75);
	assert_true(demand(use(0, 4, 48, 6)) == 1.5);
	assert_true(demand(use(0, 40, 0, 0)) == 2.5);
	assert_true(demand(use(0, 16000, 0, 0)) == 100); /* never more than there are */
}

static void whole_nodes_where_nothing_is_shared_or_known(void **state)
{
	struct carbon_resources resources = use(2, 4, 0, 0);
	struct carbon_place other = place;

	(void)state;
	resources.exclusive = true;
	assert_true(demand(resources) == 2);
	resources = use(0, 20, 0, 0);
	resources.exclusive = true;
	assert_true(demand(resources) == 2);
	resources = use(1, 20, 0, 0);
	other.exclusive = true;
	assert_true(carbon_demand_nodes(&other, &resources) == 2);
	other = place;
	other.node_cores = 0;
	resources = use(3, 20, 0, 0);
	assert_true(carbon_demand_nodes(&other, &resources) == 3);
	resources = use(0, 20, 0, 0);
	assert_true(carbon_demand_nodes(&other, &resources) == 1);
	other.nodes = 0; /* unknown: nothing to cut at */
	resources = use(3000, 20, 0, 0);
	assert_true(carbon_demand_nodes(&other, &resources) == 3000);
}

static void an_array_takes_what_runs_together(void **state)
{
	struct carbon_resources resources = use(0, 8, 0, 0);

	(void)state;
	assert_true(carbon_demand_array(&place, &resources, 0, 0) == 0.5);
	assert_true(carbon_demand_array(&place, &resources, 1, 1) == 0.5);
	assert_true(carbon_demand_array(&place, &resources, 20, 1) == 10);
	assert_true(carbon_demand_array(&place, &resources, 20, 3) == 3.5); /* 7, 7, 6 */
	assert_true(carbon_demand_array(&place, &resources, 100000, 1) == 100);
}

static struct carbon_load make(size_t places, float **storage)
{
	struct carbon_load load;

	*storage = malloc(CARBON_LOAD_FLOATS(places) * sizeof(float));
	assert_non_null(*storage);
	memset(*storage, 0x55, CARBON_LOAD_FLOATS(places) * sizeof(float));
	carbon_load_init(&load, places, *storage, NOW);
	return load;
}

static void every_slot_that_is_touched_counts(void **state)
{
	const struct carbon_claim run = {
		.place = 1, .begin_at = NOW + HOUR_S + 1, .end_at = NOW + 2 * HOUR_S, .nodes = 3.5, .kw = 7};
	float *storage;
	struct carbon_load load = make(2, &storage);

	(void)state;
	carbon_load_add(&load, &run);
	assert_true(carbon_load_nodes(&load, 1, NOW) == 0);
	for (time_t at = run.begin_at; at < run.end_at; at += 60) {
		assert_true(carbon_load_nodes(&load, 1, at) == 3.5);
		assert_true(carbon_load_kw(&load, 1, at) == 7);
		assert_true(carbon_load_nodes(&load, 2, at) == 3.5); /* all together */
		assert_true(carbon_load_nodes(&load, 0, at) == 0);
	}
	assert_true(carbon_load_nodes(&load, 1, run.end_at + CARBON_LOAD_SLOT_S) == 0);
	assert_true(carbon_load_begins_kw(&load, run.begin_at) == 7);
	assert_true(carbon_load_begins_kw(&load, run.begin_at + CARBON_LOAD_SLOT_S) == 0);
	assert_true(load.flexible_node_h > 3.49 && load.flexible_node_h < 3.51);
	carbon_load_remove(&load, &run);
	assert_true(carbon_load_nodes(&load, 2, run.begin_at) == 0);
	assert_true(carbon_load_begins_kw(&load, run.begin_at) == 0);
	free(storage);
}

static void what_lies_outside_is_cut(void **state)
{
	const time_t end = NOW + (time_t)CARBON_LOAD_SLOT_S * CARBON_LOAD_SLOTS;
	const struct carbon_claim runs[] = {
		{0, NOW - 10 * HOUR_S, NOW + HOUR_S, 1, 0, 0, {0}},  {0, end - HOUR_S, end + 20 * HOUR_S, 1, 0, 0, {0}},
		{0, NOW - 900000, NOW - 800000, 1, 0, 0, {0}},	     {0, end + 100000, end + 200000, 1, 0, 0, {0}},
		{0, NOW + 5, NOW + 5, 1, 0, 0, {0}},		     {0, NOW + 500, NOW + 5, 1, 0, 0, {0}},
		{2, NOW, NOW + HOUR_S, 1, 0, 0, {0}},		     {SIZE_MAX, NOW, NOW + HOUR_S, 1, 0, 0, {0}},
	};
	float *storage;
	struct carbon_load load = make(2, &storage);
	double sum = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		carbon_load_add(&load, &runs[i]);
	for (time_t at = NOW - HOUR_S; at < end + HOUR_S; at += CARBON_LOAD_SLOT_S)
		sum += carbon_load_nodes(&load, 0, at);
	assert_true(sum >= 8 && sum <= 10);
	assert_true(carbon_load_nodes(&load, 0, NOW + HOUR_S / 2) == 1);
	assert_true(carbon_load_nodes(&load, 0, NOW + 3 * HOUR_S) == 0);
	free(storage);
}

#define PLACES 3
#define SPAN 4096 /* slots of the plain table */

struct table {
	double nodes[PLACES + 1][SPAN], begins_kw[SPAN];
};

static void add_to_table(struct table *table, const struct carbon_claim *run, double sign)
{
	size_t first = (size_t)(carbon_load_slot(run->begin_at) - carbon_load_slot(NOW));
	size_t last = (size_t)(carbon_load_slot(run->end_at - 1) - carbon_load_slot(NOW));

	table->begins_kw[first] += sign * run->kw;
	for (size_t i = first; i <= last; i++) {
		table->nodes[run->place][i] += sign * run->nodes;
		table->nodes[PLACES][i] += sign * run->nodes;
	}
}

static void compare(const struct table *table, const struct carbon_load *load, size_t now)
{
	for (size_t i = now; i < now + CARBON_LOAD_SLOTS; i++) {
		time_t at = NOW + (time_t)i * CARBON_LOAD_SLOT_S;

		for (size_t p = 0; p <= PLACES; p++)
			assert_true(carbon_load_nodes(load, p, at) == table->nodes[p][i]);
		assert_true(carbon_load_begins_kw(load, at) == table->begins_kw[i]);
	}
}

/* Whole numbers, so that nothing is rounded; runs stay within the eight days that are kept. */
static void time_passes_as_in_a_plain_table(void **state)
{
	struct table *table = calloc(1, sizeof(*table));
	uint64_t random = support_seed();
	size_t now = 0;
	float *storage;
	struct carbon_load load = make(PLACES, &storage);

	(void)state;
	assert_non_null(table);
	for (int i = 0; i < 3000; i++) {
		struct carbon_claim run = {.place = support_below(&random, PLACES),
					 .nodes = (double)(1 + support_below(&random, 50)),
					 .kw = (double)(1 + support_below(&random, 50))};

		if (support_below(&random, 4) == 0 && now < SPAN - 2 * CARBON_LOAD_SLOTS)
			now += support_below(&random, 8);
		carbon_load_advance(&load, NOW + (time_t)now * CARBON_LOAD_SLOT_S);
		run.begin_at = NOW + (time_t)(now * CARBON_LOAD_SLOT_S + support_below(&random, 300000));
		run.end_at = run.begin_at + 1 + (time_t)support_below(&random, 300000);
		carbon_load_add(&load, &run);
		add_to_table(table, &run, 1);
		if (support_below(&random, 3) == 0) {
			carbon_load_remove(&load, &run);
			add_to_table(table, &run, -1);
		}
		if (i % 100 == 0)
			compare(table, &load, now);
	}
	carbon_load_advance(&load, NOW + 400 * 86400); /* further than the ring is long */
	assert_true(carbon_load_nodes(&load, PLACES, NOW + 400 * 86400 + 7 * 86400) == 0);
	free(storage);
	free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_greatest_share_counts),
		cmocka_unit_test(whole_nodes_where_nothing_is_shared_or_known),
		cmocka_unit_test(an_array_takes_what_runs_together),
		cmocka_unit_test(every_slot_that_is_touched_counts),
		cmocka_unit_test(what_lies_outside_is_cut),
		cmocka_unit_test(time_passes_as_in_a_plain_table),
	};

	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
