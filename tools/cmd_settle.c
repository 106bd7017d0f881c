/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl settle: finished runs from Slurm's accounting into the ledger of carbon.db. May be stopped and
 * repeated at any time; must never lose a row over an odd one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounting/habits.h"
#include "accounting/ledger.h"
#include "accounting/nodes.h"
#include "accounting/store.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/time.h"
#include "lib/when.h"
#include "tools/books_site.h"
#include "simulator/effect.h"
#include "tools/bystanders.h"
#include "tools/effect_month.h"
#include "tools/fullness.h"
#include "tools/settle_print.h"
#include "tools/switchback.h"
#include "tools/tool.h"

#define DAY_S ((time_t)86400)
#define FIRST_S (35 * DAY_S)   /* how far back the first settling looks without --since */
#define OVERLAP_S DAY_S	       /* slurmctld may tell slurmdbd late */
#define FORGET_S (400 * DAY_S) /* copies of records of waiting jobs */
#define BATCH 5000	       /* runs between commits */
#define SHOWN_ODD 20	       /* odd runs named one by one */
#define HABITS_MODE 0644 /* hashes and numbers; slurmctld may run as another user */
#define SHOW_AFTER_S 2	       /* a progress line, for a person who waits longer */

static const struct carbon_flag flags[] = {
	{"since", 0, "WHEN", "settle again all that ended since (default: where the last one ended)"},
	{"no-habits", 0, NULL, "do not learn how long jobs run"},
	{NULL, 0, NULL, NULL},
};

struct job {
	const struct carbon_tool *tool;
	struct carbon_config *config;
	struct carbon_live *live;
	struct carbon_store *store;
	struct carbon_books *books;
	struct carbon_tool_site site;
	struct carbon_tool_fullness fullness;
	time_t since_at; /* --since; 0: not given */
	time_t from, to;
	time_t began, shown;
	size_t seen, odd_shown;
	bool has_learned;
	size_t habits;
	struct carbon_bystanders bystanders;
	bool is_judged, is_paused;
	int effects; /* months whose cluster effect was worked out */
	struct carbon_err *err;
};

/* --- on the way --- */

static void list_odd(char *text, size_t size, unsigned int odd)
{
	size_t length = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < CARBON_ODD_KINDS; i++)
		if ((odd >> i & 1) && length < size)
			length += (size_t)snprintf(text + length, size - length, "%s%s",
						   length ? ", " : "", carbon_odd_name(i));
}

static void show_odd(void *context, const struct carbon_run *run, unsigned int odd)
{
	struct job *job = context;
	char text[256];

	if (job->odd_shown++ >= SHOWN_ODD)
		return;
	list_odd(text, sizeof(text), odd);
	carbon_tool_warn(job->tool, "job %u of %s (partition %s, user %s): %s", run->id,
			 run->cluster, run->partition, run->user, text);
}

static void show_progress(struct job *job, time_t at)
{
	time_t now = time(NULL);

	if (now - job->began < SHOW_AFTER_S || now == job->shown || !isatty(fileno(job->tool->err)))
		return;
	job->shown = now;
	fprintf(job->tool->err, "\rsettling: %3.0f %%, %zu runs",
		job->to > job->from ? 100.0 * (double)(at - job->from) / (double)(job->to - job->from)
				    : 100.0,
		job->seen);
	fflush(job->tool->err);
}

static int take_run(const struct carbon_run *run, void *context)
{
	struct job *job = context;

	carbon_tool_fullness_add(&job->fullness, run);
	if (carbon_books_add(job->books, run, job->err) < 0)
		return -1;
	if (++job->seen % BATCH == 0 && (carbon_store_commit(job->store, job->err) < 0 ||
					 carbon_store_begin(job->store, job->err) < 0))
		return -1;
	if (run->end_at)
		show_progress(job, run->end_at);
	return 0;
}

/* What of COMMENT is worth keeping: a record, or the mark of an opt-out. */
static bool find_kept(const char *comment, char kept[CARBON_RECORD_MAX])
{
	const char *begin;
	size_t length;

	if (carbon_record_find(comment, &begin, &length) && length < CARBON_RECORD_MAX) {
		memcpy(kept, begin, length);
		kept[length] = '\0';
		return true;
	}
	snprintf(kept, CARBON_RECORD_MAX, "%s", CARBON_OPTOUT_MARK);
	return carbon_optout_is_marked(comment);
}

/* Others may write AdminComment later: keep the records of jobs that wait now. */
static int keep_decisions(struct job *job)
{
	for (size_t i = 0; i < job->live->jobs; i++) {
		const struct carbon_live_job *live = &job->live->job[i];
		char kept[CARBON_RECORD_MAX];

		if (!live->is_finished && find_kept(live->comment, kept) &&
		    carbon_ledger_decision_put(job->store, job->live->cluster, live->id, kept, job->tool->now,
					       job->err) < 0)
			return -1;
	}
	return carbon_ledger_decision_forget(job->store, job->tool->now - FORGET_S, job->err);
}

/* --- from where --- */

