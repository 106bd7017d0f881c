/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page as HTML for mail and paper: no script, no network, nothing from outside. Every figure that the JSON has
 * carries its value and path in a <data> element. The caller writes what is around the sections.
 */
#include <math.h>
#include <string.h>

#include "accounting/escape.h"
#include "accounting/page.h"

#define PART_MAX 128 /* of a name, up to its next slash */

static void close_list(struct carbon_page *page)
{
	if (page->is_list)
		fputs("</dl>\n", page->out);
	page->is_list = false;
}

static void section(struct carbon_page *page, const char *heading)
{
	fputs("<section>\n<h2>", page->out);
	carbon_escape_html(heading, page->out);
	fputs("</h2>\n", page->out);
}

static void section_end(struct carbon_page *page)
{
	close_list(page);
	fputs("</section>\n", page->out);
}

static void paragraph(struct carbon_page *page)
{
	close_list(page);
	fputs("<p>", page->out);
}

static void words(struct carbon_page *page, const char *text)
{
	carbon_escape_html(text, page->out);
}

static void paragraph_end(struct carbon_page *page)
{
	fputs("</p>\n", page->out);
}

/* --- figures --- */

static void put_amount(struct carbon_page *page, double number, enum carbon_unit unit)
{
	char amount[CARBON_AMOUNT_TEXT];

	if (unit == CARBON_UNIT_COUNT && fabs(number) < 1000)
		snprintf(amount, sizeof(amount), "%.0f", number);
	else
		carbon_amount_format(number, amount);
	fputs(amount, page->out);
}

/* The element's beginning; its path follows, then put_figure's end. */
static void open_figure(struct carbon_page *page, double number, enum carbon_unit unit)
{
	fprintf(page->out, unit == CARBON_UNIT_COUNT ? "<data value=\"%.0f\" data-key=\"" : "<data value=\"%.10g\" data-key=\"",
		number);
}

static void close_figure(struct carbon_page *page, double number, enum carbon_unit unit)
{
	fputs("\">", page->out);
	put_amount(page, number, unit);
	fputs("</data>", page->out);
}

static void put_unit(struct carbon_page *page, enum carbon_unit unit)
{
	if (carbon_page_units[unit].html[0])
		fprintf(page->out, "\xc2\xa0%s", carbon_page_units[unit].html);
}

static void value(struct carbon_page *page, const char *path, double number, enum carbon_unit unit)
{
	if (!isfinite(number)) {
		fputs("unknown", page->out);
		return;
	}
	open_figure(page, number, unit);
	fputs(path, page->out);
	close_figure(page, number, unit);
	put_unit(page, unit);
}

static void put_fact_figure(struct carbon_page *page, const struct carbon_page_fact *one)
{
	if (!isfinite(one->value)) {
		fputs("unknown", page->out);
		return;
	}
	open_figure(page, one->value, one->unit);
	fprintf(page->out, "%s.%s", page->section, one->key);
	close_figure(page, one->value, one->unit);
	put_unit(page, one->unit);
}

static void fact(struct carbon_page *page, const struct carbon_page_fact *one)
{
	if (!page->is_list)
		fputs("<dl>\n", page->out);
	page->is_list = true;
	fputs("<dt>", page->out);
	carbon_escape_html(one->label, page->out);
	fputs("</dt><dd>", page->out);
	if (one->text)
		carbon_escape_html(one->text, page->out);
	else
		put_fact_figure(page, one);
	if (one->remark) {
		fputs(" (", page->out);
		carbon_escape_html(one->remark, page->out);
		fputc(')', page->out);
	}
	fputs("</dd>\n", page->out);
}

/* --- tables --- */

static void table(struct carbon_page *page)
{
	close_list(page);
	fputs("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>", page->out);
	for (size_t i = 0; i < page->table->columns; i++) {
		const struct carbon_page_column *column = &page->table->column[i];
		const char *unit = carbon_page_units[column->unit].html;

		fprintf(page->out, "<th scope=\"col\" class=\"%s%s\">", column->is_text ? "text" : "figure",
			column->is_minor ? " minor" : "");
		carbon_escape_html(column->label, page->out);
		if (unit[0] && !column->is_text)
			fprintf(page->out, "<br><span class=\"unit\">%s</span>", unit);
		fputs("</th>", page->out);
	}
	fputs("</tr></thead>\n<tbody>\n", page->out);
}

static bool is_left_out(const struct carbon_page *page)
{
	return page->table->most_rows && page->row >= page->table->most_rows && !page->is_total;
}

static void row(struct carbon_page *page)
{
	if (!is_left_out(page))
		fputs(page->is_total ? "<tr class=\"total\">" : "<tr>", page->out);
}

/* "total.jobs", "lines.3.jobs", "accounts.lines.3.jobs". */
static void put_path(struct carbon_page *page, const struct carbon_page_column *column)
{
	if (page->is_total)
		fprintf(page->out, "%s%stotal.%s", page->table->has_total ? page->section : "",
			page->table->has_total ? "." : "", column->key);
	else
		fprintf(page->out, "%s%s%s.%zu.%s", page->section, page->section[0] ? "." : "",
			page->table->key, page->row, column->key);
}

/* A name in a narrow column breaks behind a slash or an underscore rather than anywhere. */
static void put_name(const char *text, FILE *out)
{
	char part[PART_MAX];
	size_t length;

	while ((length = strcspn(text, "/_") + 1) < sizeof(part) && text[length - 1] && text[length]) {
		memcpy(part, text, length);
		part[length] = '\0';
		carbon_escape_html(part, out);
		fputs("<wbr>", out);
		text += length;
	}
	carbon_escape_html(text, out);
}

static void cell(struct carbon_page *page, const struct carbon_page_column *column, const char *text,
		 double number)
{
	if (is_left_out(page))
		return;
	fprintf(page->out, "<td%s>", column->is_text ? column->is_minor ? " class=\"text minor\"" : " class=\"text\""
						    : column->is_minor ? " class=\"minor\"" : "");
	if (text) {
		put_name(text, page->out);
	} else if (!isfinite(number)) {
		fputs("\xe2\x80\x93", page->out);
	} else {
		open_figure(page, number, column->unit);
		put_path(page, column);
		fputs("\">", page->out);
		fputs(column->is_signed && number > 0 ? "+" : "", page->out);
		put_amount(page, number, column->unit);
		fputs("</data>", page->out);
	}
	fputs("</td>", page->out);
}

static void row_end(struct carbon_page *page)
{
	if (!is_left_out(page))
		fputs("</tr>\n", page->out);
}

static void table_end(struct carbon_page *page)
{
	fputs("</tbody>\n</table></div>\n", page->out);
	if (page->table->most_rows && page->row > page->table->most_rows)
		fprintf(page->out, "<p class=\"note\">and %zu more</p>\n", page->row - page->table->most_rows);
}

static void chart(struct carbon_page *page, const struct carbon_page_chart *shown)
{
	close_list(page);
	fputs("<div class=\"wide\" tabindex=\"0\">", page->out);
	carbon_page_svg(page->section, shown, page->out);
	fputs("</div>\n", page->out);
}

const struct carbon_page_kind carbon_page_html = {
	section, section_end, paragraph, words, value, paragraph_end, fact,
	table, row, cell, row_end, table_end, chart,
};
