/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report for reading in a terminal or a mail. */
#include "accounting/escape.h"
#include "accounting/report_sections.h"

void carbon_report_write_text(const struct carbon_report *report, FILE *out)
{
	char title[CARBON_REPORT_TEXT_MAX + 96];
	struct carbon_page page;

	carbon_page_init(&page, &carbon_page_text, out);
	carbon_report_title(report, title, sizeof(title));
	carbon_escape_plain(title, out);
	fputc('\n', out);
	carbon_report_scope(report, &page);
	fputc('\n', out);
	carbon_report_summary(report, &page);
	carbon_report_tell(report, &page);
}
