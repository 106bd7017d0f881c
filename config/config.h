/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbon.conf (doc/carbon.conf.5): one option table, parsed by libConfuse, checked, and compiled into
 * a site. Never linked into a plugin: libConfuse keeps global state and may end the process.
 */
#ifndef CARBON_CONFIG_H
#define CARBON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/allowance.h"
#include "config/hours.h"
#include "lib/holdout.h"
#include "lib/site.h"
#include "lib/terms.h"

struct carbon_err;

#define CARBON_PATH_MAX 1024
#define CARBON_CONFIG_DIR_MAX 960 /* of a folder: room for a name in it is left */
#define CARBON_CONFIG_ZONES_MAX 128
#define CARBON_CONFIG_SOURCES_MAX 32
#define CARBON_ZONE_SOURCES_MAX 8
#define CARBON_CONFIG_SIZE_MAX ((size_t)1 << 20)

/* source "NAME" { type = "electricitymaps"; url = ...; token_file = ...; path = ... } */
struct carbon_config_source {
	char name[CARBON_SOURCE_MAX];	/* as zones refer to it */
	char type[CARBON_SOURCE_MAX];	/* "electricitymaps", "file", "profile", ... */
	char url[CARBON_PATH_MAX];	/* "": the source's own */
	char token_file[CARBON_PATH_MAX];
	char path[CARBON_PATH_MAX];	/* of a file source */
	char ca_file[CARBON_PATH_MAX];	/* "": the system's CAs */
	unsigned int timeout_s;		/* one request */
	int line;			/* in carbon.conf */
};

/* zone "DE" { sources = {"electricitymaps", "profile"} } */
struct carbon_config_zone {
	char name[CARBON_ZONE_MAX];
	size_t sources;
	char source[CARBON_ZONE_SOURCES_MAX][CARBON_SOURCE_MAX]; /* in order of preference */
	char source_zone[CARBON_ZONE_MAX]; /* the provider's own name where it differs; "": the same */
	int line;
};

#define CARBON_BYSTANDER_PAUSE_MAX_S ((time_t)14 * 86400)

struct carbon_config {
	char path[CARBON_PATH_MAX];	    /* of carbon.conf */
	bool is_there;			    /* false: there is no carbon.conf and these are the defaults */
	int policy_line;		    /* where the policy was named; 0: nowhere. Its name is checked by who knows the policies. */
	char state_dir[CARBON_CONFIG_DIR_MAX]; /* holds carbon.db */
	char run_dir[CARBON_CONFIG_DIR_MAX];   /* holds outlook and site, local to each controller */
	size_t sources;
	struct carbon_config_source source[CARBON_CONFIG_SOURCES_MAX];
	size_t zones;
	struct carbon_config_zone zone[CARBON_CONFIG_ZONES_MAX];
	unsigned int horizon_h;		    /* of the outlook */
	time_t bystander_wait_s;	    /* by so much may others' mean wait rise; 0: nobody looks */
	time_t bystander_pause_s;	    /* for so long is nothing delayed then */
	uint32_t updates_per_second;	    /* begin times changed in slurmctld */
	uint32_t updates_per_run;
	bool keep_place;		    /* give age back to jobs that waited because of us */
	uint32_t slurmdbd_queue_max;	    /* messages that wait for slurmdbd, from which on none is changed; 0: not looked at */
	struct carbon_config_hours_list hours;	     /* capacity by the hour, of the whole cluster */
	struct carbon_config_hours_list place_hours; /* and of partitions */
	struct carbon_config_blackouts blackouts;
	struct carbon_holdout holdout;
	char price_file[CARBON_PATH_MAX];   /* "": none */
	/*
	 * The wishes, in the shape the site has: level, policy, delays, limits, rules (users by name are resolved
	 * here, at the edge), and places (partition blocks). A place's limits, cores and default flag are Slurm's to tell.
	 */
	struct carbon_site site;
	int place_line[CARBON_SITE_PLACES_MAX]; /* of each place's block */
	struct carbon_terms *terms;	    /* of each place, for the books */
	size_t gpu_speeds;
	struct carbon_gpu_speed gpu_speed[CARBON_GPU_TYPES_MAX]; /* for what-if figures of reports */
	size_t allowances;
	struct carbon_allowance *allowance; /* of account blocks that give one, in the order of the file */
	struct carbon_place fallback;	    /* partition "*": of partitions that no block names */
	struct carbon_terms fallback_terms;
	int fallback_line;		    /* 0: there is no such block */
};

