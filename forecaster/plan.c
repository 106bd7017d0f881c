/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From carbon.conf to tracks. The only place that reads a token; it never leaves memory but in a header. */
#include "forecaster/plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "forecaster/profiles.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/outlook.h"

#define BUILT_IN "profile"
#define DEFAULT_ZONE "DE"
#define TRACKS_MAX (2 * CARBON_CONFIG_ZONES_MAX)

/* --- access --- */

/* The token without the line's end. Anything else that is no plain character would change the request. */
static int take_token(const char *path, const char *text, size_t length, struct carbon_access *access,
		      struct carbon_err *err)
{
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	if (!length || length >= sizeof(access->token))
		return carbon_err_set(err, "%s: holds %zu bytes; a token has 1 to %zu", path, length,
				      sizeof(access->token) - 1);
	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return carbon_err_set(err, "%s: byte %zu is no plain character; it should hold the token alone",
					      path, i + 1);
	memcpy(access->token, text, length);
	access->token[length] = '\0';
	return 0;
}

static int read_token(const char *path, struct carbon_access *access, struct carbon_err *err)
{
	char *text = NULL;
	size_t length = 0;
	int rc;

	if (carbon_file_read(path, CARBON_TOKEN_MAX + 16, CARBON_FILE_SECRET | CARBON_FILE_TRUSTED, NULL, &text,
			     &length, err) < 0)
		return -1;
	rc = take_token(path, text, length, access, err);
	explicit_bzero(text, length);
	free(text);
	return rc;
}

static int open_access(const struct carbon_config *config, size_t i, struct carbon_plan *plan,
		       struct carbon_err *err)
{
	const struct carbon_config_source *block = &config->source[i];
	const struct carbon_source *source = carbon_source_find(block->type);
	struct carbon_access *access = &plan->access[i];

	if (!source)
		return carbon_err_set(err, "%s:%d: source \"%s\": type \"%s\" unknown (known: %s)", config->path,
				      block->line, block->name, block->type, carbon_source_names());
	access->name = block->name;
	access->url = block->url;
	access->path = block->path;
	access->ca_file = block->ca_file;
	access->timeout_s = block->timeout_s;
	if (block->token_file[0])
		read_token(block->token_file, access, &plan->access_err[i]);
	else if (source->needs_token)
		carbon_err_set(&plan->access_err[i], "%s:%d: source \"%s\" needs a token_file", config->path,
			       block->line, block->name);
	return 0;
}

/* --- tracks --- */

/* The one that decides on this cluster, where the source has it; else the first that it has. */
static enum carbon_signal signal_of(const struct carbon_source *source, enum carbon_signal wanted)
{
	if (source->signals & 1u << wanted)
		return wanted;
	for (int signal = 0; signal < CARBON_SIGNALS; signal++)
		if (source->signals & 1u << signal)
			return (enum carbon_signal)signal;
	return CARBON_SIGNAL_LIFECYCLE;
}

static struct carbon_track *find_track(struct carbon_plan *plan, const char *zone, enum carbon_signal signal)
{
	struct carbon_track *track;

	for (size_t i = 0; i < plan->tracks; i++)
		if (strcasecmp(plan->track[i].zone, zone) == 0 && plan->track[i].signal == signal)
			return &plan->track[i];
	if (plan->tracks == TRACKS_MAX)
		return NULL;
	track = &plan->track[plan->tracks++];
	memset(track, 0, sizeof(*track));
	snprintf(track->zone, sizeof(track->zone), "%s", zone);
	track->signal = signal;
	return track;
}

/* What a track is to ask of one source. */
struct wish {
	const char *zone;
	const char *source_zone; /* "": the same */
	const char *name;
	const struct carbon_source *source;
	enum carbon_signal signal; /* that decides on this cluster */
	size_t access;
};

static int add_query(struct carbon_plan *plan, const struct wish *wish, const struct carbon_run_options *options,
		     unsigned int horizon_h, struct carbon_err *err)
{
	struct carbon_track *track = find_track(plan, wish->zone, signal_of(wish->source, wish->signal));
	struct carbon_inquiry *query;

	if (!track || track->queries == CARBON_TRACK_QUERIES_MAX)
		return carbon_err_set(err, "zone %s: too many sources or zones", wish->zone);
	query = &track->query[track->queries];
	snprintf(track->source_zone[track->queries], CARBON_ZONE_MAX, "%s",
		 wish->source_zone[0] && !wish->source->load ? wish->source_zone : wish->zone);
	*query = (struct carbon_inquiry){.source = wish->source, .access = &plan->access[wish->access],
				       .name = wish->name, .zone = track->source_zone[track->queries],
				       .signal = track->signal, .now = options->now, .horizon_h = horizon_h,
				       .allow_sandbox = options->sandbox && options->dry_run,
				       .backfill_from_at = options->backfill_from_at,
				       .backfill_to_at = options->now};
	carbon_reply_init(&query->history);
	carbon_reply_init(&query->forecast);
	if (plan->access_err[wish->access].text[0])
		carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "%s", plan->access_err[wish->access].text);
	track->queries++;
	return 0;
}

