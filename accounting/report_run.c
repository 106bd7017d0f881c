/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row of the ledger on its way into sums. Must never turn what is not known into a zero. */
#include "accounting/report_sum.h"

#include <math.h>
#include <string.h>

#include "lib/run.h"

#define DAY_S ((time_t)86400)
#define HOUR_S ((time_t)3600)

static double real(sqlite3_stmt *stmt, enum carbon_report_column column)
{
	return sqlite3_column_double(stmt, (int)column);
}

static time_t when(sqlite3_stmt *stmt, enum carbon_report_column column)
{
	return (time_t)sqlite3_column_int64(stmt, (int)column);
}

static bool has(sqlite3_stmt *stmt, enum carbon_report_column column)
{
	return sqlite3_column_type(stmt, (int)column) != SQLITE_NULL;
}

/* Shares of nodes where a node's cores are known, as the ledger's view has them. */
static double node_hours(sqlite3_stmt *stmt, double running_h)
{
	double cores = real(stmt, NODE_CORES);
	double share = cores > 0 ? real(stmt, CORES) / cores : real(stmt, NODES);

	return (share < real(stmt, NODES) ? share : real(stmt, NODES)) * running_h;
}

static void read_market(sqlite3_stmt *stmt, const struct carbon_report_line *run, struct carbon_report_apart *apart)
{
	if (has(stmt, MARKET)) {
		apart->market_kwh = run->energy_kwh;
		apart->market_kg = run->energy_kwh * real(stmt, MARKET) / 1000;
		apart->market_zero_kwh = real(stmt, MARKET) > 0 ? 0 : run->energy_kwh;
		return;
	}
	apart->market_credit_kg = run->credit_kg;
	if (has(stmt, DIRECT)) {
		apart->market_rest_kwh = run->energy_kwh;
		apart->market_rest_kg = real(stmt, DIRECT) / 1000;
	}
}

static void read_apart(sqlite3_stmt *stmt, const struct carbon_report_line *run, struct carbon_report_apart *apart)
{
	if (has(stmt, DIRECT)) {
		apart->direct_kwh = run->energy_kwh;
		apart->direct_kg = real(stmt, DIRECT) / 1000;
	}
	if (has(stmt, MARGINAL)) {
		apart->marginal_kwh = run->energy_kwh;
		apart->marginal_kg = real(stmt, MARGINAL) / 1000;
	}
	if (has(stmt, EMBODIED)) {
		apart->embodied_node_h = run->node_h;
		apart->embodied_kg = run->node_h * real(stmt, EMBODIED) / 1000;
	}
	if (has(stmt, WATER)) {
		apart->water_kwh = run->energy_kwh;
		apart->water_l = run->energy_kwh * real(stmt, WATER);
	}
	if (has(stmt, MASS) && has(stmt, EMBODIED)) {
		apart->sci_kg = run->mass_kg + apart->embodied_kg;
		apart->sci_h = run->job_h;
	}
	read_market(stmt, run, apart);
}

static void read_credit(sqlite3_stmt *stmt, struct carbon_report_line *run)
{
	if (has(stmt, CREDIT)) {
		run->credits = 1;
		run->credit_kg = real(stmt, CREDIT) / 1000;
		run->worse = run->credit_kg < 0;
		run->credit_low_kg = has(stmt, CREDIT_LOW) ? real(stmt, CREDIT_LOW) / 1000 : run->credit_kg;
		run->credit_high_kg = has(stmt, CREDIT_HIGH) ? real(stmt, CREDIT_HIGH) / 1000 : run->credit_kg;
		if (sqlite3_column_int(stmt, CREDIT_METHOD) != CARBON_INTENSITY_SETTLED)
			run->open_credit_kg = run->credit_kg;
		run->promises = has(stmt, PROMISED);
		if (run->promises) {
			run->promised_kg = real(stmt, PROMISED) / 1000;
			run->kept_kg = run->credit_kg;
		}
	}
	run->shadows = has(stmt, SHADOW);
	if (run->shadows)
		run->shadow_kg = real(stmt, SHADOW) / 1000;
}

/* Of a job's first segment alone: its later ones keep the distance to the baseline that it had. */
static void read_wait(sqlite3_stmt *stmt, struct carbon_report_line *run)
{
	time_t start_at = when(stmt, START_AT), latest_at = when(stmt, LATEST_AT);

	if (sqlite3_column_int(stmt, DELAYED) == 0 || !has(stmt, WITHOUT_AT) ||
	    when(stmt, WITHOUT_AT) != when(stmt, BASELINE_AT))
		return;
	run->waited_h = (double)(start_at - when(stmt, BASELINE_AT)) / HOUR_S;
	run->late = latest_at && start_at > latest_at;
	if (run->late)
		run->late_h = (double)(start_at - latest_at) / HOUR_S;
}

