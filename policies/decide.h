/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole decision, from a job to a begin time or a reason why not: exemptions, site rules,
 * bounds, policy, minimum saving (DESIGN: Deciding). Pure: the same in slurmctld, in carbonctl plan and in a
 * simulator. Allocates nothing.
 */
#ifndef CARBON_DECIDE_H
#define CARBON_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lib/habit.h"
#include "lib/job.h"
#include "lib/load.h"
#include "lib/outlook.h"
#include "lib/record.h"
#include "lib/site.h"

/* What became of it. */
enum carbon_verdict {
	CARBON_LEFT_ALONE, /* not for us, or nothing can be said: nothing is recorded */
	CARBON_AT_ONCE,	   /* considered, and starting as it would have is right */
	CARBON_DELAY,	   /* a later begin is worth it */
};

/* Why, in the order in which they are asked. Names in doc/slurm-carbon.7. */
enum carbon_reason {
	CARBON_REASON_NONE,	 /* CARBON_DELAY */
	CARBON_REASON_LEVEL,	 /* off, or opt-in without a flag */
	CARBON_REASON_OPT_OUT,	 /* --carbon=off */
	CARBON_REASON_EXEMPT,	 /* job.exempt */
	CARBON_REASON_DEPENDENCY, /* under a default delay */
	CARBON_REASON_NO_PLACE,	 /* partition unknown to the site */
	CARBON_REASON_EXCLUDED,	 /* user, account, QOS or partition */
	CARBON_REASON_NO_ZONE,	 /* partition without a zone */
	CARBON_REASON_NO_OUTLOOK, /* zone not in the outlook, or too old */
	CARBON_REASON_NO_LIMIT,	 /* run time unknown and unlimited */
	CARBON_REASON_SHORT,	 /* under the site's minimum run time */
	CARBON_REASON_NO_SLACK,	 /* latest begin is not after the earliest: deadline, wall */
	CARBON_REASON_QUEUE,	 /* the queue alone takes it past its latest begin */
	CARBON_REASON_TOO_LONG,	 /* the run reaches past the outlook */
	/* From here on the job was considered: AT_ONCE, and there is a record. */
	CARBON_REASON_CAP,	 /* enough jobs wait already */
	CARBON_REASON_PAUSED,	 /* the site has stopped delaying for a while */
	CARBON_REASON_BLACKOUT,	 /* nothing may wait now */
	CARBON_REASON_SHARE,	 /* enough of the node-hours are delayed already */
	CARBON_REASON_FULL,	 /* no cleaner start has room */
	CARBON_REASON_CROWDED,	 /* the place is mostly full: others would use what the job leaves */
	CARBON_REASON_BEST_NOW,	 /* no later start is cleaner */
	CARBON_REASON_SMALL,	 /* saving under the site's minimum */
	CARBON_REASONS
};

/* One plain clause, for messages and carbonctl plan: "the saving is under the site's minimum". */
const char *carbon_reason_text(enum carbon_reason reason);

struct carbon_counted;
struct carbon_view_store;

struct carbon_context {
	const struct carbon_site *site;
	const struct carbon_outlook *outlook; /* NULL: there is none */
	const struct carbon_habits *habits;   /* NULL: there are none, the limit is expected */
	const struct carbon_counted *counted; /* of this site and outlook (policies/counted.h); NULL: counted anew each time */
	time_t now;
	uint32_t waiting;      /* jobs waiting because of us: site's count and those since */
	uint32_t waiting_user; /* of this user */
	const struct carbon_load *own; /* what was decided and SITE does not tell yet; NULL: nothing */
	struct carbon_view_store *store; /* scratch of one decision at a time; NULL: on the stack */
};

struct carbon_decision {
	enum carbon_verdict verdict;
	enum carbon_reason reason;
	const struct carbon_place *place; /* NULL before one was found; borrowed from the site */
	const struct carbon_place *home;  /* of a job that is moved: where it would have run */
	bool is_moved;		/* to another place; it may start there as late as it would have here */
	uint32_t limit_s;	/* that holds at the place; 0: unlimited, or not asked yet */
	time_t delay_s;		/* the delay that held: given, or the site's default */
	bool delay_was_capped;	/* the given delay was over the site's max_delay */
	bool is_interruptible;	/* it asked for that, and can be */
	bool deadline_is_kept;	/* false: finish-by or deadline cannot be promised, the job runs at once */
	bool is_for_limit;	/* it waits because it may not run now, whatever that saves */
	double min_saving_percent, min_saving_g; /* the least saving that is worth it, of the site or of a rule */
	double slack_share;	/* of its bounds, how much its place is not full, 0 to 1; 1 where nothing is known. Moved: the less of both */
	double counted_g;	/* the run of RECORD as its place counts it, slack clock and price included; without them its emissions */
	double nodes, kw;	/* what it takes of its place, all tasks that run together; PUE included */
	struct carbon_claim claim; /* CARBON_DELAY, or moved: what the context's OWN should be added to by who acts on this */
	struct carbon_record record; /* whole unless LEFT_ALONE */
};

/* What is known of a job's user wherever it runs; borrowed. */
#define CARBON_WISHES_RULES 3
struct carbon_wishes {
	const char *account, *qos; /* its user's own where it names none */
	const struct carbon_rule *rule[CARBON_WISHES_RULES]; /* of its user, account and QOS; NULL: there is none */
};

/* A place other than the one that the job names, and what is known of a run there. */
struct carbon_elsewhere {
	const struct carbon_place *place;
	uint32_t runtime_s; /* expected there; 0: as for a place of its own, and what follows does not count */
	enum carbon_runtime_source runtime_source;
	uint32_t limit_s;
	double power_w;	    /* PUE included */
	time_t latest_at;   /* and never begin later there */
	const struct carbon_wishes *wishes; /* of the job's; NULL: looked up */
};

/*
 * The decision over time at one place. With ELSEWHERE (NULL: where the job says itself) a job that has no time to wait is
 * decided all the same: it then begins at once there.
 */
struct carbon_decision carbon_decide_at(const struct carbon_context *context, const struct carbon_job *job,
					const struct carbon_elsewhere *elsewhere);

/*
 * What a decision that is not LEFT_ALONE looked at, to ask policies/view.h what it saw at each start. False: its zone is not in
 * the context's outlook any more.
 */
struct carbon_view_ask;
bool carbon_decision_ask(const struct carbon_context *context, const struct carbon_decision *decision,
			 struct carbon_view_ask *ask);

/* The whole decision, over time and place. */
struct carbon_decision carbon_decide(const struct carbon_context *context, const struct carbon_job *job);

#endif
