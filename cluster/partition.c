/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Partitions in plain structs. Where nodes of one partition differ, only what all of them have is offered: a job that is
 * sent there must be able to run.
 */
#include "cluster/partition.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/shape.h"
#include "lib/words.h"

#define GROUP_BUFFER ((size_t)1 << 20)
#define PASSWD_BUFFER 16384
#define LIST_SEPARATORS ","

/* One more offer of PARTITION; names that no site could hold, and those that are there already, are passed over. */
static int add_offer(struct carbon_live *live, const struct carbon_partition *partition, enum carbon_offer_kind kind,
		     const char *name, size_t length)
{
	struct carbon_offer offer = {.kind = kind}, *grown = live->offer;

	if (length >= sizeof(offer.name))
		return 0;
	memcpy(offer.cluster, partition->cluster, sizeof(offer.cluster));
	memcpy(offer.partition, partition->name, sizeof(offer.partition));
	memcpy(offer.name, name, length);
	if (!carbon_name_is_valid(offer.name, sizeof(offer.name)))
		return 0;
	for (size_t i = live->offers; i-- > 0 && strcmp(live->offer[i].partition, offer.partition) == 0;)
		if (carbon_offer_compare(&live->offer[i], &offer) == 0)
			return 0;
	if (live->offers == CARBON_SITE_OFFERS_MAX)
		return 0;
	if ((live->offers & (live->offers - 1)) == 0) {
		grown = realloc(live->offer, (live->offers ? 2 * live->offers : 1) * sizeof(*grown));
		if (!grown)
			return -1;
	}
	grown[live->offers++] = offer;
	live->offer = grown;
	return 0;
}

/* The items of a list "a,b"; NULL: none. */
static int add_list(struct carbon_live *live, const struct carbon_partition *partition, enum carbon_offer_kind kind,
		    const char *list)
{
	int rc = 0;

	for (const char *at = list ? list : ""; *at && rc == 0;) {
		size_t length = strcspn(at, LIST_SEPARATORS);

		if (length)
			rc = add_offer(live, partition, kind, at, length);
		at += length + (at[length] != '\0');
	}
	return rc;
}

/* --- AllowGroups, as uids: slurmctld's plugin must not look up groups --- */

static int add_uid(struct carbon_live *live, const struct carbon_partition *partition, uid_t uid)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", (unsigned int)uid);
	return add_offer(live, partition, CARBON_OFFER_USER, text, strlen(text));
}

static int add_members(struct carbon_live *live, const struct carbon_partition *partition, const struct group *group)
{
	char *buffer = malloc(PASSWD_BUFFER);
	struct passwd entry, *found = NULL;
	int rc = buffer ? 0 : -1;

	for (char **member = group->gr_mem; rc == 0 && *member; member++)
		if (getpwnam_r(*member, &entry, buffer, PASSWD_BUFFER, &found) == 0 && found)
			rc = add_uid(live, partition, found->pw_uid);
	free(buffer);
	/* Those whose first group it is do not stand in it. */
	setpwent();
	while (rc == 0 && (found = getpwent()) != NULL)
		if (found->pw_gid == group->gr_gid)
			rc = add_uid(live, partition, found->pw_uid);
	endpwent();
	return rc;
}

static int add_groups(struct carbon_live *live, const struct carbon_partition *partition, const char *list)
{
	char *buffer = malloc(GROUP_BUFFER), name[256];
	struct group entry, *found = NULL;
	int rc = buffer ? 0 : -1;

	/* Root, and somebody must be named, or the partition would seem open to all. */
	if (rc == 0)
		rc = add_uid(live, partition, 0);
	for (const char *at = list; rc == 0 && *at;) {
		size_t length = strcspn(at, LIST_SEPARATORS);

		snprintf(name, sizeof(name), "%.*s", (int)length, at);
		if (getgrnam_r(name, &entry, buffer, GROUP_BUFFER, &found) == 0 && found)
			rc = add_members(live, partition, found);
		at += length + (at[length] != '\0');
	}
	free(buffer);
	return rc;
}

