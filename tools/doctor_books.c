/* SPDX-License-Identifier: GPL-2.0-or-later */
/* carbonctl doctor: carbon.db and how far it is settled. Opens it read-only; must never migrate or repair
 * it. */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "accounting/ledger.h"
#include "accounting/store.h"
#include "config/config.h"
#include "tools/doctor.h"
#include "tools/tool.h"

#define MB (1024.0 * 1024.0)
#define CHECKED_MAX ((off_t)4 << 30) /* bytes that are read through for a look */
#define FREE_MIN_MB 200.0
#define SETTLE_LATE_S ((time_t)3 * 3600)

#define OK CARBON_GRADE_OK
#define NOTE CARBON_GRADE_NOTE
#define PROBLEM CARBON_GRADE_PROBLEM

static void look_at_room(struct carbon_doctor *doctor)
{
	struct statvfs fs;
	double free_mb;

	if (statvfs(doctor->config->state_dir, &fs) != 0)
		return;
	free_mb = (double)fs.f_bavail * (double)fs.f_frsize / MB;
	if (free_mb < FREE_MIN_MB)
		carbon_doctor_say(doctor, PROBLEM, "make room", "only %.0f MB are free for %s", free_mb,
				  doctor->config->state_dir);
}

static void look_inside(struct carbon_doctor *doctor, const char *path, off_t size)
{
	struct carbon_err err;
	int version;

	if (size > CHECKED_MAX) {
		carbon_doctor_unseen(
			doctor,
			"%s has %.0f MB, too many to read through: sqlite3 %s 'PRAGMA integrity_check'",
			path, (double)size / MB, path);
		return;
	}
	version = carbon_store_version(doctor->store, &err);
	if (version < 0 || carbon_store_check(doctor->store, &err) != 0)
		carbon_doctor_say(
			doctor, PROBLEM,
			"move it away: carbonctl settle --since rebuilds the ledger from slurmdbd", "%s",
			err.text);
	else
		carbon_doctor_say(doctor, OK, "", "%s is whole: version %d, %.1f MB", path, version,
				  (double)size / MB);
}

void carbon_doctor_database(struct carbon_doctor *doctor)
{
	char path[CARBON_PATH_MAX];
	struct carbon_err err;
	struct stat st;

	carbon_config_path(doctor->config, "carbon.db", path);
	if (stat(path, &st) != 0) {
		carbon_doctor_say(doctor, NOTE, "carbon-forecaster and carbonctl settle make it",
				  "there is no %s yet", path);
		return;
	}
	if (carbon_store_open(path, true, &doctor->store, &err) != 0)
		carbon_doctor_say(doctor, PROBLEM, "nothing is settled or reported until it can be read",
				  "%s", err.text);
	else
		look_inside(doctor, path, st.st_size);
	look_at_room(doctor);
}

void carbon_doctor_settle(struct carbon_doctor *doctor)
{
	static const char *const advice = "systemctl status carbon-settle.timer carbon-settle.service";
	time_t settled_to = 0;
	struct carbon_err err;
	char age[CARBON_AGO_TEXT];

	if (carbon_ledger_progress(doctor->store, doctor->site->cluster, &settled_to, &err) != 0) {
		carbon_doctor_say(doctor, PROBLEM, "", "%s", err.text);
		return;
	}
	carbon_doctor_ago(doctor, settled_to, age);
	if (!settled_to)
		carbon_doctor_say(doctor, NOTE, "carbonctl settle", "no job of cluster %s was ever settled",
				  doctor->site->cluster);
	else if (doctor->tool->now - settled_to > SETTLE_LATE_S)
		carbon_doctor_say(doctor, PROBLEM, advice,
				  "jobs are settled up to %s ago; each hour is usual", age);
	else
		carbon_doctor_say(doctor, OK, "", "jobs are settled up to %s ago", age);
}