static int find_from(struct job *job, time_t *settled_to)
{
	if (carbon_ledger_progress(job->store, job->live->cluster, settled_to, job->err) < 0)
		return -1;
	job->to = job->tool->now + 1; /* what ended in this very second has ended */
	if (job->since_at)
		job->from = job->since_at;
	else
		job->from = *settled_to ? *settled_to - OVERLAP_S : job->to - FIRST_S;
	return 0;
}

/* Where --since leaves a hole behind what was settled before, the next settling begins there. */
static int put_progress(struct job *job, time_t settled_to)
{
	if (settled_to && job->from > settled_to)
		return 0;
	return carbon_ledger_progress_put(job->store, job->live->cluster, job->to, job->err);
}

/* How full places were is known over the time that all rows of accounting were read of. */
static int read_runs(struct job *job, bool *from_dbd)
{
	const time_t span[2] = {job->from, job->to};

	if (carbon_tool_fullness_init(&job->fullness, job->live, job->config->site.slack_s, span, job->err) < 0 ||
	    carbon_cluster_runs(job->from, job->to, take_run, job, from_dbd, job->err) < 0)
		return -1;
	/* slurmctld forgets jobs, and without their rows a busy place would seem idle. */
	return *from_dbd ? carbon_tool_fullness_write(&job->fullness, job->store, span) : 0;
}

/* What hangs on how full places were. */
static int settle_rest(struct job *job)
{
	const struct carbon_books_site site = carbon_tool_site_books(&job->site);

	if (carbon_books_revise(job->books, job->live->cluster, job->err) < 0)
		return -1;
	return carbon_nodes_settle(job->store, &site, job->live->cluster, job->from, job->tool->now, job->err);
}

/* What the month saved: worked out once a day, after the ledger is written, and no reason to fail for. */
static int settle_effect(struct job *job)
{
	const struct carbon_books_site site = carbon_tool_site_books(&job->site);
	time_t open_at = job->tool->now - CARBON_NODES_OPEN_S; /* what is settled again changes last month's */
	const struct carbon_tool_effect_ask ask = {.store = job->store, .live = job->live, .site = &site,
						   .from_at = open_at < job->from ? open_at : job->from,
						   .now = job->tool->now,
						   .is_forced = job->since_at != 0};
	struct carbon_err trouble;

	job->effects = carbon_tool_effect_settle(&ask, &trouble, job->err);
	if (job->effects < 0 || carbon_tool_switchback_settle(&ask, &job->config->holdout, job->err) < 0)
		return -1;
	if (trouble.text[0])
		carbon_tool_warn(job->tool, "the cluster effect of a month is not known: %s", trouble.text);
	return 0;
}

/* Whether others wait longer than they may because of us. What was judged is written once the ledger is. */
static int judge_bystanders(struct job *job)
{
	const struct carbon_books_site site = carbon_tool_site_books(&job->site);
	struct carbon_tool_effect_ask ask = {
		.store = job->store, .live = job->live, .site = &site, .now = job->tool->now};
	struct carbon_bystanders *state = &job->bystanders;
	struct carbon_effect effect;
	struct carbon_err why;
	int rc;

	if (!job->config->bystander_wait_s)
		return 0;
	if (carbon_bystanders_read(job->config, state, &why) < 0)
		carbon_tool_warn(job->tool, "%s; it is written anew", why.text);
	ask.from_at = carbon_bystanders_from(state, ask.now);
	if (ask.from_at >= ask.now) /* paused still */
		return 0;
	rc = carbon_tool_effect_waits(&ask, &effect, &why);
	if (rc < 0) {
		carbon_tool_warn(job->tool, "how long others wait is not known: %s", why.text);
		return 0;
	}
	job->is_judged = true;
	job->is_paused = carbon_bystanders_judge(job->config, rc ? &effect : NULL, ask.from_at, ask.now, state);
	return 0;
}

static int keep_verdict(const struct job *job)
{
	char why[CARBON_BYSTANDERS_TEXT], until[CARBON_TIME_TEXT];

	if (!job->is_judged)
		return 0;
	carbon_bystanders_format(&job->bystanders, why);
	carbon_time_format(job->bystanders.paused_until_at, until);
	if (job->is_paused)
		carbon_tool_warn(job->tool, "%s; from the next replan on nothing is delayed until %s", why, until);
	return carbon_bystanders_write(job->config, &job->bystanders, job->err);
}

static int settle(struct job *job, bool *from_dbd)
{
	time_t settled_to = 0;

	if (find_from(job, &settled_to) < 0 || carbon_store_begin(job->store, job->err) < 0)
		return -1;
	if (keep_decisions(job) < 0 || read_runs(job, from_dbd) < 0 || settle_rest(job) < 0 ||
	    settle_effect(job) < 0 || judge_bystanders(job) < 0 ||
	    put_progress(job, settled_to) < 0)
		return -1;
	return carbon_store_commit(job->store, job->err);
}

/* --- habits --- */

