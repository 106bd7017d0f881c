/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl doctor: whether anything is delayed now, and if not, by whose will: the level, the switch, the
 * guard of those who do not take part, events, blackouts, shares, caps.
 */
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "lib/time.h"
#include "lib/when.h"
#include "tools/bystanders.h"
#include "tools/doctor.h"
#include "tools/off.h"
#include "tools/tool.h"

#define OK CARBON_GRADE_OK
#define NOTE CARBON_GRADE_NOTE
#define PROBLEM CARBON_GRADE_PROBLEM

void carbon_doctor_level(struct carbon_doctor *doctor)
{
	static const char *const words[] = {
		[CARBON_LEVEL_OFF] = "jobs are left alone and nothing is recorded",
		[CARBON_LEVEL_OBSERVE] =
			"shadow mode: every job is decided and recorded, and none is delayed",
		[CARBON_LEVEL_OPT_IN] = "jobs that ask for it may be delayed",
		[CARBON_LEVEL_DEFAULT] = "every job may be delayed that does not say --carbon=off",
	};
	const struct carbon_site *site = doctor->site;
	enum carbon_level wanted = doctor->config->site.level;
	time_t off_at;

	if (site->level != wanted && !carbon_tool_off_is(doctor->config, &off_at))
		carbon_doctor_say(doctor, PROBLEM, "carbonctl apply",
				  "the site in force says %s and carbon.conf %s",
				  carbon_level_name(site->level), carbon_level_name(wanted));
	else
		carbon_doctor_say(
			doctor, site->level <= CARBON_LEVEL_OBSERVE ? NOTE : OK,
			site->level == CARBON_LEVEL_OBSERVE ? "carbonctl advise says whether to go on" : "",
			"%s: %s", carbon_level_name(site->level), words[site->level]);
	if (site->level == CARBON_LEVEL_DEFAULT && site->default_delay_s == 0)
		carbon_doctor_say(doctor, NOTE, "set default_delay",
				  "level is default and default_delay is 0: only jobs that "
				  "ask for it, or whose rule gives a delay, are delayed");
}

void carbon_doctor_off(struct carbon_doctor *doctor)
{
	char since[CARBON_TIME_TEXT];
	time_t off_at;

	if (!carbon_tool_off_is(doctor->config, &off_at)) {
		carbon_doctor_say(doctor, OK, "", "delaying is not switched off");
		return;
	}
	carbon_time_format(off_at, since);
	carbon_doctor_say(doctor, NOTE, "carbonctl on", "delaying is switched off since %s", since);
	if (doctor->site && doctor->site->level != CARBON_LEVEL_OFF)
		carbon_doctor_say(
			doctor, PROBLEM, "carbonctl apply",
			"and the site in force does not say so: it was put back, or could not be written");
}

/* --- the guard of those who do not take part --- */

/* The site in force has the word; the verdict tells why. */
static void say_paused(struct carbon_doctor *doctor, const struct carbon_bystanders *state)
{
	const struct carbon_site *site = doctor->site;
	char until[CARBON_TIME_TEXT], why[CARBON_BYSTANDERS_TEXT] = "";

	carbon_time_format(site->paused_until_at, until);
	if (state->paused_until_at == site->paused_until_at)
		carbon_bystanders_format(state, why);
	carbon_doctor_say(
		doctor, PROBLEM,
		"it goes on by itself; less delay or a smaller max_flexible_share costs others less",
		"delaying is paused until %s (%s)%s%s", until,
		site->paused_reason[0] ? site->paused_reason : "no reason given", why[0] ? ": " : "", why);
}

static void say_verdict(struct carbon_doctor *doctor, const struct carbon_bystanders *state)
{
	time_t now = doctor->tool->now;
	char why[CARBON_BYSTANDERS_TEXT], until[CARBON_TIME_TEXT], limit[CARBON_DURATION_TEXT];

	carbon_bystanders_format(state, why);
	carbon_duration_format(doctor->config->bystander_wait_s, limit);
	carbon_time_format(state->paused_until_at, until);
	if (state->paused_until_at > now)
		carbon_doctor_say(doctor, PROBLEM, "carbonctl replan",
				  "delaying is to be paused until %s, and the site in force "
				  "does not say so yet: %s",
				  until, why);
	else if (state->jobs < CARBON_BYSTANDERS_MIN)
		carbon_doctor_say(doctor, OK, "",
				  "too few jobs to tell whether others wait longer because of delays");
	else
		carbon_doctor_say(doctor, OK, "", "%s; delaying stops where that is %s more", why, limit);
	if (state->paused_until_at && state->paused_until_at <= now &&
	    state->paused_until_at > now - CARBON_BYSTANDERS_LOOK_S)
		carbon_doctor_say(doctor, NOTE, "", "delaying was paused until %s because of others' waits",
				  until);
}

void carbon_doctor_bystanders(struct carbon_doctor *doctor)
{
	struct carbon_bystanders state;
	struct carbon_err err;
	int rc = carbon_bystanders_read(doctor->config, &state, &err);

	if (rc < 0)
		carbon_doctor_say(doctor, PROBLEM, "carbonctl settle judges anew",
				  "whether others wait longer is not known: %s", err.text);
	if (doctor->site && doctor->site->paused_until_at > doctor->tool->now)
		say_paused(doctor, &state);
	else if (!doctor->config->bystander_wait_s)
		carbon_doctor_say(
			doctor, NOTE, "set bystander_wait",
			"nobody looks whether others wait longer because of delays: bystander_wait is 0");
	else if (rc == 0)
		carbon_doctor_say(doctor, NOTE, "carbonctl settle does, each hour",
				  "nobody has looked yet whether others wait longer because of delays");
	else if (rc == 1)
		say_verdict(doctor, &state);
}

