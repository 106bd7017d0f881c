/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run from beginning to end. What fails is named and counted, and the rest goes on; the outlook is
 * replaced as a whole or not at all, and before carbon.db is written.
 */
#include "forecaster/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounting/store.h"
#include "config/config.h"
#include "forecaster/extend.h"
#include "forecaster/http.h"
#include "forecaster/keep.h"
#include "forecaster/memory.h"
#include "forecaster/metrics.h"
#include "forecaster/own.h"
#include "forecaster/past.h"
#include "forecaster/plan.h"
#include "forecaster/session.h"
#include "forecaster/standing.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/outlook.h"
#include "lib/time.h"

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#define OUTLOOK_MODE 0644 /* nothing in it is secret, and slurmctld may run as another user */
#define METRICS_SIZE_MAX ((size_t)1 << 20)
#define MEMORY_MODE 0640
#define SKEW_S 600 /* clocks that differ by more are worth a word */
#define TOTAL_S 120
#define BACKFILL_TOTAL_S 3600

struct run {
	const struct carbon_run_options *options;
	struct carbon_config *config;
	struct carbon_plan plan;
	struct carbon_outlook *last; /* NULL: none that can be read */
	struct carbon_store *store;  /* NULL: none that can be opened */
	int lock_fd;
	size_t problems;
	unsigned long requests;
	bool is_written; /* a new outlook is in place */
};

