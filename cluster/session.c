/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Beginning and ending with libslurm. libslurm ends the process where it finds no configuration; a child
 * process finds that out first, so that carbonctl can say what is wrong and go on without Slurm.
 */
#include "cluster/session.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cluster/cluster.h"
#include "lib/err.h"

#define PASSWD_BUFFER 4096
#define SAID_MAX 4096 /* the reason stands in the last of many lines */

void carbon_session_copy(const char *text, char *out, size_t size)
{
	size_t length = text ? strlen(text) : 0;

	if (length >= size)
		length = size - 1;
	if (length)
		memcpy(out, text, length);
	out[length] = '\0';
}

int carbon_session_comment(const char *text, char **out)
{
	char *copy = NULL;

	if (text && text[0]) {
		copy = strdup(text);
		if (!copy)
			return -1;
	}
	*out = copy;
	return 0;
}

void carbon_session_user(uid_t uid, char *out, size_t size)
{
	char buffer[PASSWD_BUFFER];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) == 0 && found)
		carbon_session_copy(found->pw_name, out, size);
	else
		snprintf(out, size, "%u", (unsigned int)uid);
}

uint32_t carbon_session_seconds(uint32_t minutes)
{
	uint32_t seconds;

	if (minutes == NO_VAL || minutes == INFINITE ||
	    __builtin_mul_overflow(minutes, 60u, &seconds))
		return 0;
	return seconds;
}

int carbon_session_fail(const char *what, struct carbon_err *err)
{
	int code = errno; /* where libslurm leaves its own codes, in every release */

	return carbon_err_set(err, "%s: %s", what, code ? slurm_strerror(code) : "no reason given");
}

/* The last line that the child left, without libslurm's prefix. */
static void tidy(char *said)
{
	char *end = said + strlen(said), *line, *prefix;

	while (end > said && (end[-1] == '\n' || end[-1] == ' '))
		*--end = '\0';
	line = strrchr(said, '\n');
	line = line ? line + 1 : said;
	prefix = strstr(line, "fatal: ");
	if (prefix)
		line = prefix + strlen("fatal: ");
	memmove(said, line, strlen(line) + 1);
}

static void try_in_child(int out, const char *path)
{
	dup2(out, STDERR_FILENO);
	dup2(out, STDOUT_FILENO);
	slurm_init(path);
	_exit(0);
}

/* 0: libslurm can begin. SAID gets what it complained of. */
static int try_init(const char *path, char *said, size_t size)
{
	int ends[2], status = 0;
	size_t length = 0;
	ssize_t got;
	pid_t child;

	said[0] = '\0';
	if (pipe(ends) < 0)
		return -1;
	child = fork();
	if (child == 0)
		try_in_child(ends[1], path);
	close(ends[1]);
	while (child > 0 && length + 1 < size &&
	       ((got = read(ends[0], said + length, size - 1 - length)) > 0 ||
		(got < 0 && errno == EINTR)))
		length += got > 0 ? (size_t)got : 0;
	said[length] = '\0';
	close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	tidy(said);
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

int carbon_cluster_init(const char *path, struct carbon_err *err)
{
	const char *named = path ? path : getenv("SLURM_CONF");
	char said[SAID_MAX];

	if (named && access(named, R_OK) < 0)
		return carbon_err_set(err, "%s: %s (Slurm's configuration%s)", named,
				      strerror(errno), path ? "" : ", named by SLURM_CONF");
	if (try_init(path, said, sizeof(said)) < 0)
		return carbon_err_set(err, "Slurm's configuration%s%s cannot be used%s%s",
				      named ? " " : "", named ? named : "", said[0] ? ": " : "",
				      said);
	/* Else libslurm cuts which tasks an array has after 64 characters. */
	setenv("SLURM_BITSTR_LEN", "0", 1);
	slurm_init(path);
	return 0;
}

void carbon_cluster_fini(void)
{
	slurm_fini();
}

int carbon_session_read(struct carbon_session *session, struct carbon_err *err)
{
	slurm_conf_t *conf = NULL;

	if (slurm_load_ctl_conf((time_t)0, &conf) != SLURM_SUCCESS || !conf)
		return carbon_session_fail("slurmctld does not answer", err);
	memset(session, 0, sizeof(*session));
	carbon_session_copy(conf->cluster_name, session->cluster, sizeof(session->cluster));
	carbon_session_copy(conf->accounting_storage_host, session->dbd_host,
			    sizeof(session->dbd_host));
	session->has_dbd = conf->accounting_storage_type &&
			   strstr(conf->accounting_storage_type, "slurmdbd");
	session->whole_nodes = conf->select_type && strcmp(conf->select_type, "select/linear") == 0;
	session->counts_memory = (conf->select_type_param & CARBON_SELECT_MEMORY) != 0;
	CARBON_FREE_CONF(conf);
	return 0;
}
