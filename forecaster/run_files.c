/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one run of the forecaster leaves to the next: folders, the lock, the last outlook, carbon.db, the memory of sources. Without any of
 * them but the lock a run goes on, and says so.
 */
#include "forecaster/run_work.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "forecaster/keep.h"
#include "forecaster/memory.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"

#define MEMORY_MODE 0640

/* --- folders, the lock, what earlier runs left --- */

int carbon_run_make_folder(const char *path, mode_t mode, struct carbon_err *err)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	return carbon_err_set(err, "couldn't make the folder %s: %s (--dry-run needs none)", path, strerror(errno));
}

int carbon_run_lock(struct carbon_running *run, struct carbon_err *err)
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

void carbon_run_sweep(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (is_left_over(entry->d_name))
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
}

void carbon_run_read_last(struct carbon_running *run)
{
	char path[CARBON_PATH_MAX];
	struct carbon_err err = {""};
	char *text = NULL;
	size_t length = 0;

	carbon_config_path(run->config, "outlook", path);
	if (access(path, F_OK) != 0)
		return;
	if (carbon_file_read(path, CARBON_OUTLOOK_SIZE_MAX, CARBON_FILE_SERVICE, NULL, &text, &length, &err) < 0 ||
	    carbon_outlook_parse(text, length, &run->last, &err) < 0)
		carbon_run_say(run, "the last outlook is not usable and will be replaced: %s", err.text);
	else if (run->last->written_at > run->options->now + CARBON_RUN_SKEW_S)
		carbon_run_say(run, "the last outlook was written in the future: was this machine's clock set back?");
	free(text);
}

/* --- the store --- */

void carbon_run_open_store(struct carbon_running *run)
{
	char path[CARBON_PATH_MAX];
	struct carbon_err err = {""};

	carbon_config_path(run->config, "carbon.db", path);
	if (run->options->dry_run && access(path, F_OK) != 0)
		return;
	if ((!run->options->dry_run && carbon_run_make_folder(run->config->state_dir, 0750, &err) < 0) ||
	    carbon_store_open(path, run->options->dry_run, &run->store, &err) < 0)
		carbon_run_complain(run, "history is neither read nor kept: %s", err.text);
}

/* The first failure ends it: a lock or a full disk holds for all zones, and each would wait anew. */
bool carbon_run_keep(struct carbon_running *run)
{
	struct carbon_err err = {""};

	for (size_t i = 0; run->store && i < run->plan.tracks; i++) {
		const struct carbon_track *track = &run->plan.track[i];

		if (track->is_carried || carbon_keep_track(run->store, track, run->options->now, &err) == 0)
			continue;
		carbon_run_complain(run, "carbon.db was not brought up to date: %s", err.text);
		return false;
	}
	return run->store != NULL;
}

/* --- what the next run is told --- */

static struct carbon_memory memory_of(struct carbon_running *run)
{
	return (struct carbon_memory){.access = run->plan.access, .accesses = run->config->sources,
				      .track = run->plan.track, .tracks = run->plan.tracks,
				      .now = run->options->now,
				      .others = run->options->zones ? &run->others : NULL};
}

static bool find_memory(const struct carbon_running *run, char path[CARBON_PATH_MAX])
{
	int size = snprintf(path, CARBON_PATH_MAX, "%s/" CARBON_MEMORY_NAME, run->config->state_dir);

	return size > 0 && size < CARBON_PATH_MAX;
}

void carbon_run_remember(struct carbon_running *run)
{
	struct carbon_memory memory = memory_of(run);
	char path[CARBON_PATH_MAX], *text = NULL;
	struct carbon_err err = {""};
	size_t length = 0;

	if (!find_memory(run, path) || access(path, F_OK) != 0)
		return;
	if (carbon_file_read(path, CARBON_MEMORY_SIZE_MAX, CARBON_FILE_SERVICE, NULL, &text, &length, &err) < 0 ||
	    carbon_memory_parse(text, length, &memory, &err) < 0) {
		carbon_run_say(run, "what is remembered of sources is not usable, so all are asked: %s", err.text);
		carbon_memory_forget(&memory);
	}
	if (run->options->fresh)
		carbon_memory_forget(&memory);
	free(text);
}

void carbon_run_pass_on(struct carbon_running *run, bool is_kept)
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
		carbon_run_say(run, "the next run will ask everything again: %s", err.text);
	carbon_buf_fini(&buf);
}
