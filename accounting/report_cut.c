/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines in an array, and an open hash that leads to them. */
#include "accounting/report_cut.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_LINES 64
#define SLOTS_PER_LINE 4

static size_t hash(const struct carbon_cut_key *key)
{
	uint64_t mixed = 0;

	for (size_t i = 0; i < CARBON_CUT_KEYS; i++) {
		mixed = (mixed ^ (uint64_t)key->part[i]) * 0x9e3779b97f4a7c15u;
		mixed ^= mixed >> 29;
	}
	return (size_t)mixed;
}

/* Where it is, or where it would go. */
static size_t locate(const struct carbon_cut *cut, const struct carbon_cut_key *key)
{
	size_t i = hash(key) & (cut->slots - 1);

	while (cut->slot[i] && memcmp(&cut->key[cut->slot[i] - 1], key, sizeof(*key)) != 0)
		i = (i + 1) & (cut->slots - 1);
	return i;
}

/* Room for twice the lines, and a hash four times as large. */
static int grow(struct carbon_cut *cut)
{
	size_t capacity = cut->capacity ? cut->capacity * 2 : FIRST_LINES;
	struct carbon_report_line *line = realloc(cut->line, capacity * sizeof(*line));
	struct carbon_cut_key *key;

	if (!line)
		return -1;
	cut->line = line;
	key = realloc(cut->key, capacity * sizeof(*key));
	if (!key)
		return -1;
	cut->key = key;
	free(cut->slot);
	cut->slots = capacity * SLOTS_PER_LINE;
	cut->slot = calloc(cut->slots, sizeof(*cut->slot));
	if (!cut->slot) {
		cut->slots = 0;
		return -1;
	}
	cut->capacity = capacity;
	for (uint32_t i = 0; i < cut->lines; i++)
		cut->slot[locate(cut, &key[i])] = i + 1;
	return 0;
}

uint32_t carbon_cut_find(struct carbon_cut *cut, const struct carbon_cut_key *key)
{
	size_t at;

	if (cut->lines == CARBON_REPORT_LINES_MAX || (cut->lines == cut->capacity && grow(cut) < 0))
		return CARBON_CUT_FAILED;
	at = locate(cut, key);
	if (cut->slot[at])
		return cut->slot[at] - 1;
	memset(&cut->line[cut->lines], 0, sizeof(cut->line[0]));
	cut->key[cut->lines] = *key;
	cut->slot[at] = (uint32_t)++cut->lines;
	return (uint32_t)cut->lines - 1;
}

void carbon_cut_fini(struct carbon_cut *cut)
{
	free(cut->line);
	free(cut->key);
	free(cut->slot);
	memset(cut, 0, sizeof(*cut));
}
