/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where intensity comes from: one const struct per source in one table. A source says what to ask
 * (requests, without sending them) and reads what came back; it never touches the network, the
 * database or the clock.
 *
 * To add one: write source_NAME.c with a pure parse (text in, struct carbon_reply out; a fuzz target
 * and fixtures with it), prepare() and accept() around it, and put its struct into the table in source.c.
 */
#ifndef CARBON_SOURCE_H
#define CARBON_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "forecaster/rights.h"
#include "lib/err.h"
#include "lib/series.h"

struct carbon_http_request;
struct carbon_http_answer;

#define CARBON_TOKEN_MAX 1024
#define CARBON_SOURCE_REQUESTS_MAX 4 /* of one query in one round */
#define CARBON_SOURCE_WAIT ((size_t)-1) /* from prepare(): ask me again next round */
#define CARBON_LEAVE_MAX_S 86400 /* a provider is left alone for no longer than this, whatever it asks for */

enum carbon_failure {
	CARBON_FAILURE_NONE,
	CARBON_FAILURE_NETWORK,	    /* no answer, or an answer of 5xx */
	CARBON_FAILURE_TLS,	    /* the certificate does not hold */
	CARBON_FAILURE_AUTH,	    /* the key is wrong or missing */
	CARBON_FAILURE_ENTITLEMENT, /* the key is right, but not for this */
	CARBON_FAILURE_LIMIT,	    /* too many requests */
	CARBON_FAILURE_REQUEST,	    /* we asked wrongly: zone unknown, bad parameter */
	CARBON_FAILURE_FORMAT,	    /* not what this provider answers */
	CARBON_FAILURE_EMPTY,	    /* no usable value */
	CARBON_FAILURE_IMPLAUSIBLE, /* values that no grid has */
	CARBON_FAILURE_SANDBOX,	    /* made-up numbers of a test key */
	CARBON_FAILURE_CONFIG,	    /* no token, no file, no profile */
	CARBON_FAILURES
};

/* "network", "tls", "auth", ...: for metrics and sentences. */
const char *carbon_failure_name(enum carbon_failure failure);

/* What was wrong with single rows; they are left out and counted, never repaired. */
struct carbon_tally {
	size_t rows, nulls, implausible, duplicates, future, past, jumps, damaged;
};

void carbon_tally_add(struct carbon_tally *sum, const struct carbon_tally *more);

/* "2 null, 1 implausible"; "" where nothing was wrong (duplicates and past rows are usual and not named). */
void carbon_tally_format(const struct carbon_tally *tally, char *out, size_t size);

/* What one parse is told. Borrowed. */
struct carbon_ask {
	const char *zone; /* the provider's name of it */
	enum carbon_signal signal;
	time_t now;
	bool forecast;	 /* a forecast, not history, is expected */
	time_t received_at; /* the answer's Date, or now: the issue time where the text has none */
	bool allow_sandbox; /* made-up numbers of a test key are read like others */
};

/* What one parse found. */
struct carbon_reply {
	struct carbon_series series; /* sorted, no duplicates */
	time_t issued_at;	     /* of a forecast */
	time_t step_s;		     /* how long a point holds; 0: as its neighbours tell */
	struct carbon_tally tally;
};

void carbon_reply_init(struct carbon_reply *reply);
void carbon_reply_fini(struct carbon_reply *reply);

/* How to reach a source: one block of the configuration. Borrowed strings, never NULL. */
struct carbon_access {
	const char *name; /* of the block; NULL: built in */
	const char *url;  /* "": the source's own */
	const char *path; /* of a file */
	const char *ca_file;
	unsigned int timeout_s;
	char token[CARBON_TOKEN_MAX]; /* of the token file; "": none */
	/* What a login gave; kept between runs, so that there is one login per its life. */
	char session[CARBON_TOKEN_MAX]; /* "": none */
	time_t session_at;
	bool is_session_new;  /* to be kept */
	bool is_logging_in;   /* some query has asked for a login in this round */
	unsigned int logins;
	time_t leave_until_at; /* it asked to be left alone until then (Retry-After); 0: no */
	struct carbon_rights rights;
	bool is_asking_rights, has_asked_rights; /* in this round, in this run */
	struct carbon_err rights_err;		 /* why they are not known */
};

/* One zone asked of one source. The runner calls prepare, fetches, and calls accept, until prepare has no more. */
struct carbon_inquiry {
	const struct carbon_source *source;
	struct carbon_access *access;
	const char *name; /* of the source's block in the configuration, and of its parts in the outlook */
	const char *zone; /* the provider's name of it */
	enum carbon_signal signal;
	time_t now;
	unsigned int horizon_h;
	bool allow_sandbox;
	bool want_history, want_forecast;
	time_t backfill_from_at, backfill_to_at; /* 0: none; else history of this span instead of the last day's */
	time_t history_at, forecast_at; /* when an earlier run was given them; 0: never, or nobody knows */
	time_t step_s;			/* how long a point held then */
	int step;				 /* the source's own */
	time_t cursor_at;			 /* the source's own */
	bool has_history, has_forecast;
	bool is_history_kept, is_forecast_kept; /* what an earlier run was given: there is nothing newer yet */
	struct carbon_reply history, forecast;
	enum carbon_failure failure; /* the worst of what happened; NONE: all that was wanted came */
	struct carbon_err err;	     /* why, where failure is set */
};

