/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl doctor: slurmctld and slurmdbd, and what in slurm.conf makes delays work less well. All that
 * speaks to Slurm is asked in the first check, before files are looked at with another user's rights.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "lib/err.h"
#include "lib/num.h"
#include "lib/record.h"
#include "lib/time.h"
#include "tools/doctor.h"
#include "tools/tool.h"
#include "tools/waiting.h"

#define OK CARBON_GRADE_OK
#define NOTE CARBON_GRADE_NOTE
#define PROBLEM CARBON_GRADE_PROBLEM

/* --- asking --- */

/* Words of warning become findings. */
static void say_lines(struct carbon_doctor *doctor, const char *said)
{
	static const char PREFIX[] = "carbonctl doctor: ";

	for (const char *at = said; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (strncmp(at, PREFIX, sizeof(PREFIX) - 1) == 0)
			at += sizeof(PREFIX) - 1;
		carbon_doctor_say(doctor, NOTE, "", "%.*s", (int)strcspn(at, "\n"), at);
	}
}

static int read_live(struct carbon_doctor *doctor, struct carbon_err *err)
{
	struct carbon_tool quiet = *doctor->tool;
	char *said = NULL;
	size_t size = 0;
	int rc;

	quiet.err = open_memstream(&said, &size);
	if (!quiet.err)
		return carbon_err_set(err, "no memory");
	rc = carbon_tool_live_read(&quiet, &doctor->live, err);
	fclose(quiet.err);
	if (rc == 0)
		rc = carbon_cluster_setup(&doctor->setup_storage, err);
	if (rc == 0)
		say_lines(doctor, said);
	free(said);
	return rc;
}

static void ask_rest(struct carbon_doctor *doctor)
{
	const struct carbon_setup *setup = doctor->setup;
	struct carbon_err err;

	if (setup->has_dbd)
		doctor->accounting = carbon_cluster_accounting(&doctor->accounting_err);
	carbon_doctor_process(setup->pid_file, &doctor->process);
	if (geteuid() != 0 || setup->uid == 0)
		return;
	if (carbon_doctor_look_as(setup->uid, &err) == 0)
		doctor->has_eyes = true;
	else
		carbon_doctor_unseen(doctor, "%s; file owners are judged for root", err.text);
}

void carbon_doctor_slurmctld(struct carbon_doctor *doctor)
{
	struct carbon_err err;

	if (carbon_tool_has(doctor->tool, "offline")) {
		carbon_doctor_unseen(doctor, "slurmctld was not asked (--offline)");
		return;
	}
	if (read_live(doctor, &err) != 0) {
		carbon_doctor_say(doctor, PROBLEM, "what waits still starts by itself; scontrol ping", "%s",
				  err.text);
		return;
	}
	doctor->setup = &doctor->setup_storage;
	carbon_doctor_say(doctor, OK, "", "slurmctld %s of cluster %s answers", doctor->setup->version,
			  doctor->setup->cluster);
	ask_rest(doctor);
}

/* --- accounting --- */

void carbon_doctor_accounting(struct carbon_doctor *doctor)
{
	if (!doctor->setup->has_dbd)
		carbon_doctor_say(doctor, NOTE, "AccountingStorageType=accounting_storage/slurmdbd",
				  "there is no slurmdbd: what slurmctld forgets (MinJobAge) is never "
				  "settled, and users' default accounts are unknown");
	else if (doctor->accounting != 0)
		carbon_doctor_say(doctor, PROBLEM, "sacctmgr ping", "nothing can be settled: %s",
				  doctor->accounting_err.text);
	else
		carbon_doctor_say(doctor, OK, "", "slurmdbd answers");
}

void carbon_doctor_tres(struct carbon_doctor *doctor)
{
	const struct carbon_live *live = doctor->live.from;
	bool has_gpus = false;

	for (size_t i = 0; i < live->partitions; i++)
		has_gpus = has_gpus || live->partition[i].has_gpus;
	/* A slurmctld without slurmdbd does not start where that is set. */
	if (has_gpus && !strstr(doctor->setup->tres, "gres/gpu"))
		carbon_doctor_say(doctor, PROBLEM,
				  doctor->setup->has_dbd
					  ? "slurm.conf: AccountingStorageTRES=gres/gpu, then restart slurmctld"
					  : "set up slurmdbd first; only then slurm.conf: AccountingStorageTRES=gres/gpu",
				  "nodes have GPUs and AccountingStorageTRES has no gres/gpu: jobs are "
				  "settled as if they used none");
	else
		carbon_doctor_say(doctor, OK, "", "AccountingStorageTRES is %s",
				  doctor->setup->tres[0] ? doctor->setup->tres : "as Slurm has it");
}

