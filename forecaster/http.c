/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libcurl's multi interface behind five functions; no other file knows curl. Never follows a redirect
 * (curl would send our token header again to the other host) and never turns verification off.
 */
#include "forecaster/http.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/buf.h"

#define TIMEOUT_S 30
#define CONNECT_S 10
#define POLL_MS 500
#define RETRY_AFTER_MAX_S (366 * 86400) /* more is no time at all */

struct carbon_http {
	CURLM *multi;
	struct carbon_http_limits limits;
	char user_agent[128];
	long long start_ms;
	unsigned long requests;
	unsigned int seed;
};

enum phase { WAITING, RUNNING, SETTLED };

struct transfer {
	const struct carbon_http_request *request;
	struct carbon_http_answer *answer;
	enum phase phase;
	long long wake_ms; /* while waiting */
	CURL *easy;
	struct curl_slist *headers;
	struct carbon_buf body;
	char why[CURL_ERROR_SIZE];
	char shown[256]; /* the URL, scrubbed */
};

static long long monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static long long left_ms(const struct carbon_http *http)
{
	return (long long)http->limits.total_s * 1000 - (monotonic_ms() - http->start_ms);
}

struct carbon_http *carbon_http_create(const char *user_agent, const struct carbon_http_limits *limits)
{
	struct carbon_http *http = calloc(1, sizeof(*http));

	if (!http)
		return NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		free(http);
		return NULL;
	}
	http->multi = curl_multi_init();
	if (!http->multi) {
		curl_global_cleanup();
		free(http);
		return NULL;
	}
	http->limits = *limits;
	snprintf(http->user_agent, sizeof(http->user_agent), "%s", user_agent);
	http->start_ms = monotonic_ms();
	http->seed = (unsigned int)http->start_ms ^ (unsigned int)getpid();
	curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)limits->parallel);
	return http;
}

void carbon_http_destroy(struct carbon_http *http)
{
	if (!http)
		return;
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
	free(http);
}

unsigned long carbon_http_requests(const struct carbon_http *http)
{
	return http->requests;
}

/* --- URLs --- */

void carbon_http_scrub(const char *url, char *out, size_t size)
{
	const char *host = strstr(url, "://");
	size_t scheme, rest;
	const char *at;

	host = host ? host + 3 : url;
	scheme = (size_t)(host - url);
	at = host + strcspn(host, "/?#");
	for (const char *c = host; c < at; c++)
		if (*c == '@')
			host = c + 1;
	rest = strcspn(host, "?#");
	snprintf(out, size, "%.*s%.*s", (int)scheme, url, (int)rest, host);
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?';
}

int carbon_http_url_add(char *url, const char *name, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	struct carbon_buf buf;
	int rc = -1;

	carbon_buf_init(&buf, CARBON_HTTP_URL_MAX - 1);
	carbon_buf_printf(&buf, "%s%c%s=", url, strchr(url, '?') ? '&' : '?', name);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		char escaped[3] = {'%', hex[*c >> 4], hex[*c & 15]};

		if ((*c | 32) >= 'a' && (*c | 32) <= 'z')
			carbon_buf_add(&buf, c, 1);
		else if (*c && strchr("0123456789-_.~:", *c))
			carbon_buf_add(&buf, c, 1);
		else
			carbon_buf_add(&buf, escaped, sizeof(escaped));
	}
	if (!buf.failed) {
		memcpy(url, buf.text, buf.length + 1);
		rc = 0;
	}
	carbon_buf_fini(&buf);
	return rc;
}

/* A secret may travel unencrypted only to this very machine. */
static bool is_loopback(const char *url)
{
	static const char *const prefixes[] = {"http://127.", "http://localhost:", "http://localhost/",
					       "http://[::1]"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncasecmp(url, prefixes[i], strlen(prefixes[i])) == 0)
			return strchr(url, '@') == NULL;
	return false;
}

static int check_request(const struct transfer *t, struct carbon_err *err)
{
	bool plain = strncasecmp(t->request->url, "http://", 7) == 0;

	if (!plain && strncasecmp(t->request->url, "https://", 8) != 0)
		return carbon_err_set(err, "%s: not a URL that begins with https:// or http://", t->shown);
	if (plain && t->request->secret[0] && !is_loopback(t->request->url))
		return carbon_err_set(err, "%s: a token is not sent over plain http; use https", t->shown);
	return 0;
}

