/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * figures DATA: doc/figures.md on stdout. Every number is computed when it runs; none is kept
 * here. Without the data it says so and ends with 1.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"
#include "tools/published.h"

static const char *const zones[] = {"AU-NSW",	   "BR-SP",	  "CA-ON",	 "DE",
				    "US-CAL-CISO", "US-MIDA-PJM", "US-TEX-ERCO", "ZA"};
#define ZONES (sizeof(zones) / sizeof(zones[0]))

static int print_eurosys(const char *data, struct carbon_err *err)
{
	static const char *const eurosys[] = {"DE", "US-CAL-CISO"};
	static const unsigned int slacks[] = {24, 168};

	puts("## EuroSys '24: a job in every hour of 2022, known perfectly\n\n"
	     "Seven lengths from 1 to 168 h in each start hour, compared row by row. Percent "
	     "saved over all rows: published / ours.\n\n"
	     "| zone | slack | rows | one piece | in pieces | greatest difference of any row "
	     "|\n|---|---|---|---|---|---|");
	for (size_t z = 0; z < 2; z++)
		for (size_t s = 0; s < 2; s++) {
			struct carbon_published_sums sums;

			if (carbon_published_eurosys(data, eurosys[z], slacks[s], &sums, err) <
			    0)
				return -1;
			printf("| %s | %u h | %zu | %.3f / %.3f | %.3f / %.3f | %.4f g/kWh |\n",
			       eurosys[z], slacks[s], sums.rows, sums.published[0],
			       sums.saved[0], sums.published[1], sums.saved[1], sums.worst);
		}
	return 0;
}

static void print_number(int places, double value)
{
	if (isnan(value))
		fputs("-", stdout);
	else
		printf("%.*f", places, value);
}

static int print_gaia(const char *data, struct carbon_err *err)
{
	struct carbon_published_gaia rows[CARBON_PUBLISHED_GAIA];

	if (carbon_published_gaia(data, rows, err) < 0)
		return -1;
	puts("\n## GAIA, figure 8: a thousand jobs in South Australia\n\n"
	     "Emissions as a share of starting at once, and mean wait. The upper five rows are "
	     "GAIA's own rules, which start on whole\n"
	     "hours after the arrival; the lower three are this project's policies on the same "
	     "jobs. Ecovisor's published wait counts the\n"
	     "pauses, ours ends at the first start.\n\n"
	     "| policy | published | ours | published wait, h | ours |\n|---|---|---|---|---|");
	for (size_t i = 0; i < CARBON_PUBLISHED_GAIA; i++) {
		printf("| %s | ", rows[i].name);
		print_number(6, rows[i].published);
		printf(" | %.6f | ", rows[i].carbon);
		print_number(3, rows[i].published_wait_h);
		printf(" | %.3f |\n", rows[i].wait_h);
	}
	return 0;
}

static int print_wait(const char *data, struct carbon_err *err)
{
	struct carbon_published_wait rows[CARBON_PUBLISHED_WAIT_MAX];
	size_t count = 0;

	if (carbon_published_wait(data, rows, &count, err) < 0)
		return -1;
	puts("\n## Let's Wait Awhile: Germany 2020\n\n"
	     "Percent saved. Where the error is not 0 both are the mean of ten draws of noise, "
	     "which are not the same draws. As published,\n"
	     "the half hour that begins at a deadline may be used, a Friday evening's next "
	     "morning is Saturday's, and nights whose window\n"
	     "begins before the year count as saved.\n\n"
	     "| experiment | published | ours |\n|---|---|---|");
	for (size_t i = 0; i < count; i++)
		printf("| %s | %.2f | %.2f |\n", rows[i].name, rows[i].published, rows[i].ours);
	return 0;
}

/* --- what waiting is worth --- */

static const struct carbon_published_arm arms[] = {
	{1, 24, 0, 0},	{4, 12, 0, 0},	{4, 24, 0, 0},	{4, 48, 0, 0},
	{12, 24, 0, 0}, {24, 24, 0, 0}, {24, 24, 1, 0},
};
#define ARMS (sizeof(arms) / sizeof(arms[0]))

static struct carbon_published_delay delays[ZONES][ARMS];

static int run_delays(const char *data, struct carbon_err *err)
{
	for (size_t z = 0; z < ZONES; z++) {
		for (size_t a = 0; a < ARMS; a++)
			delays[z][a].arm = arms[a];
		if (carbon_published_delay(data, zones[z], delays[z], ARMS, err) < 0)
			return -1;
	}
	return 0;
}

