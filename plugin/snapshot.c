/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three slots, one per file, of the same shape. One thread at a time looks at the files, outside the
 * mutex, and counts what decisions share; the others go on with what is there. One log line per change of state, none per job.
 */
#include "plugin/snapshot.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/file.h"
#include "plugin/slurm_shim.h"

/* A file that was refused is tried again now and then: chown and chmod leave its mtime alone. */
#define RETRY_S 60

#define SLOTS 3

struct carbon_version {
	unsigned int holders; /* under the mutex; 0: nobody */
	void *value;
	void (*destroy)(void *value);
};

/* Parse TEXT into *VALUE. */
typedef int (*parse_f)(const char *text, size_t length, void **value, struct carbon_err *err);

struct slot {
	const char *name;
	size_t cap;
	parse_f parse;
	void (*destroy)(void *value);
	const char *without; /* what it means that there is none */
	bool is_optional;    /* that there is none is nothing to speak of */
};

static int parse_site(const char *text, size_t length, void **value, struct carbon_err *err)
{
	struct carbon_site *site = malloc(sizeof(*site));

	if (!site)
		return carbon_err_set(err, "no memory for the site");
	if (carbon_site_parse(text, length, site, err) < 0) {
		free(site);
		return -1;
	}
	*value = site;
	return 0;
}

static void destroy_site(void *value)
{
	carbon_site_fini(value);
	free(value);
}

static int parse_outlook(const char *text, size_t length, void **value, struct carbon_err *err)
{
	struct carbon_outlook *outlook = NULL;

	if (carbon_outlook_parse(text, length, &outlook, err) < 0)
		return -1;
	*value = outlook;
	return 0;
}

static void destroy_outlook(void *value)
{
	carbon_outlook_destroy(value);
}

static int parse_habits(const char *text, size_t length, void **value, struct carbon_err *err)
{
	struct carbon_habits *habits = malloc(sizeof(*habits));

	if (!habits)
		return carbon_err_set(err, "no memory for the habits");
	if (carbon_habits_parse(text, length, habits, err) < 0) {
		free(habits);
		return -1;
	}
	*value = habits;
	return 0;
}

static void destroy_habits(void *value)
{
	carbon_habits_fini(value);
	free(value);
}

static const struct slot slots[SLOTS] = {
	{"site", CARBON_SITE_SIZE_MAX, parse_site, destroy_site, "inactive", false},
	{"outlook", CARBON_OUTLOOK_SIZE_MAX, parse_outlook, destroy_outlook,
	 "jobs are left alone", false},
	{"habits", CARBON_HABITS_SIZE_MAX, parse_habits, destroy_habits,
	 "run times are expected from limits", true},
};

/* What is known of each file. Only the thread that set `looking` touches it. */
struct state {
	char path[PATH_MAX];
	struct carbon_file_id id;
	time_t retry_at; /* 0: no need */
	char said[CARBON_ERR_MAX]; /* last complaint logged; "": all was well */
	bool has_spoken;
	bool is_new;		     /* read anew in this look: */
	struct carbon_version *next; /* the result; NULL: nothing good */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool looking;
static time_t looked_at;
static struct carbon_version *current[SLOTS];
static struct carbon_version *counted; /* of the site and the outlook that are current; NULL: of none, or no memory */
static struct state states[SLOTS];
static bool was_stale, was_foreign;

/* --- versions; all with the mutex held --- */

static struct carbon_version *hold(struct carbon_version *version)
{
	if (version)
		version->holders++;
	return version;
}

static void let_go(struct carbon_version *version)
{
	if (!version || --version->holders > 0)
		return;
	version->destroy(version->value);
	free(version);
}

static void swap(struct carbon_version **slot, struct carbon_version *next)
{
	let_go(*slot);
	*slot = next;
}

/* --- reading --- */

/* Takes VALUE over; NULL where there is no memory. */
static struct carbon_version *create_version(void *value, void (*destroy)(void *value))
{
	struct carbon_version *version = calloc(1, sizeof(*version));

	if (!version) {
		destroy(value);
		return NULL;
	}
	version->holders = 1;
	version->value = value;
	version->destroy = destroy;
	return version;
}

static struct carbon_version *read_version(const struct slot *slot, struct state *state,
					   struct carbon_err *err)
{
	struct carbon_version *version = NULL;
	void *value = NULL;
	char *text = NULL;
	size_t length;

