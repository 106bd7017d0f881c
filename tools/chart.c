/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drawing with characters. What is drawn is the mean of each column's span, so nothing falls between. */
#include "tools/chart.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/when.h"

#define LABEL_COLUMNS 7 /* " 1234 |" */
#define LEAST_COLUMNS 24
#define PLAIN_COLUMNS 72
#define ROWS 8
#define GREEN "\033[32m"
#define RESET "\033[0m"
#define SHADE "\xe2\x96\x91"

static bool speaks_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

void carbon_chart_ask(FILE *out, struct carbon_chart *chart)
{
	const char *no_color = getenv("NO_COLOR");
	struct winsize size;
	int columns = PLAIN_COLUMNS + LABEL_COLUMNS;
	bool is_terminal = isatty(fileno(out));

	if (is_terminal && ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		columns = size.ws_col;
	columns -= LABEL_COLUMNS + 1;
	if (columns < LEAST_COLUMNS)
		columns = LEAST_COLUMNS;
	chart->columns = columns < CARBON_CHART_COLUMNS_MAX ? columns : CARBON_CHART_COLUMNS_MAX;
	chart->rows = ROWS;
	chart->unicode = is_terminal && speaks_utf8();
	chart->colour = is_terminal && !(no_color && no_color[0]);
}

/* The moment at which column I begins. */
static time_t edge(const struct carbon_chart *chart, int i)
{
	return chart->from + (time_t)((double)(chart->to - chart->from) * i / chart->columns);
}

static double mean(const struct carbon_chart *chart, const struct carbon_curve *curve, int i)
{
	time_t from = edge(chart, i), to = edge(chart, i + 1);

	if (to <= from)
		return carbon_curve_value(curve, from);
	return carbon_curve_integral(curve, from, to) / (double)(to - from);
}

static bool is_marked(const struct carbon_chart *chart, int i)
{
	time_t middle = edge(chart, i) + (edge(chart, i + 1) - edge(chart, i)) / 2;

	return middle >= chart->mark_from && middle < chart->mark_to;
}

/* EIGHTHS of one character, 0 to 8; an empty one is shaded where the likely range reaches into it. */
static void print_cell(FILE *out, int eighths, bool shaded, bool unicode)
{
	static const char *const blocks[] = {" ", "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
					     "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"};

	if (shaded && eighths < (unicode ? 1 : 4))
		fputs(unicode ? SHADE : ":", out);
	else if (unicode)
		fputs(blocks[eighths], out);
	else
		fputs(eighths >= 4 ? "#" : " ", out);
}

static int eighths_of(double value, double top, int rows, int row)
{
	int eighths = (int)(value / top * rows * 8 + 0.5) - row * 8;

	return eighths < 0 ? 0 : eighths > 8 ? 8 : eighths;
}

/* What the columns show. */
struct columns {
	double value[CARBON_CHART_COLUMNS_MAX], high[CARBON_CHART_COLUMNS_MAX];
	double top;
};

static void print_row(FILE *out, const struct carbon_chart *chart, const struct columns *columns, int row)
{
	double top = columns->top;
	bool green = false;

	if (row == chart->rows - 1 || row == chart->rows / 2 - 1)
		fprintf(out, "%5.0f |", top * (row + 1) / chart->rows);
	else
		fputs("      |", out);
	for (int i = 0; i < chart->columns; i++) {
		bool marked = chart->colour && is_marked(chart, i);

		if (marked != green)
			fputs(marked ? GREEN : RESET, out);
		green = marked;
		print_cell(out, eighths_of(columns->value[i], top, chart->rows, row),
			   eighths_of(columns->high[i], top, chart->rows, row) >= 4, chart->unicode);
	}
	fputs(green ? RESET "\n" : "\n", out);
}

static void print_axis(FILE *out, const struct carbon_chart *chart)
{
	char axis[CARBON_CHART_COLUMNS_MAX + 1], days[CARBON_CHART_COLUMNS_MAX + 8], name[CARBON_WHEN_DAY];
	int day = carbon_when_day(chart->from, name);

	memset(axis, '-', sizeof(axis));
	memset(days, ' ', sizeof(days));
	for (int i = 1; i < chart->columns; i++) {
		int here = carbon_when_day(edge(chart, i + 1) - 1, name);

		if (here == day)
			continue;
		day = here;
		axis[i] = '+';
		memcpy(days + i, name, strnlen(name, 3));
	}
	fprintf(out, "    0 +%.*s\n       %.*s\n", chart->columns, axis, chart->columns, days);
}

static void print_mark(FILE *out, const struct carbon_chart *chart)
{
	char line[CARBON_CHART_COLUMNS_MAX + 1];
	int last = 0;

	memset(line, ' ', sizeof(line));
	for (int i = 0; i < chart->columns; i++)
		if (is_marked(chart, i)) {
			line[i] = '^';
			last = i + 1;
		}
	if (last)
		fprintf(out, "       %.*s cleanest\n", last, line);
}

static void fill(const struct carbon_chart *chart, struct columns *columns)
{
	columns->top = 1;
	for (int i = 0; i < chart->columns; i++) {
		columns->value[i] = mean(chart, chart->curve, i);
		columns->high[i] = chart->high ? mean(chart, chart->high, i) : columns->value[i];
		if (columns->high[i] < columns->value[i])
			columns->high[i] = columns->value[i];
		if (columns->high[i] > columns->top)
			columns->top = columns->high[i];
	}
}

void carbon_chart_print(FILE *out, const struct carbon_chart *chart)
{
	struct columns columns;

	fill(chart, &columns);
	for (int row = chart->rows - 1; row >= 0; row--)
		print_row(out, chart, &columns, row);
	print_axis(out, chart);
	print_mark(out, chart);
}