static void print_arms_head(void)
{
	fputs("| zone |", stdout);
	for (size_t a = 0; a < ARMS; a++)
		printf(" %u h, up to %u h%s |", arms[a].runtime_h, arms[a].delay_h,
		       arms[a].splits ? ", interruptible" : "");
	fputs("\n|---|", stdout);
	for (size_t a = 0; a < ARMS; a++)
		fputs("---|", stdout);
	puts("");
}

static void print_reference(void)
{
	puts("\n## What waiting is worth: the reference\n\n"
	     "A job in every hour of 2023, decided once, percent saved against starting at "
	     "once: perfect foresight, deciding on yesterday,\n"
	     "deciding on ens, each as reference / ours.\n");
	print_arms_head();
	for (size_t z = 0; z < ZONES; z++) {
		printf("| %s |", zones[z]);
		for (size_t a = 0; a < ARMS; a++) {
			const struct carbon_published_delay *delay = &delays[z][a];

			for (int i = 0; i < 3; i++)
				printf("%s %.1f / %.1f", i ? "," : "", delay->published[i],
				       delay->once[i]);
			fputs(" |", stdout);
		}
		puts("");
	}
}

/* Percent saved once and again, and their shares of the best in brackets. */
static void print_ours_row(size_t z, double sum[ARMS][2])
{
	printf("| %s |", zones[z]);
	for (size_t a = 0; a < ARMS; a++) {
		const struct carbon_published_delay *delay = &delays[z][a];
		double best = delay->once[CARBON_PUBLISHED_PERFECT];
		double saved[2] = {delay->once[CARBON_PUBLISHED_MODEL],
				   delay->again[CARBON_PUBLISHED_MODEL]};

		for (int i = 0; i < 2; i++) {
			fputs(i ? " → " : " ", stdout);
			print_number(1, saved[i]);
			sum[a][i] += saved[i] / best / ZONES;
			if (!isnan(saved[i]))
				printf(" (%.0f)", 100 * saved[i] / best);
		}
		fputs(" |", stdout);
	}
	puts("");
}

static void print_ours(void)
{
	double sum[ARMS][2] = {{0}};

	puts("\n## What waiting is worth: our own forecast\n\n"
	     "The same jobs by our own forecast, which knows the zone's history alone: decided "
	     "once → decided again each hour, and in brackets\n"
	     "the share of what perfect foresight saves.\n");
	print_arms_head();
	for (size_t z = 0; z < ZONES; z++)
		print_ours_row(z, sum);
	fputs("| mean share |", stdout);
	for (size_t a = 0; a < ARMS; a++) {
		for (int i = 0; i < 2; i++) {
			fputs(i ? " → " : " ", stdout);
			print_number(1, 100 * sum[a][i]);
		}
		fputs(" |", stdout);
	}
	puts("");
}

static void print_again(void)
{
	puts("\n## Deciding again each hour: ens, reference and ours, and our own forecast\n\n"
	     "Percent saved: the reference's ens / ens here / our own forecast.\n");
	print_arms_head();
	for (size_t z = 0; z < ZONES; z++) {
		printf("| %s |", zones[z]);
		for (size_t a = 0; a < ARMS; a++) {
			const struct carbon_published_delay *delay = &delays[z][a];

			fputc(' ', stdout);
			print_number(1, delay->published_again);
			fputs(" / ", stdout);
			print_number(1, delay->again[CARBON_PUBLISHED_ENS]);
			fputs(" / ", stdout);
			print_number(1, delay->again[CARBON_PUBLISHED_MODEL]);
			fputs(" |", stdout);
		}
		puts("");
	}
}

/* --- policies and loads --- */

static int print_policies(const char *data, struct carbon_err *err)
{
	struct carbon_published_policy rows[ZONES][CARBON_PUBLISHED_POLICIES_MAX];
	size_t count = 0;

	for (size_t z = 0; z < ZONES; z++)
		if (carbon_published_policies(data, zones[z], rows[z], &count, err) < 0)
			return -1;
	puts("\n## Policies by our own forecast\n\n"
	     "Jobs of 4 h that may wait 24 h, share of what perfect foresight saves in one "
	     "piece, in percent: decided once → again each hour;\n"
	     "the wait is the mean over all zones. Segments takes the jobs for interruptible, "
	     "so it may pass 100.\n");
	fputs("| policy |", stdout);
	for (size_t z = 0; z < ZONES; z++)
		printf(" %s |", zones[z]);
	fputs(" mean | wait, h |\n|---|", stdout);
	for (size_t z = 0; z < ZONES + 2; z++)
		fputs("---|", stdout);
	puts("");
	for (size_t p = 0; p < count; p++) {
		double share[2] = {0}, wait_h[2] = {0};

		printf("| %s |", rows[0][p].name);
		for (size_t z = 0; z < ZONES; z++) {
			printf(" %.0f → %.0f |", rows[z][p].share[0], rows[z][p].share[1]);
			for (int i = 0; i < 2; i++) {
				share[i] += rows[z][p].share[i] / ZONES;
				wait_h[i] += rows[z][p].wait_h[i] / ZONES;
			}
		}
		printf(" %.1f → %.1f | %.1f → %.1f |\n", share[0], share[1], wait_h[0],
		       wait_h[1]);
	}
	return 0;
}

