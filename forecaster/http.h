/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many HTTP requests at once, with manners: a User-Agent, time limits, a size cap, certificates
 * verified, redirects never followed, and another try only where that can help. Nothing secret ever
 * reaches a sentence: headers are not repeated and URLs are shown without their query.
 */
#ifndef CARBON_HTTP_H
#define CARBON_HTTP_H

#include <stddef.h>
#include <time.h>

#include "lib/err.h"

#define CARBON_HTTP_BODY_MAX ((size_t)8 << 20)
#define CARBON_HTTP_URL_MAX 2048
#define CARBON_HTTP_HEADER_MAX 2048
#define CARBON_HTTP_REQUESTS_MAX 1024 /* in one call */

struct carbon_http;

struct carbon_http_limits {
	unsigned int total_s;	 /* for everything this object ever fetches */
	unsigned int attempts;	 /* of one request */
	unsigned int backoff_ms; /* before the second attempt; doubles, up to half as much again at random */
	unsigned int parallel;	 /* connections at once */
};

struct carbon_http_request {
	char url[CARBON_HTTP_URL_MAX];
	char secret[CARBON_HTTP_HEADER_MAX]; /* a header line such as "auth-token: ..."; "": none */
	const char *ca_file;		     /* NULL or "": the system's certificates */
	unsigned int timeout_s;		     /* of one attempt; 0: 30 s */
};

enum carbon_http_outcome {
	CARBON_HTTP_ANSWERED,  /* a whole answer, whatever its status */
	CARBON_HTTP_NO_ANSWER, /* not reached, broken off, or too slow */
	CARBON_HTTP_UNTRUSTED, /* the certificate does not hold */
	CARBON_HTTP_REFUSED,   /* we will not: too large, redirected, a URL we do not ask */
};

struct carbon_http_answer {
	enum carbon_http_outcome outcome;
	long status;
	char *body; /* NUL-terminated; NULL where there is none */
	size_t length;
	char type[64];	/* Content-Type */
	time_t date_at; /* Date; 0: none */
	time_t retry_after_s; /* Retry-After of a refusal; 0: none */
	unsigned int attempts;
	struct carbon_err err; /* where not answered: why, fit to be shown */
};

/* USER_AGENT and LIMITS are copied. NULL: libcurl could not start. */
struct carbon_http *carbon_http_create(const char *user_agent, const struct carbon_http_limits *limits);
void carbon_http_destroy(struct carbon_http *http); /* NULL is fine */

/*
 * Fetch COUNT requests at once and return when each has its answer. Tries again after no answer, 408,
 * 429, 500, 502, 503 and 504, honouring Retry-After, as long as the total limit allows it.
 */
void carbon_http_fetch(struct carbon_http *http, const struct carbon_http_request *request,
		       struct carbon_http_answer *answer, size_t count);

/* Frees what FETCH put into COUNT answers. */
void carbon_http_answers_fini(struct carbon_http_answer *answer, size_t count);

/* Requests sent so far, further attempts included. */
unsigned long carbon_http_requests(const struct carbon_http *http);

/* URL without user, password, query and fragment, as it may be shown. */
void carbon_http_scrub(const char *url, char *out, size_t size);

/* Append TEXT to URL (size CARBON_HTTP_URL_MAX) as a query value, percent-encoded; -1: does not fit. */
int carbon_http_url_add(char *url, const char *name, const char *text);

#endif
