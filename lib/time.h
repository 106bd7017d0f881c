/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times and durations as text. UTC inside: everything here is independent of the time zone and of
 * the clock. Local time belongs to the edges and lives in lib/when.h.
 */
#ifndef CARBON_TIME_H
#define CARBON_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define CARBON_TIME_TEXT 24
#define CARBON_DURATION_TEXT 32

/* Times before 2000-01-01 and from 2100-01-01 on are taken for damage everywhere. */
#define CARBON_TIME_MIN ((time_t)946684800)
#define CARBON_TIME_MAX ((time_t)4102444800)

/* Longest duration that is taken seriously, ten years. */
#define CARBON_DURATION_MAX ((time_t)315360000)

/*
 * ISO 8601 to UTC: "2026-08-22T17:00:00.000Z", "2018-01-20T12:00Z", "2023-09-02T07",
 * "...+02:00", "...-05", "2024-01-01 00:00:00", "2024-01-01". Fractions are cut. Without a zone it
 * is UTC and *zoned (where not NULL) is false. Errors: anything else, or out of bounds.
 */
int carbon_time_parse(const char *text, time_t *out, bool *zoned);

/* "2026-10-05T02:40:00Z". */
void carbon_time_format(time_t at, char text[CARBON_TIME_TEXT]);

/*
 * A duration in seconds: Slurm's "MINUTES", "MINUTES:SECONDS", "HOURS:MINUTES:SECONDS",
 * "DAYS-HOURS[:MINUTES[:SECONDS]]", and "90s", "90m", "12h", "2d", "1d12h". Errors: negative, empty,
 * another unit, over CARBON_DURATION_MAX.
 */
int carbon_duration_parse(const char *text, time_t *out);

/* "45 s", "12 min", "3 h", "3 h 20 min", "2 d 4 h": at most two units, rounded down. */
void carbon_duration_format(time_t seconds, char text[CARBON_DURATION_TEXT]);

/* Whole UTC hours since the epoch (floor), and the hour of the UTC week, Monday 00:00 = 0 .. 167. */
time_t carbon_hour_floor(time_t at);
int carbon_hour_of_week(time_t at);

/* First second of UTC month "YYYY-MM" and of the one after it. Errors: malformed, out of bounds. */
int carbon_month_parse(const char *text, time_t *from, time_t *to);

#endif
