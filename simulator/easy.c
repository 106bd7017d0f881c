/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EASY backfilling, event by event. Running jobs are kept twice: in a heap by their real end,
 * which moves the clock, and in a list by their planned end, which is all that the planner may
 * look at.
 */
#include "simulator/easy.h"

#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "simulator/heap.h"

#define NOBODY SIZE_MAX

struct carbon_easy {
	const struct carbon_easy_job *job;
	size_t jobs;
	uint32_t nodes, free;
	time_t *start_at; /* of those that wait for nodes: when they joined the queue */
	const struct carbon_easy_hooks *hooks; /* NULL: begins are those of the jobs */
	struct carbon_heap_entry *arrival;     /* all jobs by submission */
	size_t arrived;
	struct carbon_heap
		waiting;	   /* for their begin; what was moved since is in there twice */
	time_t *begin_at;	   /* of those that wait; else 0 */
	struct carbon_heap ending; /* the running ones by their real end */
	struct carbon_heap_entry *planned; /* the same by planned end, a sorted list */
	size_t running;
	size_t *next; /* of the queue; NOBODY: the last */
	size_t head, tail;
	time_t now;
	time_t look_at; /* the next one */
	bool is_full, no_memory;
	double full_s;
	struct carbon_easy_full *full;
};

static int by_time(const void *a, const void *b)
{
	const struct carbon_heap_entry *ea = a, *eb = b;

	return carbon_heap_is_before(*ea, *eb) ? -1 : carbon_heap_is_before(*eb, *ea);
}

/* --- running jobs --- */

