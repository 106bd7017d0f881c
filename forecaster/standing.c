/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the site file and the ledger; a site without either has no such metrics. */
#include "forecaster/standing.h"

#include <stdlib.h>

#include "accounting/effects.h"
#include "accounting/month.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/site.h"
#include "lib/time.h"

void carbon_standing_jobs(const char *path, time_t now, struct carbon_standing *standing)
{
	struct carbon_site site;
	char *text = NULL;
	size_t length = 0;

	carbon_site_init(&site);
	if (carbon_file_read(path, CARBON_SITE_SIZE_MAX, CARBON_FILE_SERVICE, NULL, &text, &length, NULL) == 0 &&
	    carbon_site_parse(text, length, &site, NULL) == 0) {
		standing->has_jobs = site.jobs_as_of > 0;
		standing->waiting = site.waiting;
		standing->counted_at = site.jobs_as_of;
		standing->paused_until_at = site.paused_until_at > now ? site.paused_until_at : 0;
	}
	carbon_site_fini(&site);
	free(text);
}

static void read_effect(struct carbon_store *store, time_t from, struct carbon_standing *standing)
{
	struct carbon_effect_month effect;

	if (carbon_effects_sum(store, from, CARBON_EFFECT_REPLAY, &effect, NULL) != 1)
		return;
	standing->has_effect = true;
	standing->saved_kg = effect.saved_g / 1000;
	standing->saved_low_kg = effect.low_g / 1000;
	standing->saved_high_kg = effect.high_g / 1000;
	standing->others_wait_s = effect.others_wait_s;
	standing->others_wait_without_s = effect.others_wait_without_s;
}

void carbon_standing_month(struct carbon_store *store, enum carbon_signal signal, time_t now,
			   struct carbon_standing *standing)
{
	char text[CARBON_TIME_TEXT];
	struct carbon_month month;
	time_t from, to;

	carbon_time_format(now, text);
	text[7] = '\0'; /* "2026-10" */
	if (carbon_month_parse(text, &from, &to) < 0)
		return;
	read_effect(store, from, standing);
	if (carbon_month_sum(store, signal, from, to, &month, NULL) < 0)
		return;
	standing->has_month = month.runs > 0;
	standing->month_kg = month.mass_kg;
	standing->credit_kg = month.credit_kg;
}
