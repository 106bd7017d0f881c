/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where figures come from, as people read it. */
#include "tools/words.h"

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
