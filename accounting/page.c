/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all kinds of pages share: sentences out of parts, and tables cell by cell. */
#include "accounting/page.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "accounting/escape.h"

#define WORDS_MAX 2048

const struct carbon_page_unit carbon_page_units[CARBON_UNITS] = {
	[CARBON_UNIT_COUNT] = {"", "", NULL},
	[CARBON_UNIT_RATIO] = {"", "", NULL},
	[CARBON_UNIT_KWH] = {"kWh", "kWh", "Wh"},
	[CARBON_UNIT_KW] = {"kW", "kW", "W"},
	[CARBON_UNIT_KG] = {"kg CO2e", "kg CO<sub>2</sub>e", "g CO2e"},
	[CARBON_UNIT_G] = {"g CO2e", "g CO<sub>2</sub>e", "mg CO2e"},
	[CARBON_UNIT_G_KWH] = {"g/kWh", "g/kWh", NULL},
	[CARBON_UNIT_PERCENT] = {"%", "%", NULL},
	[CARBON_UNIT_HOURS] = {"h", "h", NULL},
	[CARBON_UNIT_NODE_HOURS] = {"node-hours", "node-hours", NULL},
	[CARBON_UNIT_LITRES] = {"l", "l", NULL},
	[CARBON_UNIT_GB] = {"GB", "GB", "MB"},
};

void carbon_page_init(struct carbon_page *page, const struct carbon_page_kind *kind, FILE *out)
{
	memset(page, 0, sizeof(*page));
	page->kind = kind;
	page->out = out;
	page->section = "";
}

void carbon_page_section(struct carbon_page *page, const char *key, const char *heading)
{
	page->section = key;
	page->kind->section(page, heading);
}

void carbon_page_section_end(struct carbon_page *page)
{
	page->kind->section_end(page);
	page->section = "";
}

static void __attribute__((format(printf, 2, 0))) pass_words(struct carbon_page *page, const char *format,
							      va_list args)
{
	char text[WORDS_MAX];

	vsnprintf(text, sizeof(text), format, args);
	page->kind->words(page, text);
}

void carbon_page_say(struct carbon_page *page, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	carbon_page_paragraph(page);
	pass_words(page, format, args);
	carbon_page_paragraph_end(page);
	va_end(args);
}

void carbon_page_paragraph(struct carbon_page *page)
{
	page->kind->paragraph(page);
}

void carbon_page_words(struct carbon_page *page, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pass_words(page, format, args);
	va_end(args);
}

void carbon_page_value(struct carbon_page *page, const char *path, double value, enum carbon_unit unit)
{
	page->kind->value(page, path, value, unit);
}

void carbon_page_paragraph_end(struct carbon_page *page)
{
	page->kind->paragraph_end(page);
}

void carbon_page_fact(struct carbon_page *page, const char *key, const char *label, double value,
		      enum carbon_unit unit)
{
	const struct carbon_page_fact fact = {.key = key, .label = label, .value = value, .unit = unit};

	page->kind->fact(page, &fact);
}

void carbon_page_fact_text(struct carbon_page *page, const char *key, const char *label, const char *text)
{
	const struct carbon_page_fact fact = {.key = key, .label = label, .text = text};

	page->kind->fact(page, &fact);
}

void carbon_page_fact_full(struct carbon_page *page, const struct carbon_page_fact *fact)
{
	page->kind->fact(page, fact);
}

void carbon_page_table(struct carbon_page *page, const struct carbon_page_table *table)
{
	page->table = table;
	page->row = page->column = 0;
	page->is_total = false;
	page->kind->table(page);
}

static void put_cell(struct carbon_page *page, const char *text, double value)
{
	if (page->column == 0)
		page->kind->row(page);
	page->kind->cell(page, &page->table->column[page->column], text, value);
	if (++page->column < page->table->columns)
		return;
	page->kind->row_end(page);
	page->column = 0;
	page->row++;
}

void carbon_page_cell(struct carbon_page *page, double value)
{
	put_cell(page, NULL, value);
}

void carbon_page_cell_text(struct carbon_page *page, const char *text)
{
	put_cell(page, text, NAN);
}

void carbon_page_total(struct carbon_page *page)
{
	page->is_total = true;
}

void carbon_page_table_end(struct carbon_page *page)
{
	page->kind->table_end(page);
	page->table = NULL;
	page->is_total = false;
}

void carbon_page_chart(struct carbon_page *page, const struct carbon_page_chart *chart)
{
	page->kind->chart(page, chart);
}

void carbon_figure_format(double value, enum carbon_unit unit, char out[CARBON_FIGURE_TEXT])
{
	const char *name = carbon_page_units[unit].name;
	char amount[CARBON_AMOUNT_TEXT];

	if (unit == CARBON_UNIT_COUNT && fabs(value) < 1000)
		snprintf(amount, sizeof(amount), "%.0f", value);
	else
		carbon_amount_format(value, amount);
	snprintf(out, CARBON_FIGURE_TEXT, "%s%s%s", amount, name[0] && isfinite(value) ? " " : "",
		 isfinite(value) ? name : "");
}
