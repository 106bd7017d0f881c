/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target without libFuzzer, as a TAP test: each stored input, and MUTATIONS variants of it made from a
 * printed seed ($CARBON_SEED to have them again). The corpus is $CARBON_SRC/tests/fuzz/corpus/NAME for a
 * program fuzz_NAME, or the files on the command line. An empty corpus is a failure, never a pass.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX 65536
#define FILES_MAX 1000
#define MUTATIONS 1000
#define EDITS_MAX 4

static uint64_t random_state;

/* xorshift64*, Vigna 2016. */
static uint64_t below(uint64_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(2685821657736338717) >> 11) % limit;
}

/* A block of exactly SIZE bytes, so that a sanitizer sees one byte too far. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		abort();
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

/* Move what stands behind FROM to TO, cut at INPUT_MAX. */
static size_t shift(uint8_t *data, size_t size, size_t from, size_t to)
{
	size_t rest = size - from;

	if (to + rest > INPUT_MAX)
		rest = INPUT_MAX - to;
	memmove(data + to, data + from, rest);
	return to + rest;
}

static size_t edit(uint8_t *data, size_t size)
{
	static const char *const words[] = {"\n", " ",	 "0",  "-1", "99999999999999999999", "1e999",
					    "=", "\"", "nan", "2",  "\xff",		     "{}[]"};
	const char *word = words[below(sizeof(words) / sizeof(words[0]))];
	size_t at = below(size + 1), length = strlen(word);

	switch (below(4)) {
	case 0: /* one bit */
		if (at < size)
			data[at] = (uint8_t)(data[at] ^ 1 << below(8));
		return size;
	case 1: /* some bytes less */
		length = 1 + below(20);
		return shift(data, size, at + length < size ? at + length : size, at);
	case 2: /* a word more */
		if (at + length > INPUT_MAX)
			return size;
		size = shift(data, size, at, at + length);
		memcpy(data + at, word, length);
		return size;
	default: /* a stretch again */
		length = 1 + below(40);
		if (at + 2 * length > size)
			return size;
		return shift(data, size, at, at + length);
	}
}

static void run_mutations(const uint8_t *data, size_t size)
{
	static uint8_t mutant[INPUT_MAX];

	for (int i = 0; i < MUTATIONS; i++) {
		size_t length = size;

		memcpy(mutant, data, size);
		for (uint64_t edits = 1 + below(EDITS_MAX); edits > 0; edits--)
			length = edit(mutant, length);
		run(mutant, length);
	}
}

static bool replay(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		return false;
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	run(data, size);
	run_mutations(data, size);
	return true;
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The corpus that belongs to the program's name. */
static size_t list_corpus(const char *program, char **paths)
{
	const char *source = getenv("CARBON_SRC"), *slash = strrchr(program, '/');
	const char *name = strstr(slash ? slash : program, "fuzz_");
	struct dirent **entries = NULL;
	char folder[2048];
	size_t count = 0;
	int found;

	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", source ? source : ".",
		 name ? name + strlen("fuzz_") : "");
	found = scandir(folder, &entries, is_file, alphasort);
	for (int i = 0; i < found; i++) {
		if (count < FILES_MAX && asprintf(&paths[count], "%s/%s", folder, entries[i]->d_name) > 0)
			count++;
		free(entries[i]);
	}
	free(entries);
	if (!count)
		printf("Bail out! %s holds no input (CARBON_SRC is the source tree)\n", folder);
	return count;
}

static void seed(void)
{
	const char *given = getenv("CARBON_SEED");
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	random_state = given ? strtoull(given, NULL, 10)
			     : (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	random_state += random_state == 0;
	printf("# CARBON_SEED=%llu\n", (unsigned long long)random_state);
}

int main(int argc, char **argv)
{
	static char *listed[FILES_MAX];
	char **paths = argc > 1 ? argv + 1 : listed;
	size_t count = argc > 1 ? (size_t)argc - 1 : list_corpus(argv[0], listed);
	bool all = count > 0;

	seed();
	printf("1..%zu\n", count);
	fflush(stdout);
	for (size_t i = 0; i < count; i++) {
		bool ok = replay(paths[i]);

		printf("%s %zu - %s\n", ok ? "ok" : "not ok", i + 1, strrchr(paths[i], '/') ? strrchr(paths[i], '/') + 1 : paths[i]);
		fflush(stdout);
		all = all && ok;
		if (paths == listed)
			free(paths[i]);
	}
	return all ? 0 : 1;
}
