/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A month of runs summed in one pass: a million rows are read once, whatever is asked of them. A job with
 * several runs counts as one in the total and in each line that it has a run in.
 */
#include "accounting/report_sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "lib/err.h"

#define DAY_S 86400
#define ANY_LINE UINT32_MAX
#define FIRST_SLOTS 1024
#define NO_NAME INT64_MIN /* a key that is NULL */

/* --- jobs that were seen --- */

/* By job and line; the entry for ANY_LINE remembers the line of the job's first run. */
struct seen {
	uint64_t job; /* cluster's and Slurm's number */
	uint32_t line;
	uint32_t first_line;
	bool is_used, is_delayed;
};

struct seen_set {
	size_t count, slots; /* a power of two */
	struct seen *slot;
};

static size_t hash(uint64_t job, uint32_t line)
{
	uint64_t mixed = (job ^ ((uint64_t)line << 40)) * 0x9e3779b97f4a7c15u;

	return (size_t)(mixed ^ mixed >> 29);
}

/* Where it is, or where it would go. */
static struct seen *locate(const struct seen_set *set, uint64_t job, uint32_t line)
{
	size_t i = hash(job, line) & (set->slots - 1);

	while (set->slot[i].is_used && (set->slot[i].job != job || set->slot[i].line != line))
		i = (i + 1) & (set->slots - 1);
	return &set->slot[i];
}

static int grow_set(struct seen_set *set)
{
	struct seen_set more = {set->count, set->slots ? set->slots * 2 : FIRST_SLOTS, NULL};

	more.slot = calloc(more.slots, sizeof(*more.slot));
	if (!more.slot)
		return -1;
	for (size_t i = 0; i < set->slots; i++)
		if (set->slot[i].is_used)
			*locate(&more, set->slot[i].job, set->slot[i].line) = set->slot[i];
	free(set->slot);
	*set = more;
	return 0;
}

/* The entry, new where *IS_NEW; NULL: no memory. */
static struct seen *see(struct seen_set *set, uint64_t job, uint32_t line, bool *is_new)
{
	struct seen *seen;

	if (set->count * 2 >= set->slots && grow_set(set) < 0)
		return NULL;
	seen = locate(set, job, line);
	*is_new = !seen->is_used;
	if (*is_new) {
		*seen = (struct seen){.job = job, .line = line, .is_used = true};
		set->count++;
	}
	return seen;
}

/* --- lines by their key --- */

struct key_map {
	size_t slots;
	struct {
		int64_t key;
		uint32_t line;
		bool is_used;
	} *slot;
};

struct sum {
	struct carbon_store *store;
	struct carbon_report *report;
	struct carbon_err *err;
	size_t capacity;
	int64_t *key; /* of each line */
	struct key_map map;
	struct seen_set seen;
};

static size_t find_slot(const struct key_map *map, int64_t key)
{
	size_t i = hash((uint64_t)key, 0) & (map->slots - 1);

	while (map->slot[i].is_used && map->slot[i].key != key)
		i = (i + 1) & (map->slots - 1);
	return i;
}

static void put_key(struct key_map *map, int64_t key, uint32_t line)
{
	size_t i = find_slot(map, key);

	map->slot[i].key = key;
	map->slot[i].line = line;
	map->slot[i].is_used = true;
}

/* Room for twice the lines, and a map four times as large. */
static int grow_lines(struct sum *sum)
{
	size_t capacity = sum->capacity ? sum->capacity * 2 : 64;
	struct carbon_report_line *line = realloc(sum->report->line, capacity * sizeof(*line));
	int64_t *key;

	if (!line)
		return -1;
	sum->report->line = line;
	key = realloc(sum->key, capacity * sizeof(*key));
	if (!key)
		return -1;
	sum->key = key;
	free(sum->map.slot);
	sum->map.slots = capacity * 4;
	sum->map.slot = calloc(sum->map.slots, sizeof(*sum->map.slot));
	if (!sum->map.slot)
		return -1;
	sum->capacity = capacity;
	for (uint32_t i = 0; i < sum->report->lines; i++)
		put_key(&sum->map, key[i], i);
	return 0;
}

/* The line of KEY, made where there is none; ANY_LINE: error. */
static uint32_t find_line(struct sum *sum, int64_t key)
{
	size_t at, slot;

	if (sum->report->lines == CARBON_REPORT_LINES_MAX) {
		carbon_err_set(sum->err, "more than %d lines by %s", CARBON_REPORT_LINES_MAX - 1,
			       sum->report->by->name);
		return ANY_LINE;
	}
	if (sum->report->lines == sum->capacity && grow_lines(sum) < 0) {
		carbon_err_set(sum->err, "no memory for more than %zu lines", sum->capacity);
		return ANY_LINE;
	}
	slot = find_slot(&sum->map, key);
	if (sum->map.slot[slot].is_used)
		return sum->map.slot[slot].line;
	at = sum->report->lines++;
	memset(&sum->report->line[at], 0, sizeof(sum->report->line[at]));
	sum->key[at] = key;
	put_key(&sum->map, key, (uint32_t)at);
	return (uint32_t)at;
}

