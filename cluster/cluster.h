/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A live cluster, read through libslurm's public calls and turned into plain structs, so that
 * nobody else sees a Slurm header. For short-lived programs only: any of these calls inside slurmctld would deadlock it.
 */
#ifndef CARBON_CLUSTER_H
#define CARBON_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/age.h"
#include "lib/job.h"
#include "lib/record.h"
#include "lib/run.h"
#include "lib/site.h"

struct carbon_err;

/* Load slurm.conf (SLURM_CONF or PATH); once per process. */
int carbon_cluster_init(const char *path, struct carbon_err *err);
void carbon_cluster_fini(void);

/* --- what slurmctld says now --- */

struct carbon_partition {
	char name[CARBON_NAME_MAX];
	bool is_default;
	uint32_t default_limit_s, max_limit_s; /* 0: none, unlimited */
	uint32_t nodes, usable_nodes; /* usable: neither down nor drained nor failing; powered down ones are */
	uint32_t node_cores, node_gpus; /* of the smallest node */
	double node_mem_gb;
	bool has_gpus;	/* some node of it does */
	bool exclusive; /* jobs get whole nodes */
	uint32_t max_nodes;	      /* of one job; 0: no limit */
	bool closed;		      /* takes no job, or only those of root or of a reservation */
	char cluster[CARBON_NAME_MAX]; /* "": this one */
};

struct carbon_live_job {
	uint32_t id, array_id, array_task; /* array_id 0: none */
	uint32_t uid, restarts;
	char user[CARBON_NAME_MAX], account[CARBON_NAME_MAX], qos[CARBON_NAME_MAX];
	char partition[CARBON_NAME_MAX], name[128];
	time_t submit_at, begin_at, eligible_at, start_at, end_at;
	time_t deadline_at; /* Slurm's own --deadline; 0: none */
	uint32_t limit_s;
	bool is_pending, is_running, is_finished;
	bool is_held;	   /* by a user or administrator */
	bool is_dependent; /* on something that has not come yet */
	bool is_reserved;  /* it runs in a reservation */
	time_t planned_at;  /* a begin that is about to be given to it, for who reckons with that; 0: none. Not Slurm's. */
	time_t expected_at; /* of one that waits for nodes: the start that backfill has found; 0: none */
	uint32_t tasks;	   /* of an array that still waits as a whole; 0: one job */
	char *indices;	   /* which, as "1-10,15%2"; NULL: one job */
	uint32_t at_once;  /* of an array, or a task of it: its % limit; 0: none */
	uint32_t nice;	     /* as Slurm counts it: 2^31 is none */
	bool is_requeueable; /* a batch job that may be started again */
	bool is_federated; /* it waits on several clusters at once: an update here would reach them all */
	uint64_t siblings; /* of a federated job: a bit for each cluster that may start it, the one of number 1 first */
	bool is_bound;	   /* to nodes or a reservation that somebody named */
	uint32_t task_cores; /* of one task */
	char *features;	   /* --constraint; NULL: none */
	char *comment; /* AdminComment; NULL: none */
	struct carbon_resources use;
};

struct carbon_node {
	char name[CARBON_NODE_NAME_MAX];
	uint32_t cores;
};

/* A reservation that is no maintenance: nodes of a partition kept for some jobs. One per partition that it touches. */
struct carbon_hold {
	char partition[CARBON_NAME_MAX];
	time_t from_at, to_at;
	uint32_t nodes;
	uint32_t own_nodes; /* of them, those that it has and no hold of a partition before it has: for sums over partitions */
};

struct carbon_live {
	char cluster[CARBON_NAME_MAX];
	time_t as_of;
	size_t partitions;
	struct carbon_partition *partition;
	size_t jobs;
	struct carbon_live_job *job;
	size_t besides; /* tasks that are about to leave their array's record, planned_at set; not Slurm's, and without text of their own */
	const struct carbon_live_job *beside; /* borrowed */
	size_t walls; /* maintenance reservations */
	struct carbon_wall *wall;
	size_t holds;
	struct carbon_hold *hold;
	size_t nodes;
	struct carbon_node *node;
	unsigned char *member; /* [node * partitions + partition]: whether it has the node */
	size_t offers; /* what partitions ask for and have; in no order */
	struct carbon_offer *offer;
	/* Of the federation, and only after carbon_live_federation(): */
	bool federation_is_known; /* it was told, also where there is none */
	size_t siblings; /* this cluster too; 0: there is no federation */
	struct carbon_sibling *sibling;
	size_t remotes; /* partitions of the other clusters that answer */
	struct carbon_partition *remote;
};

