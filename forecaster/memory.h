/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one run tells the next about its sources: which zones were answered when, until when a provider
 * wants to be left alone, what a key may fetch. A convenience for providers, never a need of ours: without
 * it, with an older one or with another key everything is simply asked.
 *
 *	carbon-memory 1
 *	source NAME mark=N leave_until=AT rights_read=AT rights_whole=0|1
 *	answered ZONE SIGNAL history=AT forecast=AT step=SECONDS
 *	may ZONE BITS
 *	crc32 xxxxxxxx
 *
 * "answered" and "may" lines belong to the source line above them; AT is in seconds since 1970, 0: never.
 */
#ifndef CARBON_MEMORY_H
#define CARBON_MEMORY_H

#include <stddef.h>
#include <time.h>

struct carbon_access;
struct carbon_buf;
struct carbon_err;
struct carbon_track;

#define CARBON_MEMORY_NAME "forecaster.memory"
#define CARBON_MEMORY_SIZE_MAX ((size_t)4 << 20)

/* The sources and zones of a run, borrowed. */
struct carbon_memory {
	struct carbon_access *access;
	size_t accesses;
	struct carbon_track *track;
	size_t tracks;
	time_t now;
	/* "SOURCE ZONE SIGNAL history=AT forecast=AT step=SECONDS" lines about what is not in TRACK: read, and written
	 * again, by a run for some of the zones. NULL: forgotten, as a run for all of them does. */
	struct carbon_buf *others;
};

/*
 * Fill in what TEXT knows of these. Sources whose address or key has changed, times that lie in the future
 * and whatever is not configured any more are passed over; zones that this run is not about go to OTHERS. Errors: not such a file, damaged.
 */
int carbon_memory_parse(const char *text, size_t length, const struct carbon_memory *memory, struct carbon_err *err);

int carbon_memory_format(const struct carbon_memory *memory, struct carbon_buf *buf, struct carbon_err *err);

/* What was answered in this run was answered now. Only once it is kept: else nobody could give it again. */
void carbon_memory_note(const struct carbon_memory *memory);

/* Ask all anew, but for who wants to be left alone. */
void carbon_memory_forget(const struct carbon_memory *memory);

#endif
