/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside cluster/ only: one connection to slurmdbd and the tables that explain its numbers.
 */
#ifndef CARBON_DBD_H
#define CARBON_DBD_H

#include "cluster/session.h"
#include "cluster/tres.h"

struct carbon_dbd_qos {
	uint32_t id;
	char name[CARBON_NAME_MAX];
};

struct carbon_dbd {
	void *connection;
	const struct carbon_session *session;
	struct carbon_tres_table tres;
	size_t qoses;
	struct carbon_dbd_qos *qos;
};

/* Errors: slurmdbd does not answer (says which host). Close in any case. */
int carbon_dbd_open(struct carbon_dbd *dbd, const struct carbon_session *session,
		    struct carbon_err *err);
void carbon_dbd_close(struct carbon_dbd *dbd);

/* "slurmdbd on HOST: Slurm's words", or that its database is lost. Returns -1. */
int carbon_dbd_fail(const struct carbon_dbd *dbd, struct carbon_err *err);

/* The name of a QOS, or its number where it is gone; "" for none. */
void carbon_dbd_qos(const struct carbon_dbd *dbd, uint32_t id, char *out, size_t size);

#endif
