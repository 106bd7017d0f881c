/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantities as people read them. For text alone: JSON and CSV carry the numbers. */
#ifndef CARBON_TOOL_WORDS_H
#define CARBON_TOOL_WORDS_H

#include "lib/record.h"

#define CARBON_QUANTITY_TEXT 32

/* "340 g", "1.93 kg", "-12.1 kg", "2.40 t": three significant digits. */
void carbon_tool_mass(double mass_g, char out[CARBON_QUANTITY_TEXT]);
/* "340 W", "1.93 kW". */
void carbon_tool_power(double power_w, char out[CARBON_QUANTITY_TEXT]);

/* "the provider's forecast", "our own forecast", "a typical day", ... */
const char *carbon_tool_kind(enum carbon_kind kind);
/* "the time limit", "what the user said", "its earlier runs". */
const char *carbon_tool_runtime(enum carbon_runtime_source source);

#endif