static void say(const struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void complain(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

__attribute__((format(printf, 2, 0)))
static void say_args(const struct run *run, const char *format, va_list args)
{
	fputs("carbon-forecaster: ", run->options->err);
	vfprintf(run->options->err, format, args);
	fputc('\n', run->options->err);
}

static void say(const struct run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_args(run, format, args);
	va_end(args);
}

/* Something that was wanted is missing. */
static void complain(struct run *run, const char *format, ...)
{
	va_list args;

	run->problems++;
	va_start(args, format);
	say_args(run, format, args);
	va_end(args);
}

/* --- folders, the lock, what earlier runs left --- */

static int make_folder(const char *path, mode_t mode, struct carbon_err *err)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	return carbon_err_set(err, "couldn't make the folder %s: %s (--dry-run needs none)", path, strerror(errno));
}

/* The lock ends with the process, however that ends. -2: somebody else has it. */
static int take_lock(struct run *run, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];

	carbon_config_path(run->config, ".carbon-forecaster.lock", path);
	run->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (run->lock_fd < 0)
		return carbon_err_set(err, "couldn't open %s: %s", path, strerror(errno));
	if (flock(run->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	carbon_err_set(err, "another carbon-forecaster is at work (it holds %s)", path);
	return errno == EWOULDBLOCK ? -2 : -1;
}

/* ".NAME.XXXXXX" of one of our files. */
static bool is_left_over(const char *name)
{
	static const char *const files[] = {".outlook.", ".forecaster.prom.", "." CARBON_MEMORY_NAME "."};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t length = strlen(files[i]);

		if (strncmp(name, files[i], length) == 0 && strlen(name) == length + 6)
			return true;
	}
	return false;
}

/* What a run that was killed while writing left behind; nobody else writes here while we hold the lock. */
static void sweep(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (is_left_over(entry->d_name))
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
}

static void read_last(struct run *run)
{
	char path[CARBON_PATH_MAX];
	struct carbon_err err = {""};
	char *text = NULL;
	size_t length = 0;

	carbon_config_path(run->config, "outlook", path);
	if (access(path, F_OK) != 0)
		return;
	if (carbon_file_read(path, CARBON_OUTLOOK_SIZE_MAX, CARBON_FILE_TRUSTED, NULL, &text, &length, &err) < 0 ||
	    carbon_outlook_parse(text, length, &run->last, &err) < 0)
		say(run, "the last outlook is not usable and will be replaced: %s", err.text);
	else if (run->last->written_at > run->options->now + SKEW_S)
		say(run, "the last outlook was written in the future: was this machine's clock set back?");
	free(text);
}

/* --- the store --- */

static void open_store(struct run *run)
{
	char path[CARBON_PATH_MAX];
	struct carbon_err err = {""};

	carbon_config_path(run->config, "carbon.db", path);
	if (run->options->dry_run && access(path, F_OK) != 0)
		return;
	if ((!run->options->dry_run && make_folder(run->config->state_dir, 0750, &err) < 0) ||
	    carbon_store_open(path, run->options->dry_run, &run->store, &err) < 0)
		complain(run, "history is neither read nor kept: %s", err.text);
}

/* The first failure ends it: a lock or a full disk holds for all zones, and each would wait anew. */
static bool keep_all(struct run *run)
{
	struct carbon_err err = {""};

	for (size_t i = 0; run->store && i < run->plan.tracks; i++) {
		const struct carbon_track *track = &run->plan.track[i];

		if (track->is_carried || carbon_keep_track(run->store, track, run->options->now, &err) == 0)
			continue;
		complain(run, "carbon.db was not brought up to date: %s", err.text);
		return false;
	}
	return run->store != NULL;
}

/* --- what the next run is told --- */

static struct carbon_memory memory_of(struct run *run)
{
	return (struct carbon_memory){.access = run->plan.access, .accesses = run->config->sources,
				      .track = run->plan.track, .tracks = run->plan.tracks,
				      .now = run->options->now};
}

static bool find_memory(const struct run *run, char path[CARBON_PATH_MAX])
{
	int size = snprintf(path, CARBON_PATH_MAX, "%s/" CARBON_MEMORY_NAME, run->config->state_dir);

	return size > 0 && size < CARBON_PATH_MAX;
}

static void remember(struct run *run)
{
	struct carbon_memory memory = memory_of(run);
	char path[CARBON_PATH_MAX], *text = NULL;
	struct carbon_err err = {""};
	size_t length = 0;

	if (!find_memory(run, path) || access(path, F_OK) != 0)
		return;
	if (carbon_file_read(path, CARBON_MEMORY_SIZE_MAX, CARBON_FILE_TRUSTED, NULL, &text, &length, &err) < 0 ||
	    carbon_memory_parse(text, length, &memory, &err) < 0) {
		say(run, "what is remembered of sources is not usable, so all are asked: %s", err.text);
		carbon_memory_forget(&memory);
	}
	if (run->options->fresh)
		carbon_memory_forget(&memory);
	free(text);
}

/* IS_KEPT: what came is in carbon.db, which can give it again. */
static void pass_on(struct run *run, bool is_kept)
{
	struct carbon_memory memory = memory_of(run);
	char path[CARBON_PATH_MAX];
	struct carbon_err err = {""};
	struct carbon_buf buf;

	if (run->options->dry_run || !find_memory(run, path))
		return;
	if (is_kept)
		carbon_memory_note(&memory);
	carbon_buf_init(&buf, CARBON_MEMORY_SIZE_MAX);
	(void)mkdir(run->config->state_dir, 0750);
	if (carbon_memory_format(&memory, &buf, &err) < 0 ||
	    carbon_file_write(path, buf.text, buf.length, MEMORY_MODE, &err) < 0)
		say(run, "the next run will ask everything again: %s", err.text);
	carbon_buf_fini(&buf);
}

/* --- what came --- */

static void report_tally(const struct run *run, const struct carbon_track *track, const char *source,
			 const char *what, const struct carbon_tally *tally)
{
	char text[160];

	carbon_tally_format(tally, text, sizeof(text));
	if (text[0])
		say(run, "zone %s: %s: %s: left out of %zu rows: %s", track->zone, source, what, tally->rows, text);
}

static void report_queries(struct run *run)
{
	for (size_t i = 0; i < run->plan.tracks; i++) {
		const struct carbon_track *track = &run->plan.track[i];

		for (size_t k = 0; k < track->queries; k++) {
			const struct carbon_inquiry *query = &track->query[k];

			if (query->failure != CARBON_FAILURE_NONE)
				complain(run, "zone %s: %s: %s", track->zone, query->name, query->err.text);
			report_tally(run, track, query->name, "history", &query->history.tally);
			report_tally(run, track, query->name, "forecast", &query->forecast.tally);
		}
	}
}

static void report_outlook(const struct run *run, const struct carbon_track *track)
{
	char until[CARBON_TIME_TEXT];

	if (!run->options->verbose)
		return;
	for (size_t i = 0; i < track->outlook.parts; i++) {
		bool is_last = i + 1 == track->outlook.parts;

		carbon_time_format(is_last ? track->outlook.end_at :
					     track->outlook.point[track->outlook.part[i + 1].first].at, until);
		say(run, "zone %s: until %s from %s (%s)", track->zone, until, track->outlook.part[i].source,
		    carbon_kind_name(track->outlook.part[i].kind));
	}
	if (track->own_err.text[0])
		say(run, "zone %s: no forecast of our own: %s", track->zone, track->own_err.text);
}

/* A source may be asked for what decides nothing here; its owner should know. */
static void report_signals(const struct run *run)
{
	for (size_t i = 0; i < run->plan.tracks; i++) {
		const struct carbon_track *track = &run->plan.track[i];

		for (size_t k = 0; k < track->queries && track->signal != run->config->site.signal; k++)
			say(run, "zone %s: %s measures %s; what decides here is %s", track->zone,
			    track->query[k].name, carbon_signal_name(track->signal),
			    carbon_signal_name(run->config->site.signal));
	}
}

static void each_session(struct run *run, void (*what)(const char *folder, const char *name, struct carbon_access *access))
{
	for (size_t i = 0; i < run->config->sources; i++)
		what(run->config->state_dir, run->config->source[i].name, &run->plan.access[i]);
}

/* What a key may not fetch is nobody's failure, but its owner should hear of it, once a day. */
static void report_rights(const struct run *run)
{
	for (size_t i = 0; i < run->plan.tracks; i++) {
		const struct carbon_track *track = &run->plan.track[i];

		for (size_t k = 0; k < track->queries; k++) {
			const struct carbon_inquiry *query = &track->query[k];
			const struct carbon_rights *rights = &query->access->rights;

			if (query->failure == CARBON_FAILURE_NONE && rights->is_whole &&
			    (rights->read_at == run->options->now || run->options->verbose) &&
			    !carbon_rights_has(rights, query->zone, CARBON_RIGHT_FORECAST))
				say(run, "zone %s: the key of %s may not fetch a forecast", track->zone, query->name);
		}
	}
}

static int gather(struct run *run, struct carbon_err *err)
{
	struct carbon_recall recall = {.recall = run->store ? carbon_keep_recall : NULL, .context = run->store};
	struct carbon_http_limits limits = {.total_s = run->options->backfill_from_at ? BACKFILL_TOTAL_S : TOTAL_S,
					    .attempts = 3, .backoff_ms = 1000, .parallel = 8};
	struct carbon_http *http = carbon_http_create("slurm-carbon/" PACKAGE_VERSION " (carbon-forecaster)", &limits);
	time_t skew_s = 0;

	if (!http)
		return carbon_err_set(err, "libcurl could not start");
	each_session(run, carbon_session_read);
	carbon_tracks_gather(http, run->plan.track, run->plan.tracks, &recall, &skew_s);
	run->requests = carbon_http_requests(http);
	if (run->options->verbose)
		say(run, "%lu requests", run->requests);
	carbon_http_destroy(http);
	if (!run->options->dry_run)
		each_session(run, carbon_session_write);
	if (skew_s > SKEW_S || skew_s < -SKEW_S)
		say(run, "this machine's clock is %lld s %s of a provider's", llabs((long long)skew_s),
		    skew_s > 0 ? "ahead" : "behind");
	report_queries(run);
	report_rights(run);
	report_signals(run);
	return 0;
}

static bool has_news(const struct run *run)
{
	for (size_t i = 0; i < run->plan.tracks; i++)
		if (carbon_track_has_news(&run->plan.track[i]))
			return true;
	return false;
}

/* --- the outlook --- */

static struct carbon_outlook_draft draft_of(const struct carbon_track *track)
{
	struct carbon_outlook_draft draft = {.zone = track->zone, .signal = track->signal,
					     .parts = track->outlook.parts, .count = track->outlook.count,
					     .point = track->outlook.point, .end_at = track->outlook.end_at};

	memcpy(draft.part, track->outlook.part, sizeof(draft.part));
	return draft;
}

/* Whether the zone alone would make a good file: a fault in one may not cost the others theirs. */
static bool is_sound(struct run *run, const struct carbon_outlook_draft *draft)
{
	struct carbon_err err = {""};
	struct carbon_buf buf;
	int rc;

	carbon_buf_init(&buf, CARBON_OUTLOOK_SIZE_MAX);
	rc = carbon_outlook_format(draft, 1, run->options->now, &buf, &err);
	carbon_buf_fini(&buf);
	if (rc < 0)
		complain(run, "zone %s: left out of the outlook: %s", draft->zone, err.text);
	return rc == 0;
}

/* What cannot be judged stays as it came. */
static void judge(struct run *run, struct carbon_track *track)
{
	struct carbon_err err = {""};

	if (!run->store || track->is_carried)
		return;
	if (carbon_past_weigh(run->store, track, run->options->now, &err) < 0 ||
	    carbon_past_score(run->store, track, run->options->now, &err) < 0)
		complain(run, "zone %s: earlier forecasts are not read: %s", track->zone, err.text);
}

static bool compose_track(struct run *run, struct carbon_track *track, struct carbon_outlook_draft *draft)
{
	struct carbon_err err = {""};

	if (run->store && !track->is_carried &&
	    carbon_keep_history(run->store, track, run->options->now, &err) < 0)
		complain(run, "zone %s: history is not read: %s", track->zone, err.text);
	if (carbon_track_merge(track, &err) < 0) {
		complain(run, "zone %s: left out of the outlook: %s", track->zone, err.text);
		return false;
	}
	carbon_track_predict(track, run->options->now);
	judge(run, track);
	carbon_track_extend(track, run->options->now);
	carbon_own_destroy(track->model);
	track->model = NULL;
	if (carbon_track_compose(track, run->last, run->options->now, run->config->horizon_h, &err) < 0) {
		complain(run, "zone %s: left out of the outlook: %s", track->zone, err.text);
		return false;
	}
	if (!track->outlook.count) {
		complain(run, "zone %s: nobody knows anything of it: left out of the outlook", track->zone);
		return false;
	}
	*draft = draft_of(track);
	if (!is_sound(run, draft))
		return false;
	report_outlook(run, track);
	return true;
}

static int put(struct run *run, const struct carbon_buf *buf, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];

	if (run->options->dry_run)
		return fwrite(buf->text, 1, buf->length, run->options->out) == buf->length &&
				       fflush(run->options->out) == 0 ?
			       0 :
			       carbon_err_set(err, "couldn't print the outlook: %s", strerror(errno));
	carbon_config_path(run->config, "outlook", path);
	if (carbon_file_write(path, buf->text, buf->length, OUTLOOK_MODE, err) < 0)
		return -1;
	run->is_written = true;
	return 0;
}

