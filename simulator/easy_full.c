/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a replay was full, bin by bin. Must never touch a bin that it has not grown to. */
#include "simulator/easy_full.h"

#include <stdlib.h>
#include <string.h>

static size_t bin_of(const struct carbon_easy_full *full, time_t at)
{
	return (size_t)((at - full->start_at) / CARBON_EASY_BIN_S);
}

const struct carbon_easy_bin *carbon_easy_full_find(const struct carbon_easy_full *full, time_t at)
{
	return at >= full->start_at && bin_of(full, at) < full->bins ? &full->bin[bin_of(full, at)] : NULL;
}

int carbon_easy_full_init(struct carbon_easy_full *full, time_t at)
{
	full->bins = 0;
	full->bin = NULL;
	return carbon_easy_full_grow(full, at > full->start_at ? at : full->start_at);
}

int carbon_easy_full_grow(struct carbon_easy_full *full, time_t until)
{
	size_t need = bin_of(full, until) + 1, more = need + need / 2;
	struct carbon_easy_bin *bin;

	if (need <= full->bins)
		return 0;
	bin = realloc(full->bin, more * sizeof(*bin));
	if (!bin)
		return -1;
	memset(bin + full->bins, 0, (more - full->bins) * sizeof(*bin));
	full->bin = bin;
	full->bins = more;
	return 0;
}

void carbon_easy_full_fini(struct carbon_easy_full *full)
{
	free(full->bin);
	memset(full, 0, sizeof(*full));
}

void carbon_easy_full_add(struct carbon_easy_full *full, time_t from, time_t to)
{
	for (time_t at = from, end; at < to; at = end) {
		struct carbon_easy_bin *bin = &full->bin[bin_of(full, at)];

		end = full->start_at + (time_t)(bin_of(full, at) + 1) * CARBON_EASY_BIN_S;
		end = end < to ? end : to;
		bin->share += (float)(end - at) / CARBON_EASY_BIN_S;
	}
}

void carbon_easy_full_take(struct carbon_easy_full *full, time_t joined_at, time_t at,
			   time_t end_at)
{
	struct carbon_easy_bin *bin = &full->bin[bin_of(full, at)];

	if (at - joined_at > CARBON_EASY_BIN_S && !bin->taken_to_at)
		bin->taken_to_at = end_at;
}
