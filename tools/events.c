/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of events: lines of our own, sealed like the site, so that a torn or edited one is seen. */
#include "tools/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/sealed.h"
#include "lib/time.h"
#include "tools/site.h"

#define SIZE_CAP ((size_t)64 << 10)
#define SHAPE "event ID FROM TO PARTITION|* NODES|- KW|-"

static int take_int(struct carbon_word *line, long long min, long long max, long long *out)
{
	struct carbon_word word;

	return carbon_word_next(line, &word) ? carbon_word_int(&word, min, max, out) : -1;
}

/* "-" leaves OUT as it is. */
static int take_number(struct carbon_word *line, double max, double *out)
{
	struct carbon_word word;

	if (!carbon_word_next(line, &word))
		return -1;
	return carbon_word_is(&word, "-") ? 0 : carbon_word_num(&word, 0, max, out);
}

static int take_partition(struct carbon_word *line, char partition[CARBON_NAME_MAX])
{
	struct carbon_word word;

	if (!carbon_word_next(line, &word) || carbon_word_copy(&word, partition, CARBON_NAME_MAX) ||
	    !carbon_name_is_valid(partition, CARBON_NAME_MAX))
		return -1;
	if (strcmp(partition, "*") == 0)
		partition[0] = '\0';
	return 0;
}

static int parse_event(struct carbon_word *line, struct carbon_event *event)
{
	struct carbon_word more, keyword = {"", 0};
	double nodes = CARBON_LIMIT_NONE;
	long long id, from_at, to_at;

	memset(event, 0, sizeof(*event));
	event->limit.kw = -1;
	carbon_word_next(line, &keyword);
	if (!carbon_word_is(&keyword, "event") || take_int(line, 1, UINT32_MAX, &id) ||
	    take_int(line, CARBON_TIME_MIN, CARBON_TIME_MAX, &from_at) ||
	    take_int(line, from_at + 1, CARBON_TIME_MAX, &to_at) || take_partition(line, event->limit.partition) ||
	    take_number(line, CARBON_SITE_NODES_MAX, &nodes) ||
	    take_number(line, CARBON_SITE_POWER_KW_MAX, &event->limit.kw) || carbon_word_next(line, &more))
		return -1;
	event->id = (uint32_t)id;
	event->limit.from_at = (time_t)from_at;
	event->limit.to_at = (time_t)to_at;
	event->limit.nodes = (uint32_t)nodes;
	return 0;
}

static int parse(const char *text, size_t length, struct carbon_events *events, struct carbon_err *err)
{
	struct carbon_lines lines;
	struct carbon_word line;

	if (carbon_sealed_open(text, length, "carbon-events", 1, &lines, err))
		return -1;
	while (carbon_lines_next(&lines, &line)) {
		if (events->count == CARBON_EVENTS_MAX)
			return carbon_err_set(err, "line %lu: more than %d events", lines.number, CARBON_EVENTS_MAX);
		if (parse_event(&line, &events->item[events->count]))
			return carbon_err_set(err, "line %lu should be " SHAPE, lines.number);
		if (events->item[events->count].id > events->last_id)
			events->last_id = events->item[events->count].id;
		events->count++;
	}
	return 0;
}

int carbon_events_read(const struct carbon_config *config, struct carbon_events *events, struct carbon_err *err)
{
	struct carbon_events *found = NULL;
	char path[CARBON_PATH_MAX], *text = NULL;
	struct carbon_file_id id;
	size_t length = 0;
	int rc = -1;

	carbon_config_path(config, "events", path);
	carbon_file_identify(path, &id);
	found = calloc(1, sizeof(*found));
	if (!found)
		return carbon_err_set(err, "no memory");
	if (id.size < 0) {
		rc = 0;
	} else if (carbon_file_read(path, SIZE_CAP, CARBON_FILE_SERVICE, NULL, &text, &length, err) == 0) {
		rc = parse(text, length, found, err);
		if (rc != 0)
			carbon_err_prefix(err, "%s", path);
	}
	if (rc == 0)
		*events = *found;
	free(text);
	free(found);
	return rc;
}

static void format_event(struct carbon_buf *buf, const struct carbon_event *event)
{
	const struct carbon_limit *limit = &event->limit;
	char number[CARBON_DECIMAL_TEXT];

	carbon_buf_printf(buf, "event %" PRIu32 " %lld %lld %s", event->id, (long long)limit->from_at,
			  (long long)limit->to_at, limit->partition[0] ? limit->partition : "*");
	if (limit->nodes == CARBON_LIMIT_NONE)
		carbon_buf_puts(buf, " -");
	else
		carbon_buf_printf(buf, " %" PRIu32, limit->nodes);
	if (limit->kw >= 0)
		carbon_decimal_format(limit->kw, 6, number);
	carbon_buf_printf(buf, " %s\n", limit->kw >= 0 ? number : "-");
}

int carbon_events_write(const struct carbon_config *config, const struct carbon_events *events, time_t now,
			struct carbon_err *err)
{
	struct carbon_buf buf;
	int rc = -1;

	carbon_buf_init(&buf, SIZE_CAP);
	carbon_buf_puts(&buf, "carbon-events 1\n");
	for (size_t i = 0; i < events->count; i++)
		/* The newest stays in any case: its number is not to be given again. */
		if (events->item[i].limit.to_at > now || events->item[i].id == events->last_id)
			format_event(&buf, &events->item[i]);
	if (carbon_sealed_close(&buf, 0, SIZE_CAP, err) == 0)
		rc = carbon_tool_run_file_write(config, "events", buf.text, buf.length, err);
	carbon_buf_fini(&buf);
	return rc;
}

int carbon_events_join(const struct carbon_config *config, time_t now, struct carbon_site *site,
		       struct carbon_err *err)
{
	struct carbon_events *events = calloc(1, sizeof(*events));
	int rc = -1;

	if (!events)
		return carbon_err_set(err, "no memory");
	if (carbon_events_read(config, events, err) != 0)
		goto out;
	for (size_t i = 0; i < events->count; i++) {
		const struct carbon_limit *limit = &events->item[i].limit;

		if (limit->to_at <= now || (limit->partition[0] && !carbon_site_place(site, limit->partition)))
			continue;
		if (carbon_config_limit_add(site, limit, err) != 0)
			goto out;
	}
	carbon_config_limits_sort(site);
	rc = 0;
out:
	free(events);
	return rc;
}
