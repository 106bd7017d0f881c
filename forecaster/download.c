/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Headers differ by generation and in case, and carry a subscript two; so they are folded to plain
 * lower-case letters and digits before they are compared.
 */
#include "forecaster/download.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "forecaster/csv.h"
#include "forecaster/rows.h"
#include "lib/num.h"
#include "lib/time.h"

#define FOLDED 96
#define NO_COLUMNS {-1, -1, -1, {-1, -1, -1}}

/* "Carbon intensity gCO₂eq/kWh (Life cycle)" -> "carbonintensitygco2eqkwhlifecycle" */
static void fold(const char *text, char out[FOLDED])
{
	size_t n = 0;

	for (const char *c = text; *c && n < FOLDED - 1; c++) {
		if (strncmp(c, "\xe2\x82\x82", 3) == 0) {
			out[n++] = '2';
			c += 2;
		} else if (isalnum((unsigned char)*c)) {
			out[n++] = (char)tolower((unsigned char)*c);
		}
	}
	out[n] = '\0';
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof((names)[0]))

/* A column wins the first time it is met. */
static void set(int *column, size_t i)
{
	if (*column < 0)
		*column = (int)i;
}

static void note_column(const char *header, size_t i, struct carbon_download_columns *columns)
{
	static const char *const times[] = {"time", "datetime", "datetimeutc", "timestamp"};
	static const char *const zones[] = {"zone", "zoneid", "zonekey"};
	static const char *const lifecycle[] = {"intensity", "intensitylifecycle", "carbonintensity"};
	static const char *const estimated[] = {"estimated", "dataestimated", "isestimated"};
	char name[FOLDED];
	bool is_download;

	fold(header, name);
	is_download = strncmp(name, "carbonintensitygco2eqkwh", 24) == 0;
	if (IS_ONE_OF(name, times))
		set(&columns->time, i);
	else if (IS_ONE_OF(name, zones))
		set(&columns->zone, i);
	else if (IS_ONE_OF(name, estimated))
		set(&columns->estimated, i);
	else if (strcmp(name, "intensitydirect") == 0 || (is_download && strcmp(name + 24, "direct") == 0))
		set(&columns->signal[CARBON_SIGNAL_DIRECT], i);
	else if (strcmp(name, "intensitymarginal") == 0)
		set(&columns->signal[CARBON_SIGNAL_MARGINAL], i);
	else if (IS_ONE_OF(name, lifecycle) ||
		 (is_download && (strcmp(name + 24, "lifecycle") == 0 || strcmp(name + 24, "lca") == 0)))
		set(&columns->signal[CARBON_SIGNAL_LIFECYCLE], i);
}

static bool mentions_kwh(const char *header)
{
	return strcasestr(header, "kWh") != NULL;
}

int carbon_download_columns(const char *const *cell, size_t cells, struct carbon_download_columns *columns,
			    struct carbon_err *err)
{
	struct carbon_download_columns found = NO_COLUMNS;
	bool has_signal = false;

	for (size_t i = 0; i < cells; i++)
		note_column(cell[i], i, &found);
	for (int i = 0; i < CARBON_SIGNALS; i++)
		has_signal = has_signal || found.signal[i] >= 0;
	/* A download whose wording has changed again: its columns have never changed places. */
	if (!has_signal && found.time == 0 && cells > 5 && mentions_kwh(cell[4]) && mentions_kwh(cell[5])) {
		found.signal[CARBON_SIGNAL_DIRECT] = 4;
		found.signal[CARBON_SIGNAL_LIFECYCLE] = 5;
		has_signal = true;
	}
	if (found.time < 0)
		return carbon_err_set(err, "line 1: no column of times (\"time\" or \"Datetime (UTC)\")");
	if (!has_signal)
		return carbon_err_set(err, "line 1: no column of intensities (\"intensity\", \"intensity_lifecycle\", "
					   "\"intensity_direct\" or \"Carbon intensity gCO2eq/kWh (...)\")");
	*columns = found;
	return 0;
}

static bool is_true(const char *text)
{
	return strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0 || strcmp(text, "1") == 0;
}

/* What a row has to say; false where it says nothing usable (TALLY knows why). */
static bool read_row(const struct carbon_csv *csv, const struct carbon_download_columns *columns, int value,
		     struct carbon_point *point, struct carbon_tally *tally)
{
	bool is_estimated = columns->estimated >= 0 && (size_t)columns->estimated < csv->cells &&
			    is_true(csv->cell[columns->estimated]);

