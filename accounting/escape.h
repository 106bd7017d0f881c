/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that users chose, on their way into JSON, HTML and a terminal: whatever bytes are in them, they harm no
 * reader. And figures as people read them.
 */
#ifndef CARBON_ESCAPE_H
#define CARBON_ESCAPE_H

#include <stdio.h>

#define CARBON_AMOUNT_TEXT 96

/* With its quotes. What is not UTF-8 becomes U+FFFD; '<' is written as \u003c. */
void carbon_escape_json(const char *text, FILE *out);

/* For content and quoted attributes. Control characters become '?', what is not UTF-8 U+FFFD. */
void carbon_escape_html(const char *text, FILE *out);

/*
 * A field of CSV with its quotes. What a spreadsheet would take for a formula gets an apostrophe in front: users choose
 * job and account names.
 */
void carbon_escape_csv(const char *text, FILE *out);

/* Control characters, and bytes that are not UTF-8, become '?'. Returns how many characters were written. */
size_t carbon_escape_plain(const char *text, FILE *out);

/* Three significant digits, no exponent, thousands set apart: "0.00123", "12.3", "45,678". NAN: "unknown". */
void carbon_amount_format(double value, char out[CARBON_AMOUNT_TEXT]);

#endif
