/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long slurmctld is busy with a new outlook: 50 zones, 96 hours in 5-minute steps with a band, from bytes to curves
 * (checksum, parsing, prefix sums). Goal: under 10 ms. Prints median and least of RUNS; no file is touched.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/buf.h"
#include "lib/crc32.h"
#include "lib/err.h"
#include "lib/outlook.h"

#define ZONES 50
#define POINTS (96 * 12)
#define STEP 300
#define START ((time_t)1790000100)
#define RUNS 101
#define GOAL_MS 10.0

struct zone {
	char name[CARBON_ZONE_MAX];
	struct carbon_outlook_point point[POINTS];
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* whoever else wants the machine */
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* A sun that dents a daily wave, and a band that widens with the distance. No two points are equal. */
static void fill_zone(struct zone *zone, unsigned int index)
{
	snprintf(zone->name, sizeof(zone->name), "ZONE-%02u", index);
	for (int i = 0; i < POINTS; i++) {
		double day = 2 * M_PI * i / 288, mean = 350 + index + 150 * sin(day) + 0.01 * i;

		zone->point[i].at = START + (time_t)i * STEP;
		zone->point[i].mean_g_kwh = mean;
		zone->point[i].low_g_kwh = mean - 10 - 0.05 * i;
		zone->point[i].high_g_kwh = mean + 10 + 0.06 * i;
	}
}

static int write_outlook(struct carbon_buf *buf, struct carbon_err *err)
{
	struct zone *zone = calloc(ZONES, sizeof(*zone));
	struct carbon_outlook_draft draft[ZONES];
	int rc;

	if (!zone)
		return carbon_err_set(err, "no memory");
	for (unsigned int i = 0; i < ZONES; i++) {
		fill_zone(&zone[i], i);
		draft[i] = (struct carbon_outlook_draft){
			.zone = zone[i].name,
			.signal = CARBON_SIGNAL_LIFECYCLE,
			.parts = 2,
			.part = {{0, CARBON_KIND_FORECAST, "electricitymaps", START},
				 {POINTS / 2, CARBON_KIND_MODEL, "mean7", START}},
			.count = POINTS,
			.point = zone[i].point,
			.end_at = START + (time_t)POINTS * STEP,
		};
	}
	rc = carbon_outlook_format(draft, ZONES, START, buf, err);
	free(zone);
	return rc;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int load(const struct carbon_buf *buf, double *took_ms, struct carbon_err *err)
{
	struct carbon_outlook *outlook;
	double start = now_ms();

	if (carbon_outlook_parse(buf->text, buf->length, &outlook, err))
		return -1;
	*took_ms = now_ms() - start;
	carbon_outlook_destroy(outlook);
	return 0;
}

static int run(struct carbon_err *err)
{
	struct carbon_buf buf;
	double took_ms[RUNS], start, write_ms, crc_ms;
	int rc = -1;
	volatile uint32_t crc;

	carbon_buf_init(&buf, CARBON_OUTLOOK_SIZE_MAX);
	start = now_ms();
	if (write_outlook(&buf, err))
		goto out;
	write_ms = now_ms() - start;
	start = now_ms();
	crc = carbon_crc32(buf.text, buf.length);
	(void)crc;
	crc_ms = now_ms() - start;
	for (int i = 0; i < RUNS; i++)
		if (load(&buf, &took_ms[i], err))
			goto out;
	qsort(took_ms, RUNS, sizeof(took_ms[0]), compare);
	printf("outlook load: %d zones x %d points, %zu bytes: median %.2f ms, least %.2f ms of %d runs "
	       "(checksum %.2f ms, writing %.1f ms); goal under %.0f ms: %s\n",
	       ZONES, POINTS, buf.length, took_ms[RUNS / 2], took_ms[0], RUNS, crc_ms, write_ms,
	       GOAL_MS, took_ms[RUNS / 2] < GOAL_MS ? "kept" : "MISSED");
	rc = took_ms[RUNS / 2] < GOAL_MS ? 0 : carbon_err_set(err, "too slow");
out:
	carbon_buf_fini(&buf);
	return rc;
}

int main(void)
{
	struct carbon_err err = {""};

	if (!run(&err))
		return 0;
	fprintf(stderr, "bench_outlook: %s\n", err.text);
	return 1;
}
