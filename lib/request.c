/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options a researcher may give, each read by one small function. */
#include "lib/request.h"

#include <string.h>
#include <strings.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/time.h"
#include "lib/when.h"
#include "lib/words.h"

/* A job that draws more than ten megawatts is a slip of the pen. */
#define POWER_MAX_W 1e7
#define DATA_MAX_GB 1e7 /* ten petabytes */
#define PLACE_NAME_MAX 64
#define RUNTIME_MAX_S ((time_t)366 * 86400)
#define TIME_HELP "a time such as 90m, 12h, 2-00:00:00"

static int parse_mode(const char *value, time_t now, struct carbon_request *request,
		      struct carbon_err *err)
{
	(void)now;
	if (strcasecmp(value, "off") == 0)
		request->mode = CARBON_MODE_OFF;
	else if (strcasecmp(value, "auto") == 0)
		request->mode = CARBON_MODE_AUTO;
	else
		return carbon_err_set(err, "--carbon=%s: must be off or auto", value);
	return 0;
}

static int parse_delay(const char *value, time_t now, struct carbon_request *request,
		       struct carbon_err *err)
{
	(void)now;
	if (carbon_duration_parse(value, &request->delay_s) < 0)
		return carbon_err_set(err, "--carbon-delay=%s: must be " TIME_HELP, value);
	return 0;
}

/* A bare number is what sbatch's plugin sends: seconds since the epoch, parsed in the user's time zone. */
static int parse_finish_by(const char *value, time_t now, struct carbon_request *request,
			   struct carbon_err *err)
{
	long long epoch;

	if (strlen(value) >= 9 &&
	    carbon_int_parse(value, CARBON_TIME_MIN, CARBON_TIME_MAX - 1, &epoch) == 0) {
		request->finish_by_at = (time_t)epoch;
		return 0;
	}
	if (carbon_when_parse(value, now, &request->finish_by_at) < 0)
		return carbon_err_set(err,
				      "--carbon-finish-by=%s: must be a time such as 18:00, "
				      "tomorrow, 2026-10-05T18:00, now+12hours",
				      value);
	return 0;
}

static int parse_runtime(const char *value, time_t now, struct carbon_request *request,
			 struct carbon_err *err)
{
	time_t seconds;

	(void)now;
	if (carbon_duration_parse(value, &seconds) < 0 || seconds <= 0 || seconds > RUNTIME_MAX_S)
		return carbon_err_set(err, "--carbon-runtime=%s: must be " TIME_HELP ", at most a year",
				      value);
	request->runtime_s = (uint32_t)seconds;
	return 0;
}

static int parse_power(const char *value, time_t now, struct carbon_request *request,
		       struct carbon_err *err)
{
	(void)now;
	if (carbon_num_parse(value, 0.001, POWER_MAX_W, &request->power_w) < 0)
		return carbon_err_set(err, "--carbon-power=%s: must be watts, from 0.001 to %.0f", value,
				      POWER_MAX_W);
	return 0;
}

/* Whether the site has a policy of that name is known later; here only whether it can be a name. */
static int parse_policy(const char *value, time_t now, struct carbon_request *request,
			struct carbon_err *err)
{
	(void)now;
	if (!carbon_name_is_valid(value, sizeof(request->policy)))
		return carbon_err_set(err, "--carbon-policy=%s: must be a policy's name, such as "
				      "lowest-window", value);
	memcpy(request->policy, value, strlen(value) + 1);
	return 0;
}

/* One place of a list: a partition, a cluster, or both. */
static bool is_place(const char *text, size_t length)
{
	char name[2 * PLACE_NAME_MAX];

	if (length >= sizeof(name))
		return false;
	memcpy(name, text, length);
	name[length] = '\0';
	return carbon_name_is_valid(name, sizeof(name));
}

/* Which places the site has is known later, as for policies. "any" is for the variable, which cannot be empty. */
static int parse_relocate(const char *value, time_t now, struct carbon_request *request, struct carbon_err *err)
{
	bool anywhere = !*value || strcasecmp(value, "any") == 0;

	(void)now;
	for (const char *at = value; !anywhere && at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!is_place(at, strcspn(at, ",")))
			return carbon_err_set(err, "--carbon-relocate=%s: must be names of partitions or clusters, "
					      "such as north,gpu,north/gpu", value);
	}
	request->relocate = true;
	memcpy(request->places, anywhere ? "" : value, anywhere ? 1 : strlen(value) + 1);
	return 0;
}

