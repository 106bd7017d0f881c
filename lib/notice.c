/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals by name. Those that cannot be caught would end a job without a checkpoint and are not among them. */
#include "lib/notice.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"
#include "lib/num.h"

#define SECONDS_DEFAULT 60
#define NAME_MAX_BYTES 12

static const struct {
	const char *name;
	int number;
} signals[] = {
	{"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"TERM", SIGTERM}, {"INT", SIGINT},
	{"HUP", SIGHUP},   {"QUIT", SIGQUIT}, {"ALRM", SIGALRM}, {"URG", SIGURG},
};
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

const char *carbon_notice_signal_name(int signal)
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (signals[i].number == signal)
			return signals[i].name;
	return NULL;
}

/* By name, with "SIG" before it or without, or by number. 0: none of them. */
static int find_signal(const char *text)
{
	long long number;

	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (size_t i = 0; i < SIGNALS; i++)
		if (strcasecmp(signals[i].name, text) == 0)
			return signals[i].number;
	if (carbon_int_parse(text, 1, 64, &number) < 0 || !carbon_notice_signal_name((int)number))
		return 0;
	return (int)number;
}

int carbon_notice_parse(const char *text, struct carbon_notice *out, struct carbon_err *err)
{
	struct carbon_notice notice = {.seconds = SECONDS_DEFAULT};
	const char *rest = strncasecmp(text, "B:", 2) == 0 ? text + 2 : text;
	const char *at = strchr(rest, '@');
	size_t length = at ? (size_t)(at - rest) : strlen(rest);
	char name[NAME_MAX_BYTES] = "USR1";
	long long seconds = SECONDS_DEFAULT;

	notice.to_script = rest != text;
	if (length > 0 && length < sizeof(name))
		snprintf(name, sizeof(name), "%.*s", (int)length, rest);
	notice.signal = length < sizeof(name) ? find_signal(name) : 0;
	if (!notice.signal)
		return carbon_err_set(err, "must be a signal that a job can catch, such as USR1, B:TERM@120");
	if (at && carbon_int_parse(at + 1, 1, CARBON_NOTICE_SECONDS_MAX, &seconds) < 0)
		return carbon_err_set(err, "must give from 1 to %d seconds, such as USR1@60",
				      CARBON_NOTICE_SECONDS_MAX);
	notice.seconds = (uint32_t)seconds;
	*out = notice;
	return 0;
}

bool carbon_notice_format(const struct carbon_notice *notice, char out[CARBON_NOTICE_TEXT])
{
	const char *name = carbon_notice_signal_name(notice->signal);

	snprintf(out, CARBON_NOTICE_TEXT, "%s%s@%u", notice->to_script ? "B:" : "", name ? name : "?",
		 notice->seconds);
	return name && notice->seconds >= 1 && notice->seconds <= CARBON_NOTICE_SECONDS_MAX;
}