struct carbon_source {
	const char *type; /* as carbon.conf names it, and as parts of the outlook do */
	unsigned int signals; /* bit 1 << signal of each it can give */
	bool has_history, has_forecast;
	bool has_past; /* history of any span: it can be asked to backfill */
	bool needs_token;
	unsigned int every_s; /* of a network source: its data do not change more often */
	/*
	 * Network sources: up to CARBON_SOURCE_REQUESTS_MAX requests of the next round; 0: done. WAIT only while
	 * another query of the same access has a request under way.
	 */
	size_t (*prepare)(struct carbon_inquiry *query, struct carbon_http_request *request);
	/* The answers to these requests, in their order. */
	void (*accept)(struct carbon_inquiry *query, const struct carbon_http_answer *answer, size_t count);
	/* Local sources instead: read what is there. */
	void (*load)(struct carbon_inquiry *query);
};

/* NULL: no such type. names: "electricitymaps, file, profile". */
const struct carbon_source *carbon_source_find(const char *type);
const char *carbon_source_names(void);

/*
 * Whether the source may have something new for QUERY that it did not have at ANSWERED_AT (0: never asked): a
 * new interval of every_s, or of a quarter of the data's step where that is longer, has begun since.
 */
bool carbon_inquiry_is_due(const struct carbon_inquiry *query, time_t answered_at);

/* Set a query's failure and sentence unless an earlier one is there. */
void carbon_inquiry_fail(struct carbon_inquiry *query, enum carbon_failure failure, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Judge status and body of an answer before its rows are read: NONE where it may be parsed. SAYS gets
 * what the answer says about an error.
 */
enum carbon_failure carbon_answer_judge(const struct carbon_http_answer *answer, struct carbon_err *err);

/* A pure parse: the body of an answer with status 200. REPLY is untouched on failure. */
typedef enum carbon_failure (*carbon_parse_f)(const char *text, size_t length, const struct carbon_ask *ask,
					      struct carbon_reply *reply, struct carbon_err *err);

/* What QUERY is told by an answer, for its parse. */
struct carbon_ask carbon_inquiry_ask(const struct carbon_inquiry *query, const struct carbon_http_answer *answer,
				   bool forecast);

/*
 * Judge and parse one answer into the query's history or forecast. Records nothing of a failure: the
 * source may know another way; else it calls carbon_inquiry_fail().
 */
enum carbon_failure carbon_inquiry_take(struct carbon_inquiry *query, const struct carbon_http_answer *answer,
				      bool forecast, carbon_parse_f parse, struct carbon_err *err);

/* Take it, and a failure is the query's: "history: ..." or "forecast: ...". */
void carbon_inquiry_accept(struct carbon_inquiry *query, const struct carbon_http_answer *answer, bool forecast,
			 carbon_parse_f parse);

/* Of COUNT answers the history's, then the forecast's, as far as the query wants them. */
void carbon_inquiry_accept_both(struct carbon_inquiry *query, const struct carbon_http_answer *answer, size_t count,
				carbon_parse_f history, carbon_parse_f forecast);

/*
 * A backfill in windows of WINDOW_S: cursor_at is where the next one begins, and this where it ends. False: the past is
 * fetched.
 */
bool carbon_inquiry_window(struct carbon_inquiry *query, time_t window_s, time_t *end_at);

/*
 * Take the answer to a window: what it has is added to the query's history and the cursor moves on. A window without values
 * is no failure; another one ends the backfill and is the query's ("past: ...").
 */
enum carbon_failure carbon_inquiry_accept_window(struct carbon_inquiry *query, const struct carbon_http_answer *answer,
						 time_t window_s, carbon_parse_f parse);

/* Begin a request at PATH below the access's url or BASE, with its limits; -1: too long. */
int carbon_inquiry_request(const struct carbon_inquiry *query, const char *base, const char *path,
			 struct carbon_http_request *request);

extern const struct carbon_source carbon_source_carbon_aware_sdk;
extern const struct carbon_source carbon_source_electricitymaps;
extern const struct carbon_source carbon_source_energy_charts;
extern const struct carbon_source carbon_source_uk;
extern const struct carbon_source carbon_source_watttime;
extern const struct carbon_source carbon_source_file;
extern const struct carbon_source carbon_source_profile;

#endif
