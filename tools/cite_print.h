/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How carbonctl cite says it. */
#ifndef CARBON_CITE_PRINT_H
#define CARBON_CITE_PRINT_H

struct carbon_cite_ask;
struct carbon_cited;
struct carbon_tool;

/* A paragraph, and a row of a table with its head (Markdown). */
void carbon_tool_cite_text(const struct carbon_tool *tool, const struct carbon_cite_ask *ask,
			   const struct carbon_cited *cited);
void carbon_tool_cite_json(const struct carbon_tool *tool, const struct carbon_cite_ask *ask,
			   const struct carbon_cited *cited);

#endif