static int write_outlook(struct run *run, struct carbon_err *err)
{
	struct carbon_outlook_draft *draft = calloc(run->plan.tracks + 1, sizeof(*draft));
	struct carbon_buf buf;
	size_t count = 0;
	int rc = -1;

	carbon_buf_init(&buf, CARBON_OUTLOOK_SIZE_MAX);
	if (!draft) {
		carbon_err_set(err, "no memory for %zu zones", run->plan.tracks);
		goto out;
	}
	for (size_t i = 0; i < run->plan.tracks; i++)
		count += compose_track(run, &run->plan.track[i], &draft[count]);
	if (!count)
		carbon_err_set(err, "no zone is left");
	else if (carbon_outlook_format(draft, count, run->options->now, &buf, err) == 0)
		rc = put(run, &buf, err);
out:
	carbon_buf_fini(&buf);
	free(draft);
	return rc;
}

/* --- a run --- */

static int begin(struct run *run, struct carbon_err *err)
{
	int rc;

	if (carbon_config_read(run->options->config_path, &run->config, err) < 0)
		return CARBON_RUN_USAGE;
	if (!run->options->dry_run) {
		if (make_folder(run->config->run_dir, 0755, err) < 0)
			return CARBON_RUN_NOTHING;
		rc = take_lock(run, err);
		if (rc < 0)
			return rc == -2 ? CARBON_RUN_BUSY : CARBON_RUN_NOTHING;
		sweep(run->config->run_dir);
		sweep(run->config->state_dir);
	}
	read_last(run);
	if (carbon_plan_init(&run->plan, run->config, run->options, run->last, err) < 0)
		return CARBON_RUN_USAGE;
	remember(run);
	open_store(run);
	return CARBON_RUN_OK;
}

