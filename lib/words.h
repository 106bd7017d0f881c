/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of our own text formats: a keyword, then words or "key=value" pairs, separated by single
 * or more spaces. No quoting: names with spaces or control characters do not exist in Slurm nor in
 * our formats. The text is borrowed and never changed.
 */
#ifndef CARBON_WORDS_H
#define CARBON_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define CARBON_WORD_SHOWN 48 /* what of a wrong value an error sentence shows, NUL included */

struct carbon_word {
	const char *text; /* not NUL-terminated */
	size_t length;
};

/* The next line in [*cursor, end) without its newline; false at the end. A last line without a newline is one. */
bool carbon_line_next(const char **cursor, const char *end, struct carbon_word *line);

/* The next word of LINE, which is shortened by it; false where none is left. */
bool carbon_word_next(struct carbon_word *line, struct carbon_word *word);

bool carbon_word_is(const struct carbon_word *word, const char *text);

/* Split "key=value"; false where there is no '='. */
bool carbon_word_split(const struct carbon_word *word, struct carbon_word *key, struct carbon_word *value);

/* Copy to OUT (size SIZE, NUL included). Error: does not fit, or holds a NUL. */
int carbon_word_copy(const struct carbon_word *word, char *out, size_t size);

/* Like carbon_int_parse() and carbon_num_parse(). */
int carbon_word_int(const struct carbon_word *word, long long min, long long max, long long *out);
int carbon_word_num(const struct carbon_word *word, double min, double max, double *out);

/* The next word of LINE as a name (see below; NAME has room for MAX) or a number. -1: there is none, or it is none such. */
int carbon_word_next_name(struct carbon_word *line, char *name, size_t max);
int carbon_word_next_int(struct carbon_word *line, long long min, long long max, long long *out);

/* The word as an error sentence may show it: cut ("..."), and '?' for what is not printable ASCII. Returns OUT. */
const char *carbon_word_show(const struct carbon_word *word, char out[CARBON_WORD_SHOWN]);

/* A name as Slurm and Electricity Maps allow it: printable ASCII without space, quotes, '=', ',', '[', ']'; 1 to size-1 bytes. */
bool carbon_name_is_valid(const char *name, size_t size);

#endif
