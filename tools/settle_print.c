/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What settling did. A count of nothing is left out of the words, and never out of the JSON. */
#include "tools/settle_print.h"

#include <stdio.h>

#include "lib/time.h"
#include "tools/json.h"
#include "tools/tool.h"

static void print_json(const struct carbon_tool *tool, const struct carbon_settle_done *done)
{
	const struct carbon_books_count *count = done->count;
	struct carbon_json json;

	carbon_json_init(&json, tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_text(&json, "cluster", done->cluster);
	carbon_json_text(&json, "accounting", done->from_dbd ? "slurmdbd" : "slurmctld");
	carbon_json_time(&json, "from", done->from);
	carbon_json_time(&json, "to", done->to);
	carbon_json_int(&json, "runs", (long long)count->runs);
	carbon_json_int(&json, "with_record", (long long)count->with_record);
	carbon_json_int(&json, "provisional", (long long)count->provisional);
	carbon_json_int(&json, "without_emissions", (long long)count->unknown);
	carbon_json_int(&json, "settled_again", (long long)count->revised);
	carbon_json_int(&json, "not_ended", (long long)count->running);
	carbon_json_int(&json, "runaway", (long long)done->lost);
	carbon_json_int(&json, "effects", done->effects);
	if (done->has_learned)
		carbon_json_int(&json, "habits", (long long)done->habits);
	carbon_json_begin(&json, "odd", '{');
	for (unsigned int i = 0; i < CARBON_ODD_KINDS; i++)
		carbon_json_int(&json, carbon_odd_key(i), (long long)count->odd[i]);
	carbon_json_end(&json, '}');
	carbon_json_end(&json, '}');
}

static void print_text(const struct carbon_tool *tool, const struct carbon_settle_done *done)
{
	const struct carbon_books_count *count = done->count;
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT];
	FILE *out = tool->out;

	carbon_time_format(done->from, from);
	carbon_time_format(done->to, to);
	fprintf(out, "%s, ended from %s to %s: %zu runs settled, %zu of them with a decision record\n",
		done->cluster, from, to, count->runs, count->with_record);
	if (count->provisional)
		fprintf(out, "%zu provisional: settled again as the grid's history comes in\n",
			count->provisional);
	if (count->unknown)
		fprintf(out, "%zu without emissions: their intensity is not known\n", count->unknown);
	if (count->revised)
		fprintf(out, "%zu that were provisional before have been settled again\n", count->revised);
	if (count->running)
		fprintf(out, "%zu have not ended yet\n", count->running);
	if (done->lost)
		fprintf(out, "%zu without an end that slurmctld knows nothing of: left out (sacctmgr show runawayjobs)\n",
			done->lost);
	for (unsigned int i = 0; i < CARBON_ODD_KINDS; i++)
		if (count->odd[i])
			fprintf(out, "%zu odd: %s\n", count->odd[i], carbon_odd_name(i));
	if (done->effects)
		fprintf(out, "the cluster effect of %d month%s worked out\n", done->effects, done->effects == 1 ? "" : "s");
	if (done->has_learned)
		fprintf(out, "%zu habits learned\n", done->habits);
	if (!done->from_dbd)
		fputs("there is no slurmdbd: only jobs that slurmctld still remembers were seen\n",
		      out);
}

void carbon_tool_settle_print(const struct carbon_tool *tool, const struct carbon_settle_done *done)
{
	if (carbon_tool_is_json(tool))
		print_json(tool, done);
	else
		print_text(tool, done);
}
