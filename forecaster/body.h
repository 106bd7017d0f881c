/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cJSON with the traps taken out: members are found with their case, numbers are read as doubles,
 * null and a missing member are the same, and what a server says about an error is made fit to show.
 */
#ifndef CARBON_BODY_H
#define CARBON_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "forecaster/source.h"

struct carbon_err;

#define CARBON_BODY_MESSAGE 200

/* Parse a whole answer. Empty text, HTML and other text are told apart in the sentence. */
enum carbon_failure carbon_body_parse(const char *text, size_t length, cJSON **out, struct carbon_err *err);

/* Borrowed; NULL where missing or null. */
const cJSON *carbon_body_find(const cJSON *object, const char *name);

/* NULL where it is no string. */
const char *carbon_body_string(const cJSON *object, const char *name);

/* False where it is no finite number (a string of digits counts when LOOSE). */
bool carbon_body_number(const cJSON *object, const char *name, bool loose, double *out);

/* A time written as text; false where missing or malformed. */
bool carbon_body_time(const cJSON *object, const char *name, time_t *out);

/*
 * What an answer says went wrong, in printable ASCII: the member error (a string, or an object's
 * message), message, msg, detail or title. False where it says nothing.
 */
bool carbon_body_message(const cJSON *root, char out[CARBON_BODY_MESSAGE]);

#endif