/* Errors: no slurmctld answers (says which host). Free with destroy. */
int carbon_live_read(struct carbon_live **out, struct carbon_err *err);
void carbon_live_destroy(struct carbon_live *live);

/*
 * Add what slurmctld says of its federation, and ask the controllers of the clusters that it sees at work for their
 * partitions. One that does not answer is not active. Errors: slurmctld does not answer; none without a federation.
 */
int carbon_live_federation(struct carbon_live *live, time_t now, struct carbon_err *err);

/*
 * The same of the clusters that slurmdbd knows, "all" or "north,south", whether they are in one federation or none: each is
 * asked for its partitions, and is active where it answers. Errors: slurmdbd does not answer, or knows no such cluster.
 */
int carbon_live_clusters(struct carbon_live *live, const char *names, time_t now, struct carbon_err *err);

/* --- how Slurm is set up --- */

#define CARBON_SETUP_TEXT 1024

/* As slurmctld has it in force; text that is longer is cut. */
struct carbon_setup {
	char cluster[CARBON_NAME_MAX];
	char version[32];
	char user[CARBON_NAME_MAX]; /* SlurmUser, and its uid */
	uint32_t uid;
	time_t booted_at; /* when slurmctld started */
	char job_submit[CARBON_SETUP_TEXT];  /* JobSubmitPlugins; "": none */
	char plugin_dirs[CARBON_SETUP_TEXT]; /* PluginDir, joined by ':' */
	char plugstack[CARBON_SETUP_TEXT];   /* the file */
	char pid_file[CARBON_SETUP_TEXT];    /* of slurmctld */
	char scheduler[CARBON_SETUP_TEXT];   /* SchedulerParameters */
	char tres[CARBON_SETUP_TEXT];	     /* AccountingStorageTRES */
	bool has_dbd;
	bool ages;	     /* priority/multifactor: jobs gain rank with age */
	bool always_accrues; /* PriorityFlags has ACCRUE_ALWAYS */
	bool requeues;	     /* JobRequeue: batch jobs may be requeued unless they say otherwise */
	uint32_t most_jobs;  /* MaxJobCount */
};

/* Errors: slurmctld does not answer. */
int carbon_cluster_setup(struct carbon_setup *out, struct carbon_err *err);

/* Whether slurmdbd answers. Errors: it does not, or there is none. */
int carbon_cluster_accounting(struct carbon_err *err);

/* --- moving what waits --- */

/*
 * Each update takes slurmctld's write lock and sends slurmdbd a message: so many a second, so many in all. Where
 * messages for slurmdbd pile up, updates become slower, and from queue_max messages on no more are made. The first
 * three are the caller's, all else is zero at first.
 */
struct carbon_pace {
	uint32_t per_second; /* 0: at once */
	uint32_t left;	     /* of this run */
	uint32_t queue_max;  /* 0: slurmdbd's queue is never looked at */
	uint32_t slowed;     /* so many times the pace was halved */
	uint32_t queue;	     /* messages at the last look */
	bool is_stopped;     /* by the queue */
	int64_t next_ns, look_ns; /* of the monotonic clock */
};

/* Heed QUEUE messages that wait for slurmdbd: slower where they have become more than a second's worth, faster
 * again where they have become fewer, stopped at queue_max. */
void carbon_pace_heed(struct carbon_pace *pace, uint32_t queue);

/* What the pace is after that; 0: at once. */
uint32_t carbon_pace_rate(const struct carbon_pace *pace);

/* A begin time that a waiting job of ours should get. */
struct carbon_move {
	uint32_t id;
	time_t from_at;	    /* the begin that its record gives, and that it must still have */
	bool is_dependent;  /* instead it must still depend on something, and have no begin of anybody's */
	time_t to_at;	    /* the new one; slurmctld makes "now" of a time that is past */
	const char *tasks;  /* of an array that waits as a whole these alone ("3-5,9"), which become jobs of their own; NULL: all of it */
	uint32_t task_count; /* so many updates that takes; 0: one */
	const char *record; /* takes the place of the record in its AdminComment; NULL: that stays */
	bool is_released;   /* our part in it ends: what its nice value was raised by is taken back */
	const char *from_partition; /* what it must still ask for; NULL: anything */
	const char *partition; /* another one to run in; NULL: it stays */
	const char *clusters; /* the only ones that may still start a federated job; NULL: as they are. Slurm takes it at its origin alone. */
};

enum carbon_moved {
	CARBON_MOVED,
	CARBON_MOVE_NOT_OURS, /* it started, ended, was requeued, or somebody changed its start: untouched */
	CARBON_MOVE_NOT_YET,  /* ask again (carbon_cluster_resume alone) */
	CARBON_MOVE_PUT_OFF,  /* the pace allows no more in this run (is_stopped: because of slurmdbd): untouched */
};

