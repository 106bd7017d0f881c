/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl doctor: the configuration, and the files that slurmctld's plugin reads, judged as the plugin
 * judges them: owner, rights, checksum, age. What is read here is what later checks look into.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "lib/file.h"
#include "lib/habit.h"
#include "lib/outlook.h"
#include "lib/time.h"
#include "tools/doctor.h"
#include "tools/tool.h"

#define SKEW_S 600
#define LATE_S 600 /* that a timer may be late by before it is called so */
#define OUTLOOK_EVERY_S 900
#define SHORT_S ((time_t)12 * 3600)

#define OK CARBON_GRADE_OK
#define NOTE CARBON_GRADE_NOTE
#define PROBLEM CARBON_GRADE_PROBLEM

void carbon_doctor_config(struct carbon_doctor *doctor)
{
	struct carbon_err err;

	if (carbon_tool_config(doctor->tool, &doctor->config, &err) != 0)
		carbon_doctor_say(doctor, PROBLEM,
				  "the last good site stays in force until it is mended; carbonctl check",
				  "%s", err.text);
	else if (!doctor->config->is_there)
		carbon_doctor_say(doctor, NOTE, "copy contrib/carbon.conf.example there and name your zone",
				  "there is no %s, so the defaults hold", doctor->config->path);
	else
		carbon_doctor_say(doctor, OK, "", "%s is valid", doctor->config->path);
}

/* Without Slurm's word, who owns run_dir is who the timers run as. */
static void look_as_owner(struct carbon_doctor *doctor)
{
	struct carbon_err err;
	struct stat st;

	if (!doctor->config || stat(doctor->config->run_dir, &st) != 0 || st.st_uid == 0)
		return;
	if (carbon_doctor_look_as(st.st_uid, &err) != 0)
		carbon_doctor_unseen(doctor, "%s, who owns %s", err.text, doctor->config->run_dir);
	else
		carbon_doctor_say(doctor, OK, "", "files are looked at as user %u, who owns %s",
				  (unsigned int)st.st_uid, doctor->config->run_dir);
}

void carbon_doctor_user(struct carbon_doctor *doctor)
{
	const struct carbon_setup *setup = doctor->setup;

	if (doctor->has_eyes)
		carbon_doctor_say(doctor, OK, "", "files are looked at as SlurmUser %s does", setup->user);
	else if (geteuid() == 0 && !setup)
		look_as_owner(doctor);
	else if (setup && setup->uid != geteuid())
		carbon_doctor_unseen(
			doctor,
			"only root and SlurmUser %s see all of this; file owners are judged for user %u",
			setup->user, (unsigned int)geteuid());
}

void carbon_doctor_run_dir(struct carbon_doctor *doctor)
{
	const char *folder = doctor->config->run_dir;
	const char *network;
	struct stat st;

	if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
		carbon_doctor_say(doctor, PROBLEM, "carbon-forecaster or carbonctl apply makes it",
				  "there is no folder %s", folder);
		return;
	}
	network = carbon_doctor_network(folder);
	if (network)
		carbon_doctor_say(doctor, PROBLEM,
				  "set run_dir to a folder on a local disk of each controller",
				  "%s lies on %s: slurmctld looks at its files while it holds its locks, "
				  "and would hang with it",
				  folder, network);
	else if (access(folder, W_OK) != 0)
		carbon_doctor_say(doctor, PROBLEM,
				  "chown it to SlurmUser, or let the timers run as its owner",
				  "%s is not writable, so no new site or outlook gets there", folder);
	else
		carbon_doctor_say(doctor, OK, "", "%s is local and writable", folder);
}

/* Of a file of ours that was written in the future nothing that counts ages is true. */
static bool is_ahead(struct carbon_doctor *doctor, const char *what, time_t written_at)
{
	if (written_at <= doctor->tool->now + SKEW_S)
		return false;
	carbon_doctor_say(doctor, PROBLEM, "set the clock, or have it written anew",
			  "the %s was written in the future: this machine's clock is wrong, or was", what);
	return true;
}

