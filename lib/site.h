/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The site: what slurmctld's plugin must know of the cluster and of the administrator's wishes.
 * Compiled from carbon.conf and from Slurm by carbonctl apply (doc/carbon-site.5, "carbon-site 1").
 * Immutable after reading.
 */
#ifndef CARBON_SITE_H
#define CARBON_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/intensity.h"
#include "lib/job.h"
#include "lib/power.h"

struct carbon_err;
struct carbon_buf;

#define CARBON_SITE_SIZE_MAX ((size_t)16 << 20)
#define CARBON_SITE_PLACES_MAX 256
#define CARBON_SITE_RULES_MAX 4096
#define CARBON_SITE_USERS_MAX 100000
#define CARBON_SITE_WALLS_MAX 256

enum carbon_level {
	CARBON_LEVEL_OFF,
	CARBON_LEVEL_OBSERVE, /* shadow mode: decide and record, change nothing */
	CARBON_LEVEL_OPT_IN,  /* only jobs with a flag */
	CARBON_LEVEL_DEFAULT, /* everybody, with a default delay; opt-out by flag */
};

/* "off", "observe", "opt-in", "default". */
const char *carbon_level_name(enum carbon_level level);
bool carbon_level_find(const char *name, enum carbon_level *out);

/* Where a job can run: a partition of this cluster. */
struct carbon_place {
	char partition[CARBON_NAME_MAX];
	char zone[CARBON_ZONE_MAX]; /* "": unknown, jobs there are left alone */
	bool is_default;
	uint32_t default_limit_s; /* DefaultTime; 0: none */
	uint32_t max_limit_s;	  /* MaxTime; 0: unlimited */
	uint32_t queue_wait_s;	  /* 95th percentile of the wait in the queue */
	uint32_t boot_s;	  /* power-up of a node */
	uint32_t node_cores;	  /* cores of one node (smallest where they differ); 0: unknown */
	struct carbon_power_model power;
};

enum carbon_rule_kind {
	CARBON_RULE_USER,
	CARBON_RULE_ACCOUNT,
	CARBON_RULE_QOS,
	CARBON_RULE_PARTITION,
};

/* What the site wishes for one user, account, QOS or partition. */
struct carbon_rule {
	enum carbon_rule_kind kind;
	char name[CARBON_NAME_MAX]; /* a user is its uid in decimal */
	bool exclude;
	time_t delay_s; /* default delay under level "default"; -1: the site's */
};

/* What slurmdbd knows of a user, and how many of its jobs wait because of us. */
struct carbon_site_user {
	uint32_t uid;
	uint32_t waiting;
	char account[CARBON_NAME_MAX]; /* default account; "": unknown */
	char qos[CARBON_NAME_MAX];
};

/* A maintenance reservation: nothing may run across its begin. */
struct carbon_wall {
	time_t from_at, to_at;
	char partition[CARBON_NAME_MAX]; /* "": all */
};

struct carbon_site {
	time_t written_at;
	time_t jobs_as_of; /* when waiting jobs were counted */
	char cluster[CARBON_NAME_MAX];
	enum carbon_level level;
	enum carbon_signal signal;
	char policy[CARBON_POLICY_MAX];
	time_t default_delay_s;	   /* level "default" */
	time_t max_delay_s;
	time_t outlook_max_age_s;
	time_t slack_s;		   /* between a begin and its start on idle nodes */
	uint32_t min_runtime_s;	   /* shorter jobs are left alone */
	double min_saving_percent;
	double min_saving_g;
	double delay_price_g_h;	   /* grams one is willing to forgo per hour waited */
	uint32_t max_waiting;	   /* jobs waiting because of us, in all */
	uint32_t max_waiting_user;
	uint32_t waiting;	   /* of them when counted */
	size_t places;
	struct carbon_place *place;	/* sorted by partition */
	size_t rules;
	struct carbon_rule *rule;	/* sorted by kind, then name */
	size_t users;
	struct carbon_site_user *user;	/* sorted by uid */
	size_t walls;
	struct carbon_wall *wall;	/* sorted by from_at */
};

/* The built-in defaults, no place, no rule, level observe. */
void carbon_site_init(struct carbon_site *site);
void carbon_site_fini(struct carbon_site *site);

/* From the text of a file. Errors name the line. SITE is untouched on failure; fini when done. */
int carbon_site_parse(const char *text, size_t length, struct carbon_site *site,
		      struct carbon_err *err);

/* Append the whole file, trailer included. Sorts nothing: the arrays must be in the order above. */
int carbon_site_format(const struct carbon_site *site, struct carbon_buf *buf, struct carbon_err *err);

/* PARTITION NULL or "": the default one. NULL: not there. */
const struct carbon_place *carbon_site_place(const struct carbon_site *site, const char *partition);
const struct carbon_rule *carbon_site_rule(const struct carbon_site *site, enum carbon_rule_kind kind,
					   const char *name);
const struct carbon_site_user *carbon_site_user(const struct carbon_site *site, uint32_t uid);

#endif