/*
 * Move one job. Waits where the pace asks for it, then reads the job again just before writing. Needs the rights of
 * the job's owner for a start alone, those of SlurmUser or root for the record. Errors name the job; *OUT is then
 * untouched, and so is the job.
 */
int carbon_cluster_move(const struct carbon_move *move, struct carbon_pace *pace, enum carbon_moved *out,
			struct carbon_err *err);

/*
 * Whether a job with this COMMENT, whose dependency is not met yet, was decided at submission to begin as soon as that is, and
 * has no begin of anybody's: then it may be decided again. RECORD gets its record.
 */
bool carbon_cluster_may_take(const char *comment, time_t begin_at, uint32_t restarts, time_t now,
			     struct carbon_record *record);

/* Whether a waiting job with this COMMENT has the very begin that we gave it: then it is still ours. RECORD
 * gets its record. */
bool carbon_cluster_owns(const char *comment, time_t begin_at, uint32_t restarts, struct carbon_record *record);

/* --- the rank of what waits --- */

/* How slurmctld reckons age. */
int carbon_cluster_age(struct carbon_age *out, struct carbon_err *err);

/* Another nice value for a waiting job; the first four as they were when decided on, and must be still. */
struct carbon_rank {
	uint32_t id, restarts;
	time_t begin_at;
	uint32_t from_nice, to_nice;
	const char *record; /* takes the place of the one in its AdminComment */
};

int carbon_cluster_rank(const struct carbon_rank *rank, struct carbon_pace *pace, enum carbon_moved *out,
			struct carbon_err *err);

/* --- interrupting what runs --- */

/* slurmctld gives a requeued job a begin two minutes ahead; a later one was set by somebody. */
#define CARBON_CUT_BEGIN_MAX_S 180

/* A segment of a job of ours that has to make way. */
struct carbon_cut {
	uint32_t id, restarts; /* as it was when decided on, and must be still */
	time_t start_at;       /* of the segment; 0: it waits already, requeued by itself or in an earlier run */
	time_t to_at;	       /* begin of its next window */
	const struct carbon_notice *notice;
	const char *record; /* takes the place of the one in its AdminComment */
};

/*
 * Send the signal, and then write the record, so that whoever comes next knows of it: a requeue without the signal would
 * lose work, a second signal does not. Only to a running batch job that may be requeued.
 */
int carbon_cluster_notify(const struct carbon_cut *cut, struct carbon_pace *pace, enum carbon_moved *out,
			  struct carbon_err *err);

/* Requeue it where it still runs. One that has ended stays ended. Until it is resumed it has a begin of slurmctld's. */
int carbon_cluster_requeue(const struct carbon_cut *cut, struct carbon_pace *pace, enum carbon_moved *out,
			   struct carbon_err *err);

/*
 * Give it the next begin and the record. CARBON_MOVE_NOT_YET while its last segment is still being cleaned up, for slurmdbd
 * would then take the begin for one of that segment, and leave the segment out of what it tells of the time
 * before; IS_LAST: do it all the same.
 */
int carbon_cluster_resume(const struct carbon_cut *cut, bool is_last, enum carbon_moved *out, struct carbon_err *err);

/* --- what slurmdbd keeps --- */

/* Default account and QOS of every user of this cluster; free(*OUT). 0 users without slurmdbd is an error. */
int carbon_cluster_users(const char *cluster, struct carbon_site_user **out, size_t *count, struct carbon_err *err);

/*
 * Called once per run, in order of end, those still running last; a return other than 0 stops and is returned.
 * Jobs that wait, or were cancelled while they waited, come too: their start is 0, their resources what they ask for.
 */
typedef int (*carbon_run_f)(const struct carbon_run *run, void *context);

/* Runs of all jobs that ended (or were waiting or running) in [from, to), from slurmdbd; without one, from slurmctld's memory,
 * *FROM_DBD (may be NULL) false. */
int carbon_cluster_runs(time_t from, time_t to, carbon_run_f each, void *context, bool *from_dbd,
			struct carbon_err *err);

/* A return other than 0 stops and is returned. */
typedef int (*carbon_node_event_f)(const struct carbon_node_event *event, void *context);

/*
 * When nodes were down, drained or powered down within [from, to), in no order, from slurmdbd. Without one nobody
 * remembers: EACH is not called and *IS_KNOWN is false.
 */
int carbon_cluster_events(time_t from, time_t to, carbon_node_event_f each, void *context, bool *is_known,
			  struct carbon_err *err);

#endif