/*
 * carbonctl trusts what the owner of run_dir has written; slurmctld's plugin only root and SlurmUser, with whose rights we look then.
 * -1: it does not, and that is said.
 */
static int check_strictly(struct carbon_doctor *doctor, const char *name)
{
	char path[CARBON_PATH_MAX], *text = NULL;
	struct carbon_err err;
	size_t length;
	int rc;

	if (!doctor->setup || doctor->setup->uid != geteuid())
		return 0;
	carbon_config_path(doctor->config, name, path);
	rc = carbon_file_read(path, CARBON_SITE_SIZE_MAX, CARBON_FILE_TRUSTED, NULL, &text, &length, &err);
	free(text);
	if (rc != 0)
		carbon_doctor_say(doctor, PROBLEM, "let SlurmUser own run_dir and run the timers",
				  "jobs are left alone, for slurmctld's plugin does not trust it: %s", err.text);
	return rc;
}

void carbon_doctor_site(struct carbon_doctor *doctor)
{
	struct carbon_err err;
	char age[CARBON_AGO_TEXT];

	carbon_site_init(&doctor->site_storage);
	if (carbon_tool_site(doctor->config, &doctor->site_storage, &err) != 0) {
		carbon_doctor_say(doctor, PROBLEM, "carbonctl apply",
				  "no job is looked at, for the plugin has no site that it trusts: %s",
				  err.text);
		return;
	}
	doctor->site = &doctor->site_storage;
	if (is_ahead(doctor, "site", doctor->site->written_at) || check_strictly(doctor, "site") != 0)
		return;
	carbon_doctor_ago(doctor, doctor->site->written_at, age);
	if (doctor->setup && strcmp(doctor->setup->cluster, doctor->site->cluster) != 0)
		carbon_doctor_say(doctor, PROBLEM, "carbonctl apply on this controller",
				  "the site is of cluster %s, and this one is %s", doctor->site->cluster,
				  doctor->setup->cluster);
	else
		carbon_doctor_say(doctor, OK, "", "whole, trusted, written %s ago", age);
}

static bool is_config_newer(const struct carbon_doctor *doctor)
{
	struct stat st;

	return doctor->config->is_there && stat(doctor->config->path, &st) == 0 &&
	       st.st_mtime > doctor->site->written_at;
}

void carbon_doctor_site_age(struct carbon_doctor *doctor)
{
	const struct carbon_config *config = doctor->config;
	time_t age_s = doctor->tool->now - doctor->site->written_at;
	char age[CARBON_AGO_TEXT], every[CARBON_DURATION_TEXT];

	carbon_doctor_ago(doctor, doctor->site->written_at, age);
	carbon_duration_format(config->site.replan_every_s, every);
	if (age_s > 2 * (time_t)config->site.replan_every_s + LATE_S)
		carbon_doctor_say(doctor, PROBLEM,
				  "systemctl status carbon-replan.timer carbon-replan.service",
				  "the site was compiled last %s ago and should be every %s: what waits is "
				  "not decided again, and load, "
				  "users and pauses are as old",
				  age, every);
	else
		carbon_doctor_say(doctor, OK, "", "the site was compiled last %s ago, and is due every %s",
				  age, every);
	if (is_config_newer(doctor))
		carbon_doctor_say(doctor, NOTE, "carbonctl apply, or wait for the next replan",
				  "%s was changed since the site was compiled", config->path);
}

/* --- the outlook --- */

