/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page for programs: each section an object, its facts members, its tables and charts lists of objects. Must
 * never write what a parser refuses: what is not known is null, and names are escaped.
 */
#include <math.h>

#include "accounting/escape.h"
#include "accounting/page.h"

static bool is_skipped(const struct carbon_page *page)
{
	return !page->section[0];
}

static void put_number(double number, enum carbon_unit unit, FILE *out)
{
	if (!isfinite(number))
		fputs("null", out);
	else if (unit == CARBON_UNIT_COUNT)
		fprintf(out, "%.0f", number);
	else
		fprintf(out, "%.10g", number);
}

static void put_key(struct carbon_page *page, const char *indent, const char *key)
{
	fprintf(page->out, "%s%s\"%s\": ", page->has_members ? "," : "", indent, key);
	page->has_members = true;
}

static void section(struct carbon_page *page, const char *heading)
{
	(void)heading;
	if (is_skipped(page))
		return;
	fprintf(page->out, ",\n  \"%s\": {", page->section);
	page->has_members = false;
}

static void section_end(struct carbon_page *page)
{
	if (!is_skipped(page))
		fputs(page->has_members ? "\n  }" : "}", page->out);
}

static void paragraph(struct carbon_page *page)
{
	(void)page;
}

static void words(struct carbon_page *page, const char *text)
{
	(void)page;
	(void)text;
}

static void value(struct carbon_page *page, const char *path, double number, enum carbon_unit unit)
{
	(void)page;
	(void)path;
	(void)number;
	(void)unit;
}

static void fact(struct carbon_page *page, const struct carbon_page_fact *one)
{
	if (is_skipped(page))
		return;
	put_key(page, "\n    ", one->key);
	if (one->text)
		carbon_escape_json(one->text, page->out);
	else
		put_number(one->value, one->unit, page->out);
}

static void table(struct carbon_page *page)
{
	if (is_skipped(page))
		return;
	put_key(page, "\n    ", page->table->key);
	fputc('[', page->out);
}

static bool is_elsewhere(const struct carbon_page *page)
{
	return is_skipped(page) || (page->is_total && !page->table->has_total);
}

static void end_list(struct carbon_page *page)
{
	fputs(page->row ? "\n    ]" : "]", page->out);
	page->has_members = true;
}

static void row(struct carbon_page *page)
{
	if (is_elsewhere(page))
		return;
	if (page->is_total) {
		end_list(page);
		put_key(page, "\n    ", "total");
		fputc('{', page->out);
		page->has_members = false;
		return;
	}
	fprintf(page->out, "%s\n      {", page->row ? "," : "");
	page->has_members = false;
}

static void cell(struct carbon_page *page, const struct carbon_page_column *column, const char *text,
		 double number)
{
	if (is_elsewhere(page) || (page->is_total && column->is_text))
		return;
	put_key(page, page->has_members ? " " : "", column->key);
	if (text && column->is_text)
		carbon_escape_json(text, page->out);
	else
		put_number(number, column->unit, page->out);
}

static void row_end(struct carbon_page *page)
{
	if (!is_elsewhere(page))
		fputc('}', page->out);
}

static void table_end(struct carbon_page *page)
{
	if (is_skipped(page))
		return;
	if (page->is_total && page->table->has_total)
		page->has_members = true;
	else
		end_list(page);
}

static void chart(struct carbon_page *page, const struct carbon_page_chart *shown)
{
	if (is_skipped(page))
		return;
	put_key(page, "\n    ", shown->key);
	for (size_t i = 0; i < shown->count; i++) {
		fprintf(page->out, "%s\n      {\"%s\": ", i ? "," : "[", shown->x_key);
		carbon_escape_json(shown->label[i], page->out);
		for (size_t j = 0; j < shown->series; j++) {
			fprintf(page->out, ", \"%s\": ", shown->one[j].key);
			put_number(shown->one[j].value[i], shown->one[j].unit, page->out);
		}
		fputc('}', page->out);
	}
	fputs(shown->count ? "\n    ]" : "[]", page->out);
}

const struct carbon_page_kind carbon_page_json = {
	section, section_end, paragraph, words, value, paragraph, fact,
	table, row, cell, row_end, table_end, chart,
};
