/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision record: one line of ASCII inside a job's AdminComment, by which slurmctld and
 * slurmdbd keep our decisions for us (doc/carbon-record.5, "carbon/1"). Readable in any case,
 * for sacctmgr lower-cases what it rewrites; under 1 kB; what others wrote beside it stays.
 */
#ifndef CARBON_RECORD_H
#define CARBON_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/intensity.h"
#include "lib/job.h"
#include "lib/notice.h"
#include "lib/site.h"

struct carbon_err;

#define CARBON_RECORD_MAX 1024		/* bytes of one record */
#define CARBON_RECORD_MAY_MAX 128	/* names of places, NUL included */
#define CARBON_COMMENT_MAX 65535	/* AdminComment's own limit */

/* Where the expected run time came from. */
enum carbon_runtime_source {
	CARBON_RUNTIME_LIMIT,
	CARBON_RUNTIME_USER,
	CARBON_RUNTIME_HABIT,
	CARBON_RUNTIME_SOURCES
};
const char *carbon_runtime_source_name(enum carbon_runtime_source source);

struct carbon_record {
	time_t decided_at;
	enum carbon_level level;   /* observe: nothing was changed */
	bool delayed;		   /* a begin time was given (under observe: would have been) */
	time_t baseline_at;	   /* start without us, the queue's wait included */
	time_t begin_at;	   /* the begin decided on (baseline_at where not delayed) */
	time_t latest_at;	   /* latest begin */
	uint32_t runtime_s;	   /* expected */
	enum carbon_runtime_source runtime_source;
	double power_w;		   /* expected, PUE included */
	double mass_g;		   /* expected of the decided start */
	double baseline_g;	   /* expected of the baseline */
	double mass_high_g;	   /* the decided start on the outlook's high estimate */
	enum carbon_signal signal;
	enum carbon_kind kind;	   /* of the outlook at the decided start */
	time_t outlook_at;	   /* issue time of that part */
	char source[CARBON_SOURCE_MAX]; /* and its source */
	char zone[CARBON_ZONE_MAX];
	char partition[CARBON_NAME_MAX];
	char policy[CARBON_POLICY_MAX];
	/* Optional in the text, left out where they are 0: */
	uint32_t moves;		   /* how often it was decided otherwise since */
	struct carbon_notice notice; /* how it is told of an interruption; signal 0: it is not interruptible */
	uint32_t restart_s;	   /* run time that each interruption is reckoned to cost */
	time_t until_at;	   /* it is planned in several windows; this one ends then */
	time_t cut_at;		   /* when it was last signalled */
	time_t since_at;	   /* and start of the segment that was */
	uint32_t cuts;		   /* how often it was requeued by us: its restart count */
	uint32_t ran_s;		   /* what its earlier segments ran until their checkpoint was written, all together */
	uint32_t nice;		   /* what its nice value was raised by */
	uint32_t dep_s;		   /* it depended on other jobs when it was decided: so long may it wait once those are done */
	time_t dep_by_at;	   /* and never longer than until then; 0: without such a bound */
	uint32_t form;		   /* what it asked for when it was first seen waiting; 1: that, or its start, was changed */
	uint32_t kept;		   /* what its nice value was lowered by for the age that it lost */
	time_t finish_at;	   /* the end that was asked for, and promised: its bounds keep it */
	time_t freed_at;	   /* when somebody else than its user ended its wait (carbonctl release, off) */
	/* Of a job that was moved: */
	char cluster[CARBON_NAME_MAX];	/* where it is to run, other than the one whose record this is */
	char home[CARBON_NAME_MAX];	/* the partition that it would have run in; "": it was not moved */
	char home_cluster[CARBON_NAME_MAX]; /* of it; "": the one whose record this is */
	char home_zone[CARBON_ZONE_MAX];
	double home_power_w;	   /* as power_w, there */
	uint32_t home_runtime_s;   /* as runtime_s, there */
	double data_gb, data_g;	   /* data that go with it when it is moved, and what of mass_g that is */
	time_t there_at;	   /* its begin on CLUSTER; begin_at is the one it has here */
	/* Of a job that may move: */
	char may[CARBON_RECORD_MAY_MAX]; /* the other partitions that fitted it, "a/b"; left out of a text without room for it */
};

/* Whether MAY ("a/b") names PARTITION; names in a record may have been lower-cased. */
bool carbon_record_may(const char *may, const char *partition);

/* Add PARTITION to MAY. False: it has no room for it, and stays as it is. */
bool carbon_record_may_add(char may[CARBON_RECORD_MAY_MAX], const char *partition);

/* "[carbon/1 at=... ... ]". Errors: does not fit (cannot happen with valid names). */
int carbon_record_format(const struct carbon_record *record, char text[CARBON_RECORD_MAX],
			 struct carbon_err *err);

/* One record's text. Unknown keys are passed over; errors: a missing or damaged key, another version. */
int carbon_record_parse(const char *text, size_t length, struct carbon_record *record,
			struct carbon_err *err);

/* The (last) record inside a comment, which may be NULL. False: none, *BEGIN and *LENGTH untouched. */
bool carbon_record_find(const char *comment, const char **begin, size_t *length);

/* Find and parse in one step. 1: there is one; 0: none; -1: there is one and it is damaged. */
int carbon_record_read(const char *comment, struct carbon_record *record, struct carbon_err *err);

/*
 * COMMENT (may be NULL) with RECORD in place of the record it holds, or after what it holds. Into
 * OUT of SIZE bytes. Errors: does not fit; then the comment should stay as it is.
 */
int carbon_record_merge(const char *comment, const char *record, char *out, size_t size,
			struct carbon_err *err);

#endif
