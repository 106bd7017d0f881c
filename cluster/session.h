/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside cluster/ only: what its readers share. Slurm's heap and libc's never mix: text is copied.
 */
#ifndef CARBON_SESSION_H
#define CARBON_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cluster/slurm_shim.h"
#include "lib/job.h"

struct carbon_err;

/* What slurmctld says of itself. */
struct carbon_session {
	char cluster[CARBON_NAME_MAX];
	char dbd_host[256];
	bool has_dbd;
	bool whole_nodes; /* select/linear: no two jobs share a node */
	bool counts_memory; /* CR_*_Memory: a job takes its memory from the node */
};

/* Errors: slurmctld does not answer. */
int carbon_session_read(struct carbon_session *session, struct carbon_err *err);

/* "WHAT: Slurm's own words". Returns -1. */
int carbon_session_fail(const char *what, struct carbon_err *err);

/* TEXT (NULL: "") into OUT, cut where it is too long. */
void carbon_session_copy(const char *text, char *out, size_t size);

/* A copy of a text for free(); NULL where there is none. -1: no memory. */
int carbon_session_comment(const char *text, char **out);

/* The name of a uid, or its decimal where nobody has it. */
void carbon_session_user(uid_t uid, char *out, size_t size);

/* Minutes to seconds; NO_VAL and INFINITE give 0. */
uint32_t carbon_session_seconds(uint32_t minutes);

#endif
