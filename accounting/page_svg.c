/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chart as inline SVG: bars and lines over equal steps, with a title, a description and a legend, and each point's
 * figure as its own title. No colour tells anything that shape does not tell too.
 */
#include <math.h>
#include <string.h>

#include "accounting/escape.h"
#include "accounting/page.h"

#define WIDTH 760
#define HEIGHT 260
#define LEFT 62
#define RIGHT 62
#define TOP 40
#define BOTTOM 26
#define TICKS 4

struct scale {
	double most, step;
};

struct frame {
	const struct carbon_page_chart *chart;
	double pitch;		   /* of a point */
	struct scale bars, lines;
};

/* A round step, so that TICKS of them just reach MOST. */
static struct scale fit_scale(double most)
{
	static const double nice[] = {1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10};
	double raw = most / TICKS, power = most > 0 ? pow(10, floor(log10(raw))) : 1;
	struct scale scale = {TICKS, 1};

	for (size_t i = 0; most > 0 && i < sizeof(nice) / sizeof(nice[0]); i++) {
		scale.step = nice[i] * power;
		scale.most = scale.step * TICKS;
		if (scale.most >= most)
			break;
	}
	return scale;
}

static double largest(const struct carbon_page_chart *chart, bool is_line)
{
	double most = 0;

	for (size_t i = 0; i < chart->series; i++)
		for (size_t j = 0; j < chart->count && (chart->one[i].is_line == is_line || chart->has_one_scale); j++)
			if (isfinite(chart->one[i].value[j]))
				most = fmax(most, chart->one[i].value[j]);
	return most;
}

static double height_of(const struct scale *scale, double value)
{
	return (value > 0 ? value : 0) / scale->most * (HEIGHT - TOP - BOTTOM);
}

static double middle_of(const struct frame *frame, size_t point)
{
	return LEFT + ((double)point + 0.5) * frame->pitch;
}

static void write_tip(const struct frame *frame, const struct carbon_page_series *series, size_t point, FILE *out)
{
	char figure[CARBON_FIGURE_TEXT];

	carbon_figure_format(series->value[point], series->unit, figure);
	fputs("<title>", out);
	carbon_escape_html(frame->chart->label[point], out);
	fprintf(out, ": %s, %s</title>", series->label, figure);
}

static void write_bars(const struct frame *frame, const struct carbon_page_series *series, FILE *out)
{
	double gap = frame->pitch > 8 ? 3 : 1;

	for (size_t i = 0; i < frame->chart->count; i++) {
		double high = isfinite(series->value[i]) ? height_of(&frame->bars, series->value[i]) : 0;

		if (high <= 0)
			continue;
		fprintf(out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">",
			LEFT + (double)i * frame->pitch + gap / 2, HEIGHT - BOTTOM - high, frame->pitch - gap, high);
		write_tip(frame, series, i, out);
		fputs("</rect>\n", out);
	}
}

/* Broken where a point is not known. */
static void write_path(const struct frame *frame, const struct carbon_page_series *series, const char *style, FILE *out)
{
	bool is_open = false;

	fprintf(out, "<path class=\"%s\" d=\"", style);
	for (size_t i = 0; i < frame->chart->count; i++) {
		if (isfinite(series->value[i]))
			fprintf(out, "%c%.1f %.1f", is_open ? 'L' : 'M', middle_of(frame, i),
				HEIGHT - BOTTOM - height_of(&frame->lines, series->value[i]));
		is_open = isfinite(series->value[i]);
	}
	fputs("\"/>\n", out);
}

/* The first line is whole and has full dots, a second one is dashed and has hollow ones. */
struct style {
	const char *line, *dot;
};

static struct style style_of(const struct carbon_page_chart *chart, const struct carbon_page_series *series)
{
	static const struct style styles[] = {{"line", "dot"}, {"line dashed", "dot hollow"}};
	size_t before = 0;

	for (const struct carbon_page_series *each = chart->one; each < series; each++)
		before += each->is_line;
	return styles[before ? 1 : 0];
}

