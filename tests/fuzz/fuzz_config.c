/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a carbon.conf. What is refused is refused with a place; what is accepted can be shown option by
 * option, compiles, and compiles into a site that the plugin's reader takes.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/options.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "tests/fuzz/fuzz.h"

#define NOW 1790000000

static void check_shown(const struct carbon_config *config)
{
	char text[CARBON_CONFIG_TEXT_MAX];

	for (size_t i = 0; i < carbon_config_options_count; i++) {
		const struct carbon_config_option *option = &carbon_config_options[i];
		struct carbon_config_draft draft = {.place = config->fallback, .terms = config->fallback_terms, .source = config->source[0]};

		carbon_config_option_format(option, option->section == CARBON_SECTION_TOP ? (const void *)config : &draft,
					    text);
		assert(strlen(text) < sizeof(text));
	}
}

static void check_zones(const struct carbon_config *config)
{
	for (size_t i = 0; i < config->zones; i++) {
		assert(carbon_zone_is_valid(config->zone[i].name));
		assert(config->zone[i].sources > 0);
	}
}

static void die(const struct carbon_err *err)
{
	fprintf(stderr, "%s\n", err->text);
	abort();
}

static void check_compiled(const struct carbon_config *config)
{
	struct carbon_config_cluster cluster;
	struct carbon_config_partition *partition;
	struct carbon_site site, again;
	struct carbon_err err = {""};
	struct carbon_buf buf;

	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	if (carbon_config_offline(config, NOW, &cluster, &partition, &err) != 0 ||
	    carbon_config_compile(config, &cluster, NOW, &site, &err) != 0 ||
	    carbon_site_format(&site, &buf, &err) != 0 ||
	    carbon_site_parse(buf.text, buf.length, &again, &err) != 0)
		die(&err);
	assert(again.places == config->site.places && again.rules == config->site.rules);
	carbon_site_fini(&again);
	carbon_site_fini(&site);
	carbon_buf_fini(&buf);
	free(partition);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct carbon_config *config;
	struct carbon_err err = {""};

	if (carbon_config_parse("carbon.conf", (const char *)data, size, &config, &err) != 0) {
		assert(config == NULL);
		assert(strncmp(err.text, "carbon.conf:", 12) == 0);
		return 0;
	}
	check_shown(config);
	check_zones(config);
	check_compiled(config);
	carbon_config_destroy(config);
	return 0;
}
