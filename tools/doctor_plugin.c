/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl doctor: whether the two plugins are configured, there, and in the running slurmctld. From
 * slurmctld's own word, the disk and /proc; must never load a plugin itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "lib/file.h"
#include "tools/doctor.h"
#include "tools/tool.h"

#define SUBMIT_FILE "job_submit_carbon.so"
#define SPANK_FILE "spank_carbon.so"
#define PLUGSTACK_MAX ((size_t)1 << 20)

#define OK CARBON_GRADE_OK
#define NOTE CARBON_GRADE_NOTE
#define PROBLEM CARBON_GRADE_PROBLEM

/* Whether "a,b" has ITEM; *IS_LAST: and nothing behind it. */
static bool has_item(const char *list, const char *item, bool *is_last)
{
	size_t length = strlen(item);

	for (const char *at = list; *at;) {
		size_t other = strcspn(at, ", ");

		*is_last = at[other + strspn(at + other, ", ")] == '\0';
		if (other == length && strncmp(at, item, length) == 0)
			return true;
		at += other;
		at += strspn(at, ", ");
	}
	return false;
}

void carbon_doctor_plugin(struct carbon_doctor *doctor)
{
	const char *list = doctor->setup->job_submit;
	bool is_last = false;

	if (!has_item(list, "carbon", &is_last))
		carbon_doctor_say(
			doctor, PROBLEM,
			"slurm.conf: JobSubmitPlugins with carbon at its end, then restart slurmctld",
			"slurmctld does not run our plugin, so no job is looked at: JobSubmitPlugins is %s",
			list[0] ? list : "empty");
	else if (!is_last)
		carbon_doctor_say(
			doctor, NOTE, "put carbon last",
			"JobSubmitPlugins is %s: what plugins behind ours change, ours does not know",
			list);
	else
		carbon_doctor_say(doctor, OK, "", "JobSubmitPlugins is %s", list);
}

/* The first folder of PluginDir that has it, as slurmctld searches them. */
static bool find_plugin(const char *folders, const char *name, char path[CARBON_SETUP_TEXT + 64],
			struct stat *st)
{
	for (const char *at = folders; *at;) {
		int length = (int)strcspn(at, ":");

		snprintf(path, CARBON_SETUP_TEXT + 64, "%.*s/%s", length, at, name);
		if (stat(path, st) == 0)
			return true;
		at += length;
		at += *at == ':';
	}
	return false;
}

void carbon_doctor_plugin_file(struct carbon_doctor *doctor)
{
	const struct carbon_setup *setup = doctor->setup;
	char path[CARBON_SETUP_TEXT + 64];
	struct stat st;

	if (!find_plugin(setup->plugin_dirs, SUBMIT_FILE, path, &st))
		carbon_doctor_say(doctor, doctor->process.is_here ? PROBLEM : NOTE,
				  "slurm.conf: PluginDir with our folder before Slurm's own, before "
				  "slurmctld starts the next time",
				  "no folder of PluginDir (%s) has " SUBMIT_FILE " on this machine%s",
				  setup->plugin_dirs,
				  doctor->process.is_here ? "" : ", where no slurmctld runs");
	else if (access(path, R_OK) != 0)
		carbon_doctor_say(doctor, PROBLEM, "chmod a+r", "%s is not readable by SlurmUser", path);
	else
		carbon_doctor_say(doctor, OK, "", "%s is there", path);
}

void carbon_doctor_plugin_loaded(struct carbon_doctor *doctor)
{
	const struct carbon_process *process = &doctor->process;
	const char *folder = doctor->config->run_dir;
	char real[2][4096];

	if (!process->is_here) {
		carbon_doctor_unseen(doctor, "no slurmctld runs on this machine: run this on each "
					     "controller, whose files are its own");
		return;
	}
	if (!process->is_seen) {
		carbon_doctor_unseen(doctor, "whether slurmctld has it loaded, and where it looks for its "
					     "files, only root can see");
		return;
	}
	if (!process->has_plugin)
		carbon_doctor_say(doctor, PROBLEM,
				  "restart slurmctld, and look into its log for job_submit/carbon",
				  "slurmctld has not loaded our plugin");
	else if (process->is_old)
		carbon_doctor_say(doctor, NOTE, "restart slurmctld when it suits",
				  "slurmctld runs an older " SUBMIT_FILE
				  " than the one that is installed now");
	else
		carbon_doctor_say(doctor, OK, "", "slurmctld has loaded it");
	if (!realpath(process->directory, real[0]) || !realpath(folder, real[1]) ||
	    strcmp(real[0], real[1]) != 0)
		carbon_doctor_say(doctor, PROBLEM,
				  "set run_dir, or SLURM_CARBON_DIR in slurmctld's environment, so that "
				  "both are the same",
				  "slurmctld's plugin reads %s, and run_dir is %s", process->directory,
				  folder);
}

/* --- plugstack.conf --- */

/* The word that the line with our plugin begins with, "optional" or "required"; "": none has it. */
static void find_spank(const char *text, char word[32])
{
	word[0] = '\0';
	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		const char *found = strstr(at, SPANK_FILE);

		at += strspn(at, " \t");
		if (*at != '#' && found && found < at + strcspn(at, "\n"))
			snprintf(word, 32, "%.*s", (int)strcspn(at, " \t\n"), at);
	}
}

static bool has_include(const char *text)
{
	return strncmp(text, "include", strlen("include")) == 0 || strstr(text, "\ninclude") != NULL;
}

void carbon_doctor_spank(struct carbon_doctor *doctor)
{
	const char *path = doctor->setup->plugstack;
	char word[32], *text = NULL;
	size_t length = 0;
	struct carbon_err err;

	if (carbon_file_read(path, PLUGSTACK_MAX, 0, NULL, &text, &length, &err) != 0) {
		carbon_doctor_say(
			doctor, NOTE, "on submit hosts: optional FOLDER/" SPANK_FILE,
			"here sbatch knows no --carbon options (CARBON_DELAY and its like still hold): %s",
			err.text);
		return;
	}
	find_spank(text, word);
	if (strcmp(word, "required") == 0)
		carbon_doctor_say(
			doctor, NOTE, "say optional",
			"%s requires " SPANK_FILE ": where it is missing, no job can be submitted", path);
	else if (word[0])
		carbon_doctor_say(doctor, OK, "", "%s has " SPANK_FILE, path);
	else if (has_include(text))
		carbon_doctor_unseen(
			doctor, "%s itself has no " SPANK_FILE ", and what it includes is not looked at",
			path);
	else
		carbon_doctor_say(
			doctor, NOTE, "on submit hosts: optional FOLDER/" SPANK_FILE,
			"%s has no " SPANK_FILE
			", so here sbatch knows no --carbon options (CARBON_DELAY and its like still hold)",
			path);
	free(text);
}