/* --- priority --- */

void carbon_doctor_priority(struct carbon_doctor *doctor)
{
	const struct carbon_setup *setup = doctor->setup;

	if (setup->always_accrues)
		carbon_doctor_say(doctor, PROBLEM, "take ACCRUE_ALWAYS out of PriorityFlags",
				  "PriorityFlags has ACCRUE_ALWAYS: jobs that are held, or depend on "
				  "others, or wait because of us, gain "
				  "rank over those who do not");
	else if (doctor->config->keep_place && !setup->ages)
		carbon_doctor_say(
			doctor, NOTE, "keep_place = false",
			"keep_place gives age back, and without priority/multifactor age does not count");
	else
		carbon_doctor_say(doctor, OK, "",
				  "waiting for a begin time gives no rank (no ACCRUE_ALWAYS)");
}

/* --- the scheduler --- */

/* Seconds of NAME in "a=1,b"; FALLBACK where it is not there. */
static time_t parameter(const char *list, const char *name, time_t fallback)
{
	size_t length = strlen(name);
	char number[32];
	long long value;

	for (const char *at = list; (at = strstr(at, name)) != NULL; at += length) {
		if ((at != list && at[-1] != ',') || at[length] != '=')
			continue;
		snprintf(number, sizeof(number), "%.*s", (int)strcspn(at + length + 1, ","),
			 at + length + 1);
		if (carbon_int_parse(number, -1, CARBON_DURATION_MAX, &value) == 0)
			return (time_t)value;
	}
	return fallback;
}

/* Whichever of the two comes first starts a job whose begin has come. */
static void look_at_intervals(struct carbon_doctor *doctor)
{
	time_t sched_s = parameter(doctor->setup->scheduler, "sched_interval", 60);
	time_t backfill_s = parameter(doctor->setup->scheduler, "bf_interval", 30);
	time_t look_s = sched_s < 0 || (backfill_s > 0 && backfill_s > sched_s) ? backfill_s : sched_s;
	char every[CARBON_DURATION_TEXT], slack[CARBON_DURATION_TEXT];

	carbon_duration_format(look_s, every);
	carbon_duration_format(doctor->site->slack_s, slack);
	if (sched_s < 0)
		carbon_doctor_say(doctor, NOTE, "",
				  "sched_interval=-1: jobs whose begin has come wait for backfill, or for "
				  "another job's end");
	if (look_s > doctor->site->slack_s)
		carbon_doctor_say(doctor, PROBLEM,
				  "raise scheduling_slack to that, or lower sched_interval and bf_interval",
				  "slurmctld looks for jobs to start every %s, and scheduling_slack is %s: "
				  "deadlines may be missed by the rest",
				  every, slack);
	else
		carbon_doctor_say(
			doctor, OK, "",
			"slurmctld looks for jobs to start every %s, within scheduling_slack (%s)", every,
			slack);
}

void carbon_doctor_scheduler(struct carbon_doctor *doctor)
{
	const struct carbon_setup *setup = doctor->setup;
	const struct carbon_site *site = doctor->site;

	look_at_intervals(doctor);
	if (setup->most_jobs && site->max_waiting > setup->most_jobs / 2)
		carbon_doctor_say(doctor, NOTE, "lower max_waiting or raise MaxJobCount",
				  "%u jobs may wait because of us, and MaxJobCount is %u: past that Slurm "
				  "refuses jobs",
				  site->max_waiting, setup->most_jobs);
	if (site->max_interruptions && !setup->requeues)
		carbon_doctor_say(doctor, NOTE, "JobRequeue=1, or sbatch --requeue",
				  "JobRequeue=0: jobs with --carbon-interruptible are interrupted only "
				  "where they say --requeue");
}

/* --- what the plugin does --- */

void carbon_doctor_records(struct carbon_doctor *doctor)
{
	const struct carbon_live *live = doctor->live.from;
	size_t since = 0, decided = 0, waiting = 0;
	struct carbon_record record;

	for (size_t i = 0; i < live->jobs; i++) {
		const struct carbon_live_job *job = &live->job[i];

		waiting += carbon_tool_waits(job, doctor->tool->now, &record);
		if (job->submit_at < doctor->site->written_at)
			continue;
		since++;
		decided += carbon_record_read(job->comment, &record, NULL) == 1;
	}
	carbon_doctor_say(doctor, OK, "",
			  "waiting for clean power: %zu; submitted since the site was compiled: %zu, with a decision "
			  "record: %zu",
			  waiting, since, decided);
}
