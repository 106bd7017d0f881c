/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A curve of intensity as a bar chart of characters, for terminals; plain ASCII where asked for. */
#ifndef CARBON_CHART_H
#define CARBON_CHART_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "lib/curve.h"

#define CARBON_CHART_COLUMNS_MAX 200

struct carbon_chart {
	const struct carbon_curve *curve;
	const struct carbon_curve *high; /* the upper end of what is likely, shaded above the bars; NULL: not drawn */
	time_t from, to;	   /* within the curves */
	time_t mark_from, mark_to; /* a window to point out */
	int columns, rows;	   /* of the bars, without labels; columns at most CARBON_CHART_COLUMNS_MAX */
	bool unicode;		   /* eighths of a character instead of whole ones */
	bool colour;
};

/* How this stream may be drawn on: width, colour (a terminal, NO_COLOR unset) and UTF-8 (by LC_ALL, LC_CTYPE, LANG). */
void carbon_chart_ask(FILE *out, struct carbon_chart *chart);

/* Bars, what may lie above them, an axis with local days, and a line that marks the window. */
void carbon_chart_print(FILE *out, const struct carbon_chart *chart);

#endif
