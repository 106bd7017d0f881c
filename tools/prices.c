/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CSV file of prices, turned into equal steps. Must never guess a price that the file does not give. */
#include "tools/prices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"
#include "lib/file.h"
#include "lib/num.h"
#include "lib/site.h"
#include "lib/time.h"
#include "lib/words.h"

#define SIZE_CAP ((size_t)16 << 20)
#define HOLE_S 86400 /* a price holds until the next one, and no longer than this */
#define STEP_S 900
#define CELLS 3
#define CELL_MAX 64
#define PRICE_MAX 1e6

struct row {
	char zone[CARBON_ZONE_MAX]; /* "": any */
	time_t at;
	double price;
};

struct table {
	const char *path;
	struct carbon_err *err;
	bool has_zone;
	unsigned long line;
	size_t rows;
	struct row *row;
};

/* One line's cells, blanks and quotes around them taken off. How many; -1: too many, or too long a one. */
static int split(const struct carbon_word *line, char cell[CELLS][CELL_MAX])
{
	const char *at = line->text, *end = line->text + line->length;
	int cells = 0;

	if (end > at && end[-1] == '\r')
		end--;
	for (; at <= end; cells++) {
		const char *comma = memchr(at, ',', (size_t)(end - at)), *stop = comma ? comma : end, *next = stop + 1;

		while (at < stop && strchr(" \t\"", *at))
			at++;
		while (stop > at && strchr(" \t\"", stop[-1]))
			stop--;
		if (cells == CELLS || stop - at >= CELL_MAX)
			return -1;
		memcpy(cell[cells], at, (size_t)(stop - at));
		cell[cells][stop - at] = '\0';
		at = next;
	}
	return cells;
}

static int read_heading(struct table *table, struct carbon_word *line)
{
	char cell[CELLS][CELL_MAX];
	int cells;

	/* A byte order mark, as spreadsheets write it. */
	if (line->length >= 3 && memcmp(line->text, "\xef\xbb\xbf", 3) == 0) {
		line->text += 3;
		line->length -= 3;
	}
	cells = split(line, cell);
	table->has_zone = cells == 3 && strcasecmp(cell[0], "zone") == 0;
	if ((cells != 2 && !table->has_zone) || strcasecmp(cell[cells - 2], "time") != 0 ||
	    strcasecmp(cell[cells - 1], "price") != 0)
		return carbon_err_set(table->err, "%s:1: the heading should be time,price or zone,time,price", table->path);
	return 0;
}

static int add_row(struct table *table, const struct row *row)
{
	struct row *rows;

	if ((table->rows & (table->rows - 1)) == 0) {
		rows = realloc(table->row, (table->rows ? 2 * table->rows : 1) * sizeof(*rows));
		if (!rows)
			return carbon_err_set(table->err, "no memory");
		table->row = rows;
	}
	table->row[table->rows++] = *row;
	return 0;
}

static int read_row(struct table *table, const struct carbon_word *line)
{
	char cell[CELLS][CELL_MAX];
	struct row row = {.zone = ""};
	int cells = split(line, cell), first = table->has_zone;

	if (cells != 2 + first)
		return carbon_err_set(table->err, "%s:%lu: %d cells should be %d", table->path, table->line, cells, 2 + first);
	if (first && !carbon_zone_is_valid(cell[0]))
		return carbon_err_set(table->err, "%s:%lu: \"%s\" is no zone (such as DE)", table->path, table->line, cell[0]);
	if (first)
		snprintf(row.zone, sizeof(row.zone), "%.*s", CARBON_ZONE_MAX - 1, cell[0]);
	if (carbon_time_parse(cell[first], &row.at, NULL) != 0)
		return carbon_err_set(table->err, "%s:%lu: \"%s\" is no time (such as 2026-12-24T17:00:00Z)", table->path,
				      table->line, cell[first]);
	if (carbon_num_parse(cell[first + 1], -PRICE_MAX, PRICE_MAX, &row.price) != 0)
		return carbon_err_set(table->err, "%s:%lu: \"%s\" is no price (a number of money per MWh)", table->path,
				      table->line, cell[first + 1]);
	return add_row(table, &row);
}

