/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One job's levers: its ledger rows as the work, carbon.conf's partitions as the places. Never says that any of it was
 * saved.
 */
#include "tools/levers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/cite.h"
#include "accounting/store.h"
#include "config/config.h"
#include "tools/json.h"
#include "tools/tool.h"
#include "tools/words.h"

void carbon_tool_lever_site(const struct carbon_config *config, struct carbon_lever_site *site)
{
	*site = (struct carbon_lever_site){
		.signal = config->site.signal, .max_delay_s = config->site.max_delay_s,
		.places = config->site.places, .place = config->site.place,
		.speeds = config->gpu_speeds, .speed = config->gpu_speed, .power = &config->fallback.power};
	if (site->places == 0) {
		site->places = 1;
		site->place = &config->fallback;
	}
}

/* All of a job's running time as one stretch from its first start on. */
static void make_work(const struct carbon_cited *cited, time_t ready_at, struct carbon_lever_gpu *gpu,
		      struct carbon_lever_work *work)
{
	const struct carbon_report_line *sum = &cited->sum;

	*work = (struct carbon_lever_work){
		.from_at = cited->first_at, .to_at = cited->first_at + (time_t)(sum->job_h * 3600),
		.ready_at = ready_at && ready_at < cited->first_at ? ready_at : cited->first_at,
		.zone = cited->place[0].zone, .it_kwh = sum->it_kwh, .mass_kg = sum->mass_kg, .gpu = gpu,
		.pue = sum->it_kwh > 0 ? sum->energy_kwh / sum->it_kwh : 1};
	for (size_t i = 0; i < cited->processors; i++) {
		if (strcmp(cited->processor[i].type, "core") == 0)
			continue;
		snprintf(gpu[0].type, sizeof(gpu[0].type), "%.*s", CARBON_GPU_NAME_MAX - 1, cited->processor[i].type);
		gpu[0].hours = cited->processor[i].hours;
		gpu[0].it_kwh = sum->it_kwh;
		work->gpus = 1;
	}
}

static int read_levers(struct carbon_store *store, const struct carbon_config *config,
		       const struct carbon_outcome_key *key, time_t ready_at, struct carbon_levers *levers,
		       struct carbon_err *err)
{
	const struct carbon_cite_ask ask = {.jobs = 1, .job = key, .cluster = key->cluster, .signal = config->site.signal};
	struct carbon_cited *cited = calloc(1, sizeof(*cited));
	struct carbon_lever_site site;
	struct carbon_lever_work work;
	struct carbon_lever_gpu gpu;
	int rc;

	if (!cited)
		return carbon_err_set(err, "no memory");
	rc = carbon_cite_read(store, &ask, cited, err);
	carbon_tool_lever_site(config, &site);
	/* Of a job in several places, or with unknown emissions, nothing is said. */
	if (rc == 0 && cited->places == 1 && cited->sum.unknown_kwh <= 0) {
		make_work(cited, ready_at, &gpu, &work);
		rc = carbon_levers_read(store, &site, &work, levers, err) < 0 ? -1 : 1;
	}
	free(cited);
	return rc;
}

int carbon_tool_levers_find(const struct carbon_tool *tool, const struct carbon_outcome_key *key, time_t ready_at,
			    struct carbon_levers *levers, struct carbon_err *err)
{
	struct carbon_config *config = NULL;
	struct carbon_store *store = NULL;
	char path[CARBON_PATH_MAX];
	int rc = -1;

	memset(levers, 0, sizeof(*levers));
	if (carbon_tool_config(tool, &config, err) < 0)
		return -1;
	carbon_config_path(config, "carbon.db", path);
	if (carbon_store_open(path, true, &store, err) == 0)
		rc = read_levers(store, config, key, ready_at, levers, err);
	carbon_store_close(store);
	carbon_config_destroy(config);
	return rc;
}

void carbon_tool_levers_print(const struct carbon_tool *tool, const struct carbon_levers *levers, double now_g)
{
	char low[CARBON_QUANTITY_TEXT], high[CARBON_QUANTITY_TEXT], now[CARBON_QUANTITY_TEXT];

	if (levers->count == 0)
		return;
	carbon_mass_format(now_g, CARBON_TOOL_DIGITS, now);
	fprintf(tool->out, "What if   the same work, one lever at a time, instead of %s (none of this was saved):\n", now);
	for (size_t i = 0; i < levers->count; i++) {
		const struct carbon_lever *lever = &levers->lever[i];

		carbon_mass_format(lever->low_kg * 1000, CARBON_TOOL_DIGITS, low);
		carbon_mass_format(lever->high_kg * 1000, CARBON_TOOL_DIGITS, high);
		fprintf(tool->out, "          %s: %s to %s\n", lever->what, low, high);
		if (i + 1 == levers->count || strcmp(lever->key, levers->lever[i + 1].key) != 0)
			fprintf(tool->out, "            (if %s)\n", lever->assumption);
	}
}

void carbon_tool_levers_json(struct carbon_json *json, const struct carbon_levers *levers)
{
	carbon_json_begin(json, "levers", '[');
	for (size_t i = 0; i < levers->count; i++) {
		const struct carbon_lever *lever = &levers->lever[i];

		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "lever", lever->key);
		carbon_json_text(json, "what", lever->what);
		carbon_json_number(json, "low_g", lever->low_kg * 1000);
		carbon_json_number(json, "high_g", lever->high_kg * 1000);
		carbon_json_text(json, "assumption", lever->assumption);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}
