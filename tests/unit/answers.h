/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Providers' answers out of stored files (tests/fuzz/corpus, which the fuzzers start from too), and what becomes of
 * them. Must never ask a provider.
 */
#ifndef CARBON_UNIT_ANSWERS_H
#define CARBON_UNIT_ANSWERS_H

#include "forecaster/source.h"
#include "lib/file.h"
#include "tests/unit/unit.h"

#define NOW ((time_t)1772732040) /* 2026-03-05T17:34:00Z */

struct outcome {
	enum carbon_failure failure;
	struct carbon_reply reply;
	struct carbon_err err;
};

/* To be freed. NAME is below the corpus. */
static inline char *answer_read(const char *name, size_t *length)
{
	struct carbon_err err = {""};
	char path[512], *text = NULL;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", getenv("CARBON_SRC"), name);
	if (carbon_file_read(path, 1 << 20, 0, NULL, &text, length, &err) != 0)
		fail_msg("%s", err.text);
	return text;
}

static inline struct outcome answer_parse(carbon_parse_f parse, const char *name, const struct carbon_ask *ask)
{
	struct outcome out = {.err = {""}};
	size_t length = 0;
	char *text = answer_read(name, &length);

	carbon_reply_init(&out.reply);
	out.failure = parse(text, length, ask, &out.reply, &out.err);
	free(text);
	return out;
}

/* Refused as FAILURE, with WORDS in the message and not a single point; OUT's reply ends here. */
static inline void answer_is_refused(const char *name, struct outcome *out, enum carbon_failure failure, const char *words)
{
	if (out->failure != failure || !strstr(out->err.text, words))
		print_error("%s: %s: %s\n", name, carbon_failure_name(out->failure), out->err.text);
	assert_row(name, out->failure == failure);
	assert_row(name, strstr(out->err.text, words) != NULL);
	assert_row(name, out->reply.series.count == 0);
	carbon_reply_fini(&out->reply);
}

#endif
