/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When nodes were down, drained or powered down, as slurmdbd keeps it. Without slurmdbd nobody does.
 */
#include "cluster/cluster.h"

#include <string.h>

#include "cluster/dbd.h"
#include "lib/err.h"

/* What a node's state means for jobs; false: it could run them. */
static bool read_state(uint32_t state, enum carbon_node_state *out)
{
	uint32_t base = state & NODE_STATE_BASE;

	/* A planned node is an event too, and usable. */
	if (base == NODE_STATE_DOWN || state & NODE_STATE_FAIL)
		*out = CARBON_NODE_DOWN;
	else if (state & NODE_STATE_DRAIN)
		*out = CARBON_NODE_DRAINED;
	else if (state & (NODE_STATE_POWERED_DOWN | NODE_STATE_POWERING_DOWN))
		*out = CARBON_NODE_OFF;
	else
		return false;
	return true;
}

static CARBON_LIST ask(const struct carbon_dbd *dbd, time_t from, time_t to)
{
	slurmdb_event_cond_t condition;
	char cluster[CARBON_NAME_MAX];
	CARBON_LIST events;

	memcpy(cluster, dbd->session->cluster, sizeof(cluster));
	memset(&condition, 0, sizeof(condition));
	condition.event_type = SLURMDB_EVENT_NODE;
	condition.period_start = from;
	condition.period_end = to;
	condition.cluster_list = slurm_list_create(NULL);
	slurm_list_append(condition.cluster_list, cluster);
	events = slurmdb_events_get(dbd->connection, &condition);
	slurm_list_destroy(condition.cluster_list);
	return events;
}

static int take(const slurmdb_event_rec_t *record, carbon_node_event_f each, void *context)
{
	struct carbon_node_event event = {.from_at = record->period_start, .to_at = record->period_end};

	if (!record->node_name || !record->node_name[0] || !read_state(record->state, &event.state))
		return 0;
	carbon_session_copy(record->node_name, event.node, sizeof(event.node));
	return each(&event, context);
}

static int read_events(const struct carbon_session *session, time_t from, time_t to,
		       carbon_node_event_f each, void *context, struct carbon_err *err)
{
	struct carbon_dbd dbd;
	slurmdb_event_rec_t *record;
	CARBON_LIST events = NULL;
	int rc = carbon_dbd_open(&dbd, session, err);

	if (rc == 0)
		events = ask(&dbd, from, to);
	if (rc == 0 && !events)
		rc = carbon_dbd_fail(&dbd, err);
	while (events && (record = slurm_list_pop(events))) {
		if (rc == 0)
			rc = take(record, each, context);
		slurmdb_destroy_event_rec(record);
	}
	if (events)
		slurm_list_destroy(events);
	carbon_dbd_close(&dbd);
	return rc;
}

int carbon_cluster_events(time_t from, time_t to, carbon_node_event_f each, void *context, bool *is_known,
			  struct carbon_err *err)
{
	struct carbon_session session;

	if (carbon_session_read(&session, err) < 0)
		return -1;
	*is_known = session.has_dbd;
	return session.has_dbd ? read_events(&session, from, to, each, context, err) : 0;
}
