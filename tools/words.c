/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where figures come from, as people read it. */
#include "tools/words.h"

#include "tools/json.h"

static const char *const kinds[CARBON_KINDS] = {
	[CARBON_KIND_MEASURED] = "measured values",
	[CARBON_KIND_ESTIMATED] = "estimated values",
	[CARBON_KIND_FORECAST] = "a provider's forecast",
	[CARBON_KIND_MODEL] = "our own forecast",
	[CARBON_KIND_PROFILE] = "a typical day, no forecast",
};

static const char *const runtimes[CARBON_RUNTIME_SOURCES] = {
	[CARBON_RUNTIME_LIMIT] = "its time limit",
	[CARBON_RUNTIME_USER] = "as its user says",
	[CARBON_RUNTIME_HABIT] = "as its earlier runs did",
};

const char *carbon_tool_kind(enum carbon_kind kind)
{
	return kinds[kind];
}

const char *carbon_tool_runtime(enum carbon_runtime_source source)
{
	return runtimes[source];
}

void carbon_tool_record_json(struct carbon_json *json, const struct carbon_record *record)
{
	carbon_json_text(json, "partition", record->partition);
	carbon_json_text(json, "zone", record->zone);
	carbon_json_text(json, "signal", carbon_signal_name(record->signal));
	carbon_json_text(json, "policy", record->policy);
	carbon_json_int(json, "runtime_s", record->runtime_s);
	carbon_json_text(json, "runtime_source", carbon_runtime_source_name(record->runtime_source));
	carbon_json_number(json, "power_w", record->power_w);
	carbon_json_time(json, "baseline_at", record->baseline_at);
	carbon_json_time(json, "begin_at", record->begin_at);
	carbon_json_time(json, "latest_at", record->latest_at);
	carbon_json_number(json, "mass_g", record->mass_g);
	carbon_json_number(json, "mass_high_g", record->mass_high_g);
	carbon_json_number(json, "baseline_g", record->baseline_g);
	carbon_json_text(json, "kind", carbon_kind_name(record->kind));
	carbon_json_text(json, "source", record->source);
	carbon_json_time(json, "outlook_at", record->outlook_at);
}