static int put_habits(struct job *job, const struct carbon_habits *habits)
{
	char path[CARBON_PATH_MAX];
	struct carbon_buf buf;
	int rc = -1;

	carbon_config_path(job->config, "habits", path);
	carbon_buf_init(&buf, CARBON_HABITS_SIZE_MAX);
	if (mkdir(job->config->run_dir, 0755) != 0 && errno != EEXIST)
		carbon_err_set(job->err, "couldn't make the folder %s: %s", job->config->run_dir, strerror(errno));
	else if (carbon_habits_format(habits, &buf, job->err) == 0)
		rc = carbon_file_write(path, buf.text, buf.length, HABITS_MODE, job->err);
	carbon_buf_fini(&buf);
	return rc;
}

/* After the ledger: what is learned there is the least that settling is for, and the last that may fail. */
static int learn_habits(struct job *job)
{
	struct carbon_habits habits;
	int rc;

	if (carbon_tool_has(job->tool, "no-habits"))
		return 0;
	if (carbon_habits_learn(job->store, job->live->cluster, job->tool->now, &habits, job->err) < 0)
		return carbon_err_prefix(job->err, "settled, but no habits were learned");
	rc = put_habits(job, &habits);
	job->has_learned = rc == 0;
	job->habits = habits.count;
	carbon_habits_fini(&habits);
	return rc < 0 ? carbon_err_prefix(job->err, "settled, but the habits could not be written") : 0;
}

/* Once the ledger is written: nothing of this may keep it from being told. */
static int write_files(struct job *job)
{
	struct carbon_err verdict = {""};
	int rc = keep_verdict(job);

	if (rc < 0) {
		carbon_err_prefix(job->err, "settled, but how long others wait could not be written");
		verdict = *job->err;
	}
	if (learn_habits(job) < 0) {
		if (rc < 0)
			carbon_tool_warn(job->tool, "%s", verdict.text);
		return -1;
	}
	if (rc < 0)
		*job->err = verdict;
	return rc;
}

/* --- all together --- */

static int open_store(struct job *job)
{
	char path[CARBON_PATH_MAX];

	if (mkdir(job->config->state_dir, 0750) != 0 && errno != EEXIST)
		return carbon_err_set(job->err, "couldn't make the folder %s: %s",
				      job->config->state_dir, strerror(errno));
	carbon_config_path(job->config, "carbon.db", path);
	return carbon_store_open(path, false, &job->store, job->err);
}

static int open_all(struct job *job)
{
	struct carbon_books_site books;

	if (carbon_live_read(&job->live, job->err) < 0 || open_store(job) < 0 ||
	    carbon_tool_site_init(&job->site, job->config, job->live, job->err) < 0)
		return -1;
	books = carbon_tool_site_books(&job->site);
	job->books = carbon_books_create(job->store, &books, job->tool->now);
	if (!job->books)
		return carbon_err_set(job->err, "no memory");
	carbon_books_listen(job->books, show_odd, job);
	return 0;
}

static void close_all(struct job *job)
{
	if (job->store)
		carbon_store_rollback(job->store);
	carbon_books_destroy(job->books);
	carbon_tool_fullness_fini(&job->fullness);
	carbon_tool_site_fini(&job->site);
	carbon_store_close(job->store);
	carbon_live_destroy(job->live);
}

static int read_since(struct job *job)
{
	const char *since = carbon_tool_value(job->tool, "since");

	if (!since)
		return 0;
	if (carbon_when_parse(since, job->tool->now, &job->since_at) < 0)
		return carbon_tool_usage(job->tool, "--since \"%.40s\" is no time (such as 2026-10-01)",
					 since);
	if (job->since_at > job->tool->now)
		return carbon_tool_usage(job->tool, "--since %.40s lies in the future", since);
	return 0;
}

static void tell(const struct job *job, bool from_dbd)
{
	const struct carbon_settle_done done = {
		.cluster = job->live->cluster, .count = carbon_books_count(job->books), .from = job->from, .to = job->to,
		.from_dbd = from_dbd, .lost = job->fullness.lost, .effects = job->effects,
		.has_learned = job->has_learned, .habits = job->habits};

	carbon_tool_settle_print(job->tool, &done);
}

static int run(struct carbon_tool *tool)
{
	struct carbon_err err;
	struct job job = {.tool = tool, .err = &err, .began = time(NULL)};
	bool from_dbd = false, is_settled;
	int rc = read_since(&job);

	if (rc != 0)
		return rc;
	if (carbon_tool_config(tool, &job.config, &err) < 0)
		return carbon_tool_fail(tool, &err);
	if (carbon_cluster_init(NULL, &err) < 0) {
		carbon_config_destroy(job.config);
		return carbon_tool_fail(tool, &err);
	}
	rc = open_all(&job);
	if (rc == 0)
		rc = settle(&job, &from_dbd);
	if (job.shown)
		fputc('\n', tool->err);
	is_settled = rc == 0;
	if (is_settled)
		rc = write_files(&job);
	if (is_settled)
		tell(&job, from_dbd);
	close_all(&job);
	carbon_cluster_fini();
	carbon_config_destroy(job.config);
	return rc == 0 ? CARBON_EXIT_OK : carbon_tool_fail(tool, &err);
}

const struct carbon_command carbon_command_settle = {
	.name = "settle",
	.summary = "compute what finished jobs used, emitted and gained by waiting",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
