/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl doctor: one table of checks (tools/doctor.c), each of which looks at one thing and says what it found. A new check is
 * its line in the list below, its function in one of the doctor_*.c files, and its line in doc/carbonctl.1. Looking changes
 * nothing: no file, no job, no setting.
 */
#ifndef CARBON_DOCTOR_H
#define CARBON_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "cluster/cluster.h"
#include "lib/err.h"
#include "lib/site.h"
#include "tools/live.h"

struct carbon_config;
struct carbon_outlook;
struct carbon_store;
struct carbon_tool;

#define CARBON_FINDINGS_MAX 512
#define CARBON_FINDING_TEXT 640
#define CARBON_ADVICE_TEXT 320

enum carbon_grade {
	CARBON_GRADE_OK,
	CARBON_GRADE_NOTE,    /* works, and somebody should know */
	CARBON_GRADE_PROBLEM, /* does not do what it should */
	CARBON_GRADES
};

/* "ok", "note", "problem". */
const char *carbon_grade_name(enum carbon_grade grade);

struct carbon_finding {
	const char *check; /* its name in the table */
	enum carbon_grade grade;
	bool is_unseen; /* a note of what could not be looked at */
	char text[CARBON_FINDING_TEXT];
	char advice[CARBON_ADVICE_TEXT]; /* what to do; "": nothing */
};

/* What a check may need; where that is not there, it is not run, and that is said once. */
#define CARBON_NEEDS_CONFIG 0x01
#define CARBON_NEEDS_SITE 0x02
#define CARBON_NEEDS_OUTLOOK 0x04
#define CARBON_NEEDS_DB 0x08
#define CARBON_NEEDS_SLURM 0x10
#define CARBON_NEEDS_COUNT 5

/* The slurmctld of this machine, as /proc tells. */
struct carbon_process {
	bool is_here;	 /* one runs, by its pid file */
	bool is_seen;	 /* and we may look into it */
	bool has_plugin; /* job_submit_carbon.so is in its memory */
	bool is_old;	 /* that has another file now */
	char directory[CARBON_SETUP_TEXT]; /* where the plugin looks for site and outlook */
};

struct carbon_doctor {
	const struct carbon_tool *tool;
	struct carbon_config *config;	/* each NULL where it cannot be had */
	struct carbon_site *site;
	struct carbon_outlook *outlook;
	struct carbon_store *store;
	struct carbon_setup *setup;	/* slurm.conf as slurmctld has it */
	struct carbon_tool_live live;	/* of use where setup is there */
	struct carbon_site site_storage;
	struct carbon_setup setup_storage;
	struct carbon_process process;	/* of slurmctld, on this machine */
	bool has_eyes;			/* files are looked at as SlurmUser does */
	int accounting;			/* 0: slurmdbd answers, -1: it does not, and why */
	struct carbon_err accounting_err;
	const char *check;		/* the one that runs */
	size_t findings;
	struct carbon_finding finding[CARBON_FINDINGS_MAX];
};

struct carbon_doctor_check {
	const char *name;
	unsigned int needs;
	void (*run)(struct carbon_doctor *doctor);
};

/*
 * Every check in the order of the output: what those behind need comes first. A name never changes its meaning: it is
 * in the JSON.
 */
#define CARBON_DOCTOR_CHECKS(X) \
	X(slurmctld, "slurmctld", 0) \
	X(config, "config", 0) \
	X(user, "user", 0) \
	X(run_dir, "run-dir", CARBON_NEEDS_CONFIG) \
	X(site, "site", CARBON_NEEDS_CONFIG) \
	X(site_age, "replan", CARBON_NEEDS_CONFIG | CARBON_NEEDS_SITE) \
	X(outlook, "outlook", CARBON_NEEDS_CONFIG) \
	X(zones, "zones", CARBON_NEEDS_SITE | CARBON_NEEDS_OUTLOOK) \
	X(habits, "habits", CARBON_NEEDS_CONFIG | CARBON_NEEDS_SITE) \
	X(level, "level", CARBON_NEEDS_CONFIG | CARBON_NEEDS_SITE) \
	X(off, "off", CARBON_NEEDS_CONFIG) \
	X(bystanders, "bystanders", CARBON_NEEDS_CONFIG) \
	X(limits, "limits", CARBON_NEEDS_SITE) \
	X(share, "share", CARBON_NEEDS_SITE) \
	X(waiting, "waiting", CARBON_NEEDS_SITE) \
	X(unzoned, "partitions", CARBON_NEEDS_SITE) \
	X(differences, "differences", CARBON_NEEDS_CONFIG | CARBON_NEEDS_SLURM) \
	X(forecaster, "forecaster", CARBON_NEEDS_CONFIG) \
	X(sources, "sources", CARBON_NEEDS_CONFIG) \
	X(tokens, "tokens", CARBON_NEEDS_CONFIG) \
	X(database, "database", CARBON_NEEDS_CONFIG) \
	X(settle, "settle", CARBON_NEEDS_SITE | CARBON_NEEDS_DB) \
	X(plugin, "plugin", CARBON_NEEDS_SLURM) \
	X(plugin_file, "plugin-file", CARBON_NEEDS_SLURM) \
	X(plugin_loaded, "plugin-loaded", CARBON_NEEDS_CONFIG | CARBON_NEEDS_SLURM) \
	X(spank, "spank", CARBON_NEEDS_SLURM) \
	X(accounting, "accounting", CARBON_NEEDS_SLURM) \
	X(tres, "tres", CARBON_NEEDS_SLURM) \
	X(priority, "priority", CARBON_NEEDS_CONFIG | CARBON_NEEDS_SLURM) \
	X(scheduler, "scheduler", CARBON_NEEDS_SITE | CARBON_NEEDS_SLURM) \
	X(records, "records", CARBON_NEEDS_SITE | CARBON_NEEDS_SLURM) \
	/* the list ends here */

#define CARBON_DOCTOR_DECLARE(id, name, needs) void carbon_doctor_##id(struct carbon_doctor *doctor);
CARBON_DOCTOR_CHECKS(CARBON_DOCTOR_DECLARE)

/* Run them all; what was opened is closed by fini, which is due in any case. */
void carbon_doctor_run(struct carbon_doctor *doctor);
void carbon_doctor_fini(struct carbon_doctor *doctor);

/* What the running check found. ADVICE "": nothing is to be done. */
void carbon_doctor_say(struct carbon_doctor *doctor, enum carbon_grade grade, const char *advice, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* That it could not look, and why. */
void carbon_doctor_unseen(struct carbon_doctor *doctor, const char *format, ...) __attribute__((format(printf, 2, 3)));

size_t carbon_doctor_count(const struct carbon_doctor *doctor, enum carbon_grade grade);

/* As text or as JSON, whichever the tool was asked for. */
void carbon_doctor_print(const struct carbon_doctor *doctor);

/* --- what several checks use --- */

/* "3 h 20 min" from AT to now; "less than a minute" where it is less than that. */
#define CARBON_AGO_TEXT 40
void carbon_doctor_ago(const struct carbon_doctor *doctor, time_t at, char text[CARBON_AGO_TEXT]);

/*
 * Look at files as user UID does, from now on: owners and rights are judged for whom slurmctld and the timers run as. Only root
 * can; errors say why not. What speaks to Slurm comes before.
 */
int carbon_doctor_look_as(uid_t uid, struct carbon_err *err);

/* Look for the process that PID_FILE names. */
void carbon_doctor_process(const char *pid_file, struct carbon_process *process);

/* The network file system that PATH lies on; NULL: a local one, or one that we do not know. */
const char *carbon_doctor_network(const char *path);

#endif
