/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The edge where people's local time is read and written. Uses the process's time zone (TZ), so it
 * is for sbatch, carbonctl and messages to users, and never for anything that is computed with.
 */
#ifndef CARBON_WHEN_H
#define CARBON_WHEN_H

#include <time.h>

#define CARBON_WHEN_TEXT 40
#define CARBON_WHEN_DAY 8
#define CARBON_WHEN_DATE 16
#define CARBON_WHEN_CLOCK 8

/*
 * A point in time as Slurm's --begin and --deadline take it: "now", "now+1hour", "now + 90 minutes";
 * an hour, "HH:MM[:SS][AM|PM]" or "midnight|noon|elevenses|fika|teatime" (the next one); a day,
 * "today|tomorrow", "MMDD[YY]", "MM/DD[/YY]", "MM.DD[.YY]" (without a year the next one) or
 * "YYYY-MM-DD"; a day and an hour with a blank, 'T' or '-' between. And whatever lib/time.h takes with an explicit zone.
 * A local time that daylight saving skips is read as if the clock had gone on; of two that it makes
 * equal the first that is still to come is meant, or the first. Errors: anything else.
 */
int carbon_when_parse(const char *text, time_t now, time_t *out);

/* "Mon 03:00" within the next six days, else "Mon 2026-10-05 03:00"; local time. */
void carbon_when_format(time_t at, time_t now, char text[CARBON_WHEN_TEXT]);

/* The local day on which AT lies: its short name, and a number that grows at each local midnight. */
int carbon_when_day(time_t at, char name[CARBON_WHEN_DAY]);

/* The local "2026-10-25" and "17:00" of AT, as carbon_when_parse() takes them. Returns the day of the week, Monday 0; -1: none. */
int carbon_when_date(time_t at, char date[CARBON_WHEN_DATE], char clock[CARBON_WHEN_CLOCK]);

#endif
