/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Electricity Maps' answers (v3 and v4) as text; pure, so that tests and the fuzzer can reach it. */
#ifndef CARBON_SOURCE_ELECTRICITYMAPS_H
#define CARBON_SOURCE_ELECTRICITYMAPS_H

#include "forecaster/source.h"

/*
 * The body of latest, history, past-range or forecast with status 200. Refuses another zone's answer, made-up
 * numbers of a sandbox key (unless ASK allows them), another signal, and an error inside a 200. REPLY is untouched on failure.
 */
enum carbon_failure carbon_electricitymaps_parse(const char *text, size_t length, const struct carbon_ask *ask,
						 struct carbon_reply *reply, struct carbon_err *err);

/*
 * The body of "zones" asked with a key: what that may fetch. RIGHTS (fini'ed or as earlier filled) is replaced, read_at
 * being left to the caller. Errors: no list with rights, too many zones; RIGHTS is then untouched.
 */
enum carbon_failure carbon_electricitymaps_parse_rights(const char *text, size_t length, struct carbon_rights *rights,
							struct carbon_err *err);

#endif
