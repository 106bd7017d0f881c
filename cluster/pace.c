/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast updates may come, given how slurmdbd keeps up. Pure: who asks slurmctld and who waits is elsewhere. Must
 * never become faster than what the site allows.
 */
#include "cluster/cluster.h"

#define SLOWED_MAX 6 /* a 64th of the pace */
#define AT_ONCE_PER_SECOND 1000 /* what "at once" comes down to once it must be slower */

static uint32_t full_rate(const struct carbon_pace *pace)
{
	return pace->per_second ? pace->per_second : AT_ONCE_PER_SECOND;
}

/* A queue that holds no more than what a second of updates puts there is no sign of anything. */
void carbon_pace_heed(struct carbon_pace *pace, uint32_t queue)
{
	bool is_long = queue > full_rate(pace);

	if (is_long && queue >= pace->queue && pace->slowed < SLOWED_MAX)
		pace->slowed++;
	else if (pace->slowed && (!is_long || queue < pace->queue))
		pace->slowed--;
	pace->queue = queue;
	pace->is_stopped = pace->queue_max && queue >= pace->queue_max;
}

uint32_t carbon_pace_rate(const struct carbon_pace *pace)
{
	uint32_t rate;

	if (!pace->slowed)
		return pace->per_second;
	rate = full_rate(pace) >> pace->slowed;
	return rate ? rate : 1;
}