	tally->rows++;
	point->kind = is_estimated ? CARBON_KIND_ESTIMATED : CARBON_KIND_MEASURED;
	if (csv->cell[value][0] == '\0') {
		tally->nulls++;
		return false;
	}
	if (carbon_time_parse(csv->cell[columns->time], &point->at, NULL) < 0 ||
	    carbon_num_parse(csv->cell[value], -1e12, 1e12, &point->g_kwh) < 0) {
		tally->damaged++;
		return false;
	}
	if (!carbon_intensity_is_plausible(point->g_kwh)) {
		tally->implausible++;
		return false;
	}
	return true;
}

static const char *zone_of(const struct carbon_csv *csv, const struct carbon_download_columns *columns)
{
	return columns->zone >= 0 ? csv->cell[columns->zone] : "";
}

static bool passes(const struct carbon_download_filter *filter, const char *zone)
{
	return !filter->zone || !zone[0] || strcasecmp(zone, filter->zone) == 0;
}

static int find_columns(struct carbon_csv *csv, const struct carbon_download_filter *filter,
			struct carbon_download_columns *columns, struct carbon_err *err)
{
	int got = carbon_csv_next(csv, err);

	if (got <= 0)
		return got < 0 ? -1 : carbon_err_set(err, "empty: no header");
	if (carbon_download_columns(csv->cell, csv->cells, columns, err) < 0)
		return -1;
	if (columns->signal[filter->signal] < 0)
		return carbon_err_set(err, "line 1: no column of %s intensities", carbon_signal_name(filter->signal));
	return 0;
}

/* Every cell that a row needs is there. */
static bool is_whole(const struct carbon_csv *csv, const struct carbon_download_columns *columns, int value)
{
	return (size_t)columns->time < csv->cells && (size_t)value < csv->cells &&
	       (columns->zone < 0 || (size_t)columns->zone < csv->cells);
}

int carbon_download_read(const char *text, size_t length, const struct carbon_download_filter *filter,
			 carbon_download_f each, void *context, struct carbon_tally *tally, struct carbon_err *err)
{
	struct carbon_download_columns columns = NO_COLUMNS;
	struct carbon_point point;
	struct carbon_csv csv;
	int got, value;

	carbon_csv_init(&csv, text, length);
	if (find_columns(&csv, filter, &columns, err) < 0)
		return -1;
	value = columns.signal[filter->signal];
	while ((got = carbon_csv_next(&csv, err)) > 0) {
		if (!is_whole(&csv, &columns, value)) {
			tally->rows++;
			tally->damaged++;
			continue;
		}
		if (!passes(filter, zone_of(&csv, &columns)) ||
		    !read_row(&csv, &columns, value, &point, tally))
			continue;
		if (each(zone_of(&csv, &columns), &point, context, err) < 0)
			return carbon_err_prefix(err, "line %zu", csv.line);
	}
	return got;
}

/* --- as a reply --- */

struct collection {
	const struct carbon_ask *ask;
	struct carbon_rows rows;
};

/* A file may hold history and forecast in one: what lies ahead of now is forecast. */
static int collect(const char *zone, const struct carbon_point *point, void *context, struct carbon_err *err)
{
	struct collection *collection = context;
	bool ahead = point->at > collection->ask->now;

	(void)zone;
	if (ahead != collection->ask->forecast)
		return 0;
	return carbon_rows_add(&collection->rows,
			       (struct carbon_row){.at = point->at, .g_kwh = point->g_kwh,
						   .kind = ahead ? CARBON_KIND_FORECAST : point->kind},
			       err);
}

enum carbon_failure carbon_download_parse(const char *text, size_t length, const struct carbon_ask *ask,
					  struct carbon_reply *reply, struct carbon_err *err)
{
	struct carbon_download_filter filter = {.zone = ask->zone, .signal = ask->signal};
	struct collection collection = {.ask = ask};
	struct carbon_tally tally = {0};
	enum carbon_failure failure = CARBON_FAILURE_FORMAT;

	carbon_rows_init(&collection.rows);
	if (carbon_download_read(text, length, &filter, collect, &collection, &tally, err) < 0)
		goto out;
	/* Rows that were handed on have been counted twice. */
	collection.rows.tally = tally;
	failure = carbon_rows_finish(&collection.rows, ask, reply, err);
	if (failure == CARBON_FAILURE_NONE)
		reply->issued_at = ask->received_at;
out:
	carbon_rows_fini(&collection.rows);
	return failure;
}
