/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run found, in the text format that node_exporter's textfile collector reads. Written after every run,
 * the failed ones first of all. Pure: text into a buffer.
 */
#ifndef CARBON_METRICS_H
#define CARBON_METRICS_H

#include <stddef.h>
#include <time.h>

#include "forecaster/standing.h"

struct carbon_buf;
struct carbon_track;

struct carbon_metrics {
	time_t run_at;
	int exit_code;
	unsigned long requests;
	time_t outlook_at; /* when the outlook in place was written; 0: there is none */
	struct carbon_standing standing;
	size_t tracks;
	const struct carbon_track *track;
};

void carbon_metrics_format(const struct carbon_metrics *metrics, struct carbon_buf *buf);

#endif
