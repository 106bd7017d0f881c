/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metered energy from a CSV file. Must never guess a time zone: an hour's error would look like a night's work.
 */
#include "tools/import_meter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/store.h"
#include "forecaster/csv.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/num.h"
#include "lib/time.h"

#define FILE_SIZE_MAX ((size_t)64 << 20)
#define ENERGY_MAX 1e9

enum column {
	METER,
	SCOPE,
	FROM,
	TO,
	ENERGY,
	COVERS, /* may be left out */
	COLUMNS
};

static const char *const columns[COLUMNS] = {"meter", "scope", "from", "to", "energy_kwh", "covers"};

static int read_header(const struct carbon_csv *csv, size_t at[COLUMNS], struct carbon_err *err)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		at[i] = csv->cells;
		for (size_t j = 0; j < csv->cells; j++)
			if (strcmp(csv->cell[j], columns[i]) == 0)
				at[i] = j;
		if (at[i] == csv->cells && i != COVERS)
			return carbon_err_set(err, "no column \"%s\" (right are meter, scope, from, to, energy_kwh and, if "
						   "wanted, covers)", columns[i]);
	}
	return 0;
}

static const char *cell(const struct carbon_csv *csv, const size_t at[COLUMNS], enum column column)
{
	return at[column] < csv->cells ? csv->cell[at[column]] : "";
}

static int read_time(const char *text, time_t *out, struct carbon_err *err)
{
	bool is_zoned = false;

	if (carbon_time_parse(text, out, &is_zoned) < 0)
		return carbon_err_set(err, "\"%.40s\" is no time (such as 2026-10-01T00:00:00+02:00)", text);
	if (!is_zoned)
		return carbon_err_set(err, "\"%.40s\" has no zone (such as 2026-10-01T00:00:00Z or ...+02:00)", text);
	return 0;
}

static int copy(const char *text, char *out, size_t size, const char *what, struct carbon_err *err)
{
	size_t length = strlen(text);

	if (length >= size)
		return carbon_err_set(err, "%s \"%.40s...\" is longer than %zu characters", what, text, size - 1);
	memcpy(out, text, length + 1);
	return 0;
}

static int read_row(const struct carbon_csv *csv, const size_t at[COLUMNS], struct carbon_meter_reading *out,
		    struct carbon_err *err)
{
	const char *scope = cell(csv, at, SCOPE), *energy = cell(csv, at, ENERGY);

	memset(out, 0, sizeof(*out));
	if (!cell(csv, at, METER)[0])
		return carbon_err_set(err, "no name of a meter");
	if (copy(cell(csv, at, METER), out->meter, sizeof(out->meter), "meter", err) < 0 ||
	    copy(cell(csv, at, COVERS), out->covers, sizeof(out->covers), "covers", err) < 0)
		return -1;
	if (!carbon_meter_scope_find(scope, &out->scope))
		return carbon_err_set(err, "scope \"%.40s\" unknown (known: rack, room, site)", scope);
	if (read_time(cell(csv, at, FROM), &out->from_at, err) < 0 ||
	    read_time(cell(csv, at, TO), &out->to_at, err) < 0)
		return -1;
	if (out->to_at <= out->from_at)
		return carbon_err_set(err, "it ends at \"%.40s\", which is not after its begin", cell(csv, at, TO));
	if (carbon_num_parse(energy, 0, ENERGY_MAX, &out->energy_kwh) < 0)
		return carbon_err_set(err, "energy_kwh \"%.40s\" is no number from 0 to %g", energy, ENERGY_MAX);
	return 0;
}

static int read_rows(struct carbon_store *store, struct carbon_csv *csv, time_t now, struct carbon_meter_count *count,
		     struct carbon_err *err)
{
	struct carbon_meter_reading reading;
	size_t at[COLUMNS] = {0};
	int rc = carbon_csv_next(csv, err);

	if (rc <= 0)
		return rc < 0 ? -1 : carbon_err_set(err, "empty: no header");
	if (read_header(csv, at, err) < 0)
		return -1;
	while ((rc = carbon_csv_next(csv, err)) == 1)
		if (read_row(csv, at, &reading, err) < 0 || carbon_meter_put(store, &reading, now, count, err) < 0)
			return -1;
	return rc;
}

int carbon_tool_import_meter(struct carbon_store *store, const char *path, time_t now,
			     struct carbon_meter_count *count, struct carbon_err *err)
{
	struct carbon_meter_count counted = *count;
	struct carbon_csv *csv = calloc(1, sizeof(*csv));
	char *text = NULL;
	size_t length = 0;
	int rc = csv ? carbon_file_read(path, FILE_SIZE_MAX, 0, NULL, &text, &length, err)
		     : carbon_err_set(err, "%s: no memory", path);

	if (rc == 0 && (rc = carbon_store_begin(store, err)) == 0) {
		carbon_csv_init(csv, text, length);
		rc = read_rows(store, csv, now, &counted, err);
		if (rc < 0)
			carbon_err_prefix(err, "%s:%zu", path, csv->line ? csv->line : 1);
		else
			rc = carbon_store_commit(store, err);
		carbon_store_rollback(store);
	}
	if (rc == 0)
		*count = counted;
	free(csv);
	free(text);
	return rc;
}
