/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of jobs of one user with about the same begin, decided at about the same time. Must never allocate,
 * nor hold its mutex for more than one pass over the table.
 */
#include "plugin/waiting.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Begins and decisions within one step share a row; counted until the end of the step. */
#define BEGIN_STEP_S 60
#define DECISION_STEP_S 5

struct row {
	uint32_t uid;
	uint32_t jobs;
	time_t begin_by;   /* rounded up */
	time_t decided_by; /* rounded up */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct row rows[CARBON_WAITING_ROWS];
static size_t used;
static time_t full_until; /* no row was free for a job that waits until then */

static time_t round_up(time_t at, time_t step_s)
{
	return at + step_s - at % step_s;
}

static uint32_t add_up(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static void drop_expired(time_t since, time_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < used; i++)
		if (rows[i].begin_by > now && rows[i].decided_by > since)
			rows[kept++] = rows[i];
	used = kept;
}

struct carbon_waiting carbon_waiting_count(uint32_t uid, time_t since, time_t now)
{
	struct carbon_waiting count = {0, 0};

	pthread_mutex_lock(&mutex);
	drop_expired(since, now);
	for (size_t i = 0; i < used; i++) {
		count.all = add_up(count.all, rows[i].jobs);
		if (rows[i].uid == uid)
			count.user = add_up(count.user, rows[i].jobs);
	}
	if (used == CARBON_WAITING_ROWS && full_until > now)
		count.all = count.user = UINT32_MAX;
	pthread_mutex_unlock(&mutex);
	return count;
}

static void add(const struct row *row)
{
	for (size_t i = 0; i < used; i++)
		if (rows[i].uid == row->uid && rows[i].begin_by == row->begin_by &&
		    rows[i].decided_by == row->decided_by) {
			rows[i].jobs = add_up(rows[i].jobs, row->jobs);
			return;
		}
	if (used < CARBON_WAITING_ROWS)
		rows[used++] = *row;
	else if (row->begin_by > full_until)
		full_until = row->begin_by;
}

void carbon_waiting_add(uint32_t uid, time_t begin_at, time_t now, uint32_t jobs)
{
	struct row row = {uid, jobs, round_up(begin_at, BEGIN_STEP_S),
			  round_up(now, DECISION_STEP_S)};

	pthread_mutex_lock(&mutex);
	add(&row);
	pthread_mutex_unlock(&mutex);
}

void carbon_waiting_clear(void)
{
	pthread_mutex_lock(&mutex);
	used = 0;
	full_until = 0;
	pthread_mutex_unlock(&mutex);
}