static int add_takers(struct carbon_live *live, const struct carbon_partition *partition, const partition_info_t *info)
{
	if (add_list(live, partition, CARBON_OFFER_ACCOUNT, info->allow_accounts) < 0 ||
	    add_list(live, partition, CARBON_OFFER_NO_ACCOUNT, info->deny_accounts) < 0 ||
	    add_list(live, partition, CARBON_OFFER_QOS, info->allow_qos) < 0 ||
	    add_list(live, partition, CARBON_OFFER_NO_QOS, info->deny_qos) < 0)
		return -1;
	return info->allow_groups && info->allow_groups[0] ? add_groups(live, partition, info->allow_groups) : 0;
}

/* --- what its nodes have --- */

static bool has_item(const char *list, const char *item, size_t length)
{
	for (const char *at = list ? list : ""; *at;) {
		size_t other = strcspn(at, LIST_SEPARATORS);

		if (other == length && memcmp(at, item, length) == 0)
			return true;
		at += other + (at[other] != '\0');
	}
	return false;
}

typedef int (*node_f)(const node_info_t *node, void *context);

/* Every node of the partition; what EACH returns, other than 0, ends it. */
static int each_node(const partition_info_t *info, const node_info_msg_t *nodes, node_f each, void *context)
{
	const int32_t *range = info->node_inx;

	for (; range && range[0] >= 0; range += 2)
		for (int32_t i = range[0]; i <= range[1] && (uint32_t)i < nodes->record_count; i++) {
			int rc = nodes->node_array[i].name ? each(&nodes->node_array[i], context) : 0;

			if (rc)
				return rc;
		}
	return 0;
}

struct feature {
	const char *name;
	size_t length;
};

static int lacks_feature(const node_info_t *node, void *context)
{
	const struct feature *feature = context;

	return !has_item(node->features, feature->name, feature->length);
}

struct sum {
	struct carbon_live *live;
	struct carbon_partition *partition;
	const char *features; /* of the first node */
	bool has_first;
};

/* Types of its GPUs, "any" where they have none. */
static int add_gpus(struct sum *sum, const node_info_t *node)
{
	struct carbon_resources use = {.gpu_kinds = 0};
	int rc = 0;

	if (!node->gres || carbon_gpu_parse(node->gres, 1, &use) < 0)
		return 0;
	for (size_t i = 0; i < use.gpu_kinds && rc == 0; i++) {
		const char *type = use.gpu[i].type[0] ? use.gpu[i].type : "any";

		rc = add_offer(sum->live, sum->partition, CARBON_OFFER_GPU, type, strlen(type));
	}
	return rc;
}

static int add_node(const node_info_t *node, void *context)
{
	struct sum *sum = context;

	if (!sum->has_first)
		sum->features = node->features;
	sum->has_first = true;
	return add_gpus(sum, node);
}

/* What the first node has and no node lacks. */
static int add_features(struct sum *sum, const partition_info_t *info, const node_info_msg_t *nodes)
{
	int rc = 0;

	for (const char *at = sum->features ? sum->features : ""; *at && rc == 0;) {
		struct feature feature = {at, strcspn(at, LIST_SEPARATORS)};

		if (each_node(info, nodes, lacks_feature, &feature) == 0)
			rc = add_offer(sum->live, sum->partition, CARBON_OFFER_FEATURE, at, feature.length);
		at += feature.length + (at[feature.length] != '\0');
	}
	return rc;
}

int carbon_partition_read(const partition_info_t *info, const node_info_msg_t *nodes,
			  const struct carbon_session *session, struct carbon_live *live, struct carbon_partition *out)
{
	struct sum sum = {.live = live, .partition = out};

	carbon_session_copy(info->name, out->name, sizeof(out->name));
	out->is_default = (info->flags & PART_FLAG_DEFAULT) != 0;
	out->default_limit_s = carbon_session_seconds(info->default_time);
	out->max_limit_s = carbon_session_seconds(info->max_time);
	out->max_nodes = info->max_nodes == INFINITE || info->max_nodes == NO_VAL ? 0 : info->max_nodes;
	out->closed = info->state_up != PARTITION_UP || (info->flags & (PART_FLAG_ROOT_ONLY | PART_FLAG_REQ_RESV)) != 0;
	carbon_shape_read(info, nodes, session, out);
	if (each_node(info, nodes, add_node, &sum) < 0 || add_features(&sum, info, nodes) < 0)
		return -1;
	return add_takers(live, out, info);
}
