/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where figures come from, as people read it. */
#ifndef CARBON_TOOL_WORDS_H
#define CARBON_TOOL_WORDS_H

#include "lib/quantity.h"
#include "lib/record.h"

#define CARBON_TOOL_DIGITS 3 /* significant digits of a quantity */

/* "the provider's forecast", "our own forecast", "a typical day", ... */
const char *carbon_tool_kind(enum carbon_kind kind);
/* "the time limit", "what the user said", "its earlier runs". */
const char *carbon_tool_runtime(enum carbon_runtime_source source);

struct carbon_json;

/* What a decision expects, as members of the object that is open: the same names in every command. */
void carbon_tool_record_json(struct carbon_json *json, const struct carbon_record *record);

#endif
