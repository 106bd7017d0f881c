/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many jobs wait because of decisions made here since the site's own count was taken, per user
 * and in all, in a table of fixed size. Losing it (a restart) only makes the count too small until the
 * next site. Safe from several threads.
 */
#ifndef CARBON_WAITING_H
#define CARBON_WAITING_H

#include <stdint.h>
#include <time.h>

#define CARBON_WAITING_ROWS 2048

struct carbon_waiting {
	uint32_t all;
	uint32_t user;
};

/* Jobs whose begin is still ahead at NOW and that the count of SINCE cannot have seen. */
struct carbon_waiting carbon_waiting_count(uint32_t uid, time_t since, time_t now);

/* Where the table is full, everything counts as too many until rows expire: no job is then delayed. */
void carbon_waiting_add(uint32_t uid, time_t begin_at, time_t now, uint32_t jobs);

void carbon_waiting_clear(void);

#endif
