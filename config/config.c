/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration from its file to its end. The defaults that no file gives stand in create(), in
 * lib/site.c and in lib/power.c; the option table only says them again as text, and a test compares.
 */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/parser.h"
#include "lib/err.h"
#include "lib/file.h"

static struct carbon_config *create(const char *path)
{
	struct carbon_config *config = calloc(1, sizeof(*config));

	if (!config)
		return NULL;
	snprintf(config->path, sizeof(config->path), "%s", path);
	snprintf(config->state_dir, sizeof(config->state_dir), "%s", CARBON_STATE_DIR);
	snprintf(config->run_dir, sizeof(config->run_dir), "%s", CARBON_RUN_DIR);
	config->is_there = true;
	config->horizon_h = 96;
	config->updates_per_second = 20;
	config->bystander_wait_s = 300;
	config->bystander_pause_s = 86400;
	config->updates_per_run = 2000;
	config->slurmdbd_queue_max = 1000;
	carbon_site_init(&config->site);
	carbon_terms_init(&config->fallback_terms);
	carbon_holdout_init(&config->holdout);
	carbon_place_init(&config->fallback);
	config->site.place = calloc(CARBON_SITE_PLACES_MAX, sizeof(*config->site.place));
	config->terms = calloc(CARBON_SITE_PLACES_MAX, sizeof(*config->terms));
	if (!config->site.place || !config->terms) {
		free(config->site.place);
		free(config->terms);
		free(config);
		return NULL;
	}
	return config;
}

void carbon_config_destroy(struct carbon_config *config)
{
	if (!config)
		return;
	carbon_site_fini(&config->site);
	free(config->terms);
	free(config->allowance);
	free(config);
}

int carbon_config_parse(const char *path, const char *text, size_t length, struct carbon_config **out,
			struct carbon_err *err)
{
	struct carbon_err local = {""};
	struct carbon_config_parser state = {.err = err ? err : &local};
	char *copy = NULL;
	int rc = -1;

	*out = NULL;
	state.config = create(path);
	copy = malloc(length + 2);
	if (!state.config || !copy) {
		carbon_err_set(err, "%s: no memory", path);
		goto out;
	}
	memcpy(copy, text, length);
	copy[length] = '\n'; /* libConfuse's lexer is happier, and fmemopen() takes no empty text */
	copy[length + 1] = '\0';
	if (carbon_config_wash(path, copy, length, state.err) != 0 ||
	    carbon_config_confuse(&state, copy, length + 1) != 0 || carbon_config_join(state.config, state.err) != 0)
		goto out;
	*out = state.config;
	state.config = NULL;
	rc = 0;
out:
	free(copy);
	carbon_config_destroy(state.config);
	return rc;
}

int carbon_config_read(const char *path, struct carbon_config **out, struct carbon_err *err)
{
	const char *name = path ? path : CARBON_CONF_DEFAULT;
	struct carbon_file_id id;
	char *text = NULL;
	size_t length = 0;
	int rc;

	*out = NULL;
	carbon_file_identify(name, &id);
	if (!path && id.size < 0) {
		rc = carbon_config_parse(name, "", 0, out, err);
		if (rc == 0)
			(*out)->is_there = false;
		return rc;
	}
	if (carbon_file_read(name, CARBON_CONFIG_SIZE_MAX, CARBON_FILE_TRUSTED, NULL, &text, &length, err) != 0)
		return -1;
	rc = carbon_config_parse(name, text, length, out, err);
	free(text);
	return rc;
}

void carbon_config_path(const struct carbon_config *config, const char *name, char out[CARBON_PATH_MAX])
{
	bool is_state = strcmp(name, "carbon.db") == 0;

	snprintf(out, CARBON_PATH_MAX, "%.*s/%s", CARBON_CONFIG_DIR_MAX - 1,
		 is_state ? config->state_dir : config->run_dir, name);
}
