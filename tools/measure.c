/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits, fullness and commitments for the site. Must never invent what was not seen often enough. */
#include "tools/measure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounting/occupancy.h"
#include "accounting/store.h"
#include "config/config.h"
#include "lib/err.h"
#include "lib/habit.h"
#include "tools/committed.h"
#include "tools/tool.h"
#include "tools/waiting.h"

/* --- typical waits --- */

static void add_waits(struct carbon_site *site, const struct carbon_place *place,
		      const struct carbon_occupancy_waits class[CARBON_OCCUPANCY_CLASSES])
{
	for (size_t i = 0; i < CARBON_OCCUPANCY_CLASSES && site->waits < CARBON_SITE_WAITS_MAX; i++) {
		struct carbon_wait *wait = &site->wait[site->waits];

		if (class[i].count < CARBON_MEASURE_WAITS_MIN)
			continue;
		memcpy(wait->partition, place->partition, sizeof(wait->partition));
		wait->up_to_nodes = (2u << i) - 1;
		wait->p50_s = class[i].p50_s;
		wait->p95_s = class[i].p95_s;
		wait->count = (uint32_t)class[i].count;
		site->waits++;
	}
}

int carbon_measure_waits(struct carbon_store *store, time_t now, struct carbon_site *site, struct carbon_err *err)
{
	struct carbon_occupancy_waits class[CARBON_OCCUPANCY_CLASSES];

	site->wait = calloc(site->places * CARBON_OCCUPANCY_CLASSES + 1, sizeof(*site->wait));
	if (!site->wait)
		return carbon_err_set(err, "no memory for waits");
	for (size_t i = 0; i < site->places; i++) {
		memset(class, 0, sizeof(class));
		if (carbon_occupancy_wait(store, site->cluster, site->place[i].partition,
					  now - CARBON_MEASURE_WAIT_S, now, class, err) != 0)
			return -1;
		add_waits(site, &site->place[i], class);
	}
	return 0;
}

/* --- full hours --- */

/* Only where every hour of the week was seen: the site has no word for "not known" in between. */
static void add_full(struct carbon_site *site, const struct carbon_place *place,
		     const double week[CARBON_OCCUPANCY_WEEK])
{
	struct carbon_full *full = &site->full[site->fulls];

	for (size_t i = 0; i < CARBON_OCCUPANCY_WEEK; i++) {
		if (isnan(week[i]))
			return;
		full->value[i] = (float)week[i];
	}
	full->count = CARBON_OCCUPANCY_WEEK;
	memcpy(full->partition, place->partition, sizeof(full->partition));
	site->fulls++;
}

int carbon_measure_fulls(struct carbon_store *store, time_t now, struct carbon_site *site, struct carbon_err *err)
{
	double week[CARBON_OCCUPANCY_WEEK];
	struct carbon_occupancy occupancy;

	site->full = calloc(site->places + 1, sizeof(*site->full));
	if (!site->full)
		return carbon_err_set(err, "no memory for full hours");
	for (size_t i = 0; i < site->places; i++) {
		if (carbon_occupancy_read(store, site->cluster, site->place[i].partition,
					  now - CARBON_MEASURE_WAIT_S, now, &occupancy, err) != 0)
			return -1;
		carbon_occupancy_week(&occupancy, week);
		carbon_occupancy_fini(&occupancy);
		add_full(site, &site->place[i], week);
	}
	return 0;
}

/* --- all --- */

static bool *find_ours(const struct carbon_live *live, time_t now)
{
	bool *ours = calloc(live->jobs + 1, sizeof(*ours));
	struct carbon_record record;

	for (size_t i = 0; ours && i < live->jobs; i++)
		ours[i] = carbon_tool_waits(&live->job[i], now, &record);
	return ours;
}

int carbon_measure_load(const struct carbon_tool *tool, const struct carbon_config *config,
			const struct carbon_live *live, enum carbon_measure_ours ours, struct carbon_site *site,
			struct carbon_err *err)
{
	bool *list = find_ours(live, tool->now);
	struct carbon_committed_ask ask = {
		.live = live,
		.now = tool->now,
		.ours = list,
		.without_ours = ours == CARBON_MEASURE_WITHOUT_OURS,
	};
	struct carbon_habits habits;
	struct carbon_err why;
	int has_habits, rc;

	if (!list)
		return carbon_err_set(err, "no memory for %zu jobs", live->jobs);
	has_habits = carbon_tool_habits(config, site, &habits, &why);
	if (has_habits < 0)
		carbon_tool_warn(tool, "%s; limits stand in for them", why.text);
	if (has_habits > 0)
		ask.habits = &habits;
	rc = carbon_committed_fill(site, &ask, err);
	if (has_habits > 0)
		carbon_habits_fini(&habits);
	free(list);
	return rc;
}

/* NULL: there are no books, or none that can be read. */
static struct carbon_store *open_books(const struct carbon_tool *tool, const struct carbon_config *config)
{
	char path[CARBON_PATH_MAX];
	struct carbon_store *store = NULL;
	struct carbon_err err;

	carbon_config_path(config, "carbon.db", path);
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return NULL;
	if (carbon_store_open(path, true, &store, &err) != 0)
		carbon_tool_warn(tool, "%s; typical waits, full hours and the delayed share are not known", err.text);
	return store;
}

void carbon_measure_books(const struct carbon_tool *tool, const struct carbon_config *config,
			  const struct carbon_live *live, struct carbon_site *site)
{
	struct carbon_store *store = open_books(tool, config);
	struct carbon_err err;

	if (store && (carbon_measure_waits(store, tool->now, site, &err) != 0 ||
		      carbon_measure_fulls(store, tool->now, site, &err) != 0 ||
		      carbon_measure_share(store, live, tool->now, site, &err) != 0))
		carbon_tool_warn(tool, "%s; not all of the site's measured part is there", err.text);
	carbon_store_close(store);
}
