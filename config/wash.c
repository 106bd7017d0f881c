/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libConfuse would get wrong is settled before it sees the file. Version 3.3 counts a line too many
 * for each C comment, stops at a comment between '=' and value, accepts an unclosed block or comment in silence, and calls an
 * unclosed string "premature end of file" at the end of the file. Must never change a line's number.
 */
#include "config/options.h"

#include <string.h>

#include "lib/err.h"

struct wash {
	const char *path;
	char *at, *end;
	int line;
	int open_line; /* of the block or list that is open, 0: none */
	int depth;
	struct carbon_err *err;
};

static int refuse(const struct wash *wash, int line, const char *what)
{
	return carbon_err_set(wash->err, "%s:%d: %s", wash->path, line, what);
}

/* "#..." and "//...", up to the newline. */
static void line_comment(struct wash *wash)
{
	while (wash->at < wash->end && *wash->at != '\n')
		*wash->at++ = ' ';
}

static int block_comment(struct wash *wash)
{
	int from = wash->line;

	wash->at[0] = wash->at[1] = ' ';
	for (wash->at += 2; wash->at < wash->end; wash->at++) {
		if (wash->at[0] == '*' && wash->at[1] == '/') {
			wash->at[0] = wash->at[1] = ' ';
			wash->at += 2;
			return 0;
		}
		if (*wash->at == '\n')
			wash->line++;
		else
			*wash->at = ' ';
	}
	return refuse(wash, from, "this comment is never closed (*/)");
}

static int string(struct wash *wash)
{
	char quote = *wash->at++;

	for (; wash->at < wash->end && *wash->at != '\n'; wash->at++) {
		if (*wash->at == quote) {
			wash->at++;
			return 0;
		}
		if (*wash->at == '\\')
			return refuse(wash, wash->line, "a backslash has no meaning in carbon.conf");
		if (wash->at[0] == '$' && wash->at[1] == '{')
			return refuse(wash, wash->line,
				      "\"${\" is refused: the environment must not change what a configuration means");
		if (*wash->at == '|')
			return refuse(wash, wash->line, "'|' has no meaning in carbon.conf");
	}
	return refuse(wash, wash->line, "this text is not closed by a quote in its line");
}

static int brace(struct wash *wash)
{
	bool opens = *wash->at++ == '{';

	if (opens && wash->depth == 2)
		return refuse(wash, wash->line, "'{' is out of place: blocks do not nest");
	if (!opens && wash->depth == 0)
		return refuse(wash, wash->line, "'}' closes nothing");
	wash->depth += opens ? 1 : -1;
	if (opens && wash->depth == 1)
		wash->open_line = wash->line;
	return 0;
}

static bool is_odd(const char *at)
{
	unsigned char c = (unsigned char)*at;

	return c == '|' || c == '\\' || c == '$' || (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f ||
	       (c == '+' && at[1] == '=');
}

static int step(struct wash *wash)
{
	char *at = wash->at;

	if (at[0] == '#' || (at[0] == '/' && at[1] == '/')) {
		line_comment(wash);
		return 0;
	}
	if (at[0] == '/' && at[1] == '*')
		return block_comment(wash);
	if (at[0] == '"' || at[0] == '\'')
		return string(wash);
	if (at[0] == '{' || at[0] == '}')
		return brace(wash);
	if (at[0] == '+' && at[1] == '=')
		return refuse(wash, wash->line, "\"+=\" is refused: write the whole list after \"=\"");
	if (is_odd(at))
		return carbon_err_set(wash->err, "%s:%d: character 0x%02x has no meaning here", wash->path,
				      wash->line, (unsigned char)*at);
	if (*at == '\n')
		wash->line++;
	wash->at++;
	return 0;
}

int carbon_config_wash(const char *path, char *text, size_t length, struct carbon_err *err)
{
	struct wash wash = {.path = path, .at = text, .end = text + length, .line = 1, .err = err};

	if (memchr(text, '\0', length))
		return carbon_err_set(err, "%s: not a text file (a zero byte in it)", path);
	while (wash.at < wash.end)
		if (step(&wash) != 0)
			return -1;
	if (wash.depth > 0)
		return refuse(&wash, wash.open_line, "this '{' is never closed");
	return 0;
}