static int read_rows(struct table *table, const char *text, size_t length)
{
	const char *cursor = text;
	struct carbon_word line;

	while (carbon_line_next(&cursor, text + length, &line)) {
		table->line++;
		if (table->line == 1) {
			if (read_heading(table, &line) != 0)
				return -1;
		} else if (line.length > 0 && !(line.length == 1 && line.text[0] == '\r') && read_row(table, &line) != 0) {
			return -1;
		}
	}
	return table->line ? 0 : carbon_err_set(table->err, "%s: is empty", table->path);
}

static int by_zone_and_time(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = strcasecmp(x->zone, y->zone);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* --- into the site --- */

/* Steps of SERIES from its from_at on, as far as the rows reach without a hole. */
static void fill(struct carbon_site_series *series, const struct row *row, size_t rows)
{
	size_t i = 0;

	for (time_t at = series->from_at; series->count < CARBON_SITE_STEPS_MAX; at += STEP_S) {
		while (i + 1 < rows && row[i + 1].at <= at)
			i++;
		if (row[i].at > at || at - row[i].at >= HOLE_S)
			return;
		/* The last price holds as long as the one before it did. */
		if (i + 1 == rows && i > 0 && at - row[i].at >= row[i].at - row[i - 1].at)
			return;
		series->value[series->count++] = (float)row[i].price;
	}
}

static bool is_zone_of(const struct carbon_place *place, size_t places, const char *zone)
{
	for (size_t i = 0; i < places; i++)
		if (!zone[0] || strcasecmp(place[i].zone, zone) == 0)
			return true;
	return false;
}

static bool is_wanted(const struct carbon_site *site, const char *zone)
{
	return is_zone_of(site->place, site->places, zone) || is_zone_of(site->remote, site->remotes, zone);
}

static int add_series(struct carbon_site *site, const struct row *row, size_t rows, time_t now, struct carbon_err *err)
{
	struct carbon_site_series *prices, *series;

	if (!is_wanted(site, row->zone))
		return 0;
	if (site->prices == CARBON_SITE_PRICES_MAX)
		return carbon_err_set(err, "more than %d zones with prices", CARBON_SITE_PRICES_MAX);
	prices = realloc(site->price, (site->prices + 1) * sizeof(*prices));
	if (!prices)
		return carbon_err_set(err, "no memory");
	site->price = prices;
	series = &prices[site->prices];
	memset(series, 0, sizeof(*series));
	memcpy(series->name, row->zone, sizeof(row->zone));
	series->from_at = now - now % STEP_S;
	series->step_s = STEP_S;
	fill(series, row, rows);
	site->prices += series->count > 0;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct carbon_site_series *)a)->name, ((const struct carbon_site_series *)b)->name);
}

static int add_all(struct table *table, time_t now, struct carbon_site *site)
{
	size_t first = 0;

	if (table->rows)
		qsort(table->row, table->rows, sizeof(*table->row), by_zone_and_time);
	for (size_t i = 1; i <= table->rows; i++) {
		if (i < table->rows && strcasecmp(table->row[i].zone, table->row[first].zone) == 0) {
			if (table->row[i].at == table->row[i - 1].at)
				return carbon_err_set(table->err, "%s: two prices of one time", table->path);
			continue;
		}
		if (add_series(site, &table->row[first], i - first, now, table->err) != 0)
			return -1;
		first = i;
	}
	if (site->prices)
		qsort(site->price, site->prices, sizeof(*site->price), by_name);
	return 0;
}

int carbon_prices_read(const char *path, time_t now, struct carbon_site *site, struct carbon_err *err)
{
	struct table table = {.path = path, .err = err};
	char *text = NULL;
	size_t length = 0;
	int rc = -1;

	if (carbon_file_read(path, SIZE_CAP, CARBON_FILE_TRUSTED, NULL, &text, &length, err) == 0 &&
	    read_rows(&table, text, length) == 0)
		rc = add_all(&table, now, site);
	free(table.row);
	free(text);
	return rc;
}
