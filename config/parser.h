/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What parse.c and blocks.c share while a carbon.conf is read; nobody else includes it. */
#ifndef CARBON_CONFIG_PARSER_H
#define CARBON_CONFIG_PARSER_H

#include "config/options.h"

#define CARBON_CONFIG_OPTIONS_MAX 256

struct carbon_config_parser {
	struct carbon_config *config;
	struct carbon_err *err;
	bool failed;	  /* err holds the first error */
	const void *open; /* libConfuse's section that the draft is of */
	struct carbon_config_draft draft;
	int given_line[CARBON_CONFIG_OPTIONS_MAX]; /* where each row of the table was given in the open block; 0: not yet */
};

/* Errors of both come without their place, which the caller knows. */
struct carbon_config_block {
	int (*begin)(struct carbon_config_parser *parser, const char *title); /* fill the zeroed draft */
	int (*end)(struct carbon_config_parser *parser, int line);	      /* move it into the configuration */
};

extern const struct carbon_config_block carbon_config_blocks[CARBON_SECTIONS];

/* Parse TEXT (washed, not empty) into parser->config. */
int carbon_config_confuse(struct carbon_config_parser *parser, const char *text, size_t length);

#endif
