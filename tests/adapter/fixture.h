/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder with a site and an outlook for one cluster: partition "batch" in zone DE (dirty now, clean
 * in a few hours), "day" with a short limit, "dark" without a zone. Written with the project's own writers.
 */
#ifndef CARBON_FIXTURE_H
#define CARBON_FIXTURE_H

#include <time.h>

#include "lib/habit.h"
#include "lib/site.h"

#define FIXTURE_DIRTY_G 500.0
#define FIXTURE_CLEAN_G 100.0
#define FIXTURE_CLEAN_AFTER_H 6 /* hours from the outlook's first one */
#define FIXTURE_HOURS 72

struct fixture {
	char folder[64];
	char site_path[96];
	char outlook_path[96];
	char habits_path[96];
	time_t hour_at; /* first hour of the outlook */
	time_t clean_at;
};

/* Makes the folder; no file is in it yet. */
void fixture_init(struct fixture *fixture, time_t now);
void fixture_fini(struct fixture *fixture);

/* What a test may change before it is written. Free with fixture_free_site(). */
void fixture_fill_site(struct carbon_site *site, enum carbon_level level, time_t now);
void fixture_free_site(struct carbon_site *site);

void fixture_write_site(const struct fixture *fixture, const struct carbon_site *site);
/* Both files as above: level LEVEL, the outlook written at WRITTEN_AT. */
void fixture_write(const struct fixture *fixture, enum carbon_level level, time_t written_at);
void fixture_write_outlook(const struct fixture *fixture, time_t written_at);
/* One habit, of uid 1000's jobs of any name: they run RUNTIME_S. */
void fixture_write_habits(const struct fixture *fixture, const char *cluster, uint32_t runtime_s, time_t last_at);
void fixture_write_text(const char *path, const char *text);

#endif