static int print_load_rows(const char *data, int is_real, struct carbon_err *err)
{
	static const double loads[] = {0.50, 0.70, 0.85, 0.95};

	puts("| load | jobs | by the wall | credits | cluster effect | credits / effect | others' "
	     "mean wait without us, h | with us | deadlines missed |\n"
	     "|---|---|---|---|---|---|---|---|---|");
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		struct carbon_published_load load = {.load = loads[i], .is_real = is_real};

		if (carbon_published_load(data, &load, err) < 0)
			return -1;
		printf("| %.0f %% | %zu | %.3f | %.3f | %.3f | %.2f | %.2f | %.2f | %zu |\n",
		       100 * load.utilisation, load.jobs, load.naive, load.credit, load.effect,
		       load.credit / load.effect, load.others_wait_h[0], load.others_wait_h[1],
		       load.missed);
	}
	return 0;
}

/* Whether credits keep near the effect elsewhere too. */
static int print_load_ratios(const char *data, struct carbon_err *err)
{
	static const struct {
		const char *name, *grid;
		uint64_t year;
	} others[] = {
		{"Germany, a second made-up year", "DE.csv", 1},
		{"Germany, a third", "DE.csv", 2},
		{"California", "US-CAL-CISO.csv", 0},
		{"Texas", "US-TEX-ERCO.csv", 0},
		{"PJM", "US-MIDA-PJM.csv", 0},
		{"New South Wales", "AU-NSW.csv", 0},
	};
	static const double loads[] = {0.70, 0.85, 0.95};

	puts("\nThe aim is that credits stay within 30 % of the effect. With other years and grids, all "
	     "known in advance, credits / effect:\n\n"
	     "| | 70 % | 85 % | 95 % |\n|---|---|---|---|");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		printf("| %s |", others[i].name);
		for (size_t k = 0; k < sizeof(loads) / sizeof(loads[0]); k++) {
			struct carbon_published_load load = {.load = loads[k], .grid = others[i].grid,
							     .year = others[i].year};

			if (carbon_published_load(data, &load, err) < 0)
				return -1;
			printf(" %.2f |", load.credit / load.effect);
		}
		puts("");
	}
	return 0;
}

static int print_loads(const char *data, struct carbon_err *err)
{
	puts("\n## What a delay really changes, by load\n\n"
	     "A made-up year on 400 nodes in Germany with backfilling; half of the jobs may "
	     "wait 24 h, lowest-window, each decided in the midst of the\n"
	     "replay by what the site knows by then. Percent of the emissions without us: what "
	     "the delayed jobs would claim by the clock on the\n"
	     "wall, by the slack clock (their credits), and what the replay says that the "
	     "cluster saved. First with grid and run times known in\n"
	     "advance:\n");
	if (print_load_rows(data, 0, err) < 0)
		return -1;
	puts("\nAnd as a site has it, with our own forecast, run times from habits, decided "
	     "again "
	     "each hour:\n");
	if (print_load_rows(data, 1, err) < 0)
		return -1;
	return print_load_ratios(data, err);
}

static int print_all(const char *data, struct carbon_err *err)
{
	puts("<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n"
	     "# Figures\n\n"
	     "Made by `make figures` from public data that are not shipped (their folder is "
	     "`CARBON_DATA`), by the code of\n"
	     "`carbonctl simulate`. Everything on it can be made again in a few minutes; "
	     "nothing is written by hand.\n");
	if (print_eurosys(data, err) < 0 || print_gaia(data, err) < 0 ||
	    print_wait(data, err) < 0 || run_delays(data, err) < 0)
		return -1;
	print_reference();
	print_ours();
	print_again();
	return print_policies(data, err) < 0 ? -1 : print_loads(data, err);
}

int main(int argc, char **argv)
{
	struct carbon_err err = {""};

	if (argc != 2) {
		fprintf(stderr, "usage: figures DATA\n");
		return 2;
	}
	if (print_all(argv[1], &err) < 0) {
		fprintf(stderr, "figures: %s\n", err.text);
		return 1;
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