/* --- one run --- */

/* In the order of CARBON_REPORT_SQL. */
enum column {
	KEY, END_AT, CLUSTER, JOB, SIGNAL, ODD, CORES, GPUS, RUNNING_S, ENERGY, LOW_KWH, HIGH_KWH,
	ENERGY_METHOD, INTENSITY_METHOD, MASS, LOW_G, HIGH_G, DELAYED, CREDIT, CREDIT_METHOD,
	PROMISED, SHADOW
};

static double real(sqlite3_stmt *stmt, enum column column)
{
	return sqlite3_column_double(stmt, (int)column);
}

static bool has(sqlite3_stmt *stmt, enum column column)
{
	return sqlite3_column_type(stmt, (int)column) != SQLITE_NULL;
}

static void read_credit(sqlite3_stmt *stmt, struct carbon_report_line *run)
{
	if (has(stmt, CREDIT)) {
		run->credits = 1;
		run->credit_kg = real(stmt, CREDIT) / 1000;
		if (sqlite3_column_int(stmt, CREDIT_METHOD) != CARBON_INTENSITY_SETTLED)
			run->open_credit_kg = run->credit_kg;
		run->promises = has(stmt, PROMISED);
		if (run->promises)
			run->promised_kg = real(stmt, PROMISED) / 1000;
	}
	run->shadows = has(stmt, SHADOW);
	if (run->shadows)
		run->shadow_kg = real(stmt, SHADOW) / 1000;
}

/* One run as a line of its own; its job is counted apart. */
static void read_run(sqlite3_stmt *stmt, struct carbon_report_line *run)
{
	int method = sqlite3_column_int(stmt, INTENSITY_METHOD);
	double running_h = real(stmt, RUNNING_S) / 3600;

	memset(run, 0, sizeof(*run));
	run->runs = 1;
	run->core_h = real(stmt, CORES) * running_h;
	run->gpu_h = real(stmt, GPUS) * running_h;
	run->energy_kwh = real(stmt, ENERGY);
	run->low_kwh = real(stmt, LOW_KWH);
	run->high_kwh = real(stmt, HIGH_KWH);
	if (sqlite3_column_int(stmt, ENERGY_METHOD) == CARBON_ENERGY_MEASURED)
		run->measured_kwh = run->energy_kwh;
	if (method >= 0 && method < CARBON_INTENSITY_METHODS)
		run->method_kwh[method] = run->energy_kwh;
	if (has(stmt, MASS)) {
		run->mass_kg = real(stmt, MASS) / 1000;
		run->low_kg = real(stmt, LOW_G) / 1000;
		run->high_kg = real(stmt, HIGH_G) / 1000;
	} else {
		run->unknown_kwh = run->energy_kwh;
	}
	read_credit(stmt, run);
}

static void add_run(struct carbon_report_line *line, const struct carbon_report_line *run)
{
	line->runs += run->runs;
	line->core_h += run->core_h;
	line->gpu_h += run->gpu_h;
	line->energy_kwh += run->energy_kwh;
	line->low_kwh += run->low_kwh;
	line->high_kwh += run->high_kwh;
	line->measured_kwh += run->measured_kwh;
	for (size_t i = 0; i < CARBON_INTENSITY_METHODS; i++)
		line->method_kwh[i] += run->method_kwh[i];
	line->unknown_kwh += run->unknown_kwh;
	line->mass_kg += run->mass_kg;
	line->low_kg += run->low_kg;
	line->high_kg += run->high_kg;
	line->credits += run->credits;
	line->credit_kg += run->credit_kg;
	line->open_credit_kg += run->open_credit_kg;
	line->promises += run->promises;
	line->promised_kg += run->promised_kg;
	line->shadows += run->shadows;
	line->shadow_kg += run->shadow_kg;
}

static void note_job(struct carbon_report_line *line, struct seen *seen, bool is_new, bool is_delayed)
{
	line->jobs += is_new;
	if (is_delayed && !seen->is_delayed) {
		line->delayed++;
		seen->is_delayed = true;
	}
}

