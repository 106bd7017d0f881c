/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EASY backfilling, event by event. Running jobs are kept twice: in a heap by their real end,
 * which moves the clock, and in a list by their planned end, which is all that the planner may
 * look at.
 */
#include "simulator/easy.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"

#define NOBODY SIZE_MAX

/* A job and the time by which it is sorted. */
struct entry {
	time_t at;
	size_t job;
};

struct cluster {
	const struct carbon_easy_job *job;
	size_t jobs;
	uint32_t nodes, free;
	time_t *start_at;
	struct entry *arrival; /* all jobs by begin */
	size_t arrived;
	struct entry *ending;  /* heap of the running ones by their real end */
	struct entry *planned; /* the same by planned end, a sorted list */
	size_t running;
	size_t *next; /* of the queue; NOBODY: the last */
	size_t head, tail;
	time_t now;
	bool is_full;
	struct carbon_easy_full *full;
};

static bool is_before(struct entry a, struct entry b)
{
	return a.at < b.at || (a.at == b.at && a.job < b.job);
}

static int by_time(const void *a, const void *b)
{
	const struct entry *ea = a, *eb = b;

	return is_before(*ea, *eb) ? -1 : is_before(*eb, *ea);
}

/* --- running jobs --- */

static void heap_push(struct cluster *cluster, struct entry entry)
{
	struct entry *heap = cluster->ending;
	size_t i = cluster->running;

	for (; i > 0 && is_before(entry, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = entry;
}

/* Of RUNNING entries, before the count goes down. */
static struct entry heap_pop(struct cluster *cluster)
{
	struct entry *heap = cluster->ending, top = heap[0];
	size_t count = cluster->running - 1, i = 0, child;
	struct entry last = heap[count];

	while ((child = 2 * i + 1) < count) {
		if (child + 1 < count && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], last))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;
	return top;
}

/* The first place in the list by planned end whose entry is not before ENTRY. */
static size_t place_of(const struct cluster *cluster, struct entry entry)
{
	size_t low = 0, high = cluster->running;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before(cluster->planned[middle], entry))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct entry planned_end(const struct cluster *cluster, size_t i)
{
	return (struct entry){cluster->start_at[i] + (time_t)cluster->job[i].planned_s, i};
}

static void start(struct cluster *cluster, size_t i)
{
	struct entry *planned = cluster->planned, entry;
	size_t at;

	cluster->start_at[i] = cluster->now;
	cluster->free -= cluster->job[i].nodes;
	entry = planned_end(cluster, i);
	at = place_of(cluster, entry);
	memmove(planned + at + 1, planned + at, (cluster->running - at) * sizeof(*planned));
	planned[at] = entry;
	heap_push(cluster, (struct entry){cluster->now + (time_t)cluster->job[i].runtime_s, i});
	cluster->running++;
}

static void end_next(struct cluster *cluster)
{
	struct entry *planned = cluster->planned;
	size_t i = heap_pop(cluster).job, at = place_of(cluster, planned_end(cluster, i));

	memmove(planned + at, planned + at + 1, (cluster->running - at - 1) * sizeof(*planned));
	cluster->running--;
	cluster->free += cluster->job[i].nodes;
}

/* --- the queue --- */

static void enqueue(struct cluster *cluster, size_t i)
{
	cluster->next[i] = NOBODY;
	if (cluster->head == NOBODY)
		cluster->head = i;
	else
		cluster->next[cluster->tail] = i;
	cluster->tail = i;
}

/* Take out the one behind BEFORE (NOBODY: the head). */
static void dequeue(struct cluster *cluster, size_t before)
{
	size_t i = before == NOBODY ? cluster->head : cluster->next[before];

	if (before == NOBODY)
		cluster->head = cluster->next[i];
	else
		cluster->next[before] = cluster->next[i];
	if (cluster->tail == i)
		cluster->tail = before;
}

/* What the head's reservation leaves to others: until AT everything, from there on EXTRA nodes.
 */
struct reservation {
	time_t at;
	uint32_t extra;
};

static struct reservation reserve(const struct cluster *cluster)
{
	uint32_t nodes = cluster->free, need = cluster->job[cluster->head].nodes;
	struct reservation reservation = {cluster->now, 0};

	for (size_t r = 0; r < cluster->running && nodes < need; r++) {
		reservation.at = cluster->planned[r].at;
		nodes += cluster->job[cluster->planned[r].job].nodes;
	}
	reservation.extra = nodes - need;
	return reservation;
}

/* Let those behind the head overtake it. */
static void backfill(struct cluster *cluster)
{
	struct reservation reservation = reserve(cluster);
	size_t before = cluster->head, i = cluster->next[before];

	for (size_t depth = 0; i != NOBODY && cluster->free > 0 && depth < CARBON_EASY_DEPTH;
	     depth++) {
		const struct carbon_easy_job *job = &cluster->job[i];
		bool ends_before = cluster->now + (time_t)job->planned_s <= reservation.at;
		size_t next = cluster->next[i];

		if (job->nodes <= cluster->free &&
		    (ends_before || job->nodes <= reservation.extra)) {
			reservation.extra -= ends_before ? 0 : job->nodes;
			dequeue(cluster, before);
			start(cluster, i);
		} else {
			before = i;
		}
		i = next;
	}
}

static void schedule(struct cluster *cluster)
{
	while (cluster->head != NOBODY && cluster->job[cluster->head].nodes <= cluster->free) {
		size_t i = cluster->head;

		dequeue(cluster, NOBODY);
		start(cluster, i);
	}
	if (cluster->head != NOBODY)
		backfill(cluster);
	cluster->is_full = cluster->head != NOBODY;
}

/* --- full time --- */

static void note_full(struct cluster *cluster, time_t until)
{
	struct carbon_easy_full *full = cluster->full;
	time_t at = cluster->now;

	while (full && cluster->is_full && at < until) {
		size_t bin = (size_t)((at - full->start_at) / CARBON_EASY_BIN_S);
		time_t end = full->start_at + (time_t)(bin + 1) * CARBON_EASY_BIN_S;

		if (bin >= full->bins)
			return;
		end = end < until ? end : until;
		full->share[bin] += (float)(end - at) / CARBON_EASY_BIN_S;
		at = end;
	}
}

/* From its start to the last begin, and twice as long on as all the work takes on all nodes. */
static int full_init(struct carbon_easy_full *full, const struct cluster *cluster,
		     struct carbon_err *err)
{
	time_t last_at =
		cluster->jobs ? cluster->arrival[cluster->jobs - 1].at : full->start_at;
	double work = 0;

	for (size_t i = 0; i < cluster->jobs; i++)
		work += (double)cluster->job[i].runtime_s * cluster->job[i].nodes;
	last_at += (time_t)(2 * work / cluster->nodes);
	full->bins = (size_t)((last_at - full->start_at) / CARBON_EASY_BIN_S) + 1;
	full->share = calloc(full->bins, sizeof(*full->share));
	if (full->share)
		return 0;
	carbon_err_set(err, "no memory for %zu bins of time", full->bins);
	return -1;
}

void carbon_easy_full_fini(struct carbon_easy_full *full)
{
	free(full->share);
	memset(full, 0, sizeof(*full));
}

/* --- the whole --- */

static int open_cluster(struct cluster *cluster, struct carbon_err *err)
{
	size_t jobs = cluster->jobs;

	cluster->arrival = calloc(jobs + 1, sizeof(*cluster->arrival));
	cluster->ending = calloc(jobs + 1, sizeof(*cluster->ending));
	cluster->planned = calloc(jobs + 1, sizeof(*cluster->planned));
	cluster->next = calloc(jobs + 1, sizeof(*cluster->next));
	if (!cluster->arrival || !cluster->ending || !cluster->planned || !cluster->next) {
		carbon_err_set(err, "no memory for %zu jobs", jobs);
		return -1;
	}
	for (size_t i = 0; i < jobs; i++)
		cluster->arrival[i] = (struct entry){cluster->job[i].begin_at, i};
	qsort(cluster->arrival, jobs, sizeof(*cluster->arrival), by_time);
	return 0;
}

/* The next thing to happen; false: nothing is left. */
static bool advance(struct cluster *cluster)
{
	bool comes = cluster->arrived<cluster->jobs, ends = cluster->running> 0;
	time_t next = 0;

	if (!comes && !ends)
		return false;
	if (ends)
		next = cluster->ending[0].at;
	if (comes && (!ends || cluster->arrival[cluster->arrived].at < next))
		next = cluster->arrival[cluster->arrived].at;
	note_full(cluster, next);
	cluster->now = next;
	return true;
}

int carbon_easy_run(const struct carbon_easy_job *job, size_t jobs, uint32_t nodes,
		    time_t *start_at, struct carbon_easy_full *full, struct carbon_err *err)
{
	struct cluster cluster = {
		.job = job,
		.jobs = jobs,
		.nodes = nodes,
		.free = nodes,
		.start_at = start_at,
		.head = NOBODY,
		.tail = NOBODY,
	};
	int rc = open_cluster(&cluster, err);

	if (rc == 0 && full)
		rc = full_init(full, &cluster, err);
	cluster.full = full;
	while (rc == 0 && advance(&cluster)) {
		while (cluster.running && cluster.ending[0].at <= cluster.now)
			end_next(&cluster);
		for (; cluster.arrived < jobs &&
		       cluster.arrival[cluster.arrived].at <= cluster.now;
		     cluster.arrived++)
			enqueue(&cluster, cluster.arrival[cluster.arrived].job);
		schedule(&cluster);
	}
	free(cluster.arrival);
	free(cluster.ending);
	free(cluster.planned);
	free(cluster.next);
	return rc;
}
