/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection to slurmdbd. Lists are emptied by popping: list iterators have other types in other releases.
 */
#include "cluster/dbd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"

/* slurmdbd hands on the codes of MariaDB's client, which Slurm takes for its own of the same number. */
#define CLIENT_SERVER_GONE 2006
#define CLIENT_SERVER_LOST 2013

int carbon_dbd_fail(const struct carbon_dbd *dbd, struct carbon_err *err)
{
	int code = errno;

	if (code == CLIENT_SERVER_GONE || code == CLIENT_SERVER_LOST)
		carbon_err_set(err, "its database went away (MariaDB's error %d)", code);
	else
		carbon_session_fail("no answer", err);
	return carbon_err_prefix(err, "slurmdbd on %s", dbd->session->dbd_host);
}

static int load_qos(struct carbon_dbd *dbd, struct carbon_err *err)
{
	slurmdb_qos_cond_t condition;
	CARBON_LIST list;
	slurmdb_qos_rec_t *qos;
	int count;

	memset(&condition, 0, sizeof(condition));
	list = slurmdb_qos_get(dbd->connection, &condition);
	if (!list)
		return carbon_dbd_fail(dbd, err);
	count = slurm_list_count(list);
	dbd->qos = calloc((size_t)count + 1, sizeof(*dbd->qos));
	while (dbd->qos && (qos = slurm_list_pop(list))) {
		struct carbon_dbd_qos *out = &dbd->qos[dbd->qoses++];

		out->id = qos->id;
		carbon_session_copy(qos->name, out->name, sizeof(out->name));
		slurmdb_destroy_qos_rec(qos);
	}
	slurm_list_destroy(list);
	return dbd->qos ? 0 : carbon_err_set(err, "no memory for %d QOS", count);
}

static int load_tres(struct carbon_dbd *dbd, struct carbon_err *err)
{
	slurmdb_tres_cond_t condition;
	CARBON_LIST list;
	slurmdb_tres_rec_t *tres;
	int count;

	memset(&condition, 0, sizeof(condition));
	condition.count = NO_VAL; /* 0 would ask for those that no node has */
	list = slurmdb_tres_get(dbd->connection, &condition);
	if (!list)
		return carbon_dbd_fail(dbd, err);
	count = slurm_list_count(list);
	dbd->tres.name = calloc((size_t)count + 1, sizeof(*dbd->tres.name));
	while (dbd->tres.name && (tres = slurm_list_pop(list))) {
		struct carbon_tres_name *out = &dbd->tres.name[dbd->tres.count++];

		out->id = tres->id;
		snprintf(out->name, sizeof(out->name), "%s/%s", tres->type ? tres->type : "",
			 tres->name ? tres->name : "");
		slurmdb_destroy_tres_rec(tres);
	}
	slurm_list_destroy(list);
	return dbd->tres.name ? 0 : carbon_err_set(err, "no memory for %d TRES", count);
}

int carbon_dbd_open(struct carbon_dbd *dbd, const struct carbon_session *session,
		    struct carbon_err *err)
{
	uint16_t flags = 0;

	memset(dbd, 0, sizeof(*dbd));
	dbd->session = session;
	dbd->connection = slurmdb_connection_get(&flags);
	if (!dbd->connection)
		return carbon_dbd_fail(dbd, err);
	if (load_qos(dbd, err) < 0)
		return -1;
	return load_tres(dbd, err);
}

void carbon_dbd_close(struct carbon_dbd *dbd)
{
	if (dbd->connection)
		slurmdb_connection_close(&dbd->connection);
	free(dbd->tres.name);
	free(dbd->qos);
	memset(dbd, 0, sizeof(*dbd));
}

void carbon_dbd_qos(const struct carbon_dbd *dbd, uint32_t id, char *out, size_t size)
{
	for (size_t i = 0; i < dbd->qoses; i++)
		if (dbd->qos[i].id == id) {
			carbon_session_copy(dbd->qos[i].name, out, size);
			return;
		}
	if (id == 0 || id == NO_VAL || id == INFINITE)
		carbon_session_copy("", out, size);
	else
		snprintf(out, size, "%u", id);
}
