/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page that is written once and read in three ways: as text in a terminal or mail, as JSON, as HTML. What is
 * written is sections of sentences, facts, tables and charts; sentences are for people and are not in the JSON, every
 * other figure is in all three, in HTML with the JSON's own value and path beside it (<data>). Names are escaped here.
 *
 * A new kind of page is one const struct carbon_page_kind.
 */
#ifndef CARBON_PAGE_H
#define CARBON_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What a figure is measured in. */
enum carbon_unit {
	CARBON_UNIT_COUNT, /* whole */
	CARBON_UNIT_RATIO, /* without a unit */
	CARBON_UNIT_KWH,
	CARBON_UNIT_KW,
	CARBON_UNIT_KG, /* of CO2e */
	CARBON_UNIT_G,
	CARBON_UNIT_G_KWH,
	CARBON_UNIT_PERCENT,
	CARBON_UNIT_HOURS,
	CARBON_UNIT_NODE_HOURS,
	CARBON_UNIT_LITRES,
	CARBON_UNIT_GB,
	CARBON_UNITS
};

struct carbon_page_unit {
	const char *name, *html; /* "kg CO2e"; "": none */
	const char *small;	 /* a unit a thousandth of it, for columns of small figures; NULL: none */
};
extern const struct carbon_page_unit carbon_page_units[CARBON_UNITS];

/* A labelled figure, or text where TEXT is not NULL. */
struct carbon_page_fact {
	const char *key;   /* of the JSON */
	const char *label; /* "Energy" */
	double value;	   /* NAN: not known; JSON null */
	enum carbon_unit unit;
	const char *text;
	const char *remark; /* after the figure, in brackets; NULL: none. Not in the JSON */
};

struct carbon_page_column {
	const char *key, *label;
	enum carbon_unit unit;
	bool is_text;	/* the first column, mostly */
	bool is_signed; /* with its plus */
	bool is_minor;	/* left out on narrow screens */
	double largest; /* of its figures, as far as is known: how text is set */
	int width;	/* text columns: of the longest */
};

#define CARBON_PAGE_COLUMNS_MAX 12

struct carbon_page_table {
	const char *key;
	size_t columns;
	const struct carbon_page_column *column;
	size_t most_rows; /* 0: any number; beyond it text and HTML say how many are left out, JSON has all */
	bool has_total;	  /* its sum is its own, in the JSON as the section's "total"; else that stands at the top there */
};

#define CARBON_PAGE_SERIES_MAX 3
#define CARBON_PAGE_LABEL_MAX 16

struct carbon_page_series {
	const char *key, *label;
	enum carbon_unit unit;
	bool is_line;	     /* else bars; bars and lines have scales of their own unless ... */
	const double *value; /* NAN: none */
};

struct carbon_page_chart {
	const char *key, *title;
	const char *text;    /* what it shows, in a sentence */
	const char *x_key;   /* "day" */
	size_t count, every; /* points; each how manieth is labelled */
	const char (*label)[CARBON_PAGE_LABEL_MAX]; /* of each point */
	size_t cut;	     /* bytes of the label left out below the axis: "2026-10-" */
	size_t series;
	struct carbon_page_series one[CARBON_PAGE_SERIES_MAX];
	bool has_one_scale; /* ... this is set */
};

struct carbon_page;

struct carbon_page_kind {
	void (*section)(struct carbon_page *page, const char *heading);
	void (*section_end)(struct carbon_page *page);
	void (*paragraph)(struct carbon_page *page);
	void (*words)(struct carbon_page *page, const char *text);
	void (*value)(struct carbon_page *page, const char *path, double value, enum carbon_unit unit);
	void (*paragraph_end)(struct carbon_page *page);
	void (*fact)(struct carbon_page *page, const struct carbon_page_fact *fact);
	void (*table)(struct carbon_page *page);
	void (*row)(struct carbon_page *page);
	void (*cell)(struct carbon_page *page, const struct carbon_page_column *column, const char *text,
		     double value);
	void (*row_end)(struct carbon_page *page);
	void (*table_end)(struct carbon_page *page);
	void (*chart)(struct carbon_page *page, const struct carbon_page_chart *chart);
};
extern const struct carbon_page_kind carbon_page_text, carbon_page_json, carbon_page_html;

/* Set up by carbon_page_init; its members are the kinds' own. */
struct carbon_page {
	const struct carbon_page_kind *kind;
	FILE *out;
	const char *section; /* key of the open one */
	bool has_members;    /* JSON: a comma is due */
	bool is_list;	     /* HTML: a list of facts is open */
	const struct carbon_page_table *table;
	size_t row, column;
	bool is_total; /* the row is a sum: JSON has it elsewhere, as "total" */
	int used, indent; /* text: characters in the open line, and before each of its paragraph */
};

void carbon_page_init(struct carbon_page *page, const struct carbon_page_kind *kind, FILE *out);

/* KEY "": what the section has stands in the JSON already, at the top; that kind of page skips it. */
void carbon_page_section(struct carbon_page *page, const char *key, const char *heading);
void carbon_page_section_end(struct carbon_page *page);

/* One paragraph of one sentence or more. */
void carbon_page_say(struct carbon_page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same in parts: words, and figures that stand in the JSON at PATH ("total.energy_kwh"). */
void carbon_page_paragraph(struct carbon_page *page);
void carbon_page_words(struct carbon_page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void carbon_page_value(struct carbon_page *page, const char *path, double value, enum carbon_unit unit);
void carbon_page_paragraph_end(struct carbon_page *page);

void carbon_page_fact(struct carbon_page *page, const char *key, const char *label, double value,
		      enum carbon_unit unit);
void carbon_page_fact_text(struct carbon_page *page, const char *key, const char *label, const char *text);
void carbon_page_fact_full(struct carbon_page *page, const struct carbon_page_fact *fact);

/* Rows of as many cells as there are columns, in their order; the row ends by itself. */
void carbon_page_table(struct carbon_page *page, const struct carbon_page_table *table);
void carbon_page_cell(struct carbon_page *page, double value);
void carbon_page_cell_text(struct carbon_page *page, const char *text); /* NULL: none, JSON null */
void carbon_page_total(struct carbon_page *page); /* the next row is the sum */
void carbon_page_table_end(struct carbon_page *page);

void carbon_page_chart(struct carbon_page *page, const struct carbon_page_chart *chart);

/* A figure with its unit: "12.3 kWh". */
#define CARBON_FIGURE_TEXT 128
void carbon_figure_format(double value, enum carbon_unit unit, char out[CARBON_FIGURE_TEXT]);

/* Inside: the SVG of a chart in SECTION. */
void carbon_page_svg(const char *section, const struct carbon_page_chart *chart, FILE *out);

#endif