/*
 * Read and check PATH, a trusted file (lib/file.h); NULL: the default one, which may be missing. ERR gets
 * "carbon.conf:12: level \"x\" unknown (known: ...)". On failure *OUT is NULL. Free with destroy.
 * Each zone has its sources listed, and each zone that a partition names is there, with a block or without.
 */
int carbon_config_read(const char *path, struct carbon_config **out, struct carbon_err *err);
void carbon_config_destroy(struct carbon_config *config);

/* "STATE_DIR/carbon.db", "RUN_DIR/outlook", "RUN_DIR/site". */
void carbon_config_path(const struct carbon_config *config, const char *name, char out[CARBON_PATH_MAX]);

/* What the cluster says of itself (cluster/cluster.h fills it; from nothing without Slurm). */
struct carbon_config_partition {
	char name[CARBON_NAME_MAX];
	bool is_default;
	uint32_t default_limit_s, max_limit_s; /* 0: none, unlimited */
	uint32_t nodes;			       /* usable ones; 0: not known */
	uint32_t node_cores, node_gpus;
	double node_mem_gb;
	uint32_t max_nodes;		       /* of one job; 0: no limit */
	bool exclusive, closed;
	char cluster[CARBON_NAME_MAX];	       /* "": this one */
};

struct carbon_config_cluster {
	const char *name;
	size_t partitions;
	const struct carbon_config_partition *partition;
	size_t users;
	struct carbon_site_user *user;	/* sorted by uid */
	size_t walls;
	struct carbon_wall *wall;
	uint32_t waiting;
	time_t as_of;
	size_t offers;
	const struct carbon_offer *offer; /* in any order */
	size_t siblings;		  /* 0: there is no federation, or nobody was asked */
	const struct carbon_sibling *sibling;
	size_t remotes;			  /* partitions of the other clusters that answered */
	const struct carbon_config_partition *remote;
};

/* What it says of a partition of this cluster: its block, whether that names the cluster (and then first) or not, else
 * the fallback. */
const struct carbon_place *carbon_config_place(const struct carbon_config *config, const char *cluster,
					       const char *name);

/* What goes with such a block. */
const struct carbon_terms *carbon_config_terms(const struct carbon_config *config, const struct carbon_place *place);

/*
 * What carbon.conf says of places and the cluster does not: a sentence each with the line, such as "carbon.conf:12: cluster
 * north is not in this federation". The I-th of them into ERR; false: there are no more.
 */
bool carbon_config_difference(const struct carbon_config *config, const struct carbon_config_cluster *cluster,
			      size_t i, struct carbon_err *err);

/*
 * The cluster as far as carbon.conf alone tells, for machines without Slurm: its partition blocks, the first
 * one in the file being the default. *PARTITION is freed by the caller.
 */
int carbon_config_offline(const struct carbon_config *config, time_t now,
			  struct carbon_config_cluster *cluster,
			  struct carbon_config_partition **partition, struct carbon_err *err);

/*
 * Compile: the configuration's wishes joined with what the cluster says. SITE is fini'ed by the
 * caller. Errors: a partition block that names no partition of the cluster, over a cap.
 */
int carbon_config_compile(const struct carbon_config *config, const struct carbon_config_cluster *cluster,
			  time_t now, struct carbon_site *site, struct carbon_err *err);

#endif
