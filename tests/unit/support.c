/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several unit tests share. Reads only doc/ of the source tree. */
#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/crc32.h"

#define DOCUMENT_MAX 262144

char *support_document(const char *name, size_t *length)
{
	const char *source = getenv("CARBON_SRC");
	char path[4096];
	char *text = malloc(DOCUMENT_MAX + 1);
	FILE *file;

	snprintf(path, sizeof(path), "%s/doc/%s", source ? source : ".", name);
	file = fopen(path, "rb");
	if (!file || !text) {
		fail_msg("%s cannot be read (CARBON_SRC is the source tree)", path);
		return NULL;
	}
	*length = fread(text, 1, DOCUMENT_MAX, file);
	fclose(file);
	text[*length] = '\0';
	return text;
}

char *support_example(const char *name, const char *first, size_t *length)
{
	char *page = support_document(name, length), *begin = strstr(page, first);
	char *trailer = begin ? strstr(begin, "\ncrc32 ") : NULL;
	char *end = trailer ? strchr(trailer + 1, '\n') : NULL;

	if (!end) {
		fail_msg("%s holds no example that begins with \"%s\"", name, first);
		return NULL;
	}
	*length = (size_t)(end + 1 - begin);
	memmove(page, begin, *length);
	page[*length] = '\0';
	return page;
}

char *support_seal(const char *body, size_t *length)
{
	size_t size = strlen(body) + 32;
	char *text = malloc(size);

	assert_non_null(text);
	*length = (size_t)snprintf(text, size, "%scrc32 %08x\n", body,
				   carbon_crc32(body, strlen(body)));
	return text;
}

char *support_edit(const char *sample, const char *old, const char *new, size_t *length)
{
	const char *place = strstr(sample, old), *trailer = strstr(sample, "\ncrc32 ");
	size_t size = strlen(sample) + strlen(new) + 1;
	char *body = malloc(size), *text;

	assert_non_null(body);
	assert_non_null(trailer);
	if (!place)
		fail_msg("the sample does not hold \"%s\"", old);
	snprintf(body, size, "%.*s%s%.*s", (int)(place - sample), sample, new,
		 (int)(trailer + 1 - (place + strlen(old))), place + strlen(old));
	text = support_seal(body, length);
	free(body);
	return text;
}

void support_refuse_cuts(const char *name, support_refused_f *refused)
{
	size_t length;
	char *text = support_document(name, &length);

	for (size_t i = 0; i < length; i++) {
		char *cut = malloc(i + 1); /* its own block, so that ASan sees a byte too far */

		assert_non_null(cut);
		memcpy(cut, text, i);
		refused(cut, i, "line ");
		free(cut);
	}
	free(text);
}

void support_refuse_flips(const char *name, support_refused_f *refused)
{
	size_t length;
	char *text = support_document(name, &length);

	for (size_t i = 0; i < length * 8; i++) {
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
		refused(text, length, "line ");
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
	}
	free(text);
}

void support_refuse_edits(const char *name, const struct support_edit *edit, size_t edits, support_refused_f *refused)
{
	size_t length, edited_length;
	char *text = support_document(name, &length);

	for (size_t i = 0; i < edits; i++) {
		char *edited = support_edit(text, edit[i].old, edit[i].new, &edited_length);

		refused(edited, edited_length, edit[i].why);
		free(edited);
	}
	free(text);
}

size_t support_change_bytes(const char *name, const char *bytes, bool (*read)(const char *text, size_t length),
			    size_t *tried)
{
	size_t length, sealed_length, refused = 0;
	char *text = support_document(name, &length);

	*strstr(text, "crc32") = '\0';
	*tried = 0;
	for (size_t i = 0; text[i]; i++) {
		for (const char *byte = bytes; *byte; byte++) {
			char saved = text[i], *sealed;

			text[i] = *byte;
			sealed = support_seal(text, &sealed_length);
			++*tried;
			refused += !read(sealed, sealed_length);
			free(sealed);
			text[i] = saved;
		}
	}
	free(text);
	return refused;
}

uint64_t support_seed(void)
{
	const char *given = getenv("CARBON_SEED");
	struct timespec now;
	uint64_t seed;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	seed += seed == 0;
	print_message("# CARBON_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

/* xorshift64*, Vigna 2016. */
uint64_t support_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

uint64_t support_below(uint64_t *state, uint64_t below)
{
	return (support_random(state) >> 11) % below;
}

void support_folder(const char *word, char out[SUPPORT_FOLDER_MAX])
{
	size_t length = (size_t)snprintf(out, SUPPORT_FOLDER_MAX, "/tmp/carbon-%.32s-", word);

	memset(out + length, 'X', 6);
	out[length + 6] = '\0';
	assert_non_null(mkdtemp(out));
}

void support_database(const char *word, char folder[SUPPORT_FOLDER_MAX], char path[SUPPORT_DATABASE_MAX])
{
	support_folder(word, folder);
	snprintf(path, SUPPORT_DATABASE_MAX, "%s/carbon.db", folder);
}

void support_database_remove(const char *folder)
{
	static const char *const LEFT[] = {"", "-wal", "-shm", "-journal", ".v1.bak"};
	char path[SUPPORT_DATABASE_MAX + 16];

	for (size_t i = 0; i < sizeof(LEFT) / sizeof(LEFT[0]); i++) {
		snprintf(path, sizeof(path), "%s/carbon.db%s", folder, LEFT[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(folder), 0);
}
