/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside accounting/ only: what a report says, section by section. A new section is one function (page.h says how it
 * writes), one row in report_sections.c, and its members in carbonctl(1).
 */
#ifndef CARBON_REPORT_SECTIONS_H
#define CARBON_REPORT_SECTIONS_H

#include "accounting/page.h"
#include "accounting/report.h"

struct carbon_report_section {
	const char *key;     /* the JSON's member; "": it has the figures elsewhere */
	const char *heading; /* NULL: "By user" and so on */
	bool (*has)(const struct carbon_report *report); /* NULL: always */
	void (*tell)(const struct carbon_report *report, struct carbon_page *page);
};

/* All sections that have something to say. */
void carbon_report_tell(const struct carbon_report *report, struct carbon_page *page);

/* Title, one line below it, and the month in a sentence. */
void carbon_report_title(const struct carbon_report *report, char *out, size_t size);
void carbon_report_scope(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_summary(const struct carbon_report *report, struct carbon_page *page);

/* report_tell_use.c: who used what */
void carbon_report_tell_lines(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_accounts(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_places(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_budgets(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_rates(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_equivalents(const struct carbon_report *report, struct carbon_page *page);

/* report_tell_flows.c: from where to where */
void carbon_report_tell_flows(const struct carbon_report *report, struct carbon_page *page);

/* report_tell_time.c: when */
void carbon_report_tell_days(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_hours(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_changes(const struct carbon_report *report, struct carbon_page *page);

/* report_tell_apart.c: lines that stay apart */
void carbon_report_tell_scope2(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_sci(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_apart(const struct carbon_report *report, struct carbon_page *page);

/* report_tell_cluster.c: the cluster as a whole */
void carbon_report_tell_effect(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_cost(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_filling(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_balance(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_nodes(const struct carbon_report *report, struct carbon_page *page);

/* report_tell_trust.c: what became of promises, and how sure all this is */
void carbon_report_tell_promises(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_quality(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_levers(const struct carbon_report *report, struct carbon_page *page);
void carbon_report_tell_method(const struct carbon_report *report, struct carbon_page *page);

#endif
