/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as one HTML file for mail and paper: no script, no network, nothing from outside. What is around its
 * sections, and how they look at 360 pixels, at 1280 and on A4.
 */
#include "accounting/escape.h"
#include "accounting/report_sections.h"

static const char STYLE[] =
	":root{color-scheme:light}*{box-sizing:border-box}"
	"body{font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Liberation Sans\",Arial,sans-serif;"
	"color:#1b2430;background:#fff;margin:0 auto;max-width:62rem;padding:1rem 1.25rem 3rem;overflow-wrap:anywhere}"
	"h1{font-size:1.6em;line-height:1.2;margin:.4em 0 .2em}"
	"h2{font-size:1.15em;margin:2em 0 .5em;padding-bottom:.2em;border-bottom:2px solid #2f6f9f}"
	"p{margin:.5em 0;max-width:50em}.lead{font-size:1.15em}section p,.scope{color:#4a5563;font-size:.93em}"
	"sub{line-height:0;font-size:.75em}"
	".wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;min-width:min(100%,36rem)}"
	"th,td{padding:.3em .7em;text-align:right;vertical-align:bottom;border-bottom:1px solid #d8dee6;white-space:nowrap}"
	"th:first-child,td:first-child{padding-left:0}th{font-weight:600;overflow-wrap:normal}.unit{font-weight:400;color:#4a5563;font-size:.85em}"
	"th.text,td.text{text-align:left}td.text{white-space:normal;min-width:6em}"
	".total td{font-weight:600;border-top:2px solid #1b2430;border-bottom:0}"
	"svg{display:block;width:100%;height:auto;margin:.5em 0}.bar{fill:#7fb0d3}.line{fill:none;stroke:#a8430f;stroke-width:2}"
	".dot{fill:#a8430f}.dashed{stroke:#4a5563;stroke-dasharray:5 3}.hollow{fill:#fff;stroke:#4a5563;stroke-width:1.5}.axis{stroke:#5b6675;fill:none}.grid{stroke:#e3e8ee;fill:none}"
	"svg text{font:12px system-ui,\"Liberation Sans\",Arial,sans-serif;fill:#1b2430}"
	"dl{display:grid;grid-template-columns:minmax(12rem,19rem) 1fr;gap:.25em 1.2em;margin:.5em 0}"
	"dt{color:#4a5563}dd{margin:0;font-variant-numeric:tabular-nums}"
	"@media(max-width:40rem){body{padding:.75rem .75rem 2rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5em}"
	"th,td{padding:.3em .3em;font-size:.8em}th:last-child,td:last-child{padding-right:0}th{white-space:normal}td.text{min-width:5.5em}.minor{display:none}svg{min-width:34rem}}"
	"@page{size:A4;margin:14mm}@media print{body{font-size:9.5pt;max-width:none;padding:0}"
	"h2{break-after:avoid;margin-top:1.4em}section p{break-before:avoid}tr,svg,dl>*{break-inside:avoid}thead{display:table-header-group}"
	".wide{overflow:visible}th,td{padding:.2em .4em}td.text{min-width:4.5em}p{max-width:none;orphans:3;widows:3}}";

void carbon_report_write_html(const struct carbon_report *report, FILE *out)
{
	struct carbon_page page;

	carbon_page_init(&page, &carbon_page_html, out);
	fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>Carbon report %s</title>\n<style>%s</style>\n</head>\n<body>\n"
		"<h1>Carbon report for %s%s</h1>\n<div class=\"scope\"><p>Cluster ",
		report->month, STYLE, report->month, report->now < report->to_at ? " (so far)" : "");
	carbon_escape_html(report->clusters, out);
	fputs("</p>\n", out);
	carbon_report_scope(report, &page);
	fputs("</div>\n<div class=\"lead\">\n", out);
	carbon_report_summary(report, &page);
	fputs("</div>\n", out);
	carbon_report_tell(report, &page);
	fputs("</body>\n</html>\n", out);
}