static void write_line(const struct frame *frame, const struct carbon_page_series *series, FILE *out)
{
	struct style style = style_of(frame->chart, series);

	write_path(frame, series, style.line, out);
	for (size_t i = 0; i < frame->chart->count; i++) {
		if (!isfinite(series->value[i]))
			continue;
		fprintf(out, "<circle class=\"%s\" r=\"3\" cx=\"%.1f\" cy=\"%.1f\">", style.dot, middle_of(frame, i),
			HEIGHT - BOTTOM - height_of(&frame->lines, series->value[i]));
		write_tip(frame, series, i, out);
		fputs("</circle>\n", out);
	}
}

/* --- around them --- */

static void write_ticks(const struct scale *scale, int x, const char *anchor, FILE *out)
{
	for (int i = 0; i <= TICKS; i++) {
		double at = HEIGHT - BOTTOM - (double)i / TICKS * (HEIGHT - TOP - BOTTOM);

		fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"%s\">%g</text>\n", x, at + 4, anchor,
			scale->step * i);
	}
}

static void write_grid(const struct frame *frame, bool has_lines, FILE *out)
{
	for (int i = 0; i <= TICKS; i++) {
		double at = HEIGHT - BOTTOM - (double)i / TICKS * (HEIGHT - TOP - BOTTOM);

		fprintf(out, "<path class=\"%s\" d=\"M%d %.1fH%d\"/>\n", i ? "grid" : "axis", LEFT, at, WIDTH - RIGHT);
	}
	write_ticks(&frame->bars, LEFT - 8, "end", out);
	if (has_lines && !frame->chart->has_one_scale)
		write_ticks(&frame->lines, WIDTH - RIGHT + 8, "start", out);
	for (size_t i = 0; i < frame->chart->count; i += frame->chart->every) {
		fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", middle_of(frame, i), HEIGHT - 8);
		carbon_escape_html(frame->chart->label[i] + frame->chart->cut, out);
		fputs("</text>\n", out);
	}
}

/* A sign and its words, side by side over the width. */
static void write_legend(const struct frame *frame, FILE *out)
{
	for (size_t i = 0; i < frame->chart->series; i++) {
		const struct carbon_page_series *series = &frame->chart->one[i];
		const char *unit = carbon_page_units[series->unit].name;
		int x = LEFT + (int)i * (WIDTH - LEFT - RIGHT) / (frame->chart->series > 2 ? (int)frame->chart->series : 2);
		struct style style = style_of(frame->chart, series);

		if (series->is_line)
			fprintf(out, "<path class=\"%s\" d=\"M%d 16h22\"/><circle class=\"%s\" r=\"3\" cx=\"%d\" "
				"cy=\"16\"/>\n", style.line, x, style.dot, x + 11);
		else
			fprintf(out, "<rect class=\"bar\" x=\"%d\" y=\"10\" width=\"22\" height=\"12\"/>\n", x);
		fprintf(out, "<text x=\"%d\" y=\"20\">%s%s%s</text>\n", x + 28, series->label, unit[0] ? ", " : "",
			unit);
	}
}

static void write_words(const char *section, const struct carbon_page_chart *chart, FILE *out)
{
	fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-%s-title %s-%s-text\">\n"
		"<title id=\"%s-%s-title\">", WIDTH, HEIGHT, section, chart->key, section, chart->key, section,
		chart->key);
	carbon_escape_html(chart->title, out);
	fprintf(out, "</title>\n<desc id=\"%s-%s-text\">", section, chart->key);
	carbon_escape_html(chart->text, out);
	fputs("</desc>\n", out);
}

void carbon_page_svg(const char *section, const struct carbon_page_chart *chart, FILE *out)
{
	struct frame frame = {.chart = chart, .bars = fit_scale(largest(chart, false)),
			      .lines = fit_scale(largest(chart, true))};
	bool has_lines = false;

	frame.pitch = (double)(WIDTH - LEFT - RIGHT) / (double)(chart->count ? chart->count : 1);
	for (size_t i = 0; i < chart->series; i++)
		has_lines = has_lines || chart->one[i].is_line;
	write_words(section, chart, out);
	write_grid(&frame, has_lines, out);
	for (size_t i = 0; i < chart->series; i++)
		if (chart->one[i].is_line)
			write_line(&frame, &chart->one[i], out);
		else
			write_bars(&frame, &chart->one[i], out);
	write_legend(&frame, out);
	fputs("</svg>", out);
}