/* A job's second run is rare, and one in another line rarer: only then is an entry for that line made. */
static int count_job(struct sum *sum, uint64_t job, uint32_t line, bool is_delayed)
{
	struct carbon_report_line *total = &sum->report->total, *own = &sum->report->line[line];
	bool is_new = false;
	struct seen *seen = see(&sum->seen, job, ANY_LINE, &is_new);
	bool was_delayed;

	if (!seen)
		return carbon_err_set(sum->err, "no memory for more than %zu jobs", sum->seen.count);
	was_delayed = seen->is_delayed;
	note_job(total, seen, is_new, is_delayed);
	if (is_new)
		seen->first_line = line;
	if (seen->first_line == line) {
		own->jobs += is_new;
		own->delayed += is_delayed && !was_delayed;
		return 0;
	}
	seen = see(&sum->seen, job, line, &is_new);
	if (!seen)
		return carbon_err_set(sum->err, "no memory for more than %zu jobs", sum->seen.count);
	note_job(own, seen, is_new, is_delayed);
	return 0;
}

static void add_odd(struct carbon_report *report, unsigned int odd)
{
	for (unsigned int i = 0; odd && i < CARBON_ODD_KINDS; i++)
		report->odd[i] += odd >> i & 1;
}

static int take_row(struct sum *sum, sqlite3_stmt *stmt)
{
	struct carbon_report *report = sum->report;
	time_t end_at = sqlite3_column_int64(stmt, END_AT);
	uint64_t job = (uint64_t)sqlite3_column_int64(stmt, CLUSTER) << 32 |
		       (uint32_t)sqlite3_column_int64(stmt, JOB);
	size_t day = (size_t)((end_at - report->from_at) / DAY_S);
	struct carbon_report_line run;
	uint32_t line;

	add_odd(report, (unsigned int)sqlite3_column_int(stmt, ODD));
	if (sqlite3_column_int(stmt, SIGNAL) != (int)report->signal) {
		report->other_signal++;
		return 0;
	}
	line = find_line(sum, has(stmt, KEY) ? sqlite3_column_int64(stmt, KEY) : NO_NAME);
	if (line == ANY_LINE)
		return -1;
	read_run(stmt, &run);
	add_run(&report->total, &run);
	add_run(&report->line[line], &run);
	if (day < CARBON_REPORT_DAYS_MAX)
		add_run(&report->day[day], &run);
	return count_job(sum, job, line, sqlite3_column_int(stmt, DELAYED) != 0);
}

/* --- names and order --- */

static int name_lines(struct sum *sum)
{
	static const char SQL[] = "SELECT text FROM name WHERE id = ?1";
	int rc = 0;

	for (size_t i = 0; i < sum->report->lines && rc == 0; i++) {
		sqlite3_stmt *stmt;

		if (sum->key[i] == NO_NAME)
			continue;
		stmt = carbon_db_statement(sum->store, SQL, sum->err);
		if (!stmt)
			return -1;
		sqlite3_bind_int64(stmt, 1, sum->key[i]);
		rc = carbon_db_step(sum->store, stmt, sum->err);
		if (rc == 1) {
			carbon_db_text(stmt, 0, sum->report->line[i].key,
				       sizeof(sum->report->line[i].key));
			rc = 0;
		}
		sqlite3_reset(stmt);
	}
	return rc;
}

static void name_days(struct carbon_report_line *line, const int64_t *day, size_t count, const char *month)
{
	for (size_t i = 0; i < count; i++)
		snprintf(line[i].key, sizeof(line[i].key), "%s-%02d", month,
			 (int)(day ? day[i] : (int64_t)i) + 1);
}

static int by_energy(const void *a, const void *b)
{
	const struct carbon_report_line *left = a, *right = b;

	if (left->energy_kwh < right->energy_kwh || left->energy_kwh > right->energy_kwh)
		return left->energy_kwh < right->energy_kwh ? 1 : -1;
	return strcmp(left->key, right->key);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct carbon_report_line *)a)->key,
		      ((const struct carbon_report_line *)b)->key);
}

static int finish(struct sum *sum)
{
	struct carbon_report *report = sum->report;
	bool is_daily = report->by->is_daily;

	name_days(report->day, NULL, CARBON_REPORT_DAYS_MAX, report->month);
	if (is_daily)
		name_days(report->line, sum->key, report->lines, report->month);
	else if (name_lines(sum) < 0)
		return -1;
	if (report->lines)
		qsort(report->line, report->lines, sizeof(*report->line), is_daily ? by_key : by_energy);
	return 0;
}

int carbon_report_sum(struct carbon_store *store, struct carbon_report *report,
		      struct carbon_err *err)
{
	struct sum sum = {.store = store, .report = report, .err = err};
	sqlite3_stmt *stmt = carbon_db_statement(store, report->by->sql, err);
	int rc = stmt ? 0 : -1;

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, report->from_at);
		sqlite3_bind_int64(stmt, 2, report->to_at);
	}
	while (rc == 0 && (rc = carbon_db_step(store, stmt, err)) == 1)
		rc = take_row(&sum, stmt);
	if (stmt)
		sqlite3_reset(stmt);
	if (rc == 0)
		rc = finish(&sum);
	free(sum.key);
	free(sum.map.slot);
	free(sum.seen.slot);
	return rc;
}
