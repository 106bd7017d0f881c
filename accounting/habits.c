/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each run is a lesson at every level at which it can be filed; sorted, the lessons of a habit
 * lie side by side. Must never learn from what did not run its course.
 */
#include "accounting/habits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/settle.h"
#include "lib/err.h"
#include "lib/time.h"

#define FIRST_CAPACITY 4096
#define LIST(...) #__VA_ARGS__
#define TEXT(value) LIST(value)

/* Slurm's base states: completed, failed, timeout, out of memory. Odd 2: ended before it
 * started. */
#define SQL                                                                                    \
	"SELECT uid, job.text, part.text, cores, gpus, running_s, end_at, "                    \
	"CASE WHEN energy_method = 1 AND pue > 0 THEN measured_kwh * 3.6e6 / pue / running_s " \
	"END "                                                                                 \
	"FROM run JOIN name AS job ON job.id = name_id "                                       \
	"JOIN name AS part ON part.id = partition_id "                                         \
	"WHERE cluster_id = ?1 AND end_at BETWEEN ?2 AND ?3 AND (odd & 2) = 0 "                \
	"AND running_s BETWEEN 1 AND " TEXT(                                                   \
		CARBON_HABIT_SECONDS_MAX) " "                                                  \
					  "AND (state IN (3, 6) OR (state IN (5, 11) AND "     \
					  "running_s >= " TEXT(                                \
						  CARBON_HABITS_FAILED_S) ")) "                \
									  "ORDER BY end_at "   \
									  "DESC LIMIT " TEXT(  \
										  CARBON_HABITS_RUNS_READ)

_Static_assert(CARBON_ENERGY_MEASURED == 1 && CARBON_ODD_END_FIRST == 2,
	       "the statement says so");

struct lesson {
	struct carbon_habit_key key;
	uint32_t run_s;
	float power_w; /* 0: not measured */
	time_t end_at;
};

struct lessons {
	size_t count, capacity;
	struct lesson *lesson;
};

/* --- gathering --- */

static int add_lesson(struct lessons *lessons, const struct lesson *lesson,
		      struct carbon_err *err)
{
	if (lessons->count == lessons->capacity) {
		size_t capacity = lessons->capacity ? 2 * lessons->capacity : FIRST_CAPACITY;
		struct lesson *more = realloc(lessons->lesson, capacity * sizeof(*more));

		if (!more)
			return carbon_err_set(err, "no memory to learn habits from %zu runs",
					      lessons->count / CARBON_HABIT_LEVELS);
		lessons->lesson = more;
		lessons->capacity = capacity;
	}
	lessons->lesson[lessons->count++] = *lesson;
	return 0;
}

static int add_row(struct lessons *lessons, sqlite3_stmt *stmt, struct carbon_err *err)
{
	const struct carbon_habit_ask ask = {
		.uid = (uint32_t)sqlite3_column_int64(stmt, 0),
		.name = (const char *)sqlite3_column_text(stmt, 1),
		.partition = (const char *)sqlite3_column_text(stmt, 2),
		.cores = sqlite3_column_double(stmt, 3),
		.gpus = (uint32_t)sqlite3_column_int64(stmt, 4),
	};
	double power_w = sqlite3_column_double(stmt, 7); /* NULL is 0 */
	struct lesson lesson = {
		.run_s = (uint32_t)sqlite3_column_int64(stmt, 5),
		.power_w =
			power_w > 0 && power_w <= CARBON_HABIT_POWER_MAX ? (float)power_w : 0,
		.end_at = (time_t)sqlite3_column_int64(stmt, 6),
	};

	for (int level = 0; level < CARBON_HABIT_LEVELS; level++)
		if (carbon_habit_key((enum carbon_habit_level)level, &ask, &lesson.key) &&
		    add_lesson(lessons, &lesson, err) < 0)
			return -1;
	return 0;
}

static int read_rows(struct carbon_store *store, const char *cluster, time_t now,
		     struct lessons *lessons, struct carbon_err *err)
{
	sqlite3_stmt *stmt;
	int64_t id;
	int rc = carbon_db_name_find(store, cluster, &id, err);

	if (rc != 1)
		return rc;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, now - CARBON_HABIT_OLD_S);
	sqlite3_bind_int64(stmt, 3, now);
	while ((rc = carbon_db_step(store, stmt, err)) == 1)
		if (add_row(lessons, stmt, err) < 0) {
			sqlite3_reset(stmt);
			return -1;
		}
	return rc;
}

/* --- what they tell --- */

