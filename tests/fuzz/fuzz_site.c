/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a site, as they are and once more with a checksum that fits. What is accepted can be found by its
 * look-ups, can be written, and is written the same a second time.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/sealed.h"
#include "lib/site.h"
#include "tests/fuzz/fuzz.h"

static void check_lists(const struct carbon_site *site)
{
	for (size_t i = 0; i < site->places; i++) {
		assert(carbon_site_place(site, site->place[i].partition) == &site->place[i]);
		assert(!site->place[i].is_default || carbon_site_place(site, NULL) == &site->place[i]);
	}
	for (size_t i = 0; i < site->rules; i++)
		assert(carbon_site_rule(site, site->rule[i].kind, site->rule[i].name) == &site->rule[i]);
	for (size_t i = 0; i < site->users; i++)
		assert(carbon_site_user(site, site->user[i].uid) == &site->user[i]);
	for (size_t i = 0; i < site->walls; i++)
		assert(site->wall[i].from_at < site->wall[i].to_at);
}

static void format(const struct carbon_site *site, struct carbon_buf *buf)
{
	struct carbon_err err = {""};

	carbon_buf_init(buf, CARBON_SITE_SIZE_MAX);
	if (carbon_site_format(site, buf, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
}

/* Numbers are rounded by the first writing: the second must change nothing more. */
static void check_writing(const struct carbon_site *site)
{
	struct carbon_buf first, second;
	struct carbon_site again;

	format(site, &first);
	if (carbon_site_parse(first.text, first.length, &again, NULL))
		abort();
	format(&again, &second);
	assert(first.length == second.length && !memcmp(first.text, second.text, first.length));
	carbon_site_fini(&again);
	carbon_buf_fini(&first);
	carbon_buf_fini(&second);
}

static void parse(const char *text, size_t length)
{
	struct carbon_site site;
	struct carbon_err err = {""};

	if (carbon_site_parse(text, length, &site, &err)) {
		assert(err.text[0]);
		return;
	}
	check_lists(&site);
	check_writing(&site);
	carbon_site_fini(&site);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct carbon_buf buf;

	parse((const char *)data, size);
	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	carbon_buf_add(&buf, data, size);
	if (!carbon_sealed_close(&buf, 0, CARBON_SITE_SIZE_MAX, NULL))
		parse(buf.text, buf.length);
	carbon_buf_fini(&buf);
	return 0;
}
