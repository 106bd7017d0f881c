/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outlook of a run: each zone composed of what came, what is kept and what our model says, and all of them put into
 * place as a whole. A fault in one zone must never cost the others theirs.
 */
#include "forecaster/run_work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/extend.h"
#include "forecaster/keep.h"
#include "forecaster/own.h"
#include "forecaster/past.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"

static struct carbon_outlook_draft draft_of(const struct carbon_track *track)
{
	struct carbon_outlook_draft draft = {.zone = track->zone, .signal = track->signal,
					     .parts = track->outlook.parts, .count = track->outlook.count,
					     .point = track->outlook.point, .end_at = track->outlook.end_at};

	memcpy(draft.part, track->outlook.part, sizeof(draft.part));
	return draft;
}

/* Whether the zone alone would make a good file: a fault in one may not cost the others theirs. */
static bool is_sound(struct carbon_running *run, const struct carbon_outlook_draft *draft)
{
	struct carbon_err err = {""};
	struct carbon_buf buf;
	int rc;

	carbon_buf_init(&buf, CARBON_OUTLOOK_SIZE_MAX);
	rc = carbon_outlook_format(draft, 1, run->options->now, &buf, &err);
	carbon_buf_fini(&buf);
	if (rc < 0)
		carbon_run_complain(run, "zone %s: left out of the outlook: %s", draft->zone, err.text);
	return rc == 0;
}

/* What cannot be judged stays as it came. */
static void judge(struct carbon_running *run, struct carbon_track *track)
{
	struct carbon_err err = {""};

	if (!run->store || track->is_carried)
		return;
	if (carbon_past_weigh(run->store, track, run->options->now, &err) < 0 ||
	    carbon_past_score(run->store, track, run->options->now, &err) < 0)
		carbon_run_complain(run, "zone %s: earlier forecasts are not read: %s", track->zone, err.text);
}

static bool compose_track(struct carbon_running *run, struct carbon_track *track, struct carbon_outlook_draft *draft)
{
	struct carbon_err err = {""};

	if (run->store && !track->is_carried &&
	    carbon_keep_history(run->store, track, run->options->now, &err) < 0)
		carbon_run_complain(run, "zone %s: history is not read: %s", track->zone, err.text);
	if (carbon_track_merge(track, &err) < 0) {
		carbon_run_complain(run, "zone %s: left out of the outlook: %s", track->zone, err.text);
		return false;
	}
	carbon_track_predict(track, run->options->now);
	judge(run, track);
	carbon_track_extend(track, run->options->now);
	carbon_own_destroy(track->model);
	track->model = NULL;
	if (carbon_track_compose(track, run->last, run->options->now, run->config->horizon_h, &err) < 0) {
		carbon_run_complain(run, "zone %s: left out of the outlook: %s", track->zone, err.text);
		return false;
	}
	if (!track->outlook.count) {
		carbon_run_complain(run, "zone %s: nobody knows anything of it: left out of the outlook", track->zone);
		return false;
	}
	*draft = draft_of(track);
	if (!is_sound(run, draft))
		return false;
	carbon_run_tell_outlook(run, track);
	return true;
}

static int put(struct carbon_running *run, const struct carbon_buf *buf, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];

	if (run->options->dry_run)
		return fwrite(buf->text, 1, buf->length, run->options->out) == buf->length &&
				       fflush(run->options->out) == 0 ?
			       0 :
			       carbon_err_set(err, "couldn't print the outlook: %s", strerror(errno));
	carbon_config_path(run->config, "outlook", path);
	if (carbon_file_write(path, buf->text, buf->length, CARBON_RUN_FILE_MODE, err) < 0)
		return -1;
	run->is_written = true;
	return 0;
}

int carbon_run_write_outlook(struct carbon_running *run, struct carbon_err *err)
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