static int parse_data(const char *value, time_t now, struct carbon_request *request, struct carbon_err *err)
{
	(void)now;
	if (carbon_num_parse(value, 0, DATA_MAX_GB, &request->data_gb) < 0)
		return carbon_err_set(err, "--carbon-data=%s: must be gigabytes, from 0 to %.0f", value, DATA_MAX_GB);
	return 0;
}

static int parse_interruptible(const char *value, time_t now, struct carbon_request *request,
			       struct carbon_err *err)
{
	(void)now;
	return carbon_notice_parse(value, &request->notice, err) < 0
		       ? carbon_err_prefix(err, "--carbon-interruptible=%s", value)
		       : 0;
}

const struct carbon_option carbon_options[] = {
	{"carbon", "CARBON", "off|auto",
	 "leave this job alone, or use the site's default delay", parse_mode},
	{"carbon-delay", "CARBON_DELAY", "TIME",
	 "it may start up to this long after it could have started (90m, 12h, 2-00:00:00)",
	 parse_delay},
	{"carbon-finish-by", "CARBON_FINISH_BY", "WHEN",
	 "it must have finished by then (Slurm's time formats)", parse_finish_by},
	{"carbon-runtime", "CARBON_RUNTIME", "TIME", "how long it really runs", parse_runtime},
	{"carbon-power", "CARBON_POWER", "WATTS",
	 "what it really draws (IT power, all nodes together)", parse_power},
	{"carbon-relocate", "CARBON_RELOCATE", "[PLACE,...]",
	 "it may run elsewhere: in these partitions or clusters, else in any that fits", parse_relocate},
	{"carbon-data", "CARBON_DATA", "GB", "data that would have to be moved with it", parse_data},
	{"carbon-interruptible", "CARBON_INTERRUPTIBLE", "[SIG@SECONDS]",
	 "it writes a checkpoint on SIG and may be requeued", parse_interruptible},
	{"carbon-policy", "CARBON_POLICY", "NAME", "one of the site's policies", parse_policy},
};
const size_t carbon_options_count = sizeof(carbon_options) / sizeof(carbon_options[0]);

bool carbon_option_is_optional(const struct carbon_option *option)
{
	return option->arginfo[0] == '[';
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

/* "CLUSTER/PARTITION" */
static bool is_both(const char *text, size_t length, const char *cluster, const char *partition)
{
	size_t head = strlen(cluster);

	return length > head && text[head] == '/' && memcmp(text, cluster, head) == 0 &&
	       is_word(text + head + 1, length - head - 1, partition);
}

bool carbon_places_name(const char *places, const char *cluster, const char *partition, bool is_here)
{
	for (const char *at = places; *at;) {
		size_t length = strcspn(at, ",");

		if ((is_here && is_word(at, length, partition)) || is_word(at, length, cluster) ||
		    is_both(at, length, cluster, partition))
			return true;
		at += length + (at[length] == ',');
	}
	return !*places;
}

void carbon_request_init(struct carbon_request *request)
{
	memset(request, 0, sizeof(*request));
	request->delay_s = -1;
}

const struct carbon_option *carbon_option_find(const char *name)
{
	for (size_t i = 0; i < carbon_options_count; i++)
		if (strcmp(carbon_options[i].name, name) == 0 ||
		    strcmp(carbon_options[i].variable, name) == 0)
			return &carbon_options[i];
	return NULL;
}

int carbon_request_set(struct carbon_request *request, const struct carbon_option *option,
		       const char *value, time_t now, struct carbon_err *err)
{
	struct carbon_request next = *request;

	if (strlen(value) >= CARBON_OPTION_VALUE_MAX)
		return carbon_err_set(err, "--%s: its value is over %d bytes", option->name,
				      CARBON_OPTION_VALUE_MAX - 1);
	for (const char *at = value; *at; at++) /* it goes into messages and logs */
		if (*at < ' ' || *at > '~')
			return carbon_err_set(err, "--%s: its value must be printable ASCII", option->name);
	if (option->parse(value, now, &next, err) < 0)
		return -1;
	next.given = true;
	*request = next;
	return 0;
}