/* The first place in the list by planned end whose entry is not before ENTRY. */
static size_t place_of(const struct carbon_easy *easy, struct carbon_heap_entry entry)
{
	size_t low = 0, high = easy->running;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (carbon_heap_is_before(easy->planned[middle], entry))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct carbon_heap_entry planned_end(const struct carbon_easy *easy, size_t i)
{
	return (struct carbon_heap_entry){easy->start_at[i] + (time_t)easy->job[i].planned_s,
					  i};
}

static void start(struct carbon_easy *easy, size_t i)
{
	struct carbon_heap_entry *planned = easy->planned, entry;
	size_t at;

	if (easy->full)
		carbon_easy_full_take(easy->full, easy->start_at[i], easy->now,
				      easy->now + (time_t)easy->job[i].runtime_s);
	easy->start_at[i] = easy->now;
	easy->free -= easy->job[i].nodes;
	entry = planned_end(easy, i);
	at = place_of(easy, entry);
	memmove(planned + at + 1, planned + at, (easy->running - at) * sizeof(*planned));
	planned[at] = entry;
	easy->running++;
	entry = (struct carbon_heap_entry){easy->now + (time_t)easy->job[i].runtime_s, i};
	if (carbon_heap_push(&easy->ending, entry) < 0)
		easy->no_memory = true;
}

static void end_next(struct carbon_easy *easy)
{
	struct carbon_heap_entry *planned = easy->planned;
	size_t i = carbon_heap_pop(&easy->ending).job,
	       at = place_of(easy, planned_end(easy, i));

	memmove(planned + at, planned + at + 1, (easy->running - at - 1) * sizeof(*planned));
	easy->running--;
	easy->free += easy->job[i].nodes;
}

/* --- the queue --- */

static void enqueue(struct carbon_easy *easy, size_t i)
{
	easy->next[i] = NOBODY;
	easy->start_at[i] = easy->now;
	if (easy->head == NOBODY)
		easy->head = i;
	else
		easy->next[easy->tail] = i;
	easy->tail = i;
}

/* Take out the one behind BEFORE (NOBODY: the head). */
static void dequeue(struct carbon_easy *easy, size_t before)
{
	size_t i = before == NOBODY ? easy->head : easy->next[before];

	if (before == NOBODY)
		easy->head = easy->next[i];
	else
		easy->next[before] = easy->next[i];
	if (easy->tail == i)
		easy->tail = before;
}

/* What the head's reservation leaves to others: until AT everything, from there on EXTRA nodes.
 */
struct reservation {
	time_t at;
	uint32_t extra;
};

static struct reservation reserve(const struct carbon_easy *easy)
{
	uint32_t nodes = easy->free, need = easy->job[easy->head].nodes;
	struct reservation reservation = {easy->now, 0};

	/* All that are planned to end by the very second in which it has enough. */
	for (size_t r = 0; r < easy->running; r++) {
		if (nodes >= need && easy->planned[r].at != reservation.at)
			break;
		reservation.at = easy->planned[r].at;
		nodes += easy->job[easy->planned[r].job].nodes;
	}
	reservation.extra = nodes - need;
	return reservation;
}

/* Let those behind the head overtake it. */
static void backfill(struct carbon_easy *easy)
{
	struct reservation reservation = reserve(easy);
	size_t before = easy->head, i = easy->next[before];

	for (size_t depth = 0; i != NOBODY && easy->free > 0 && depth < CARBON_EASY_DEPTH;
	     depth++) {
		const struct carbon_easy_job *job = &easy->job[i];
		bool ends_before = easy->now + (time_t)job->planned_s <= reservation.at;
		size_t next = easy->next[i];

		if (job->nodes <= easy->free &&
		    (ends_before || job->nodes <= reservation.extra)) {
			reservation.extra -= ends_before ? 0 : job->nodes;
			dequeue(easy, before);
			start(easy, i);
		} else {
			before = i;
		}
		i = next;
	}
}

static void schedule(struct carbon_easy *easy)
{
	while (easy->head != NOBODY && easy->job[easy->head].nodes <= easy->free) {
		size_t i = easy->head;

		dequeue(easy, NOBODY);
		start(easy, i);
	}
	if (easy->head != NOBODY)
		backfill(easy);
	easy->is_full = easy->head != NOBODY;
}

/* From now to UNTIL nothing changes. */
static void note_full(struct carbon_easy *easy, time_t until)
{
	easy->full_s += easy->is_full ? (double)(until - easy->now) : 0;
	if (!easy->full)
		return;
	if (carbon_easy_full_grow(easy->full, until) < 0)
		easy->no_memory = true;
	else if (easy->is_full)
		carbon_easy_full_add(easy->full, easy->now, until);
}

/* --- for hooks --- */

size_t carbon_easy_running(const struct carbon_easy *easy, const struct carbon_heap_entry **out)
{
	*out = easy->planned;
	return easy->running;
}

time_t carbon_easy_started(const struct carbon_easy *easy, size_t i)
{
	return easy->start_at[i];
}

size_t carbon_easy_queued(const struct carbon_easy *easy, size_t job)
{
	return job == NOBODY ? easy->head : easy->next[job];
}

double carbon_easy_full_s(const struct carbon_easy *easy)
{
	return easy->full_s;
}

static void wait_until(struct carbon_easy *easy, size_t i, time_t begin_at)
{
	easy->begin_at[i] = begin_at;
	if (carbon_heap_push(&easy->waiting, (struct carbon_heap_entry){begin_at, i}) < 0)
		easy->no_memory = true;
}

bool carbon_easy_move(struct carbon_easy *easy, size_t i, time_t begin_at)
{
	if (!easy->begin_at[i])
		return false;
	wait_until(easy, i, begin_at > easy->now ? begin_at : easy->now);
	return true;
}

/* --- events --- */

/* What was moved since is not there any more. */
static void drop_moved(struct carbon_easy *easy)
{
	const struct carbon_heap *waiting = &easy->waiting;

	while (waiting->count && easy->begin_at[waiting->entry[0].job] != waiting->entry[0].at)
		carbon_heap_pop(&easy->waiting);
}

static void sooner(time_t at, bool *has_next, time_t *next)
{
	if (!*has_next || at < *next)
		*next = at;
	*has_next = true;
}

/* The next thing to happen; false: nothing is left. */
static bool advance(struct carbon_easy *easy)
{
	bool has_next = false;
	time_t next = 0;

	drop_moved(easy);
	if (easy->running)
		sooner(easy->ending.entry[0].at, &has_next, &next);
	if (easy->waiting.count)
		sooner(easy->waiting.entry[0].at, &has_next, &next);
	if (easy->arrived < easy->jobs)
		sooner(easy->arrival[easy->arrived].at, &has_next, &next);
	if (easy->hooks && (easy->waiting.count || easy->arrived < easy->jobs))
		sooner(easy->look_at, &has_next, &next);
	if (!has_next || easy->no_memory)
		return false;
	note_full(easy, next);
	easy->now = next;
	return true;
}

static void submit(struct carbon_easy *easy, size_t i)
{
	const struct carbon_easy_hooks *hooks = easy->hooks;
	time_t begin_at = easy->now;

	if (hooks)
		begin_at = hooks->submit(hooks->context, easy, i, easy->now);
	wait_until(easy, i, begin_at > easy->now ? begin_at : easy->now);
}

static void look(struct carbon_easy *easy)
{
	const struct carbon_easy_hooks *hooks = easy->hooks;

	if (!hooks || easy->now < easy->look_at)
		return;
	hooks->look(hooks->context, easy, easy->now);
	easy->look_at += hooks->step_s;
}

/* All that happens now, in this order: runs end, somebody looks, jobs come, jobs begin to
 * queue. */
static void happen(struct carbon_easy *easy)
{
	while (easy->running && easy->ending.entry[0].at <= easy->now)
		end_next(easy);
	look(easy);
	for (; easy->arrived < easy->jobs && easy->arrival[easy->arrived].at <= easy->now;
	     easy->arrived++)
		submit(easy, easy->arrival[easy->arrived].job);
	drop_moved(easy);
	while (easy->waiting.count && easy->waiting.entry[0].at <= easy->now) {
		size_t i = carbon_heap_pop(&easy->waiting).job;

		easy->begin_at[i] = 0;
		enqueue(easy, i);
		drop_moved(easy);
	}
	schedule(easy);
}

/* --- the whole --- */

static int open_easy(struct carbon_easy *easy, struct carbon_err *err)
{
	size_t jobs = easy->jobs;

	easy->arrival = calloc(jobs + 1, sizeof(*easy->arrival));
	easy->begin_at = calloc(jobs + 1, sizeof(*easy->begin_at));
	easy->planned = calloc(jobs + 1, sizeof(*easy->planned));
	easy->next = calloc(jobs + 1, sizeof(*easy->next));
	if (!easy->arrival || !easy->begin_at || !easy->planned || !easy->next)
		return carbon_err_set(err, "no memory for %zu jobs", jobs);
	for (size_t i = 0; i < jobs; i++)
		easy->arrival[i] = (struct carbon_heap_entry){easy->job[i].begin_at, i};
	qsort(easy->arrival, jobs, sizeof(*easy->arrival), by_time);
	easy->now = jobs ? easy->arrival[0].at : 0;
	if (easy->hooks)
		easy->look_at =
			easy->now - easy->now % easy->hooks->step_s + easy->hooks->step_s;
	return 0;
}

static void close_easy(struct carbon_easy *easy)
{
	carbon_heap_fini(&easy->waiting);
	carbon_heap_fini(&easy->ending);
	free(easy->arrival);
	free(easy->begin_at);
	free(easy->planned);
	free(easy->next);
}

int carbon_easy_play(const struct carbon_easy_ask *ask, time_t *start_at,
		     struct carbon_easy_full *full, struct carbon_err *err)
{
	struct carbon_easy easy = {
		.job = ask->job,
		.jobs = ask->jobs,
		.nodes = ask->nodes,
		.free = ask->nodes,
		.hooks = ask->hooks,
		.start_at = start_at,
		.head = NOBODY,
		.tail = NOBODY,
		.full = full,
	};
	int rc = open_easy(&easy, err);

	if (rc == 0 && full && carbon_easy_full_init(full, easy.now) < 0)
		easy.no_memory = true;
	while (rc == 0 && advance(&easy))
		happen(&easy);
	if (rc == 0 && easy.no_memory)
		rc = carbon_err_set(err, "no memory for a replay of %zu jobs", ask->jobs);
	close_easy(&easy);
	return rc;
}

int carbon_easy_run(const struct carbon_easy_job *job, size_t jobs, uint32_t nodes,
		    time_t *start_at, struct carbon_easy_full *full, struct carbon_err *err)
{
	return carbon_easy_play(&(struct carbon_easy_ask){job, jobs, nodes, NULL}, start_at,
				full, err);
}
