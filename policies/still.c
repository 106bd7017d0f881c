/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking again at place, outlook and bounds. Must never let old data pass for fresh ones. */
#include "policies/still.h"

#include <string.h>
#include <strings.h>

/* An outlook written later than this from now on is a sign of a clock that was set back. */
#define CLOCK_SLACK_S 3600

#define WAITS_MIN 20 /* waits of fewer jobs tell nothing */

static bool is_fresh(const struct carbon_context *context)
{
	time_t age_s;

	if (!context->outlook)
		return false;
	age_s = context->now - context->outlook->written_at;
	return age_s <= context->site->outlook_max_age_s && age_s >= -CLOCK_SLACK_S;
}

bool carbon_still_find(const struct carbon_context *context, const struct carbon_record *record,
		       const char *partition, struct carbon_still *out)
{
	const struct carbon_site *site = context->site;

	if (site->level != CARBON_LEVEL_OPT_IN && site->level != CARBON_LEVEL_DEFAULT)
		return false;
	/* Names in a record may have been lower-cased. */
	if (strcasecmp(partition, record->partition) != 0)
		return false;
	out->place = carbon_site_place(site, partition);
	if (!out->place || strcasecmp(out->place->zone, record->zone) != 0 || !is_fresh(context))
		return false;
	out->zone = carbon_outlook_find(context->outlook, record->zone, record->signal);
	return out->zone != NULL;
}

const struct carbon_wait *carbon_still_wait(const struct carbon_site *site, const struct carbon_place *place, double nodes)
{
	const struct carbon_wait *wait = carbon_site_wait(site, place->partition, nodes);

	return wait && wait->count >= WAITS_MIN ? wait : NULL;
}

time_t carbon_still_margin_s(const struct carbon_site *site, const struct carbon_place *place,
			     const struct carbon_wait *wait)
{
	uint32_t queue_s = place->queue_wait_s;

	if (wait && wait->p95_s > queue_s)
		queue_s = wait->p95_s;
	return (time_t)queue_s + site->slack_s + (time_t)place->boot_s;
}

time_t carbon_still_begin_before(const struct carbon_context *context, const struct carbon_still *still, time_t run_s,
				 double nodes, time_t end_at)
{
	const struct carbon_wait *wait = carbon_still_wait(context->site, still->place, nodes);

	return end_at - run_s - carbon_still_margin_s(context->site, still->place, wait);
}

bool carbon_still_meets(const struct carbon_still *still, const struct carbon_wall *wall)
{
	return !wall->partition[0] || strcmp(wall->partition, still->place->partition) == 0;
}

void carbon_still_tell(const struct carbon_still *still, time_t begin_at, struct carbon_record *record)
{
	const struct carbon_part *part = carbon_outlook_part(still->zone, begin_at);

	record->kind = part->kind;
	record->outlook_at = part->issued_at;
	memcpy(record->source, part->source, sizeof(record->source));
}
