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
#define CARBON_SITE_REMOTES_MAX 256
#define CARBON_SITE_OFFERS_MAX 65536
#define CARBON_SITE_SIBLINGS_MAX 64
#define CARBON_SITE_LIMITS_MAX 1024
#define CARBON_SITE_BLACKOUTS_MAX 256
#define CARBON_SITE_WAITS_MAX 4096
#define CARBON_SITE_PRICES_MAX 128
#define CARBON_SITE_STEPS_MAX 768 /* of one series: eight days of quarter hours */
#define CARBON_SITE_WEEK_H 168
#define CARBON_SITE_NODES_MAX 1e7 /* of one place */
#define CARBON_SITE_POWER_KW_MAX 1e7
#define CARBON_SITE_NICE_MAX 2147483645 /* Slurm's own bound */

enum carbon_level {
	CARBON_LEVEL_OFF,
	CARBON_LEVEL_OBSERVE, /* shadow mode: decide and record, change nothing */
	CARBON_LEVEL_OPT_IN,  /* only jobs with a flag */
	CARBON_LEVEL_DEFAULT, /* everybody, with a default delay; opt-out by flag */
};

/* "off", "observe", "opt-in", "default". */
const char *carbon_level_name(enum carbon_level level);
bool carbon_level_find(const char *name, enum carbon_level *out);

/* Where a job can run: a partition of this cluster, or of another one of its federation. */
struct carbon_place {
	char partition[CARBON_NAME_MAX];
	char cluster[CARBON_NAME_MAX]; /* "": this one */
	char zone[CARBON_ZONE_MAX]; /* "": unknown, jobs there are left alone */
	bool is_default;
	uint32_t default_limit_s; /* DefaultTime; 0: none */
	uint32_t max_limit_s;	  /* MaxTime; 0: unlimited */
	uint32_t queue_wait_s;	  /* 95th percentile of the wait in the queue */
	uint32_t boot_s;	  /* power-up of a node */
	uint32_t node_cores;	  /* cores of one node (smallest where they differ); 0: unknown */
	uint32_t node_gpus;	  /* the same of its GPUs */
	double node_mem_gb;	  /* and of its memory */
	uint32_t nodes;		  /* usable ones: neither down nor drained; 0: unknown, no window is full */
	bool exclusive;		  /* jobs get whole nodes */
	uint32_t max_nodes;	  /* of one job; 0: no limit */
	bool closed;		  /* takes no job that we would send there */
	double speed, gpu_speed;  /* of its cores and GPUs against those of the other places */
	double transfer_kwh_gb;	  /* energy that it takes to move a gigabyte there */
	double price_node_h;	  /* money per node-hour; 0: not said */
	struct carbon_power_model power;
};

/* What a place asks of jobs and has for them. */
enum carbon_offer_kind {
	CARBON_OFFER_ACCOUNT,	 /* only these accounts, where there are any */
	CARBON_OFFER_NO_ACCOUNT, /* not these */
	CARBON_OFFER_QOS,
	CARBON_OFFER_NO_QOS,
	CARBON_OFFER_USER,	 /* only these uids */
	CARBON_OFFER_FEATURE,	 /* a feature that all its nodes have */
	CARBON_OFFER_GPU,	 /* a GRES type */
	CARBON_OFFERS
};

struct carbon_offer {
	char cluster[CARBON_NAME_MAX]; /* "": this one */
	char partition[CARBON_NAME_MAX];
	enum carbon_offer_kind kind;
	char name[CARBON_NAME_MAX]; /* a user is its uid in decimal */
};

/* A cluster of the federation, this one too. */
struct carbon_sibling {
	char cluster[CARBON_NAME_MAX];
	uint32_t id;	/* in the federation: a federated job's id carries that of its origin */
	bool active;	/* takes jobs, and the controllers are connected */
	time_t seen_at; /* when that was so */
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
	double min_saving_percent; /* -1: the site's */
	double min_saving_g;	   /* -1: the site's */
	double share;		   /* most percent of its node-hours that may be delayed; -1: as the site's */
	double flexible_node_h;	   /* what was delayed of its node-hours, as carbonctl replan counted it */
	double all_node_h;
};

/* A wish for nothing yet. */
void carbon_rule_init(struct carbon_rule *rule, enum carbon_rule_kind kind);

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

/*
 * Most that may run from FROM_AT to TO_AT: capacity per hour, an event of the grid's. No delayed job is planned to run beyond it,
 * and one that would now run beyond it waits for its end if it may. Expires by itself.
 */
struct carbon_limit {
	char partition[CARBON_NAME_MAX]; /* "": the whole cluster */
	time_t from_at, to_at;
	uint32_t nodes; /* CARBON_LIMIT_NONE: no limit */
	double kw;	/* PUE included; -1: no limit */
};
#define CARBON_LIMIT_NONE UINT32_MAX

/* Time in which no job waits because of us: delays end before it, and inside it none begins. */
struct carbon_blackout {
	time_t from_at, to_at;
};

/* How long jobs of up to so many nodes wait in the queue. */
struct carbon_wait {
	char partition[CARBON_NAME_MAX];
	uint32_t up_to_nodes;
	uint32_t p50_s, p95_s;
	uint32_t count; /* of the jobs it is learned from */
};