static int backfill(struct run *run, struct carbon_err *err)
{
	if (!run->store)
		return carbon_err_set(err, "there is nowhere to keep history"), CARBON_RUN_NOTHING;
	if (gather(run, err) < 0)
		return CARBON_RUN_NOTHING;
	pass_on(run, false);
	if (!has_news(run))
		return carbon_err_set(err, "no source gave any history"), CARBON_RUN_NOTHING;
	keep_all(run);
	return run->problems ? CARBON_RUN_PARTLY : CARBON_RUN_OK;
}

static int work(struct run *run, struct carbon_err *err)
{
	int code = begin(run, err);

	if (code != CARBON_RUN_OK)
		return code;
	if (run->options->backfill_from_at)
		return backfill(run, err);
	if (gather(run, err) < 0)
		return CARBON_RUN_NOTHING;
	if (!has_news(run)) {
		pass_on(run, false);
		return carbon_err_set(err, "nothing was got: the outlook stays as it is"), CARBON_RUN_NOTHING;
	}
	code = write_outlook(run, err) < 0 ? CARBON_RUN_NOTHING : CARBON_RUN_OK;
	if (!run->options->dry_run)
		pass_on(run, keep_all(run));
	return code == CARBON_RUN_OK && run->problems ? CARBON_RUN_PARTLY : code;
}

