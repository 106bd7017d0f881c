/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "TIME MARK TOKEN" in a file of mode 0600. Must never leave a token in memory that is given back. */
#include "forecaster/session.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/crc32.h"
#include "lib/file.h"
#include "lib/time.h"
#include "lib/words.h"

#define PATH_SIZE 1200

/* Of the secret that a session came from. */
static uint32_t mark_of(const struct carbon_access *access)
{
	return carbon_crc32(access->token, strlen(access->token));
}

static bool find_path(const char *folder, const char *name, char path[PATH_SIZE])
{
	int size = snprintf(path, PATH_SIZE, "%s/.session-%s", folder, name);

	return size > 0 && size < PATH_SIZE;
}

static void parse(const char *text, size_t length, struct carbon_access *access)
{
	const char *cursor = text;
	struct carbon_word line, word;
	long long at, mark;

	if (carbon_line_next(&cursor, text + length, &line) && carbon_word_next(&line, &word) &&
	    carbon_word_int(&word, CARBON_TIME_MIN, CARBON_TIME_MAX, &at) == 0 && carbon_word_next(&line, &word) &&
	    carbon_word_int(&word, 0, UINT32_MAX, &mark) == 0 && mark == mark_of(access) &&
	    carbon_word_next(&line, &word) &&
	    carbon_word_copy(&word, access->session, sizeof(access->session)) == 0)
		access->session_at = (time_t)at;
}

void carbon_session_read(const char *folder, const char *name, struct carbon_access *access)
{
	char path[PATH_SIZE], *text = NULL;
	size_t length = 0;

	if (!access->token[0] || !find_path(folder, name, path) ||
	    carbon_file_read(path, CARBON_TOKEN_MAX + 64, CARBON_FILE_TRUSTED | CARBON_FILE_SECRET, NULL, &text,
			     &length, NULL) < 0)
		return;
	parse(text, length, access);
	explicit_bzero(text, length);
	free(text);
}

void carbon_session_write(const char *folder, const char *name, struct carbon_access *access)
{
	char path[PATH_SIZE], text[CARBON_TOKEN_MAX + 64];
	int size;

	if (!access->is_session_new || !find_path(folder, name, path))
		return;
	size = snprintf(text, sizeof(text), "%lld %lu %s\n", (long long)access->session_at,
			(unsigned long)mark_of(access), access->session);
	(void)mkdir(folder, 0750);
	(void)carbon_file_write(path, text, (size_t)size, 0600, NULL);
	explicit_bzero(text, sizeof(text));
}