/* How often a place is full (DESIGN: slack clock), per hour of the UTC week from Monday 00:00 on. */
struct carbon_full {
	char partition[CARBON_NAME_MAX];
	size_t count; /* CARBON_SITE_WEEK_H */
	float value[CARBON_SITE_WEEK_H]; /* probability */
};

/* Values in equal steps, each valid for its step; outside of them nothing is known. */
struct carbon_site_series {
	char name[CARBON_NAME_MAX]; /* a partition or a zone; "": all of them together */
	time_t from_at;
	uint32_t step_s;
	size_t count;
	float value[CARBON_SITE_STEPS_MAX];
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
	uint32_t restart_s;	   /* run time that an interruption costs, beside the job's own seconds */
	uint32_t replan_every_s;   /* how often carbonctl replan runs: no job is interrupted but by it */
	uint32_t max_interruptions; /* of one job; 0: none is interrupted */
	uint32_t max_waiting;	   /* jobs waiting because of us, in all */
	uint32_t max_waiting_user;
	uint32_t waiting;	   /* of them when counted */
	double carbon_price;	   /* money per t of CO2e; 0: prices do not count */
	double ramp_kw;		   /* most power that delayed jobs may begin with in a quarter of an hour; 0: any */
	double max_flexible_share; /* most percent of the node-hours that may be delayed */
	double flexible_node_h;	   /* what was delayed of the last week's, as carbonctl replan counted it */
	double all_node_h;
	time_t paused_until_at;	   /* until then nothing is delayed */
	char paused_reason[CARBON_NAME_MAX]; /* one word: "bystanders" */
	uint32_t delayed_nice;	   /* nice value that a delayed job gets */
	double max_price_node_h;   /* no job is moved to a place that costs more; 0: any */
	size_t places;
	struct carbon_place *place;	/* sorted by partition */
	size_t rules;
	struct carbon_rule *rule;	/* sorted by kind, then name */
	size_t users;
	struct carbon_site_user *user;	/* sorted by uid */
	size_t walls;
	struct carbon_wall *wall;	/* sorted by from_at */
	size_t limits;
	struct carbon_limit *limit;	/* sorted by from_at */
	size_t blackouts;
	struct carbon_blackout *blackout; /* sorted by from_at */
	size_t waits;
	struct carbon_wait *wait;	/* sorted by partition, then up_to_nodes */
	size_t fulls;
	struct carbon_full *full;	/* sorted by partition */
	size_t loads;
	struct carbon_site_series *load; /* nodes committed in a partition; sorted by name, "" first: all, each node once */
	size_t powers;
	struct carbon_site_series *power; /* kW committed, PUE included; sorted by name, "" first */
	size_t begins;
	struct carbon_site_series *begin; /* kW with which delayed jobs begin in each step; name "", one at most */
	size_t prices;
	struct carbon_site_series *price; /* money per MWh of a zone; sorted by name, "" (any other zone) first */
	size_t remotes;
	struct carbon_place *remote;	/* of other clusters; sorted by cluster, then partition */
	size_t offers;
	struct carbon_offer *offer;	/* sorted by cluster, partition, kind, name */
	size_t siblings;
	struct carbon_sibling *sibling; /* sorted by cluster; none without a federation */
};

/* Like strcmp(): the order of remotes and of offers. */
int carbon_place_compare(const struct carbon_place *a, const struct carbon_place *b);
int carbon_offer_compare(const struct carbon_offer *a, const struct carbon_offer *b);

/* Power model and speeds as they are where nothing is said. */
void carbon_place_init(struct carbon_place *place);

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

/* CLUSTER's partition; PARTITION NULL or "": its default one. NULL: not there. */
const struct carbon_place *carbon_site_remote(const struct carbon_site *site, const char *cluster,
					      const char *partition);
const struct carbon_sibling *carbon_site_sibling(const struct carbon_site *site, const char *cluster);

/* The offers of a place are neighbours: the first of KIND, and how many there are. */
const struct carbon_offer *carbon_site_offers(const struct carbon_site *site, const struct carbon_place *place,
					      enum carbon_offer_kind kind, size_t *count);
const struct carbon_site_user *carbon_site_user(const struct carbon_site *site, uint32_t uid);
const struct carbon_full *carbon_site_full(const struct carbon_site *site, const char *partition);

/* NULL: nothing is known of NAME; "": the whole cluster. A zone compares without case, as outlooks do. */
const struct carbon_site_series *carbon_site_load(const struct carbon_site *site, const char *partition);
const struct carbon_site_series *carbon_site_power(const struct carbon_site *site, const char *partition);
const struct carbon_site_series *carbon_site_price(const struct carbon_site *site, const char *zone);

/* The value that holds at AT; NAN before the first step and after the last one, and where SERIES is NULL. */
double carbon_site_series_value(const struct carbon_site_series *series, time_t at);

/*
 * The typical wait of a job of NODES at this place: the smallest class that holds it, the largest one
 * for what is larger still; NULL where nothing is known.
 */
const struct carbon_wait *carbon_site_wait(const struct carbon_site *site, const char *partition, double nodes);

#endif
