/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the words of each kind of line of the site file are read, written and ordered, without its key=value pairs: for
 * the table of lib/site_sections.c alone.
 */
#ifndef CARBON_SITE_LINES_H
#define CARBON_SITE_LINES_H

#include "lib/site_fields.h"

extern const struct carbon_site_line carbon_line_place, carbon_line_remote, carbon_line_offer, carbon_line_sibling,
	carbon_line_rule, carbon_line_user; /* who and where: lib/site_lines.c */
extern const struct carbon_site_line carbon_line_wall, carbon_line_limit, carbon_line_blackout, carbon_line_wait,
	carbon_line_full, carbon_line_series, carbon_line_begins; /* when: lib/site_lines_time.c */

#endif