/*
 * The end that was promised, of the segment that the job ended with. How late it was is told apart: what it began after
 * its latest begin, which is the queue's doing, and the rest, by which the run went beyond its limit or was stopped.
 */
static void read_finish(sqlite3_stmt *stmt, struct carbon_report_line *run)
{
	time_t finish_at = when(stmt, FINISH_AT), end_at = when(stmt, END_AT), first_at, queue_s;
	int state = sqlite3_column_int(stmt, STATE);

	if (!finish_at || !has(stmt, WITHOUT_AT) || state == CARBON_RUN_REQUEUED)
		return;
	run->ends = 1;
	run->missed = end_at > finish_at || state == CARBON_RUN_DEADLINE;
	if (end_at <= finish_at)
		return;
	/* Later segments keep the distance to the baseline that the first one had. */
	first_at = when(stmt, START_AT) - (when(stmt, WITHOUT_AT) - when(stmt, BASELINE_AT));
	queue_s = first_at > when(stmt, LATEST_AT) ? first_at - when(stmt, LATEST_AT) : 0;
	run->missed_h = (double)(end_at - finish_at) / HOUR_S;
	run->missed_queue_h = fmin((double)queue_s / HOUR_S, run->missed_h);
	run->missed_anyway = when(stmt, WITHOUT_AT) + (end_at - when(stmt, START_AT)) > finish_at;
}

static void read_mass(sqlite3_stmt *stmt, struct carbon_report_line *run)
{
	if (!has(stmt, MASS)) {
		run->unknown_kwh = run->energy_kwh;
		return;
	}
	run->mass_kg = real(stmt, MASS) / 1000;
	run->low_kg = real(stmt, LOW_G) / 1000;
	run->high_kg = real(stmt, HIGH_G) / 1000;
	if (run->gpu_h > 0) {
		run->gpu_kg = run->mass_kg;
		run->gpu_gpu_h = run->gpu_h;
	} else {
		run->cpu_kg = run->mass_kg;
		run->cpu_core_h = run->core_h;
	}
}

void carbon_report_run_read(sqlite3_stmt *stmt, struct carbon_report_line *run)
{
	int method = sqlite3_column_int(stmt, INTENSITY_METHOD);
	double running_h = real(stmt, RUNNING_S) / HOUR_S;

	memset(run, 0, sizeof(*run));
	run->runs = 1;
	run->core_h = real(stmt, CORES) * running_h;
	run->gpu_h = real(stmt, GPUS) * running_h;
	run->node_h = node_hours(stmt, running_h);
	run->job_h = running_h;
	run->energy_kwh = real(stmt, ENERGY);
	run->low_kwh = real(stmt, LOW_KWH);
	run->high_kwh = real(stmt, HIGH_KWH);
	run->it_kwh = run->energy_kwh / (real(stmt, PUE) > 0 ? real(stmt, PUE) : 1);
	if (sqlite3_column_int(stmt, ENERGY_METHOD) == CARBON_ENERGY_MEASURED)
		run->measured_kwh = run->energy_kwh;
	if (method >= 0 && method < CARBON_INTENSITY_METHODS)
		run->method_kwh[method] = run->energy_kwh;
	read_mass(stmt, run);
	read_credit(stmt, run);
	read_wait(stmt, run);
	read_finish(stmt, run);
	read_apart(stmt, run, &run->apart);
	run->left_alone = sqlite3_column_int(stmt, NO_RECORD) != 0;
}

static void add_apart(struct carbon_report_apart *sum, const struct carbon_report_apart *run)
{
	sum->direct_kg += run->direct_kg;
	sum->direct_kwh += run->direct_kwh;
	sum->market_kg += run->market_kg;
	sum->market_kwh += run->market_kwh;
	sum->market_rest_kg += run->market_rest_kg;
	sum->market_rest_kwh += run->market_rest_kwh;
	sum->market_credit_kg += run->market_credit_kg;
	sum->market_zero_kwh += run->market_zero_kwh;
	sum->marginal_kg += run->marginal_kg;
	sum->marginal_kwh += run->marginal_kwh;
	sum->embodied_kg += run->embodied_kg;
	sum->embodied_node_h += run->embodied_node_h;
	sum->water_l += run->water_l;
	sum->water_kwh += run->water_kwh;
	sum->sci_kg += run->sci_kg;
	sum->sci_h += run->sci_h;
}

