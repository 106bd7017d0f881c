/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON as it is written, key after key: no tree, no memory. Numbers are independent of the locale; what
 * is not a number, and text that is NULL, becomes null. Must never write what a parser refuses.
 */
#ifndef CARBON_JSON_H
#define CARBON_JSON_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define CARBON_JSON_DEPTH_MAX 16

struct carbon_json {
	FILE *out;
	int depth;
	bool has_members[CARBON_JSON_DEPTH_MAX];
};

void carbon_json_init(struct carbon_json *json, FILE *out);

/* BRACKET '{' or '['. KEY is NULL inside a list and at the top. End closes with a newline at the top. */
void carbon_json_begin(struct carbon_json *json, const char *key, char bracket);
void carbon_json_end(struct carbon_json *json, char bracket);

void carbon_json_text(struct carbon_json *json, const char *key, const char *text);
void carbon_json_bool(struct carbon_json *json, const char *key, bool value);
void carbon_json_int(struct carbon_json *json, const char *key, long long value);
void carbon_json_number(struct carbon_json *json, const char *key, double value); /* ten digits */
void carbon_json_time(struct carbon_json *json, const char *key, time_t at);	  /* UTC; 0: null */

#endif
