/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open hash of jobs. A job's second run is rare, and one in another line rarer: only then has it a second entry. */
#include "accounting/report_seen.h"

#include <stdlib.h>

#include "accounting/report.h"

#define ANY_LINE UINT32_MAX
#define FIRST_SLOTS 1024

/* By job and line; the entry for ANY_LINE remembers the line of the job's first run. */
struct carbon_seen {
	uint64_t job;
	uint32_t line;
	uint32_t first_line;
	unsigned int marks;
	bool is_used;
};

static size_t hash(uint64_t job, uint32_t line)
{
	uint64_t mixed = (job ^ ((uint64_t)line << 40)) * 0x9e3779b97f4a7c15u;

	return (size_t)(mixed ^ mixed >> 29);
}

/* Where it is, or where it would go. */
static struct carbon_seen *locate(const struct carbon_seen_set *set, uint64_t job, uint32_t line)
{
	size_t i = hash(job, line) & (set->slots - 1);

	while (set->slot[i].is_used && (set->slot[i].job != job || set->slot[i].line != line))
		i = (i + 1) & (set->slots - 1);
	return &set->slot[i];
}

static int grow(struct carbon_seen_set *set)
{
	struct carbon_seen_set more = {set->count, set->slots ? set->slots * 2 : FIRST_SLOTS, NULL};

	more.slot = calloc(more.slots, sizeof(*more.slot));
	if (!more.slot)
		return -1;
	for (size_t i = 0; i < set->slots; i++)
		if (set->slot[i].is_used)
			*locate(&more, set->slot[i].job, set->slot[i].line) = set->slot[i];
	free(set->slot);
	*set = more;
	return 0;
}

/* The entry, new where *IS_NEW; NULL: no memory. */
static struct carbon_seen *see(struct carbon_seen_set *set, uint64_t job, uint32_t line, bool *is_new)
{
	struct carbon_seen *seen;

	if (set->count * 2 >= set->slots && grow(set) < 0)
		return NULL;
	seen = locate(set, job, line);
	*is_new = !seen->is_used;
	if (*is_new) {
		*seen = (struct carbon_seen){.job = job, .line = line, .is_used = true};
		set->count++;
	}
	return seen;
}

/* Count what is NEWLY known of a job. */
static void note_marks(struct carbon_report_line *line, unsigned int newly)
{
	line->delayed += newly & CARBON_SEEN_DELAYED;
	for (unsigned int i = 1; i < CARBON_OPTOUTS; i++)
		line->opt_outs[i] += newly >> i & 1;
}

static void note_job(struct carbon_report_line *line, struct carbon_seen *seen, bool is_new, unsigned int marks)
{
	line->jobs += is_new;
	note_marks(line, marks & ~seen->marks);
	seen->marks |= marks;
}

int carbon_seen_count(struct carbon_seen_set *set, uint64_t job, uint32_t index, unsigned int marks,
		      struct carbon_report_line *total, struct carbon_report_line *line)
{
	unsigned int newly;
	bool is_new = false;
	struct carbon_seen *seen = see(set, job, ANY_LINE, &is_new);

	if (!seen)
		return -1;
	newly = marks & ~seen->marks;
	note_job(total, seen, is_new, marks);
	if (is_new)
		seen->first_line = index;
	if (seen->first_line == index) {
		line->jobs += is_new;
		note_marks(line, newly);
		return 0;
	}
	seen = see(set, job, index, &is_new);
	if (!seen)
		return -1;
	note_job(line, seen, is_new, marks);
	return 0;
}

void carbon_seen_fini(struct carbon_seen_set *set)
{
	free(set->slot);
	*set = (struct carbon_seen_set){0, 0, NULL};
}