	if (carbon_file_read(state->path, slot->cap, CARBON_FILE_TRUSTED, &state->id, &text,
			     &length, err) < 0)
		return NULL;
	if (slot->parse(text, length, &value, err) < 0) {
		carbon_err_prefix(err, "%s", state->path);
	} else {
		version = create_version(value, slot->destroy);
		if (!version)
			carbon_err_set(err, "%s: no memory", state->path);
	}
	free(text);
	return version;
}

/* One line when a file's state changes; COMPLAINT "" when it is well. */
static void say(const struct slot *slot, struct state *state, const char *complaint)
{
	bool is_quiet = slot->is_optional && !state->has_spoken && state->id.size < 0;

	if (state->has_spoken && strcmp(state->said, complaint) == 0)
		return;
	if (is_quiet)
		; /* never there: as most sites begin */
	else if (complaint[0])
		slurm_error("carbon: %s: %s", slot->without, complaint);
	else
		slurm_info("carbon: %s is read", state->path);
	state->has_spoken = true;
	snprintf(state->said, sizeof(state->said), "%s", complaint);
}

static void look_at(const struct slot *slot, struct state *state, time_t now)
{
	struct carbon_version *next;
	struct carbon_err err = {""};
	struct carbon_file_id id;

	carbon_file_identify(state->path, &id);
	state->is_new = !state->has_spoken || !carbon_file_id_equal(&id, &state->id) ||
			(state->retry_at && now >= state->retry_at);
	if (!state->is_new)
		return;
	state->id = id;
	next = read_version(slot, state, &err);
	state->retry_at = next || id.size < 0 ? 0 : now + RETRY_S;
	say(slot, state, next ? "" : err.text);
	state->next = next;
}

/* The outlook is too old by the site's own words: said once, and once more when it is over. */
static void look_at_age(time_t now)
{
	const struct carbon_site *site = current[0] ? current[0]->value : NULL;
	const struct carbon_outlook *outlook = current[1] ? current[1]->value : NULL;
	bool is_stale = site && outlook && now - outlook->written_at > site->outlook_max_age_s;

	if (is_stale == was_stale)
		return;
	was_stale = is_stale;
	if (is_stale)
		slurm_error("carbon: jobs are left alone: %s: written %lld min ago, the site allows %lld",
			    states[1].path, (long long)(now - outlook->written_at) / 60,
			    (long long)site->outlook_max_age_s / 60);
	else
		slurm_info("carbon: the outlook is no longer too old");
}

/* User ids and partitions of one cluster say nothing of another's. */
static bool is_foreign(const struct carbon_site *site, const struct carbon_habits *habits)
{
	return site && habits && strcmp(site->cluster, habits->cluster) != 0;
}

static void look_at_cluster(void)
{
	const struct carbon_site *site = current[0] ? current[0]->value : NULL;
	const struct carbon_habits *habits = current[2] ? current[2]->value : NULL;
	bool foreign = is_foreign(site, habits);

	if (foreign && !was_foreign)
		slurm_error("carbon: %s: %s: of cluster %s, and this one is %s", slots[2].without,
			    states[2].path, habits->cluster, site->cluster);
	else if (was_foreign && !foreign)
		slurm_info("carbon: the habits are no longer those of another cluster");
	was_foreign = foreign;
}

static void destroy_counted(void *value)
{
	carbon_counted_destroy(value);
}

/* Of the site and outlook that will be current when this look is over. NULL: one of them is missing, or memory. */
static struct carbon_version *count(void)
{
	struct carbon_counted *value = NULL;
	struct carbon_version *held[2];

	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < 2; i++)
		held[i] = hold(states[i].is_new ? states[i].next : current[i]);
	pthread_mutex_unlock(&mutex);
	if (held[0] && held[1])
		value = carbon_counted_create(held[0]->value, held[1]->value);
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < 2; i++)
		let_go(held[i]);
	pthread_mutex_unlock(&mutex);
	return value ? create_version(value, destroy_counted) : NULL;
}

static void look(time_t now)
{
	struct carbon_version *next = NULL;
	bool is_other;

	for (size_t i = 0; i < SLOTS; i++)
		look_at(&slots[i], &states[i], now);
	is_other = states[0].is_new || states[1].is_new;
	if (is_other)
		next = count();
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < SLOTS; i++)
		if (states[i].is_new)
			swap(&current[i], states[i].next);
	if (is_other)
		swap(&counted, next);
	look_at_age(now);
	look_at_cluster();
	looking = false;
	pthread_mutex_unlock(&mutex);
}

/* --- for job_submit --- */

void carbon_snapshot_init(const char *directory)
{
	for (size_t i = 0; i < SLOTS; i++) {
		int length = snprintf(states[i].path, sizeof(states[i].path), "%s/%s", directory,
				      slots[i].name);

		if (length < 0 || (size_t)length >= sizeof(states[i].path))
			states[i].path[0] = '\0';
	}
}

void carbon_snapshot_fini(void)
{
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < SLOTS; i++)
		swap(&current[i], NULL);
	swap(&counted, NULL);
	memset(states, 0, sizeof(states));
	looked_at = 0;
	was_stale = was_foreign = false;
	pthread_mutex_unlock(&mutex);
}

void carbon_snapshot_take(time_t now, struct carbon_snapshot *out)
{
	bool is_mine;

	pthread_mutex_lock(&mutex);
	/* Not "later than": a clock may be set back. */
	is_mine = !looking && now != looked_at;
	if (is_mine) {
		looking = true;
		looked_at = now;
	}
	pthread_mutex_unlock(&mutex);
	if (is_mine)
		look(now);
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < SLOTS; i++)
		out->held[i] = hold(current[i]);
	out->held[SLOTS] = hold(counted);
	pthread_mutex_unlock(&mutex);
	out->site = out->held[0] ? out->held[0]->value : NULL;
	out->outlook = out->held[1] ? out->held[1]->value : NULL;
	out->habits = out->held[2] ? out->held[2]->value : NULL;
	out->counted = out->held[SLOTS] ? out->held[SLOTS]->value : NULL;
	if (is_foreign(out->site, out->habits))
		out->habits = NULL;
}

void carbon_snapshot_drop(struct carbon_snapshot *snapshot)
{
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i <= SLOTS; i++)
		let_go(snapshot->held[i]);
	pthread_mutex_unlock(&mutex);
	memset(snapshot, 0, sizeof(*snapshot));
}
