/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl's frame: finds the command, reads its options into a list, prints --help from the same tables.
 * Must never know what a command does.
 */
#include "tools/tool.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/request.h"
#include "tools/commands.h"

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#define FLAGS_MAX 64

#define COMMAND_ADDRESS(name) &carbon_command_##name,
static const struct carbon_command *const commands[] = {CARBON_COMMANDS(COMMAND_ADDRESS)};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Taken before the command, and after it where the command has no option of that letter. */
static const struct carbon_flag global_flags[] = {
	{"config", 'c', "FILE", "read this carbon.conf (default: " CARBON_CONF_DEFAULT ")"},
	{"format", 'f', "FORMAT", "write text, json, csv, as far as the command can"},
	{"help", 'h', NULL, "print this and end"},
	{"version", 'V', NULL, "print the version and end"},
	{NULL, 0, NULL, NULL},
};

#define REQUESTS_MAX 16

/* lib/request.h's table in the shape of ours. */
static const struct carbon_flag *request_flags(void)
{
	static struct carbon_flag flags[REQUESTS_MAX + 1];

	for (size_t i = 0; i < carbon_options_count && i < REQUESTS_MAX; i++) {
		flags[i].name = carbon_options[i].name;
		flags[i].arginfo = carbon_options[i].arginfo;
		flags[i].help = carbon_options[i].usage;
	}
	return flags;
}

/* --- looking at what was given --- */

bool carbon_tool_has(const struct carbon_tool *tool, const char *name)
{
	for (size_t i = 0; i < tool->args; i++)
		if (strcmp(tool->arg[i].flag->name, name) == 0)
			return true;
	return false;
}

const char *carbon_tool_value(const struct carbon_tool *tool, const char *name)
{
	for (size_t i = tool->args; i-- > 0;)
		if (strcmp(tool->arg[i].flag->name, name) == 0)
			return tool->arg[i].value;
	return NULL;
}

bool carbon_tool_is_json(const struct carbon_tool *tool)
{
	return strcmp(tool->format, "json") == 0;
}

/* --- words on stderr --- */

static void say_who(const struct carbon_tool *tool)
{
	fprintf(tool->err, "carbonctl%s%s: ", tool->command ? " " : "", tool->command ? tool->command->name : "");
}

int carbon_tool_fail(const struct carbon_tool *tool, const struct carbon_err *err)
{
	say_who(tool);
	fprintf(tool->err, "%s\n", err->text);
	return CARBON_EXIT_FAILED;
}

int carbon_tool_usage(const struct carbon_tool *tool, const char *format, ...)
{
	va_list args;

	say_who(tool);
	va_start(args, format);
	vfprintf(tool->err, format, args);
	va_end(args);
	fprintf(tool->err, " (see carbonctl %s%s--help)\n", tool->command ? tool->command->name : "",
		tool->command ? " " : "");
	return CARBON_EXIT_USAGE;
}

void carbon_tool_warn(const struct carbon_tool *tool, const char *format, ...)
{
	va_list args;

	say_who(tool);
	va_start(args, format);
	vfprintf(tool->err, format, args);
	va_end(args);
	fputc('\n', tool->err);
}

/* --- help --- */

/* "[PLACE,...]": the value may be left out. */
static bool is_optional(const struct carbon_flag *flag)
{
	return flag->arginfo && flag->arginfo[0] == '[';
}

static void print_flag(FILE *out, const struct carbon_flag *flag)
{
	char left[64];
	char letter[8] = "    ";

	if (flag->letter)
		snprintf(letter, sizeof(letter), "-%c, ", flag->letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, flag->name,
		 is_optional(flag) ? "[=" : flag->arginfo ? "=" : "",
		 flag->arginfo ? flag->arginfo + is_optional(flag) : "");
	fprintf(out, "  %-34s %s\n", left, flag->help);
}

