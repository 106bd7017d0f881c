/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl import: intensity history from downloaded files into carbon.db, all of a file or nothing of it. Importing a file
 * again changes nothing; values that it has otherwise are revisions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "accounting/store.h"
#include "config/config.h"
#include "forecaster/csv.h"
#include "forecaster/download.h"
#include "lib/file.h"
#include "lib/time.h"
#include "tools/books_site.h"
#include "tools/import_meter.h"
#include "tools/json.h"
#include "tools/tool.h"

#define FILE_SIZE_MAX ((size_t)512 << 20)
#define ZONES_MAX 512 /* in one file */

static const struct carbon_flag flags[] = {
	{"meter", 0, NULL, "the files are readings of energy meters, for the report's balance"},
	{"zone", 0, "ZONE", "the zone of files that do not name one; of others only its rows are taken"},
	{NULL, 0, NULL, NULL},
};

/* One zone of a file. */
struct part {
	char zone[CARBON_ZONE_MAX];
	struct carbon_series series;
};

struct content {
	const char *zone; /* --zone; NULL: not given */
	size_t parts, last;
	struct part *part; /* ZONES_MAX */
};

struct import {
	struct carbon_tool *tool;
	struct carbon_store *store;
	struct carbon_json json;
};

/* The part of ZONE; rows of one zone mostly follow each other. NULL: error. */
static struct part *find_part(struct content *content, const char *zone, struct carbon_err *err)
{
	struct part *part;

	if (content->parts && strcmp(content->part[content->last].zone, zone) == 0)
		return &content->part[content->last];
	for (content->last = 0; content->last < content->parts; content->last++)
		if (strcmp(content->part[content->last].zone, zone) == 0)
			return &content->part[content->last];
	if (content->parts == ZONES_MAX) {
		carbon_err_set(err, "more than %d zones", ZONES_MAX);
		return NULL;
	}
	part = &content->part[content->parts++];
	memcpy(part->zone, zone, strlen(zone) + 1);
	carbon_series_init(&part->series);
	return part;
}

static int take(const char *zone, const struct carbon_point *point, void *context,
		struct carbon_err *err)
{
	struct content *content = context;
	struct part *part;

	if (content->zone)
		zone = content->zone;
	if (!zone[0])
		return carbon_err_set(err, "no zone in this file: name it with --zone");
	if (!carbon_zone_is_valid(zone) || strlen(zone) >= CARBON_ZONE_MAX)
		return carbon_err_set(err, "zone \"%.48s\" is no zone's name (such as DE)", zone);
	part = find_part(content, zone, err);
	return part ? carbon_series_add(&part->series, *point, err) : -1;
}

static void empty(struct content *content)
{
	for (size_t i = 0; i < content->parts; i++)
		carbon_series_fini(&content->part[i].series);
	content->parts = content->last = 0;
}

/* --- what came of it --- */

static void print(struct import *import, const char *path, const struct part *part,
		  enum carbon_signal signal, const struct carbon_history_count *count)
{
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT];
	struct carbon_json *json = &import->json;

	carbon_time_format(part->series.points[0].at, from);
	carbon_time_format(part->series.points[part->series.count - 1].at, to);
	if (!carbon_tool_is_json(import->tool)) {
		fprintf(import->tool->out,
			"%s: %s %s from %s to %s: %zu new, %zu revised, %zu known already\n", path,
			part->zone, carbon_signal_name(signal), from, to, count->added,
			count->revised, count->same);
		return;
	}
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "file", path);
	carbon_json_text(json, "zone", part->zone);
	carbon_json_text(json, "signal", carbon_signal_name(signal));
	carbon_json_text(json, "from", from);
	carbon_json_text(json, "to", to);
	carbon_json_int(json, "new", (long long)count->added);
	carbon_json_int(json, "revised", (long long)count->revised);
	carbon_json_int(json, "known", (long long)count->same);
	carbon_json_end(json, '}');
}

static int store_part(struct import *import, const char *path, struct part *part,
		      enum carbon_signal signal, struct carbon_err *err)
{
	struct carbon_history_count count;

	carbon_series_sort(&part->series);
	if (carbon_store_history_put(import->store, part->zone, signal, CARBON_IMPORT_SOURCE,
				     import->tool->now, &part->series, &count, err) < 0)
		return -1;
	print(import, path, part, signal, &count);
	return 0;
}

/* One signal's column of a file. */
static int import_signal(struct import *import, const char *path, const char *text, size_t length,
			 enum carbon_signal signal, struct content *content, struct carbon_err *err)
{
	const struct carbon_download_filter filter = {.zone = content->zone, .signal = signal};
	struct carbon_tally tally = {0};
	char left_out[160];
	int rc = carbon_download_read(text, length, &filter, take, content, &tally, err);