/* After failures too: that is when somebody looks. Only who holds the lock speaks for the site. */
static void write_metrics(const struct run *run, int code)
{
	struct carbon_metrics metrics = {.run_at = run->options->now, .exit_code = code, .requests = run->requests,
					 .tracks = run->plan.tracks, .track = run->plan.track};
	char path[CARBON_PATH_MAX];
	struct carbon_err err = {""};
	struct carbon_buf buf;

	if (run->lock_fd < 0 || code == CARBON_RUN_BUSY || run->options->backfill_from_at)
		return;
	carbon_config_path(run->config, "site", path);
	carbon_standing_jobs(path, run->options->now, &metrics.standing);
	if (run->store)
		carbon_standing_month(run->store, run->config->site.signal, run->options->now, &metrics.standing);
	metrics.outlook_at = run->is_written ? run->options->now : run->last ? run->last->written_at : 0;
	carbon_buf_init(&buf, METRICS_SIZE_MAX);
	carbon_metrics_format(&metrics, &buf);
	carbon_config_path(run->config, "forecaster.prom", path);
	if (buf.failed || carbon_file_write(path, buf.text, buf.length, OUTLOOK_MODE, &err) < 0)
		say(run, "metrics were not written: %s", buf.failed ? "too many zones" : err.text);
	carbon_buf_fini(&buf);
}

int carbon_run(const struct carbon_run_options *options)
{
	struct run *run = calloc(1, sizeof(*run));
	struct carbon_err err = {""};
	int code;

	if (!run)
		return CARBON_RUN_NOTHING;
	run->options = options;
	run->lock_fd = -1;
	code = work(run, &err);
	if (err.text[0])
		say(run, "%s", err.text);
	write_metrics(run, code);
	carbon_plan_fini(&run->plan);
	carbon_outlook_destroy(run->last);
	carbon_store_close(run->store);
	carbon_config_destroy(run->config);
	if (run->lock_fd >= 0)
		close(run->lock_fd);
	free(run);
	return code;
}
