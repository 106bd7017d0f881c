/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict on bystanders' waits and its file. Must never pause without an end. */
#include "tools/bystanders.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/sealed.h"
#include "lib/site.h"
#include "lib/time.h"
#include "simulator/effect.h"
#include "tools/site.h"
#include "tools/tool.h"

#define NAME "bystanders"
#define FORMAT "carbon-bystanders"
#define SIZE_MAX_BYTES ((size_t)4096)
#define WAIT_MAX_S 1000000000LL

/* --- the verdict --- */

time_t carbon_bystanders_from(const struct carbon_bystanders *last, time_t now)
{
	time_t from_at = now - CARBON_BYSTANDERS_LOOK_S;

	return last->paused_until_at > from_at ? last->paused_until_at : from_at;
}

bool carbon_bystanders_judge(const struct carbon_config *config, const struct carbon_effect *effect, time_t from_at,
			     time_t now, struct carbon_bystanders *state)
{
	double rise_s;

	state->checked_at = now;
	if (effect && effect->bystanders.jobs < CARBON_BYSTANDERS_MIN)
		return false;
	state->from_at = from_at;
	state->jobs = effect ? effect->bystanders.jobs : 0;
	state->wait_s = effect ? effect->bystanders.with_s : 0;
	state->without_s = effect ? effect->bystanders.without_s : 0;
	rise_s = state->wait_s - state->without_s;
	if (!config->bystander_wait_s || !(rise_s > (double)config->bystander_wait_s) || state->paused_until_at > now)
		return false;
	state->paused_at = now;
	state->paused_until_at = now + config->bystander_pause_s;
	return true;
}

void carbon_bystanders_format(const struct carbon_bystanders *state, char out[CARBON_BYSTANDERS_TEXT])
{
	char with[CARBON_DURATION_TEXT], without[CARBON_DURATION_TEXT];

	carbon_duration_format((time_t)llround(state->wait_s), with);
	carbon_duration_format((time_t)llround(state->without_s), without);
	snprintf(out, CARBON_BYSTANDERS_TEXT, "jobs that were not delayed waited %s (mean of %zu, replayed) and without our delays %s",
		 with, state->jobs, without);
}

/* --- the file --- */

enum key { CHECKED, FROM, JOBS, WAIT, WITHOUT, PAUSED, UNTIL, KEYS };

static const struct {
	const char *key;
	long long max;
} keys[KEYS] = {
	[CHECKED] = {"checked", CARBON_TIME_MAX - 1}, [FROM] = {"from", CARBON_TIME_MAX - 1},
	[JOBS] = {"jobs", WAIT_MAX_S},		       [WAIT] = {"wait", WAIT_MAX_S},
	[WITHOUT] = {"without", WAIT_MAX_S},	       [PAUSED] = {"paused", CARBON_TIME_MAX - 1},
	[UNTIL] = {"until", CARBON_TIME_MAX - 1},
};

static int parse(const char *text, size_t length, long long value[KEYS], struct carbon_err *err)
{
	struct carbon_lines lines;
	struct carbon_word line;

	if (carbon_sealed_open(text, length, FORMAT, 1, &lines, err) != 0)
		return -1;
	if (!carbon_lines_next(&lines, &line))
		return carbon_err_set(err, "line 2: there should be one line of keys");
	for (size_t i = 0; i < KEYS; i++) {
		const long long bounds[2] = {0, keys[i].max};

		if (carbon_lines_key(&lines, &line, keys[i].key, bounds, &value[i], err) != 0)
			return -1;
	}
	return 0;
}

int carbon_bystanders_read(const struct carbon_config *config, struct carbon_bystanders *out, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];
	long long value[KEYS];
	struct carbon_file_id id;
	char *text = NULL;
	size_t length = 0;
	int rc;

	memset(out, 0, sizeof(*out));
	carbon_config_path(config, NAME, path);
	carbon_file_identify(path, &id);
	if (id.size < 0)
		return 0;
	if (carbon_file_read(path, SIZE_MAX_BYTES, CARBON_FILE_SERVICE, NULL, &text, &length, err) != 0)
		return -1;
	rc = parse(text, length, value, err);
	free(text);
	if (rc != 0)
		return carbon_err_prefix(err, "%s", path);
	*out = (struct carbon_bystanders){
		.checked_at = (time_t)value[CHECKED],
		.from_at = (time_t)value[FROM],
		.jobs = (size_t)value[JOBS],
		.wait_s = (double)value[WAIT],
		.without_s = (double)value[WITHOUT],
		.paused_at = (time_t)value[PAUSED],
		.paused_until_at = (time_t)value[UNTIL],
	};
	return 1;
}

int carbon_bystanders_write(const struct carbon_config *config, const struct carbon_bystanders *state,
			    struct carbon_err *err)
{
	const long long value[KEYS] = {
		[CHECKED] = state->checked_at,
		[FROM] = state->from_at,
		[JOBS] = (long long)state->jobs,
		[WAIT] = llround(fmin(state->wait_s, WAIT_MAX_S)),
		[WITHOUT] = llround(fmin(state->without_s, WAIT_MAX_S)),
		[PAUSED] = state->paused_at,
		[UNTIL] = state->paused_until_at,
	};
	struct carbon_buf buf;
	int rc = -1;

	carbon_buf_init(&buf, SIZE_MAX_BYTES);
	carbon_buf_puts(&buf, FORMAT " 1\n");
	for (size_t i = 0; i < KEYS; i++)
		carbon_buf_printf(&buf, "%s%s=%lld", i ? " " : "", keys[i].key, value[i]);
	carbon_buf_puts(&buf, "\n");
	if (carbon_sealed_close(&buf, 0, SIZE_MAX_BYTES, err) == 0)
		rc = carbon_tool_run_file_write(config, NAME, buf.text, buf.length, err);
	carbon_buf_fini(&buf);
	return rc;
}

/* --- the site --- */

/* A file that says more than the longest pause that could have been written is not believed. */
static bool is_paused(const struct carbon_config *config, const struct carbon_bystanders *state, time_t now)
{
	return config->bystander_wait_s && state->paused_until_at > now &&
	       state->paused_until_at <= now + CARBON_BYSTANDER_PAUSE_MAX_S;
}

void carbon_bystanders_apply(const struct carbon_tool *tool, const struct carbon_config *config,
			     struct carbon_site *site)
{
	char until[CARBON_TIME_TEXT], why[CARBON_BYSTANDERS_TEXT];
	struct carbon_bystanders state;
	struct carbon_err err;

	if (carbon_bystanders_read(config, &state, &err) < 0)
		carbon_tool_warn(tool, "%s; whether delaying is to be paused is not known", err.text);
	if (!is_paused(config, &state, tool->now) || site->paused_until_at >= state.paused_until_at)
		return;
	site->paused_until_at = state.paused_until_at;
	snprintf(site->paused_reason, sizeof(site->paused_reason), CARBON_BYSTANDERS_REASON);
	carbon_time_format(state.paused_until_at, until);
	carbon_bystanders_format(&state, why);
	carbon_tool_warn(tool, "delaying is paused until %s: %s", until, why);
}
