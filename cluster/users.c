/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Default account and QOS of every user, for slurmctld's plugin, which may not look them up itself. slurmdbd knows
 * users by name alone; the uid is this machine's.
 */
#include "cluster/cluster.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cluster/dbd.h"
#include "lib/err.h"

#define PASSWD_BUFFER 4096

static bool find_uid(const char *name, uint32_t *uid)
{
	char buffer[PASSWD_BUFFER];
	struct passwd entry, *found = NULL;

	if (!name || getpwnam_r(name, &entry, buffer, sizeof(buffer), &found) != 0 || !found)
		return false;
	*uid = found->pw_uid;
	return true;
}

/* The default association on this cluster, that without a partition first. */
static void take_associations(const struct carbon_dbd *dbd, slurmdb_user_rec_t *user,
			      const char *cluster, struct carbon_site_user *out)
{
	slurmdb_assoc_rec_t *assoc;
	bool has_general = false;

	while (user->assoc_list && (assoc = slurm_list_pop(user->assoc_list))) {
		bool is_general = !assoc->partition || !assoc->partition[0];

		if (assoc->is_def && assoc->cluster && strcasecmp(assoc->cluster, cluster) == 0 &&
		    !has_general) {
			has_general = is_general;
			carbon_session_copy(assoc->acct, out->account, sizeof(out->account));
			carbon_dbd_qos(dbd, assoc->def_qos_id, out->qos, sizeof(out->qos));
		}
		slurmdb_destroy_assoc_rec(assoc);
	}
}

static int compare(const void *a, const void *b)
{
	const struct carbon_site_user *left = a, *right = b;

	return (left->uid > right->uid) - (left->uid < right->uid);
}

static CARBON_LIST ask(const struct carbon_dbd *dbd, const char *cluster)
{
	slurmdb_user_cond_t user_condition;
	slurmdb_assoc_cond_t assoc_condition;
	char name[CARBON_NAME_MAX];
	CARBON_LIST users;

	carbon_session_copy(cluster, name, sizeof(name));
	memset(&user_condition, 0, sizeof(user_condition));
	memset(&assoc_condition, 0, sizeof(assoc_condition));
	assoc_condition.cluster_list = slurm_list_create(NULL);
	slurm_list_append(assoc_condition.cluster_list, name);
	user_condition.assoc_cond = &assoc_condition;
	user_condition.with_assocs = 1;
	users = slurmdb_users_get(dbd->connection, &user_condition);
	slurm_list_destroy(assoc_condition.cluster_list);
	return users;
}

/* Users whose account this cluster does not have get none, and those unknown to this machine are left out. */
static struct carbon_site_user *take_users(const struct carbon_dbd *dbd, CARBON_LIST users,
					   const char *cluster, size_t *count)
{
	struct carbon_site_user *out = calloc((size_t)slurm_list_count(users) + 1, sizeof(*out));
	slurmdb_user_rec_t *user;

	*count = 0;
	while (out && (user = slurm_list_pop(users))) {
		struct carbon_site_user *next = &out[*count];

		if (find_uid(user->name, &next->uid)) {
			take_associations(dbd, user, cluster, next);
			(*count)++;
		}
		slurmdb_destroy_user_rec(user);
	}
	if (out && *count)
		qsort(out, *count, sizeof(*out), compare);
	return out;
}

int carbon_cluster_users(const char *cluster, struct carbon_site_user **out, size_t *count,
			 struct carbon_err *err)
{
	struct carbon_session session;
	struct carbon_site_user *found = NULL;
	struct carbon_dbd dbd;
	CARBON_LIST users = NULL;
	size_t found_count = 0;
	int rc;

	if (carbon_session_read(&session, err) < 0)
		return -1;
	if (!session.has_dbd)
		return carbon_err_set(err, "cluster %s has no slurmdbd, which knows the users",
				      cluster);
	rc = carbon_dbd_open(&dbd, &session, err);
	if (rc == 0 && !(users = ask(&dbd, cluster)))
		rc = carbon_dbd_fail(&dbd, err);
	if (rc == 0) {
		found = take_users(&dbd, users, cluster, &found_count);
		slurm_list_destroy(users);
		rc = found ? 0 : carbon_err_set(err, "no memory for the users");
	}
	carbon_dbd_close(&dbd);
	if (rc == 0 && found_count == 0) {
		free(found);
		return carbon_err_set(err, "slurmdbd knows no user of cluster %s", cluster);
	}
	if (rc == 0) {
		*out = found;
		*count = found_count;
	}
	return rc;
}
