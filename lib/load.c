/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rings of slots, cleared as time goes by. Must never touch a slot outside of the eight days. */
#include "lib/load.h"

#include <string.h>

static size_t ring(int64_t slot)
{
	return (size_t)(slot % CARBON_LOAD_SLOTS);
}

static bool is_kept(const struct carbon_load *load, int64_t slot)
{
	return slot >= load->first && slot < load->first + CARBON_LOAD_SLOTS;
}

void carbon_load_init(struct carbon_load *load, size_t places, float *storage, time_t now)
{
	memset(storage, 0, CARBON_LOAD_FLOATS(places) * sizeof(*storage));
	load->first = carbon_load_slot(now);
	load->places = places;
	load->nodes = storage;
	load->kw = storage + (places + 1) * CARBON_LOAD_SLOTS;
	load->begins_kw = storage + 2 * (places + 1) * CARBON_LOAD_SLOTS;
	load->flexible_node_h = 0;
	load->rules = 0;
	load->rule_node_h = NULL;
}

void carbon_load_rules(struct carbon_load *load, size_t rules, double *storage)
{
	memset(storage, 0, rules * sizeof(*storage));
	load->rules = rules;
	load->rule_node_h = storage;
}

static void forget(struct carbon_load *load, size_t slot)
{
	for (size_t place = 0; place <= load->places; place++) {
		load->nodes[place * CARBON_LOAD_SLOTS + slot] = 0;
		load->kw[place * CARBON_LOAD_SLOTS + slot] = 0;
	}
	load->begins_kw[slot] = 0;
}

void carbon_load_advance(struct carbon_load *load, time_t now)
{
	int64_t slot = carbon_load_slot(now);

	if (slot >= load->first + CARBON_LOAD_SLOTS)
		load->first = slot - CARBON_LOAD_SLOTS;
	for (; load->first < slot; load->first++)
		forget(load, ring(load->first));
}

/* Rounding may leave a hair below nothing where a run is taken away. */
static void change(float *slot, double by)
{
	double sum = (double)*slot + by;

	*slot = sum > 1e-4 ? (float)sum : 0;
}

static void change_hours(struct carbon_load *load, const struct carbon_claim *run, double sign)
{
	double node_h = sign * run->nodes * (double)(run->end_at - run->begin_at) / 3600;

	load->flexible_node_h += node_h;
	for (size_t i = 0; i < run->rules; i++)
		if (run->rule[i] < load->rules)
			load->rule_node_h[run->rule[i]] += node_h;
}

static void change_all(struct carbon_load *load, const struct carbon_claim *run, double sign)
{
	int64_t first = carbon_load_slot(run->begin_at), last = carbon_load_slot(run->end_at - 1);
	size_t place = run->place * CARBON_LOAD_SLOTS, all = load->places * CARBON_LOAD_SLOTS;

	if (run->place >= load->places || run->end_at <= run->begin_at)
		return;
	change_hours(load, run, sign);
	if (is_kept(load, first))
		change(&load->begins_kw[ring(first)], sign * run->kw);
	if (first < load->first)
		first = load->first;
	for (int64_t slot = first; slot <= last && is_kept(load, slot); slot++) {
		change(&load->nodes[place + ring(slot)], sign * run->nodes);
		change(&load->kw[place + ring(slot)], sign * run->kw);
		change(&load->nodes[all + ring(slot)], sign * run->nodes);
		change(&load->kw[all + ring(slot)], sign * run->kw);
	}
}

void carbon_load_add(struct carbon_load *load, const struct carbon_claim *run)
{
	change_all(load, run, 1);
}

void carbon_load_remove(struct carbon_load *load, const struct carbon_claim *run)
{
	change_all(load, run, -1);
}

static double value(const struct carbon_load *load, const float *rings, size_t place, time_t at)
{
	int64_t slot = carbon_load_slot(at);

	return is_kept(load, slot) ? (double)rings[place * CARBON_LOAD_SLOTS + ring(slot)] : 0;
}

double carbon_load_nodes(const struct carbon_load *load, size_t place, time_t at)
{
	return value(load, load->nodes, place, at);
}

double carbon_load_kw(const struct carbon_load *load, size_t place, time_t at)
{
	return value(load, load->kw, place, at);
}

double carbon_load_begins_kw(const struct carbon_load *load, time_t at)
{
	return value(load, load->begins_kw, 0, at);
}