static void add_energy(struct carbon_report_line *line, const struct carbon_report_line *run)
{
	line->core_h += run->core_h;
	line->gpu_h += run->gpu_h;
	line->node_h += run->node_h;
	line->job_h += run->job_h;
	line->energy_kwh += run->energy_kwh;
	line->low_kwh += run->low_kwh;
	line->high_kwh += run->high_kwh;
	line->it_kwh += run->it_kwh;
	line->measured_kwh += run->measured_kwh;
	for (size_t i = 0; i < CARBON_INTENSITY_METHODS; i++)
		line->method_kwh[i] += run->method_kwh[i];
	line->unknown_kwh += run->unknown_kwh;
	line->mass_kg += run->mass_kg;
	line->low_kg += run->low_kg;
	line->high_kg += run->high_kg;
	line->cpu_kg += run->cpu_kg;
	line->cpu_core_h += run->cpu_core_h;
	line->gpu_kg += run->gpu_kg;
	line->gpu_gpu_h += run->gpu_gpu_h;
}

void carbon_report_run_add(struct carbon_report_line *line, const struct carbon_report_line *run)
{
	line->runs += run->runs;
	add_energy(line, run);
	line->credits += run->credits;
	line->credit_kg += run->credit_kg;
	line->open_credit_kg += run->open_credit_kg;
	line->credit_low_kg += run->credit_low_kg;
	line->credit_high_kg += run->credit_high_kg;
	line->promises += run->promises;
	line->promised_kg += run->promised_kg;
	line->kept_kg += run->kept_kg;
	line->worse += run->worse;
	line->late += run->late;
	line->late_h += run->late_h;
	line->waited_h += run->waited_h;
	line->shadows += run->shadows;
	line->shadow_kg += run->shadow_kg;
	line->ends += run->ends;
	line->missed += run->missed;
	line->missed_h += run->missed_h;
	line->missed_queue_h += run->missed_queue_h;
	line->missed_anyway += run->missed_anyway;
	line->left_alone += run->left_alone;
	add_apart(&line->apart, &run->apart);
}

/* --- where it was drawn --- */

/* ENERGY evenly over [FROM, TO), by hour of the day: whole days at once, then what is left. */
static void spread_hours(double bins[CARBON_REPORT_HOURS], time_t from, time_t to, double energy)
{
	time_t length = to - from, days = length / DAY_S, at;

	if (length <= 0)
		return;
	for (size_t i = 0; i < CARBON_REPORT_HOURS; i++)
		bins[i] += energy * (double)(days * HOUR_S) / (double)length;
	for (at = from + days * DAY_S; at < to;) {
		time_t next = at - at % HOUR_S + HOUR_S;

		next = next < to ? next : to;
		bins[at % DAY_S / HOUR_S] += energy * (double)(next - at) / (double)length;
		at = next;
	}
}

void carbon_report_run_spread_days(sqlite3_stmt *stmt, const struct carbon_report_line *run,
				   struct carbon_report *report)
{
	time_t start = when(stmt, START_AT), end = when(stmt, END_AT), length = end - start;
	time_t at = start > report->from_at ? start : report->from_at;

	end = end < report->to_at ? end : report->to_at;
	while (length > 0 && at < end) {
		size_t day = (size_t)((at - report->from_at) / DAY_S);
		time_t next = report->from_at + (time_t)(day + 1) * DAY_S;
		double share;

		next = next < end ? next : end;
		share = (double)(next - at) / (double)length;
		report->day[day].energy_kwh += share * run->energy_kwh;
		report->day[day].known_kwh += share * (run->energy_kwh - run->unknown_kwh);
		report->day[day].mass_kg += share * run->mass_kg;
		at = next;
	}
}

void carbon_report_run_spread(sqlite3_stmt *stmt, const struct carbon_report_line *run,
			      struct carbon_report *report)
{
	time_t start = when(stmt, START_AT), length = when(stmt, END_AT) - start;
	time_t other = sqlite3_column_int(stmt, DELAYED) && has(stmt, WITHOUT_AT) ? when(stmt, WITHOUT_AT) : start;

	carbon_report_run_spread_days(stmt, run, report);
	spread_hours(report->with_kwh, start, start + length, run->energy_kwh);
	spread_hours(report->without_kwh, other, other + length, run->energy_kwh);
}
