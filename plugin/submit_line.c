/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a submit line as getopt_long() did, without knowing all options of all versions. In doubt a
 * word is taken for an option of ours to see: then the job is left alone, which is never wrong.
 */
#include "plugin/submit_line.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define LINE_MAX_BYTES 65536
/* Slurm refuses longer comments and names, but only behind us: what they cost per word must stay small. */
#define KNOWN_MAX_BYTES 1024
#define WRAP_SCRIPT "#!/bin/sh\n# This script was created by sbatch --wrap.\n\n"

/* Options of sbatch that take no separate word as their value. All others do. */
static const char *const lone_options[] = {
	"contiguous",	   "disable-stdout-job-summary", "exclusive",	   "get-user-env",
	"help",		   "hold",		"ignore-pbs",	   "kill-on-bad-exit",
	"nice",		   "no-kill",		"no-requeue",	   "oversubscribe",
	"overcommit",	   "parsable",		"propagate",	   "quiet",
	"reboot",	   "requeue",		"resv-ports",	   "share",
	"spread-job",	   "stepmgr",		"test-only",	   "usage",
	"use-min-nodes",   "verbose",		"version",	   "wait",
	"carbon-interruptible", "carbon-relocate",
};
static const char lone_letters[] = "EHIOQVWZhksuv";

struct line {
	const char *at;
	const char *end;
	const char *const *known;
	const char *wrap; /* text behind --wrap, NULL: none */
	size_t wrap_length;
};

static const char *word_end(const char *at, const char *end)
{
	while (at < end && !isspace((unsigned char)*at))
		at++;
	return at;
}

static void skip_spaces(struct line *line)
{
	while (line->at < line->end && isspace((unsigned char)*line->at))
		line->at++;
}

/* Whether TEXT stands at AT as whole words. */
static bool stands(const struct line *line, const char *at, const char *text, size_t length)
{
	if (length == 0 || (size_t)(line->end - at) < length || memcmp(at, text, length) != 0)
		return false;
	return at + length == line->end || isspace((unsigned char)at[length]);
}

/* Behind a value that starts at AT: one word, or all of a text that is known to hold spaces. */
static const char *value_end(const struct line *line, const char *at)
{
	if (line->wrap && stands(line, at, line->wrap, line->wrap_length))
		return at + line->wrap_length;
	for (size_t i = 0; line->known && line->known[i]; i++) {
		size_t length = strnlen(line->known[i], KNOWN_MAX_BYTES);

		if (stands(line, at, line->known[i], length))
			return at + length;
	}
	return word_end(at, line->end);
}

static bool is_lone(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(lone_options) / sizeof(lone_options[0]); i++)
		if (strlen(lone_options[i]) == length && memcmp(lone_options[i], name, length) == 0)
			return true;
	return false;
}

/* getopt_long() takes any beginning that fits one option only: "--te" is --test-only. */
static bool is_test_only(const char *name, size_t length)
{
	return length >= 2 && length <= strlen("test-only") && memcmp(name, "test-only", length) == 0;
}

/* LINE stands behind an option without a value of its own: pass over the next word unless it is an option. */
static void skip_value(struct line *line)
{
	skip_spaces(line);
	if (line->at < line->end && *line->at != '-')
		line->at = value_end(line, line->at);
}

static void long_option(struct line *line, struct carbon_submit_flags *flags)
{
	const char *name = line->at + 2;
	const char *end = word_end(name, line->end);
	const char *equals = memchr(name, '=', (size_t)(end - name));
	size_t length = (size_t)((equals ? equals : end) - name);

	line->at = equals ? value_end(line, equals + 1) : end;
	if (equals)
		return;
	if (length == strlen("wait") && memcmp(name, "wait", length) == 0)
		flags->wait = true;
	else if (is_test_only(name, length))
		flags->test_only = true;
	else if (!is_lone(name, length))
		skip_value(line);
}

static void short_options(struct line *line, struct carbon_submit_flags *flags)
{
	const char *letter = line->at + 1;
	const char *end = word_end(letter, line->end);

	for (; letter < end && strchr(lone_letters, *letter); letter++)
		if (*letter == 'W')
			flags->wait = true;
	line->at = end;
	if (letter < end)
		line->at = letter + 1 < end ? value_end(line, letter + 1) : end;
	if (letter + 1 == end)
		skip_value(line);
}

/* Options up to the first word that is none (the script), or "--". */
static void read_options(struct line *line, struct carbon_submit_flags *flags)
{
	for (;;) {
		skip_spaces(line);
		if (line->end - line->at < 2 || *line->at != '-')
			return;
		if (line->at[1] != '-')
			short_options(line, flags);
		else if (line->end - line->at == 2 || isspace((unsigned char)line->at[2]))
			return;
		else
			long_option(line, flags);
	}
}

/* The text behind --wrap, as sbatch made a script of it. */
static void find_wrap(const char *script, struct line *line)
{
	size_t opening = strlen(WRAP_SCRIPT);

	line->wrap = NULL;
	if (!script || strncmp(script, WRAP_SCRIPT, opening) != 0)
		return;
	line->wrap = script + opening;
	line->wrap_length = strlen(line->wrap);
	if (line->wrap_length && line->wrap[line->wrap_length - 1] == '\n')
		line->wrap_length--;
}

/* #SBATCH lines stand before the first command. */
static void read_script(const char *script, const char *const *known,
			struct carbon_submit_flags *flags)
{
	const char *end = script + strnlen(script, LINE_MAX_BYTES);
	const char *newline;

	for (; script < end; script = newline + 1) {
		struct line line = {.known = known};

		newline = memchr(script, '\n', (size_t)(end - script));
		if (!newline)
			newline = end;
		line.at = script;
		line.end = newline;
		if ((size_t)(newline - script) > 8 && strncmp(script, "#SBATCH", 7) == 0) {
			line.at = script + 7;
			read_options(&line, flags);
			continue;
		}
		skip_spaces(&line);
		if (line.at < line.end && *line.at != '#')
			return;
	}
}

struct carbon_submit_flags carbon_submit_line_parse(const char *text, const char *script,
						    const char *const *known)
{
	struct carbon_submit_flags flags = {false, false};
	struct line line = {.known = known};

	if (text) {
		find_wrap(script, &line);
		line.at = text;
		line.end = text + strnlen(text, LINE_MAX_BYTES);
		line.at = word_end(line.at, line.end); /* the program's own name */
		read_options(&line, &flags);
	}
	if (script)
		read_script(script, known, &flags);
	return flags;
}
