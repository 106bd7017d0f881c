/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbon.conf through libConfuse. Every value reaches us as text through a callback, while its line is
 * still known; libConfuse's own conversions, defaults and includes are not used. libConfuse keeps one
 * lexer for the process, so there is one parser at a time (never from two threads).
 */
#include "config/parser.h"

#include <confuse.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"

/* libConfuse's callbacks carry no pointer of ours. */
static struct carbon_config_parser *parser;

static int fail_at(int line)
{
	carbon_err_prefix(parser->err, "%s:%d", parser->config->path, line);
	parser->failed = true;
	return 1; /* libConfuse stops at anything but 0 */
}

#define FAIL(line, ...) (carbon_err_set(parser->err, __VA_ARGS__), fail_at(line))

static enum carbon_config_section section_of(const cfg_t *cfg)
{
	for (int i = CARBON_SECTION_TOP + 1; i < CARBON_SECTIONS; i++)
		if (cfg->title && strcmp(cfg->name, carbon_config_section_name((enum carbon_config_section)i)) == 0)
			return (enum carbon_config_section)i;
	return CARBON_SECTION_TOP;
}

/* Start a draft for the block CFG unless that is the one being filled. */
static int open_block(const cfg_t *cfg)
{
	enum carbon_config_section section = section_of(cfg);

	if (section == CARBON_SECTION_TOP || parser->open == cfg)
		return 0;
	memset(&parser->draft, 0, sizeof(parser->draft));
	for (size_t i = 0; i < carbon_config_options_count; i++)
		if (carbon_config_options[i].section == section)
			parser->given_line[i] = 0;
	parser->open = cfg;
	return carbon_config_blocks[section].begin(parser, cfg->title) == 0 ? 0 : fail_at(cfg->line);
}

/* "gpus = {}": libConfuse calls nobody for an empty list, and the default would hold in silence. */
static bool has_empty_list(const cfg_t *cfg, const char **name)
{
	for (const cfg_opt_t *opt = cfg->opts; opt->name; opt++) {
		*name = opt->name;
		if ((opt->flags & CFGF_LIST) && (opt->flags & CFGF_MODIFIED) && opt->nvalues == 0)
			return true;
	}
	return false;
}

static int close_block(cfg_t *cfg, cfg_opt_t *opt)
{
	const cfg_t *block = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	const char *name;

	(void)cfg;
	if (open_block(block) != 0)
		return 1;
	if (has_empty_list(block, &name))
		return FAIL(block->line, "%s is an empty list (leave it out for the default)", name);
	return carbon_config_blocks[section_of(block)].end(parser, block->line) == 0 ? 0 : fail_at(block->line);
}

/* --- values --- */

static int take_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	const struct carbon_config_option *option = carbon_config_option_find(section_of(cfg), opt->name);
	int *given = &parser->given_line[option - carbon_config_options];
	bool is_first = !option->type->is_list || opt->nvalues == 1;
	char *base;

	if (open_block(cfg) != 0)
		return 1;
	if (is_first && *given)
		return FAIL(cfg->line, "%s is given twice (first in line %d)", option->name, *given);
	base = option->section == CARBON_SECTION_TOP ? (char *)parser->config : (char *)&parser->draft;
	if (is_first && option->type->clear)
		option->type->clear(base + option->offset);
	if (option->type->parse(option, text, base + option->offset, parser->err) != 0)
		return fail_at(cfg->line);
	*given = cfg->line;
	*(const char **)result = text;
	return 0;
}

/* --- libConfuse's own complaints --- */

static void unknown_name(const cfg_t *cfg, const char *name)
{
	enum carbon_config_section section = section_of(cfg);
	const char *near = carbon_config_near(section, name);
	const char *where = section == CARBON_SECTION_TOP ? "" : " of a ";
	const char *block = section == CARBON_SECTION_TOP ? "" : carbon_config_section_name(section);

	if (near)
		FAIL(cfg->line, "\"%s\" is no option%s%s (did you mean %s?)", name, where, block, near);
	else
		FAIL(cfg->line, "\"%s\" is no option%s%s (see carbon.conf(5))", name, where, block);
}

/* Its two sentences that we can say better are known by their format; nothing else hangs on it. */
static void complain(cfg_t *cfg, const char *format, va_list args)
{
	char text[256];

	if (parser->failed)
		return;
	if (strcmp(format, "no such option '%s'") == 0) {
		unknown_name(cfg, va_arg(args, const char *));
	} else if (strcmp(format, "found duplicate title '%s'") == 0) {
		FAIL(cfg->line, "a second block of this kind for \"%s\"", va_arg(args, const char *));
	} else {
		/* The format is libConfuse's. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		vsnprintf(text, sizeof(text), format, args);
#pragma GCC diagnostic pop
		FAIL(cfg->line, "%s", text);
	}
}

/* --- from the table to libConfuse's arrays --- */

struct arrays {
	cfg_opt_t opts[CARBON_SECTIONS][CARBON_CONFIG_OPTIONS_MAX];
	size_t count[CARBON_SECTIONS];
};

static void add_row(struct arrays *arrays, const struct carbon_config_option *option)
{
	cfg_flag_t flags = CFGF_NODEFAULT | (option->type->is_list ? CFGF_LIST : CFGF_NONE);

	arrays->opts[option->section][arrays->count[option->section]++] =
		(cfg_opt_t)__CFG_STR(option->name, NULL, flags, 0, take_value);
}

static void build_arrays(struct arrays *arrays)
{
	const cfg_opt_t end = CFG_END();

	memset(arrays, 0, sizeof(*arrays));
	for (size_t i = 0; i < carbon_config_options_count; i++)
		add_row(arrays, &carbon_config_options[i]);
	for (int i = CARBON_SECTION_TOP + 1; i < CARBON_SECTIONS; i++) {
		cfg_opt_t *top = &arrays->opts[CARBON_SECTION_TOP][arrays->count[CARBON_SECTION_TOP]++];

		arrays->opts[i][arrays->count[i]] = end;
		*top = (cfg_opt_t)CFG_SEC(carbon_config_section_name((enum carbon_config_section)i),
					  arrays->opts[i],
					  CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
		top->validcb = close_block;
	}
	arrays->opts[CARBON_SECTION_TOP][arrays->count[CARBON_SECTION_TOP]] = end;
}

/* TEXT is washed and not empty. */
int carbon_config_confuse(struct carbon_config_parser *state, const char *text, size_t length)
{
	static struct arrays arrays; /* 90 kB: not for the stack */
	FILE *file = fmemopen((void *)(uintptr_t)text, length, "r");
	cfg_t *cfg = NULL;
	int rc = -1;

	build_arrays(&arrays);
	cfg = file ? cfg_init(arrays.opts[CARBON_SECTION_TOP], CFGF_NONE) : NULL;
	if (!cfg) {
		carbon_err_set(state->err, "%s: no memory", state->config->path);
		goto out;
	}
	parser = state;
	cfg_set_error_function(cfg, complain);
	if (cfg_parse_fp(cfg, file) == CFG_SUCCESS && !state->failed)
		rc = 0;
	else if (!state->failed)
		FAIL(cfg->line, "not understood");
	state->config->policy_line =
		state->given_line[carbon_config_option_find(CARBON_SECTION_TOP, "policy") -
				  carbon_config_options];
out:
	parser = NULL;
	if (cfg)
		cfg_free(cfg); /* also resets the lexer */
	if (file)
		fclose(file);
	return rc;
}
