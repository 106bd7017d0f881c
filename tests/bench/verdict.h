/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every bench says in the end: a figure, its goal, and kept or MISSED. Must never measure by the clock of the wall.
 */
#ifndef CARBON_BENCH_VERDICT_H
#define CARBON_BENCH_VERDICT_H

#include <stdio.h>
#include <sys/resource.h>

static inline double bench_seconds(const struct rusage *use)
{
	return (double)(use->ru_utime.tv_sec + use->ru_stime.tv_sec) +
	       1e-6 * (double)(use->ru_utime.tv_usec + use->ru_stime.tv_usec);
}

/* Of this process alone: a busy machine tells the same. */
static inline double bench_cpu_s(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return bench_seconds(&use);
}

/* The most that this process ever had. */
static inline double bench_memory_mb(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)use.ru_maxrss / 1024;
}

/* Prints VALUE against GOAL; 0 where it is under it, else 1, so that | joins several. */
static inline int bench_verdict(const char *what, double value, const char *unit, double goal)
{
	printf("%s: %.3g %s, goal under %g: %s\n", what, value, unit, goal, value < goal ? "kept" : "MISSED");
	return value < goal ? 0 : 1;
}

#endif
