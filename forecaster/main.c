/* SPDX-License-Identifier: GPL-2.0-or-later */
/* carbon-forecaster: options, and the loop for containers. Everything else is in the library. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "forecaster/run.h"
#include "lib/time.h"

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#define LEAST_EVERY_S 300 /* no provider has anything new sooner */

static volatile sig_atomic_t stopped;

static const char help[] =
	"Usage: carbon-forecaster [OPTIONS]\n\n"
	"Ask the grid's data providers for the intensity of the next days and write the outlook.\n\n"
	"  -c, --config=FILE    read this carbon.conf (default: " CARBON_CONF_DEFAULT ")\n"
	"  -z, --zone=ZONE      ask for this zone only; may be given again\n"
	"  -n, --dry-run        print the outlook instead of putting it into place; keep nothing\n"
	"  -e, --every=TIME     go on, once each TIME (15m), instead of ending after one run\n"
	"      --backfill=FROM  fetch history from this time on into carbon.db, and end\n"
	"      --fresh          ask every source, also one that has nothing new since the last run\n"
	"      --sandbox        with --dry-run: show a sandbox key's made-up numbers instead of refusing them\n"
	"      --now=TIME       take this for the present (for tests and replays)\n"
	"  -v, --verbose        say where each part of the outlook comes from\n"
	"  -h, --help           print this and end\n"
	"  -V, --version        print the version and end\n\n"
	"Exit code: 0 all is well; 1 the outlook was written and something is missing in it; 2 options or\n"
	"carbon.conf; 3 another carbon-forecaster is at work; 4 the outlook stays as it was.\n";

enum long_option { OPTION_NOW = 256, OPTION_BACKFILL, OPTION_FRESH, OPTION_SANDBOX };

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"zone", required_argument, NULL, 'z'},
	{"dry-run", no_argument, NULL, 'n'},
	{"every", required_argument, NULL, 'e'},
	{"backfill", required_argument, NULL, OPTION_BACKFILL},
	{"fresh", no_argument, NULL, OPTION_FRESH},
	{"sandbox", no_argument, NULL, OPTION_SANDBOX},
	{"now", required_argument, NULL, OPTION_NOW},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

#define GO_ON (-1)

static int usage(const char *what, const char *value, const char *right)
{
	fprintf(stderr, "carbon-forecaster: %s \"%s\": %s (see --help)\n", what, value, right);
	return CARBON_RUN_USAGE;
}

static int take_zone(const char *value, struct carbon_run_options *options)
{
	if (options->zones == CARBON_RUN_ZONES_MAX)
		return usage("--zone", value, "too many zones");
	options->zone[options->zones++] = value;
	return GO_ON;
}

static int take_time(const char *name, const char *value, time_t *out)
{
	if (carbon_time_parse(value, out, NULL) < 0)
		return usage(name, value, "not a time such as 2026-10-05T02:40Z");
	return GO_ON;
}

static int take_every(const char *value, time_t *every_s)
{
	if (carbon_duration_parse(value, every_s) < 0 || *every_s < LEAST_EVERY_S)
		return usage("--every", value, "not a time of at least 5 minutes, such as 15m");
	return GO_ON;
}

/* GO_ON or an exit code. */
static int take(int letter, struct carbon_run_options *options, time_t *every_s)
{
	switch (letter) {
	case 'c':
		options->config_path = optarg;
		return GO_ON;
	case 'z':
		return take_zone(optarg, options);
	case 'n':
		options->dry_run = true;
		return GO_ON;
	case 'e':
		return take_every(optarg, every_s);
	case OPTION_BACKFILL:
		return take_time("--backfill", optarg, &options->backfill_from_at);
	case OPTION_FRESH:
		options->fresh = true;
		return GO_ON;
	case OPTION_SANDBOX:
		options->sandbox = true;
		return GO_ON;
	case OPTION_NOW:
		return take_time("--now", optarg, &options->now);
	case 'v':
		options->verbose = true;
		return GO_ON;
	case 'h':
		fputs(help, stdout);
		return CARBON_RUN_OK;
	case 'V':
		puts("carbon-forecaster " PACKAGE_VERSION);
		return CARBON_RUN_OK;
	default:
		fputs("carbon-forecaster: see --help\n", stderr);
		return CARBON_RUN_USAGE;
	}
}

static int read_options(int argc, char **argv, struct carbon_run_options *options, time_t *every_s)
{
	int letter, code = GO_ON;

	while (code == GO_ON && (letter = getopt_long(argc, argv, "c:z:ne:vhV", long_options, NULL)) != -1)
		code = take(letter, options, every_s);
	if (code == GO_ON && optind < argc)
		code = usage("operand", argv[optind], "none is taken");
	if (code == GO_ON && options->now && *every_s)
		code = usage("--now", "", "does not go with --every");
	if (code == GO_ON && options->sandbox && !options->dry_run)
		code = usage("--sandbox", "", "goes with --dry-run alone: made-up numbers are never kept");
	return code;
}

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* Until the next multiple of EVERY_S, so that runs keep their rhythm. A signal ends the wait. */
static void wait_for_next(time_t every_s)
{
	time_t now = time(NULL);
	struct timespec rest = {.tv_sec = every_s - now % every_s};

	while (!stopped && nanosleep(&rest, &rest) != 0 && errno == EINTR)
		;
}

static int loop(struct carbon_run_options *options, time_t every_s)
{
	struct sigaction action = {.sa_handler = stop};
	int code;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	do {
		options->now = time(NULL);
		code = carbon_run(options);
		if (code == CARBON_RUN_USAGE)
			return code;
		if (!stopped)
			wait_for_next(every_s);
	} while (!stopped);
	return code;
}

int main(int argc, char **argv)
{
	struct carbon_run_options options = {.out = stdout, .err = stderr};
	time_t every_s = 0;
	int code = read_options(argc, argv, &options, &every_s);

	if (code != GO_ON)
		return code;
	/* A provider that hangs up in the middle of TLS would end us: libcurl leaves this to its caller. */
	signal(SIGPIPE, SIG_IGN);
	if (every_s)
		return loop(&options, every_s);
	if (!options.now)
		options.now = time(NULL);
	return carbon_run(&options);
}
