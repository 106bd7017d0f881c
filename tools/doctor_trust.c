/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl doctor: looking with another user's rights, into slurmctld's process, and at where a file
 * really lies. What cannot be seen is said to be unseen; must never guess.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/num.h"
#include "tools/doctor.h"

#define PASSWD_BUFFER 16384
#define PID_FILE_MAX 64
#define ENVIRON_MAX ((size_t)1 << 20)
#define PROC_PATH 64
#define PLUGIN_NAME "job_submit_carbon.so"

int carbon_doctor_look_as(uid_t uid, struct carbon_err *err)
{
	char buffer[PASSWD_BUFFER];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) != 0 || !found)
		return carbon_err_set(err, "user %u has no name on this machine", (unsigned int)uid);
	if (initgroups(found->pw_name, found->pw_gid) != 0 || setegid(found->pw_gid) != 0 ||
	    seteuid(uid) != 0)
		return carbon_err_set(err, "couldn't look as user %s: %s", found->pw_name, strerror(errno));
	return 0;
}

/* Files of /proc have no size: as much as there is, CAP at most. Returns the length; -1: not to be read. */
static ssize_t read_proc(const char *path, char *out, size_t cap)
{
	size_t length = 0;
	ssize_t got = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	while (length + 1 < cap && (got = read(fd, out + length, cap - 1 - length)) > 0)
		length += (size_t)got;
	close(fd);
	out[length] = '\0';
	return got < 0 ? -1 : (ssize_t)length;
}

static bool read_pid(const char *pid_file, long long *pid)
{
	char text[PID_FILE_MAX];

	if (read_proc(pid_file, text, sizeof(text)) <= 0)
		return false;
	text[strcspn(text, " \n")] = '\0';
	return carbon_int_parse(text, 2, INT32_MAX, pid) == 0;
}

/* A pid file may outlive its process, and the number then belong to another one. */
static bool is_slurmctld(long long pid)
{
	char path[PROC_PATH], name[PID_FILE_MAX];

	snprintf(path, sizeof(path), "/proc/%lld/comm", pid);
	return read_proc(path, name, sizeof(name)) > 0 &&
	       strncmp(name, "slurmctld", strlen("slurmctld")) == 0;
}

/* "...  /usr/lib/slurm-carbon/job_submit_carbon.so", with " (deleted)" behind it where that is another file
 * now. */
static void read_maps(FILE *maps, struct carbon_process *process)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, maps) > 0) {
		const char *at = strstr(line, "/" PLUGIN_NAME);

		if (!at)
			continue;
		process->has_plugin = true;
		process->is_old = strstr(at, "(deleted)") != NULL;
	}
	free(line);
}

/* Where SLURM_CARBON_DIR, or else the build, sends the plugin. */
static void read_directory(const char *environment, size_t length, struct carbon_process *process)
{
	static const char NAME[] = "SLURM_CARBON_DIR=";
	const char *directory = "";

	for (const char *at = environment; at < environment + length; at += strlen(at) + 1)
		if (strncmp(at, NAME, sizeof(NAME) - 1) == 0)
			directory = at + sizeof(NAME) - 1;
	snprintf(process->directory, sizeof(process->directory), "%s",
		 *directory ? directory : CARBON_RUN_DIR);
}

void carbon_doctor_process(const char *pid_file, struct carbon_process *process)
{
	char path[PROC_PATH], *environment = malloc(ENVIRON_MAX);
	ssize_t length = -1;
	FILE *maps = NULL;
	long long pid;

	memset(process, 0, sizeof(*process));
	process->is_here = environment && read_pid(pid_file, &pid) && is_slurmctld(pid);
	if (process->is_here) {
		snprintf(path, sizeof(path), "/proc/%lld/environ", pid);
		length = read_proc(path, environment, ENVIRON_MAX);
		snprintf(path, sizeof(path), "/proc/%lld/maps", pid);
		maps = fopen(path, "re");
	}
	process->is_seen = length >= 0 && maps;
	if (process->is_seen) {
		read_directory(environment, (size_t)length, process);
		read_maps(maps, process);
	}
	if (maps)
		fclose(maps);
	free(environment);
}

/* Magic numbers of statfs(2) and of these file systems' own sources. */
const char *carbon_doctor_network(const char *path)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} known[] = {
		{0x6969, "NFS"},	  {0xff534d42, "CIFS"},	 {0xfe534d42, "SMB"},
		{0x0bd00bd0, "Lustre"},	  {0x47504653, "GPFS"},	 {0x19830326, "BeeGFS"},
		{0x00c36400, "Ceph"},	  {0x5346414f, "AFS"},	 {0x01021997, "9p"},
		{0x20030528, "OrangeFS"}, {0xaad7aaea, "PanFS"}, {0x01161970, "GFS2"},
	};
	struct statfs fs;

	if (statfs(path, &fs) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == known[i].magic)
			return known[i].name;
	return NULL;
}
