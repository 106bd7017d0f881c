/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which known name a mistyped one was probably meant to be. Only ever a suggestion: nothing is
 * corrected on anybody's behalf.
 */
#include "config/options.h"

#include <string.h>

#define NAME_MAX_HERE 32

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Edits (insert, delete, replace) from A to B; both shorter than NAME_MAX_HERE. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_HERE + 1];
	size_t width = strlen(b);

	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			size_t above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[width];
}

struct best {
	const char *name;
	size_t distance;
};

static void consider(struct best *best, const char *known, const char *name)
{
	size_t edits = distance(name, known);

	if (edits < best->distance) {
		best->name = known;
		best->distance = edits;
	}
}

const char *carbon_config_near(enum carbon_config_section section, const char *name)
{
	size_t length = strlen(name);
	struct best best = {.name = NULL, .distance = length / 3 + 2};

	if (length == 0 || length >= NAME_MAX_HERE)
		return NULL;
	for (size_t i = 0; i < carbon_config_options_count; i++)
		if (carbon_config_options[i].section == section)
			consider(&best, carbon_config_options[i].name, name);
	for (int i = CARBON_SECTION_TOP + 1; section == CARBON_SECTION_TOP && i < CARBON_SECTIONS; i++)
		consider(&best, carbon_config_section_name((enum carbon_config_section)i), name);
	return best.name;
}
