/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits of fetching, against sockets of this very process: the total time of a run holds whatever a
 * server does, and addresses and secrets go where they may. What real answers do is tests/provider's.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "forecaster/http.h"

/* A socket that takes connections into its backlog and never answers. */
static int listen_mute(unsigned int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct carbon_http *make_http(unsigned int total_s)
{
	struct carbon_http_limits limits = {.total_s = total_s, .attempts = 3, .backoff_ms = 10, .parallel = 2};

	return carbon_http_create("test", &limits);
}

static void test_the_total_limit_holds_for_all_requests_together(void **state)
{
	struct carbon_http *http = make_http(1);
	struct carbon_http_request request[6];
	struct carbon_http_answer answer[6];
	double began = seconds_now();
	unsigned int port;
	int fd = listen_mute(&port);

	(void)state;
	memset(request, 0, sizeof(request));
	for (size_t i = 0; i < COUNT(request); i++) {
		snprintf(request[i].url, sizeof(request[i].url), "http://127.0.0.1:%u/%zu?key=k", port, i);
		request[i].timeout_s = 60;
	}
	carbon_http_fetch(http, request, answer, COUNT(request));
	/* And once the time is over nothing more is asked. */
	carbon_http_answers_fini(answer, COUNT(answer));
	carbon_http_fetch(http, request, answer, 1);
	assert_true(seconds_now() - began < 5);
	assert_int_equal(answer[0].outcome, CARBON_HTTP_NO_ANSWER);
	assert_true(answer[0].err.text[0]);
	assert_null(strstr(answer[0].err.text, "key"));
	carbon_http_answers_fini(answer, 1);
	carbon_http_destroy(http);
	close(fd);
}

static void test_what_is_refused_before_anything_is_sent(void **state)
{
	static const struct {
		const char *url, *secret, *words;
	} rows[] = {
		{"ftp://127.0.0.1/x", "", "not a URL that begins with https://"},
		{"file:///etc/passwd", "", "not a URL that begins with https://"},
		{"http://192.0.2.1/x", "auth-token: s", "not sent over plain http"},
		{"http://127.0.0.1@192.0.2.1/x", "auth-token: s", "not sent over plain http"},
		{"http://localhost.example.org/x", "auth-token: s", "not sent over plain http"},
	};
	struct carbon_http *http = make_http(2);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_http_request request = {.timeout_s = 1};
		struct carbon_http_answer answer;

		snprintf(request.url, sizeof(request.url), "%s", rows[i].url);
		snprintf(request.secret, sizeof(request.secret), "%s", rows[i].secret);
		carbon_http_fetch(http, &request, &answer, 1);
		assert_row(rows[i].url, answer.outcome == CARBON_HTTP_REFUSED);
		assert_row(rows[i].url, strstr(answer.err.text, rows[i].words) != NULL);
		carbon_http_answers_fini(&answer, 1);
	}
	assert_int_equal(carbon_http_requests(http), 0);
	carbon_http_destroy(http);
}

static void test_what_of_an_address_is_shown(void **state)
{
	static const struct {
		const char *url, *shown;
	} rows[] = {
		{"https://user:word@host/a/b?token=t#f", "https://host/a/b"},
		{"https://host?key=k", "https://host"},
		{"http://host:80/a@b", "http://host:80/a@b"},
		{"https://host/\x01\xff", "https://host/??"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char shown[64];

		carbon_http_scrub(rows[i].url, shown, sizeof(shown));
		assert_string_equal(shown, rows[i].shown);
	}
}

static void test_values_are_encoded(void **state)
{
	char url[CARBON_HTTP_URL_MAX] = "https://host/a";

	(void)state;
	assert_int_equal(carbon_http_url_add(url, "time", "2026-03-05T17:34:00+00:00"), 0);
	assert_int_equal(carbon_http_url_add(url, "zone", "a&b=c d/\xc3\xa9"), 0);
	assert_string_equal(url, "https://host/a?time=2026-03-05T17:34:00%2B00:00&zone=a%26b%3Dc%20d%2F%C3%A9");
	memset(url, 'a', sizeof(url) - 1);
	url[sizeof(url) - 1] = '\0';
	assert_int_equal(carbon_http_url_add(url, "zone", "DE"), -1);
	assert_int_equal(strlen(url), sizeof(url) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_total_limit_holds_for_all_requests_together),
		cmocka_unit_test(test_what_is_refused_before_anything_is_sent),
		cmocka_unit_test(test_what_of_an_address_is_shown),
		cmocka_unit_test(test_values_are_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