	carbon_tally_format(&tally, left_out, sizeof(left_out));
	if (rc == 0 && left_out[0])
		carbon_tool_warn(import->tool, "%s: %s: left out of %zu rows: %s", path,
				 carbon_signal_name(signal), tally.rows, left_out);
	for (size_t i = 0; i < content->parts && rc == 0; i++)
		rc = store_part(import, path, &content->part[i], signal, err);
	if (rc == 0 && content->parts == 0)
		rc = carbon_err_set(err, "no usable row of %s", carbon_signal_name(signal));
	empty(content);
	return rc;
}

static int import_meter(struct import *import, const char *path, struct carbon_err *err)
{
	struct carbon_meter_count count = {0, 0, 0};
	struct carbon_json *json = &import->json;

	if (carbon_tool_import_meter(import->store, path, import->tool->now, &count, err) < 0)
		return -1;
	if (!carbon_tool_is_json(import->tool)) {
		fprintf(import->tool->out, "%s: meter readings: %zu new, %zu revised, %zu known already\n", path,
			count.added, count.revised, count.same);
		return 0;
	}
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "file", path);
	carbon_json_int(json, "new", (long long)count.added);
	carbon_json_int(json, "revised", (long long)count.revised);
	carbon_json_int(json, "known", (long long)count.same);
	carbon_json_end(json, '}');
	return 0;
}

/* All signals that its header names. */
static int import_text(struct import *import, const char *path, const char *text, size_t length,
		       struct content *content, struct carbon_err *err)
{
	struct carbon_download_columns columns;
	struct carbon_csv csv;
	int rc;

	carbon_csv_init(&csv, text, length);
	rc = carbon_csv_next(&csv, err);
	if (rc <= 0)
		return rc < 0 ? -1 : carbon_err_set(err, "empty: no header");
	if (carbon_download_columns(csv.cell, csv.cells, &columns, err) < 0)
		return -1;
	rc = 0;
	for (int i = 0; i < CARBON_SIGNALS && rc == 0; i++)
		if (columns.signal[i] >= 0)
			rc = import_signal(import, path, text, length, (enum carbon_signal)i,
					   content, err);
	return rc;
}

static int import_file(struct import *import, const char *path, struct carbon_err *err)
{
	struct content content = {.zone = carbon_tool_value(import->tool, "zone")};
	char *text = NULL;
	size_t length = 0;
	int rc = -1;

	if (carbon_file_read(path, FILE_SIZE_MAX, 0, NULL, &text, &length, err) < 0)
		return -1;
	content.part = calloc(ZONES_MAX, sizeof(*content.part));
	if (!content.part)
		carbon_err_set(err, "%s: no memory", path);
	else if (carbon_store_begin(import->store, err) == 0) {
		rc = import_text(import, path, text, length, &content, err);
		if (rc < 0)
			carbon_err_prefix(err, "%s", path);
		else
			rc = carbon_store_commit(import->store, err);
		carbon_store_rollback(import->store);
	}
	free(content.part);
	free(text);
	return rc;
}

static int open_store(const struct carbon_tool *tool, struct carbon_store **store,
		      struct carbon_err *err)
{
	struct carbon_config *config = NULL;
	char path[CARBON_PATH_MAX];
	int rc = -1;

	if (carbon_tool_config(tool, &config, err) < 0)
		return -1;
	carbon_config_path(config, "carbon.db", path);
	if (mkdir(config->state_dir, 0750) != 0 && errno != EEXIST)
		carbon_err_set(err, "couldn't make the folder %s: %s", config->state_dir,
			       strerror(errno));
	else
		rc = carbon_store_open(path, false, store, err);
	carbon_config_destroy(config);
	return rc;
}

static int run(struct carbon_tool *tool)
{
	struct import import = {.tool = tool};
	const char *zone = carbon_tool_value(tool, "zone");
	bool is_meter = carbon_tool_has(tool, "meter");
	struct carbon_err err;
	int rc = CARBON_EXIT_OK;

	if (tool->operands == 0)
		return carbon_tool_usage(tool, "which files?");
	if (is_meter && zone)
		return carbon_tool_usage(tool, "--meter takes no --zone");
	if (zone && (!carbon_zone_is_valid(zone) || strlen(zone) >= CARBON_ZONE_MAX))
		return carbon_tool_usage(tool, "--zone \"%.48s\" is no zone's name (such as DE)", zone);
	if (open_store(tool, &import.store, &err) < 0)
		return carbon_tool_fail(tool, &err);
	carbon_json_init(&import.json, tool->out);
	if (carbon_tool_is_json(tool))
		carbon_json_begin(&import.json, NULL, '[');
	for (int i = 0; i < tool->operands; i++)
		if ((is_meter ? import_meter : import_file)(&import, tool->operand[i], &err) < 0)
			rc = carbon_tool_fail(tool, &err);
	if (carbon_tool_is_json(tool))
		carbon_json_end(&import.json, ']');
	carbon_store_close(import.store);
	return rc;
}

const struct carbon_command carbon_command_import = {
	.name = "import",
	.summary = "load downloaded intensity history, or meter readings, into carbon.db",
	.operands = "FILE...",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