void carbon_doctor_outlook(struct carbon_doctor *doctor)
{
	const struct carbon_site *site = doctor->site ? doctor->site : &doctor->config->site;
	struct carbon_err err;
	char age[CARBON_AGO_TEXT], most[CARBON_DURATION_TEXT];
	time_t age_s;

	if (carbon_tool_outlook(doctor->config, &doctor->outlook, &err) != 0) {
		carbon_doctor_say(doctor, PROBLEM, "carbon-forecaster",
				  "jobs are left alone, for the plugin has no outlook that it trusts: %s",
				  err.text);
		return;
	}
	if (is_ahead(doctor, "outlook", doctor->outlook->written_at) || check_strictly(doctor, "outlook") != 0)
		return;
	age_s = doctor->tool->now - doctor->outlook->written_at;
	carbon_doctor_ago(doctor, doctor->outlook->written_at, age);
	carbon_duration_format(site->outlook_max_age_s, most);
	if (age_s > site->outlook_max_age_s)
		carbon_doctor_say(
			doctor, PROBLEM,
			"systemctl status carbon-forecaster.timer carbon-forecaster.service",
			"jobs are left alone, for the outlook is %s old and at most %s is allowed", age,
			most);
	else if (age_s > 2 * OUTLOOK_EVERY_S + LATE_S)
		carbon_doctor_say(doctor, NOTE, "systemctl status carbon-forecaster.timer",
				  "written %s ago, which is late; past %s jobs are left alone", age, most);
	else
		carbon_doctor_say(doctor, OK, "", "whole, trusted, written %s ago", age);
}

static bool is_told(const struct carbon_site *site, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (strcmp(site->place[i].zone, site->place[place].zone) == 0)
			return true;
	return false;
}

static void look_at_zone(struct carbon_doctor *doctor, const struct carbon_place *place)
{
	time_t now = doctor->tool->now, end_at;
	const struct carbon_outlook_zone *zone =
		carbon_outlook_find(doctor->outlook, place->zone, doctor->site->signal);
	const struct carbon_part *part;
	char left[CARBON_DURATION_TEXT];

	if (!zone) {
		carbon_doctor_say(doctor, PROBLEM, "carbon-forecaster -v says why",
				  "%s (%s) is not in the outlook, so jobs of partition %s are left alone",
				  place->zone, carbon_signal_name(doctor->site->signal), place->partition);
		return;
	}
	end_at = carbon_curve_end(&zone->mean);
	part = carbon_outlook_part(zone, now);
	carbon_duration_format(end_at > now ? end_at - now : 0, left);
	if (end_at < now + SHORT_S)
		carbon_doctor_say(doctor, end_at > now ? NOTE : PROBLEM, "carbon-forecaster",
				  "what is known of %s reaches %s ahead, and no job is delayed beyond it",
				  zone->name, left);
	else if (part->kind == CARBON_KIND_PROFILE)
		carbon_doctor_say(doctor, NOTE, "give the zone a source",
				  "%s is a typical day and not the grid of today", zone->name);
	else
		carbon_doctor_say(doctor, OK, "", "%s from %s (%s), %s ahead", zone->name, part->source,
				  carbon_kind_name(part->kind), left);
}

void carbon_doctor_zones(struct carbon_doctor *doctor)
{
	const struct carbon_site *site = doctor->site;

	for (size_t i = 0; i < site->places; i++)
		if (site->place[i].zone[0] && !is_told(site, i))
			look_at_zone(doctor, &site->place[i]);
}

void carbon_doctor_habits(struct carbon_doctor *doctor)
{
	struct carbon_habits habits;
	struct carbon_err err;
	char age[CARBON_AGO_TEXT];
	int rc = carbon_tool_habits(doctor->config, doctor->site, &habits, &err);

	if (rc < 0)
		carbon_doctor_say(doctor, PROBLEM, "carbonctl settle writes them anew",
				  "run times are expected from limits alone: %s", err.text);
	if (rc == 0)
		carbon_doctor_say(doctor, NOTE, "carbonctl settle learns them",
				  "there are none yet, so run times are expected from limits alone");
	if (rc <= 0)
		return;
	carbon_doctor_ago(doctor, habits.written_at, age);
	carbon_doctor_say(doctor, OK, "", "%zu, learned %s ago", habits.count, age);
	carbon_habits_fini(&habits);
}
