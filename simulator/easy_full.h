/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a replay was full, and what became of the nodes that it had then, bin by bin. Time is full where
 * jobs wait, however many nodes are free for smaller ones: what is kept free for the head of the
 * queue is no slack either. Knows nothing of intensity.
 */
#ifndef CARBON_EASY_FULL_H
#define CARBON_EASY_FULL_H

#include <stddef.h>
#include <time.h>

#define CARBON_EASY_BIN_S 300

struct carbon_easy_bin {
	float share;	    /* of its time that was full */
	time_t taken_to_at; /* the end of the first run that started in it after longer than a bin
			     * in the queue; 0: there was none */
};

struct carbon_easy_full {
	time_t start_at; /* set by the caller, at or before the first begin */
	size_t bins;
	struct carbon_easy_bin *bin;
};

/* The bin that AT lies in; NULL: none, so it was not full. */
const struct carbon_easy_bin *carbon_easy_full_find(const struct carbon_easy_full *full, time_t at);

/* Begin with bins up to AT, and go on with bins up to UNTIL. -1: no memory. */
int carbon_easy_full_init(struct carbon_easy_full *full, time_t at);
int carbon_easy_full_grow(struct carbon_easy_full *full, time_t until);
void carbon_easy_full_fini(struct carbon_easy_full *full);

/* Within the bins: [FROM, TO) was full. */
void carbon_easy_full_add(struct carbon_easy_full *full, time_t from, time_t to);

/* A job that had queued since JOINED_AT runs from AT, within the bins, to END_AT. */
void carbon_easy_full_take(struct carbon_easy_full *full, time_t joined_at, time_t at,
			   time_t end_at);

#endif
