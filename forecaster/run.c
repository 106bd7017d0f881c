/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run from beginning to end. What fails is named and counted, and the rest goes on; the outlook is
 * replaced as a whole or not at all, and before carbon.db is written.
 */
#include "forecaster/run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forecaster/http.h"
#include "forecaster/keep.h"
#include "forecaster/memory.h"
#include "forecaster/metrics.h"
#include "forecaster/run_work.h"
#include "forecaster/session.h"
#include "forecaster/standing.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#define METRICS_SIZE_MAX ((size_t)1 << 20)
#define TOTAL_S 120
#define BACKFILL_TOTAL_S 3600

/* --- what came --- */

static void each_session(struct carbon_running *run, void (*what)(const char *folder, const char *name, struct carbon_access *access))
{
	for (size_t i = 0; i < run->config->sources; i++)
		what(run->config->state_dir, run->config->source[i].name, &run->plan.access[i]);
}

static int gather(struct carbon_running *run, struct carbon_err *err)
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
		carbon_run_say(run, "%lu requests", run->requests);
	carbon_http_destroy(http);
	if (!run->options->dry_run)
		each_session(run, carbon_session_write);
	if (skew_s > CARBON_RUN_SKEW_S || skew_s < -CARBON_RUN_SKEW_S)
		carbon_run_say(run, "this machine's clock is %lld s %s of a provider's", llabs((long long)skew_s),
			       skew_s > 0 ? "ahead" : "behind");
	carbon_run_tell(run);
	return 0;
}

static bool has_news(const struct carbon_running *run)
{
	for (size_t i = 0; i < run->plan.tracks; i++)
		if (carbon_track_has_news(&run->plan.track[i]))
			return true;
	return false;
}

/* --- a run --- */

static int begin(struct carbon_running *run, struct carbon_err *err)
{
	int rc;

	if (carbon_config_read(run->options->config_path, &run->config, err) < 0)
		return CARBON_RUN_USAGE;
	if (!run->options->dry_run) {
		if (carbon_run_make_folder(run->config->run_dir, 0755, err) < 0)
			return CARBON_RUN_NOTHING;
		rc = carbon_run_lock(run, err);
		if (rc < 0)
			return rc == -2 ? CARBON_RUN_BUSY : CARBON_RUN_NOTHING;
		carbon_run_sweep(run->config->run_dir);
		carbon_run_sweep(run->config->state_dir);
	}
	carbon_run_read_last(run);
	if (carbon_plan_init(&run->plan, run->config, run->options, run->last, err) < 0)
		return CARBON_RUN_USAGE;
	carbon_run_remember(run);
	carbon_run_open_store(run);
	return CARBON_RUN_OK;
}

static int backfill(struct carbon_running *run, struct carbon_err *err)
{
	if (!run->store)
		return carbon_err_set(err, "there is nowhere to keep history"), CARBON_RUN_NOTHING;
	if (gather(run, err) < 0)
		return CARBON_RUN_NOTHING;
	carbon_run_pass_on(run, false);
	if (!has_news(run))
		return carbon_err_set(err, "no source gave any history"), CARBON_RUN_NOTHING;
	carbon_run_keep(run);
	return run->problems ? CARBON_RUN_PARTLY : CARBON_RUN_OK;
}

static int work(struct carbon_running *run, struct carbon_err *err)
{
	int code = begin(run, err);

	if (code != CARBON_RUN_OK)
		return code;
	if (run->options->backfill_from_at)
		return backfill(run, err);
	if (gather(run, err) < 0)
		return CARBON_RUN_NOTHING;
	if (!has_news(run)) {
		carbon_run_pass_on(run, false);
		return carbon_err_set(err, "nothing was got: the outlook stays as it is"), CARBON_RUN_NOTHING;
	}
	code = carbon_run_write_outlook(run, err) < 0 ? CARBON_RUN_NOTHING : CARBON_RUN_OK;
	if (!run->options->dry_run)
		carbon_run_pass_on(run, carbon_run_keep(run));
	return code == CARBON_RUN_OK && run->problems ? CARBON_RUN_PARTLY : code;
}

/* After failures too: that is when somebody looks. Only who holds the lock speaks for the site. */
static void write_metrics(const struct carbon_running *run, int code)
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
	if (buf.failed || carbon_file_write(path, buf.text, buf.length, CARBON_RUN_FILE_MODE, &err) < 0)
		carbon_run_say(run, "metrics were not written: %s", buf.failed ? "too many zones" : err.text);
	carbon_buf_fini(&buf);
}

int carbon_run(const struct carbon_run_options *options)
{
	struct carbon_running *run = calloc(1, sizeof(*run));
	struct carbon_err err = {""};
	int code;

	if (!run)
		return CARBON_RUN_NOTHING;
	run->options = options;
	run->lock_fd = -1;
	carbon_buf_init(&run->others, CARBON_MEMORY_SIZE_MAX);
	code = work(run, &err);
	if (err.text[0])
		carbon_run_say(run, "%s", err.text);
	write_metrics(run, code);
	carbon_plan_fini(&run->plan);
	carbon_buf_fini(&run->others);
	carbon_outlook_destroy(run->last);
	carbon_store_close(run->store);
	carbon_config_destroy(run->config);
	if (run->lock_fd >= 0)
		close(run->lock_fd);
	free(run);
	return code;
}
