/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page for a terminal or a mail: sentences wrapped, tables set by their largest figure, charts as rows of
 * signs. Control characters of a name are never passed on to the terminal.
 */
#include <math.h>
#include <string.h>

#include "accounting/escape.h"
#include "accounting/page.h"

#define LINE_WIDTH 96
#define LABEL_WIDTH 34
#define FIGURE_WIDTH 11
#define KEY_WIDTH_MAX 64
#define KEY_WIDTH_MIN 10
#define BAR_WIDTH 40

static void section(struct carbon_page *page, const char *heading)
{
	fprintf(page->out, "\n%s\n", heading);
	for (size_t i = 0; heading[i]; i++)
		fputc('-', page->out);
	fputc('\n', page->out);
}

static void section_end(struct carbon_page *page)
{
	(void)page;
}

/* --- sentences --- */

static void paragraph(struct carbon_page *page)
{
	page->used = page->indent = 0;
}

/* A word that would pass the line's end begins the next one; GLUE: it belongs to the word before. */
static void put_word(struct carbon_page *page, const char *word, size_t length, bool is_glued)
{
	char text[LINE_WIDTH * 8];
	bool is_first = page->used <= page->indent;

	snprintf(text, sizeof(text), "%.*s", (int)length, word);
	if (!is_first && !is_glued && page->used + 1 + (int)length > LINE_WIDTH) {
		fprintf(page->out, "\n%*s", page->indent, "");
		page->used = page->indent;
		is_first = true;
	}
	if (!is_first && !is_glued) {
		fputc(' ', page->out);
		page->used++;
	}
	page->used += (int)carbon_escape_plain(text, page->out);
}

static void put_words(struct carbon_page *page, const char *text, bool is_glued)
{
	while (*text) {
		size_t length;

		is_glued = is_glued && *text != ' ';
		text += strspn(text, " ");
		length = strcspn(text, " ");
		if (length)
			put_word(page, text, length, is_glued);
		is_glued = false;
		text += length;
	}
}

/* What begins with a blank begins a word; else it goes on with the last one (a comma after a figure). */
static void words(struct carbon_page *page, const char *text)
{
	put_words(page, text, true);
}

static void value(struct carbon_page *page, const char *path, double number, enum carbon_unit unit)
{
	char figure[CARBON_FIGURE_TEXT];

	(void)path;
	carbon_figure_format(number, unit, figure);
	put_word(page, figure, strlen(figure), false);
}

static void paragraph_end(struct carbon_page *page)
{
	fputc('\n', page->out);
	page->used = 0;
}

static void fact(struct carbon_page *page, const struct carbon_page_fact *one)
{
	char figure[CARBON_FIGURE_TEXT];

	page->indent = LABEL_WIDTH + 1;
	page->used = fprintf(page->out, "%-*s ", LABEL_WIDTH, one->label);
	if (one->text) {
		words(page, one->text);
	} else {
		carbon_figure_format(one->value, one->unit, figure);
		words(page, figure);
	}
	if (one->remark) {
		put_words(page, "(", false);
		put_words(page, one->remark, true);
		put_words(page, ")", true);
	}
	paragraph_end(page);
}

/* --- tables --- */

/* The unit and its decimals: so that the largest figure has three digits and is no row of zeros. */
struct setting {
	const char *unit;
	double per;
	int places, width;
};

static struct setting fit(const struct carbon_page_column *column)
{
	const struct carbon_page_unit *unit = &carbon_page_units[column->unit];
	struct setting set = {unit->name, 1, 1, FIGURE_WIDTH};
	int label = (int)strlen(column->label);

	if (column->is_text) {
		set.width = column->width < KEY_WIDTH_MIN ? KEY_WIDTH_MIN
			  : column->width > KEY_WIDTH_MAX ? KEY_WIDTH_MAX : column->width;
		return set;
	}
	if (column->largest > 0 && column->largest < 0.1 && unit->small)
		set = (struct setting){unit->small, 1000, 1, FIGURE_WIDTH};
	if (column->largest > 0)
		set.places = 2 - (int)floor(log10(column->largest * set.per));
	set.places = column->unit == CARBON_UNIT_COUNT ? 0 : set.places < 1 ? 1 : set.places > 6 ? 6 : set.places;
	set.width = label > set.width ? label : set.width;
	return set;
}