static int print_help(const struct carbon_tool *tool)
{
	fputs("Usage: carbonctl [-c FILE] [-f FORMAT] COMMAND [OPTIONS]\n\nCommands:\n", tool->out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(tool->out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nOptions:\n", tool->out);
	for (const struct carbon_flag *flag = global_flags; flag->name; flag++)
		print_flag(tool->out, flag);
	fputs("\n\"carbonctl COMMAND --help\" tells a command's options, carbonctl(1) everything.\n", tool->out);
	return CARBON_EXIT_OK;
}

static int print_command_help(const struct carbon_tool *tool)
{
	const struct carbon_command *command = tool->command;

	fprintf(tool->out, "Usage: carbonctl %s%s%s%s\n\n%s\n", command->name,
		command->flags ? " [OPTIONS]" : "", command->operands[0] ? " " : "", command->operands,
		command->summary);
	if (command->flags)
		fputs("\nOptions:\n", tool->out);
	for (const struct carbon_flag *flag = command->flags; flag && flag->name; flag++)
		print_flag(tool->out, flag);
	for (const struct carbon_flag *flag = request_flags(); command->takes_requests && flag->name; flag++)
		print_flag(tool->out, flag);
	fprintf(tool->out, "\nFormats (-f): %s\n", command->formats);
	return CARBON_EXIT_OK;
}

/* --- reading options --- */

/* getopt_long()'s tables, made from ours. */
struct getopt_tables {
	const struct carbon_flag *flag[FLAGS_MAX];
	struct option longs[FLAGS_MAX + 1];
	char letters[3 * FLAGS_MAX + 4];
	size_t count, letters_length;
};

static bool has_letter(const struct getopt_tables *tables, int letter)
{
	return strchr(tables->letters + 2, letter) != NULL;
}

static void add_flags(struct getopt_tables *tables, const struct carbon_flag *flags)
{
	for (; flags && flags->name && tables->count < FLAGS_MAX; flags++) {
		struct option *option = &tables->longs[tables->count];

		option->name = flags->name;
		option->has_arg = !flags->arginfo	    ? no_argument
				  : is_optional(flags) ? optional_argument
						       : required_argument;
		option->val = 256 + (int)tables->count;
		tables->flag[tables->count++] = flags;
		if (flags->letter && !has_letter(tables, flags->letter)) {
			tables->letters[tables->letters_length++] = (char)flags->letter;
			if (flags->arginfo)
				tables->letters[tables->letters_length++] = ':';
		}
	}
}

/* ORDER '+' stops at the first operand; ':' tells a missing value from an unknown option. */
static void build_tables(struct getopt_tables *tables, char order, const struct carbon_command *command)
{
	memset(tables, 0, sizeof(*tables));
	if (order)
		tables->letters[tables->letters_length++] = order;
	tables->letters[tables->letters_length++] = ':';
	add_flags(tables, command ? command->flags : NULL);
	add_flags(tables, command && command->takes_requests ? request_flags() : NULL);
	add_flags(tables, global_flags);
}

/* VAL as getopt_long() returned it. The command's own letters come first. */
static const struct carbon_flag *find_flag(const struct getopt_tables *tables, int val)
{
	if (val >= 256)
		return tables->flag[val - 256];
	for (size_t i = 0; i < tables->count; i++)
		if (tables->flag[i]->letter == val)
			return tables->flag[i];
	return NULL;
}

static int bad_option(const struct carbon_tool *tool, const struct getopt_tables *tables, int val, char **argv)
{
	const struct carbon_flag *flag = optopt ? find_flag(tables, optopt) : NULL;

	if (val == ':' && flag)
		return carbon_tool_usage(tool, "--%s needs a value: --%s=%s", flag->name, flag->name,
					 flag->arginfo);
	if (flag && optopt >= 256)
		return carbon_tool_usage(tool, "--%s takes no value", flag->name);
	if (optopt && !flag)
		return carbon_tool_usage(tool, "option -%c unknown", optopt);
	return carbon_tool_usage(tool, "option %s unknown", argv[optind - 1]);
}

#define GO_ON (-1)

/* A global option has its effect here; any other is kept for the command. GO_ON or an exit code. */
static int take_flag(struct carbon_tool *tool, const struct carbon_flag *flag, const char *value)
{
	bool is_global = flag >= global_flags &&
			 flag < global_flags + sizeof(global_flags) / sizeof(global_flags[0]);

	if (is_global && flag->letter == 'h')
		return tool->command ? print_command_help(tool) : print_help(tool);
	if (is_global && flag->letter == 'V') {
		fprintf(tool->out, "carbonctl %s\n", PACKAGE_VERSION);
		return CARBON_EXIT_OK;
	}
	if (is_global && flag->letter == 'c') {
		tool->config_path = value;
	} else if (is_global) {
		tool->format = value;
	} else if (tool->args == CARBON_ARGS_MAX) {
		return carbon_tool_usage(tool, "more than %d options", CARBON_ARGS_MAX);
	} else {
		tool->arg[tool->args].flag = flag;
		tool->arg[tool->args++].value = value || !is_optional(flag) ? value : "";
	}
	return GO_ON;
}

/* Options of ARGV from its second entry on; *NEXT is the first operand after them. */
static int read_options(struct carbon_tool *tool, int argc, char **argv, int *next)
{
	struct getopt_tables tables;
	int val, code = GO_ON;

	build_tables(&tables, tool->command ? '\0' : '+', tool->command);
	optind = 0; /* glibc: begin anew */
	opterr = 0;
	while (code == GO_ON && (val = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		const struct carbon_flag *flag = val == '?' || val == ':' ? NULL : find_flag(&tables, val);

		code = flag ? take_flag(tool, flag, optarg) : bad_option(tool, &tables, val, argv);
	}
	*next = optind;
	return code;
}

static bool is_listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return length > 0;
	return false;
}

/* -f not given: the first of the command's formats. */
static int check_format(struct carbon_tool *tool)
{
	static const char *const known[] = {"text", "json", "csv", "html"};
	const char *formats = tool->command->formats;

	if (tool->format)
		return is_listed(formats, tool->format)
			       ? GO_ON
			       : carbon_tool_usage(tool, "format \"%s\" unknown here (known: %s)", tool->format,
						   formats);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(formats, known[i], strlen(known[i])) == 0)
			tool->format = known[i];
	return GO_ON;
}

static const struct carbon_command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int run_command(struct carbon_tool *tool, int argc, char **argv)
{
	int next, code;

	tool->command = find_command(argv[0]);
	if (!tool->command)
		return carbon_tool_usage(tool, "command \"%s\" unknown", argv[0]);
	code = read_options(tool, argc, argv, &next);
	if (code != GO_ON)
		return code;
	code = check_format(tool);
	if (code != GO_ON)
		return code;
	tool->operands = argc - next;
	tool->operand = argv + next;
	if (tool->operands && !tool->command->operands[0])
		return carbon_tool_usage(tool, "\"%s\" is out of place: only options are taken", tool->operand[0]);
	return tool->command->run(tool);
}

int carbon_tool_main(int argc, char **argv, FILE *out, FILE *err)
{
	struct carbon_tool tool = {.out = out, .err = err, .now = time(NULL)};
	int next, code;

	code = read_options(&tool, argc, argv, &next);
	if (code == GO_ON && next >= argc)
		code = carbon_tool_usage(&tool, "a command is missing");
	if (code == GO_ON)
		code = run_command(&tool, argc - next, argv + next);
	if ((fflush(out) != 0 || ferror(out)) && code == CARBON_EXIT_OK) {
		carbon_tool_warn(&tool, "the output could not be written");
		code = CARBON_EXIT_FAILED;
	}
	return code;
}