static int by_key_newest_first(const void *a, const void *b)
{
	const struct lesson *left = a, *right = b;
	int order = carbon_habit_key_compare(&left->key, &right->key);

	return order ? order : (left->end_at < right->end_at) - (left->end_at > right->end_at);
}

static int by_seconds(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static int by_watts(const void *a, const void *b)
{
	float left = *(const float *)a, right = *(const float *)b;

	return (left > right) - (left < right);
}

/* Of COUNT lessons of one key, the newest first. */
static struct carbon_habit sum_up(const struct lesson *lesson, size_t count)
{
	uint32_t run_s[CARBON_HABITS_RUNS_EACH] = {0};
	float power_w[CARBON_HABITS_RUNS_EACH] = {0};
	struct carbon_habit habit = {.key = lesson->key, .last_at = lesson->end_at};
	size_t measured = 0;

	if (count > CARBON_HABITS_RUNS_EACH)
		count = CARBON_HABITS_RUNS_EACH;
	for (size_t i = 0; i < count; i++) {
		run_s[i] = lesson[i].run_s;
		if (lesson[i].power_w > 0)
			power_w[measured++] = lesson[i].power_w;
	}
	qsort(run_s, count, sizeof(run_s[0]), by_seconds);
	qsort(power_w, measured, sizeof(power_w[0]), by_watts);
	habit.runs = (uint32_t)count;
	habit.median_s = (run_s[(count - 1) / 2] + run_s[count / 2]) / 2;
	habit.p90_s = run_s[(9 * count + 9) / 10 - 1];
	if (measured >= CARBON_HABIT_RUNS_MIN)
		habit.power_w = (power_w[(measured - 1) / 2] + power_w[measured / 2]) / 2;
	return habit;
}

/* Where the lessons of another key begin. */
static size_t end_of(const struct lessons *lessons, size_t from)
{
	size_t to = from + 1;

	while (to < lessons->count &&
	       !carbon_habit_key_compare(&lessons->lesson[from].key, &lessons->lesson[to].key))
		to++;
	return to;
}

static int by_newest(const void *a, const void *b)
{
	const struct carbon_habit *left = a, *right = b;

	return left->last_at != right->last_at
		       ? (left->last_at < right->last_at ? 1 : -1)
		       : carbon_habit_key_compare(&left->key, &right->key);
}

static int by_key(const void *a, const void *b)
{
	const struct carbon_habit *left = a, *right = b;

	return carbon_habit_key_compare(&left->key, &right->key);
}

static void keep_newest(struct carbon_habits *habits)
{
	if (habits->count <= CARBON_HABITS_MAX)
		return;
	qsort(habits->habit, habits->count, sizeof(habits->habit[0]), by_newest);
	habits->count = CARBON_HABITS_MAX;
	qsort(habits->habit, habits->count, sizeof(habits->habit[0]), by_key);
}

static int sum_up_all(struct lessons *lessons, struct carbon_habits *habits,
		      struct carbon_err *err)
{
	if (lessons->count == 0)
		return 0;
	habits->habit =
		malloc((lessons->count / CARBON_HABIT_RUNS_MIN + 1) * sizeof(habits->habit[0]));
	if (!habits->habit)
		return carbon_err_set(err, "no memory for the habits of %zu runs",
				      lessons->count / CARBON_HABIT_LEVELS);
	qsort(lessons->lesson, lessons->count, sizeof(lessons->lesson[0]), by_key_newest_first);
	for (size_t from = 0, to; from < lessons->count; from = to) {
		to = end_of(lessons, from);
		if (to - from >= CARBON_HABIT_RUNS_MIN)
			habits->habit[habits->count++] =
				sum_up(&lessons->lesson[from], to - from);
	}
	keep_newest(habits);
	return 0;
}

int carbon_habits_learn(struct carbon_store *store, const char *cluster, time_t now,
			struct carbon_habits *out, struct carbon_err *err)
{
	struct lessons lessons = {0};
	struct carbon_habits habits;
	int rc = -1;

	carbon_habits_init(&habits);
	if (strlen(cluster) >= sizeof(habits.cluster))
		return carbon_err_set(err, "cluster \"%s\" is no name", cluster);
	memcpy(habits.cluster, cluster, strlen(cluster));
	habits.written_at = now;
	if (read_rows(store, cluster, now, &lessons, err) == 0 &&
	    sum_up_all(&lessons, &habits, err) == 0)
		rc = 0;
	free(lessons.lesson);
	if (rc == 0)
		*out = habits;
	else
		carbon_habits_fini(&habits);
	return rc;
}
