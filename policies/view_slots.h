/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The quarters of an hour by which a view keeps account of room; for policies/view*.c alone. */
#ifndef CARBON_VIEW_SLOTS_H
#define CARBON_VIEW_SLOTS_H

#include "policies/view.h"

static inline time_t carbon_view_slot_begin(time_t at)
{
	return at - at % CARBON_LOAD_SLOT_S;
}

/* Which bit of a view of ASK. */
static inline size_t carbon_view_slot_of(const struct carbon_view_ask *ask, time_t at)
{
	return (size_t)(carbon_load_slot(at) - carbon_load_slot(ask->earliest_at));
}

static inline bool carbon_view_is_set(const uint64_t *bits, size_t i)
{
	return i < CARBON_VIEW_SLOTS_MAX && (bits[i / 64] >> (i % 64) & 1);
}

#endif