/* --- one attempt --- */

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *t = context;

	carbon_buf_add(&t->body, bytes, size * count);
	return t->body.failed ? 0 : size * count;
}

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
	struct transfer *t = context;
	size_t length = size * count;
	char text[64];
	time_t at;

	if (length > 5 && length < sizeof(text) && strncasecmp(line, "date:", 5) == 0) {
		snprintf(text, sizeof(text), "%.*s", (int)length - 5, line + 5);
		at = curl_getdate(text, NULL);
		if (at > 0)
			t->answer->date_at = at;
	}
	return length;
}

static void set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_limits(const struct carbon_http *http, struct transfer *t)
{
	unsigned int timeout_s = t->request->timeout_s ? t->request->timeout_s : TIMEOUT_S;
	long long limit_ms = (long long)timeout_s * 1000, rest_ms = left_ms(http);

	if (limit_ms > rest_ms)
		limit_ms = rest_ms > 1 ? rest_ms : 1;
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)limit_ms);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)(limit_ms < CONNECT_S * 1000 ? limit_ms : CONNECT_S * 1000));
	curl_easy_setopt(t->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)CARBON_HTTP_BODY_MAX);
}

static int prepare(const struct carbon_http *http, struct transfer *t)
{
	t->easy = curl_easy_init();
	if (!t->easy)
		return -1;
	t->headers = curl_slist_append(NULL, "Accept: application/json");
	if (t->headers && t->request->secret[0])
		curl_slist_append(t->headers, t->request->secret);
	curl_easy_setopt(t->easy, CURLOPT_URL, t->request->url);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_USERAGENT, http->user_agent);
	curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (t->request->ca_file && t->request->ca_file[0]) {
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, t->request->ca_file);
		curl_easy_setopt(t->easy, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->why);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	set_protocols(t->easy);
	set_limits(http, t);
	return 0;
}

static void release(struct carbon_http *http, struct transfer *t)
{
	if (t->easy) {
		curl_multi_remove_handle(http->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	curl_slist_free_all(t->headers);
	t->easy = NULL;
	t->headers = NULL;
}

static void settle(struct transfer *t, enum carbon_http_outcome outcome)
{
	t->answer->outcome = outcome;
	t->phase = SETTLED;
}

static void start(struct carbon_http *http, struct transfer *t)
{
	if (check_request(t, &t->answer->err) < 0) {
		settle(t, CARBON_HTTP_REFUSED);
		return;
	}
	carbon_buf_fini(&t->body);
	t->why[0] = '\0';
	t->answer->date_at = 0;
	t->answer->attempts++;
	if (prepare(http, t) < 0 || curl_multi_add_handle(http->multi, t->easy) != CURLM_OK) {
		release(http, t);
		carbon_err_set(&t->answer->err, "%s: no memory for a request", t->shown);
		settle(t, CARBON_HTTP_NO_ANSWER);
		return;
	}
	http->requests++;
	t->phase = RUNNING;
}

/* --- the end of an attempt --- */

static bool is_worth_another_try(CURLcode code, long status)
{
	switch (code) {
	case CURLE_OK:
		return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
		return true;
	default:
		return false;
	}
}

static bool is_untrusted(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
	       code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_ISSUER_ERROR;
}

/* When to try again, or -1 where it makes no sense or time does not allow it. */
static long long next_try(struct carbon_http *http, const struct transfer *t, CURLcode code, long status)
{
	long long wait_ms = (long long)http->limits.backoff_ms << (t->answer->attempts - 1);
	long long after_s = (long long)t->answer->retry_after_s;

	if (t->answer->attempts >= http->limits.attempts || !is_worth_another_try(code, status))
		return -1;
	wait_ms += wait_ms / 2 * (rand_r(&http->seed) % 1000) / 1000;
	if (code == CURLE_OK && after_s * 1000 > wait_ms)
		wait_ms = after_s * 1000;
	return wait_ms < left_ms(http) ? monotonic_ms() + wait_ms : -1;
}

static void explain(struct transfer *t, CURLcode code)
{
	if (t->body.failed || code == CURLE_FILESIZE_EXCEEDED)
		carbon_err_set(&t->answer->err, "%s: the answer is larger than %zu MiB", t->shown,
			       CARBON_HTTP_BODY_MAX >> 20);
	else
		carbon_err_set(&t->answer->err, "%s: %s", t->shown, t->why[0] ? t->why : curl_easy_strerror(code));
}

static void keep(struct transfer *t, CURLcode code)
{
	struct carbon_http_answer *answer = t->answer;
	char *type = NULL;

	if (code != CURLE_OK) {
		bool refused = t->body.failed || code == CURLE_FILESIZE_EXCEEDED ||
			       code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT;

		explain(t, code);
		settle(t, refused ? CARBON_HTTP_REFUSED :
			  is_untrusted(code) ? CARBON_HTTP_UNTRUSTED : CARBON_HTTP_NO_ANSWER);
		return;
	}
	if (answer->status >= 300 && answer->status < 400) {
		carbon_err_set(&answer->err, "%s: redirects elsewhere (HTTP %ld); not followed", t->shown,
			       answer->status);
		settle(t, CARBON_HTTP_REFUSED);
		return;
	}
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	snprintf(answer->type, sizeof(answer->type), "%s", type ? type : "");
	answer->body = t->body.text;
	answer->length = t->body.length;
	memset(&t->body, 0, sizeof(t->body));
	settle(t, CARBON_HTTP_ANSWERED);
}

static void finish(struct carbon_http *http, struct transfer *t, CURLcode code)
{
	curl_off_t after_s = 0;
	long long wake_ms;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->answer->status);
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after_s);
	t->answer->retry_after_s = after_s > 0 && after_s < RETRY_AFTER_MAX_S ? (time_t)after_s :
				   after_s > 0				      ? RETRY_AFTER_MAX_S :
										0;
	wake_ms = next_try(http, t, code, t->answer->status);
	if (wake_ms >= 0) {
		t->phase = WAITING;
		t->wake_ms = wake_ms;
	} else {
		keep(t, code);
	}
	release(http, t);
}