/* --- limits that end by themselves --- */

static void say_limit(struct carbon_doctor *doctor, const struct carbon_limit *limit)
{
	char until[CARBON_WHEN_TEXT], nodes[32] = "", kw[48] = "";

	carbon_when_format(limit->to_at, doctor->tool->now, until);
	if (limit->nodes != CARBON_LIMIT_NONE)
		snprintf(nodes, sizeof(nodes), " %u nodes", limit->nodes);
	if (limit->kw >= 0)
		snprintf(kw, sizeof(kw), "%s %g kW", nodes[0] ? " and" : "", limit->kw);
	carbon_doctor_say(doctor, NOTE, "carbonctl event lists events",
			  "until %s at most%s%s may run in %s%s", until, nodes, kw,
			  limit->partition[0] ? "partition " : "the whole cluster", limit->partition);
}

void carbon_doctor_limits(struct carbon_doctor *doctor)
{
	const struct carbon_site *site = doctor->site;
	time_t now = doctor->tool->now;
	char until[CARBON_WHEN_TEXT];
	size_t told = 0;

	for (size_t i = 0; i < site->limits; i++) {
		if (site->limit[i].from_at > now || site->limit[i].to_at <= now)
			continue;
		say_limit(doctor, &site->limit[i]);
		told++;
	}
	for (size_t i = 0; i < site->blackouts; i++) {
		if (site->blackout[i].from_at > now || site->blackout[i].to_at <= now)
			continue;
		carbon_when_format(site->blackout[i].to_at, now, until);
		carbon_doctor_say(
			doctor, NOTE, "",
			"a blackout (or a block without delays) holds until %s: no job is delayed", until);
		told++;
	}
	if (!told)
		carbon_doctor_say(doctor, OK, "", "no event, limit or blackout holds now");
}

void carbon_doctor_share(struct carbon_doctor *doctor)
{
	const struct carbon_site *site = doctor->site;
	double share = site->all_node_h > 0 ? 100 * site->flexible_node_h / site->all_node_h : 0;
	size_t told = 0;

	for (size_t i = 0; i < site->rules; i++) {
		const struct carbon_rule *rule = &site->rule[i];

		if (rule->share < 0 || rule->all_node_h <= 0 ||
		    100 * rule->flexible_node_h < rule->share * rule->all_node_h)
			continue;
		carbon_doctor_say(
			doctor, NOTE, "share of its block in carbon.conf",
			"of %s's node-hours as many were delayed as may be (%g %%), so no more are",
			rule->name, rule->share);
		told++;
	}
	if (site->all_node_h > 0 && share >= site->max_flexible_share)
		carbon_doctor_say(doctor, NOTE, "max_flexible_share",
				  "%.3g %% of the last week's node-hours were delayed and %g %% "
				  "may be, so no more are",
				  share, site->max_flexible_share);
	else if (!told)
		carbon_doctor_say(doctor, OK, "",
				  "%.3g %% of the last week's node-hours were delayed, %g %% may be", share,
				  site->max_flexible_share);
}

void carbon_doctor_waiting(struct carbon_doctor *doctor)
{
	const struct carbon_site *site = doctor->site;
	size_t full = 0;

	for (size_t i = 0; i < site->users; i++)
		full += site->user[i].waiting >= site->max_waiting_user && site->user[i].waiting > 0;
	if (site->max_waiting == 0 || site->max_waiting_user == 0)
		carbon_doctor_say(doctor, NOTE, "",
				  "no job may wait: max_waiting or max_waiting_per_user is 0");
	else if (site->waiting >= site->max_waiting)
		carbon_doctor_say(doctor, NOTE, "max_waiting",
				  "as many jobs wait because of us as may: %u; no more are delayed",
				  site->waiting);
	else
		carbon_doctor_say(doctor, OK, "", "waiting because of us: %u, at most %u may", site->waiting,
				  site->max_waiting);
	if (full)
		carbon_doctor_say(doctor, NOTE, "max_waiting_per_user",
				  "users with as many waiting jobs as each may have: %zu", full);
}

/* --- places --- */

void carbon_doctor_unzoned(struct carbon_doctor *doctor)
{
	const struct carbon_site *site = doctor->site;
	char names[CARBON_FINDING_TEXT / 2] = "";
	size_t length = 0, count = 0;

	for (size_t i = 0; i < site->places; i++) {
		if (site->place[i].zone[0])
			continue;
		count++;
		if (length < sizeof(names))
			length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
						   length ? ", " : "", site->place[i].partition);
	}
	if (!count)
		carbon_doctor_say(doctor, OK, "", "all have a zone: %zu", site->places);
	else
		carbon_doctor_say(doctor, count == site->places ? PROBLEM : NOTE,
				  "partition \"*\" { zone = \"DE\" }",
				  "without a zone, so their jobs are left alone: %s", names);
}

void carbon_doctor_differences(struct carbon_doctor *doctor)
{
	struct carbon_err err;
	size_t count = 0;

	while (carbon_config_difference(doctor->config, &doctor->live.cluster, count, &err)) {
		carbon_doctor_say(doctor, PROBLEM, "name what is there, or take the block out", "%s",
				  err.text);
		count++;
	}
	if (!count)
		carbon_doctor_say(doctor, OK, "", "cluster %s has every partition that carbon.conf names",
				  doctor->setup->cluster);
}