static void put_left(const char *text, int width, FILE *out)
{
	char cut[KEY_WIDTH_MAX * 4 + 1];
	size_t length = 0;

	/* Whole characters, as many as there is room for. */
	for (int count = 0; text[length] && length + 4 < sizeof(cut); length++)
		if (((unsigned char)text[length] & 0xc0) != 0x80 && count++ == width)
			break;
	snprintf(cut, sizeof(cut), "%.*s", (int)length, text);
	width -= (int)carbon_escape_plain(cut, out);
	fprintf(out, "%*s", width > 0 ? width : 0, "");
}

static void table(struct carbon_page *page)
{
	const struct carbon_page_table *shown = page->table;
	bool has_units = false;

	for (size_t i = 0; i < shown->columns; i++) {
		struct setting set = fit(&shown->column[i]);

		has_units = has_units || set.unit[0];
		if (shown->column[i].is_text) {
			fputs(i ? " " : "", page->out);
			put_left(shown->column[i].label, set.width, page->out);
		} else {
			fprintf(page->out, " %*s", set.width, shown->column[i].label);
		}
	}
	fputc('\n', page->out);
	for (size_t i = 0; i < shown->columns && has_units; i++) {
		struct setting set = fit(&shown->column[i]);

		fprintf(page->out, "%s%*s", i ? " " : "", set.width, shown->column[i].is_text ? "" : set.unit);
	}
	if (has_units)
		fputc('\n', page->out);
}

static bool is_left_out(const struct carbon_page *page)
{
	return page->table->most_rows && page->row >= page->table->most_rows && !page->is_total;
}

static void row(struct carbon_page *page)
{
	(void)page;
}

static void cell(struct carbon_page *page, const struct carbon_page_column *column, const char *text,
		 double number)
{
	struct setting set = fit(column);

	if (is_left_out(page))
		return;
	if (column->is_text) {
		fputs(page->column ? " " : "", page->out);
		put_left(text ? text : "", set.width, page->out);
	} else if (text || !isfinite(number)) {
		fprintf(page->out, " %*s", set.width, text ? text : "-");
	} else {
		fprintf(page->out, column->is_signed ? " %+*.*f" : " %*.*f", set.width, set.places, number * set.per);
	}
}

static void row_end(struct carbon_page *page)
{
	if (!is_left_out(page))
		fputc('\n', page->out);
}

static void table_end(struct carbon_page *page)
{
	if (page->table->most_rows && page->row > page->table->most_rows)
		fprintf(page->out, "and %zu more\n", page->row - page->table->most_rows);
}

/* --- charts --- */

static double largest_of(const struct carbon_page_series *series, size_t count)
{
	double most = 0;

	for (size_t i = 0; i < count; i++)
		if (isfinite(series->value[i]))
			most = fmax(most, series->value[i]);
	return most;
}

/* A row per point: its figures, and the first series as a bar. */
static void chart(struct carbon_page *page, const struct carbon_page_chart *shown)
{
	struct carbon_page_column columns[CARBON_PAGE_SERIES_MAX + 1] = {
		{.label = shown->x_key, .is_text = true, .width = (int)strlen(shown->label[0])}};
	const struct carbon_page_table rows = {.columns = shown->series + 1, .column = columns};
	double most = largest_of(&shown->one[0], shown->count);

	for (size_t i = 0; i < shown->series; i++)
		columns[i + 1] = (struct carbon_page_column){
			.label = shown->one[i].label, .unit = shown->one[i].unit,
			.largest = largest_of(&shown->one[i], shown->count)};
	page->table = &rows;
	page->row = 0;
	table(page);
	for (size_t i = 0; i < shown->count; i++) {
		double bar = shown->one[0].value[i];

		cell(page, &columns[0], shown->label[i], NAN);
		for (size_t j = 0; j < shown->series; j++)
			cell(page, &columns[j + 1], NULL, shown->one[j].value[i]);
		for (int j = 0; most > 0 && j < (int)lround(bar / most * BAR_WIDTH); j++)
			fputs(j ? "#" : "  #", page->out);
		fputc('\n', page->out);
	}
	page->table = NULL;
}

const struct carbon_page_kind carbon_page_text = {
	section, section_end, paragraph, words, value, paragraph_end, fact,
	table, row, cell, row_end, table_end, chart,
};