/* --- all of them --- */

static void reap(struct carbon_http *http)
{
	CURLMsg *message;
	int queued;

	while ((message = curl_multi_info_read(http->multi, &queued))) {
		struct transfer *t = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		finish(http, t, message->data.result);
	}
}

static void start_due(struct carbon_http *http, struct transfer *t, size_t count)
{
	long long now_ms = monotonic_ms();

	for (size_t i = 0; i < count; i++)
		if (t[i].phase == WAITING && t[i].wake_ms <= now_ms)
			start(http, &t[i]);
}

/* Milliseconds until the next one is due, POLL_MS at most; -1 where all are settled. */
static int next_wake(const struct transfer *t, size_t count)
{
	long long now_ms = monotonic_ms(), wait_ms = POLL_MS;
	bool open = false;

	for (size_t i = 0; i < count; i++) {
		open = open || t[i].phase != SETTLED;
		if (t[i].phase == WAITING && t[i].wake_ms - now_ms < wait_ms)
			wait_ms = t[i].wake_ms - now_ms;
	}
	return !open ? -1 : wait_ms > 0 ? (int)wait_ms : 0;
}

static void give_up(struct carbon_http *http, struct transfer *t, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (t[i].phase == SETTLED)
			continue;
		release(http, &t[i]);
		carbon_err_set(&t[i].answer->err, "%s: the run's limit of %u s is used up", t[i].shown,
			       http->limits.total_s);
		settle(&t[i], CARBON_HTTP_NO_ANSWER);
	}
}

void carbon_http_fetch(struct carbon_http *http, const struct carbon_http_request *request,
		       struct carbon_http_answer *answer, size_t count)
{
	struct transfer *t = calloc(count ? count : 1, sizeof(*t));
	int running, wait_ms = 0;

	memset(answer, 0, count * sizeof(*answer));
	for (size_t i = 0; i < count; i++) {
		answer[i].outcome = CARBON_HTTP_NO_ANSWER;
		if (!t) {
			carbon_err_set(&answer[i].err, "no memory for %zu requests", count);
			continue;
		}
		t[i] = (struct transfer){.request = &request[i], .answer = &answer[i]};
		carbon_buf_init(&t[i].body, CARBON_HTTP_BODY_MAX);
		carbon_http_scrub(request[i].url, t[i].shown, sizeof(t[i].shown));
	}
	if (!t)
		return;
	while (left_ms(http) > 0 && wait_ms >= 0) {
		start_due(http, t, count);
		curl_multi_perform(http->multi, &running);
		reap(http);
		wait_ms = next_wake(t, count);
		if (wait_ms > 0)
			curl_multi_poll(http->multi, NULL, 0, wait_ms, NULL);
	}
	give_up(http, t, count);
	for (size_t i = 0; i < count; i++)
		carbon_buf_fini(&t[i].body);
	free(t);
}

void carbon_http_answers_fini(struct carbon_http_answer *answer, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(answer[i].body);
		answer[i].body = NULL;
	}
}