static int find_wish(const struct carbon_config *config, const char *name, struct wish *wish)
{
	for (size_t i = 0; i < config->sources; i++) {
		if (strcmp(config->source[i].name, name) != 0)
			continue;
		wish->name = config->source[i].name;
		wish->source = carbon_source_find(config->source[i].type);
		wish->access = i;
		return 0;
	}
	wish->name = BUILT_IN;
	wish->source = &carbon_source_profile;
	wish->access = CARBON_CONFIG_SOURCES_MAX;
	return strcmp(name, BUILT_IN) == 0 ? 0 : -1;
}

static int add_zone(struct carbon_plan *plan, const struct carbon_config *config,
		    const struct carbon_config_zone *zone, const struct carbon_run_options *options,
		    struct carbon_err *err)
{
	struct wish wish = {.zone = zone->name, .source_zone = zone->source_zone,
			    .signal = config->site.signal};

	for (size_t i = 0; i < zone->sources; i++) {
		if (find_wish(config, zone->source[i], &wish) < 0)
			return carbon_err_set(err, "%s:%d: zone \"%s\": source \"%s\" has no block", config->path,
					      zone->line, zone->name, zone->source[i]);
		if (add_query(plan, &wish, options, config->horizon_h, err) < 0)
			return -1;
	}
	return 0;
}

/* A zone that no configuration knows has its typical day alone. */
static int add_bare_zone(struct carbon_plan *plan, const struct carbon_config *config, const char *zone,
			 const struct carbon_run_options *options, struct carbon_err *err)
{
	struct wish wish = {.zone = zone, .source_zone = "", .signal = config->site.signal};

	if (!carbon_profile_find(zone))
		return carbon_err_set(err, "zone \"%s\" is not configured and has no profile (there are: %s)", zone,
				      carbon_profile_names());
	wish.zone = carbon_profile_find(zone)->zone;
	find_wish(config, BUILT_IN, &wish);
	return add_query(plan, &wish, options, config->horizon_h, err);
}

static const struct carbon_config_zone *find_zone(const struct carbon_config *config, const char *name)
{
	for (size_t i = 0; i < config->zones; i++)
		if (strcasecmp(config->zone[i].name, name) == 0)
			return &config->zone[i];
	return NULL;
}

static int add_named_zones(struct carbon_plan *plan, const struct carbon_config *config,
			   const struct carbon_run_options *options, struct carbon_err *err)
{
	for (size_t i = 0; i < options->zones; i++) {
		const struct carbon_config_zone *zone = find_zone(config, options->zone[i]);
		int rc = zone ? add_zone(plan, config, zone, options, err) :
				add_bare_zone(plan, config, options->zone[i], options, err);

		if (rc < 0)
			return -1;
	}
	return 0;
}

static int add_zones(struct carbon_plan *plan, const struct carbon_config *config,
		     const struct carbon_run_options *options, struct carbon_err *err)
{
	if (options->zones)
		return add_named_zones(plan, config, options, err);
	if (!config->zones)
		return add_bare_zone(plan, config, DEFAULT_ZONE, options, err);
	for (size_t i = 0; i < config->zones; i++)
		if (add_zone(plan, config, &config->zone[i], options, err) < 0)
			return -1;
	return 0;
}

/* Zones that are configured but not asked this time keep what the last outlook says of them. */
static void carry_over(struct carbon_plan *plan, const struct carbon_config *config,
		       const struct carbon_run_options *options, const struct carbon_outlook *last)
{
	size_t asked = plan->tracks;

	for (size_t i = 0; last && options->zones && i < last->zones; i++) {
		const struct carbon_outlook_zone *zone = &last->zone[i];
		struct carbon_track *track;

		if (!find_zone(config, zone->name))
			continue;
		track = find_track(plan, zone->name, zone->signal);
		if (track && track >= plan->track + asked)
			track->is_carried = true;
	}
}

int carbon_plan_init(struct carbon_plan *plan, const struct carbon_config *config,
		     const struct carbon_run_options *options, const struct carbon_outlook *last,
		     struct carbon_err *err)
{
	struct carbon_access *built_in = &plan->access[CARBON_CONFIG_SOURCES_MAX];

	memset(plan, 0, sizeof(*plan));
	plan->track = calloc(TRACKS_MAX, sizeof(*plan->track));
	if (!plan->track)
		return carbon_err_set(err, "no memory for %d zones", TRACKS_MAX);
	*built_in = (struct carbon_access){.url = "", .path = "", .ca_file = ""};
	for (size_t i = 0; i < config->sources; i++)
		if (open_access(config, i, plan, err) < 0)
			return -1;
	if (add_zones(plan, config, options, err) < 0)
		return -1;
	carry_over(plan, config, options, last);
	return 0;
}

void carbon_plan_fini(struct carbon_plan *plan)
{
	for (size_t i = 0; i < plan->tracks; i++)
		carbon_track_fini(&plan->track[i]);
	free(plan->track);
	for (size_t i = 0; i < CARBON_CONFIG_SOURCES_MAX; i++)
		carbon_rights_fini(&plan->access[i].rights);
	explicit_bzero(plan, sizeof(*plan));
}
