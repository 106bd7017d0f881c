/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a researcher may ask for, and that each wrong value gives a sentence naming option and value. */
#include "tests/unit/unit.h"

#include "lib/err.h"
#include "lib/request.h"

#define NOW ((time_t)1791168000) /* 2026-10-05 02:40 UTC */

static int set(struct carbon_request *request, const char *name, const char *value, struct carbon_err *err)
{
	const struct carbon_option *option = carbon_option_find(name);

	assert_row(name, option != NULL);
	return carbon_request_set(request, option, value, NOW, err);
}

static struct carbon_request with(const char *name, const char *value)
{
	struct carbon_request request;
	struct carbon_err err = {""};

	carbon_request_init(&request);
	assert_row(err.text, set(&request, name, value, &err) == 0);
	assert_true(request.given);
	return request;
}

static void nothing_given_is_nothing(void **state)
{
	struct carbon_request request;

	(void)state;
	carbon_request_init(&request);
	assert_false(request.given);
	assert_int_equal(request.mode, CARBON_MODE_UNSET);
	assert_int_equal(request.delay_s, -1);
	assert_int_equal(request.finish_by_at, 0);
	assert_int_equal(request.runtime_s, 0);
	assert_near(request.power_w, 0, 0);
	assert_string_equal(request.policy, "");
}

static void each_option_is_read(void **state)
{
	(void)state;
	assert_int_equal(with("carbon", "off").mode, CARBON_MODE_OFF);
	assert_int_equal(with("carbon", "AUTO").mode, CARBON_MODE_AUTO);
	assert_int_equal(with("carbon-delay", "12h").delay_s, 43200);
	assert_int_equal(with("carbon-delay", "0").delay_s, 0);
	assert_int_equal(with("carbon-delay", "2-00:00:00").delay_s, 172800);
	assert_int_equal(with("carbon-finish-by", "1791200000").finish_by_at, 1791200000);
	assert_int_equal(with("carbon-finish-by", "now+6hours").finish_by_at, NOW + 21600);
	assert_int_equal(with("carbon-finish-by", "2026-10-05T18:00:00Z").finish_by_at, 1791223200);
	assert_int_equal(with("carbon-finish-by", "2020-01-01T00:00:00Z").finish_by_at, 1577836800);
	assert_int_equal(with("carbon-runtime", "90").runtime_s, 5400);
	assert_near(with("carbon-power", "1.5e3").power_w, 1500, 0);
	assert_string_equal(with("carbon-policy", "lowest-window").policy, "lowest-window");
	assert_int_equal(with("CARBON_DELAY", "90m").delay_s, 5400);
	assert_true(with("carbon-relocate", "").relocate);
	assert_string_equal(with("carbon-relocate", "").places, "");
	assert_string_equal(with("CARBON_RELOCATE", "any").places, "");
	assert_string_equal(with("carbon-relocate", "north,gpu,north/gpu").places, "north,gpu,north/gpu");
	assert_near(with("carbon-data", "0.5").data_gb, 0.5, 0);
}

static void a_notice_is_read_as_sbatch_writes_it(void **state)
{
	static const struct {
		const char *value, *same;
	} rows[] = {
		{"", "USR1@60"},	  {"usr2", "USR2@60"},	     {"SIGTERM@120", "TERM@120"}, {"B:", "B:USR1@60"},
		{"b:sigint@1", "B:INT@1"}, {"@3600", "USR1@3600"}, {"12@30", "USR2@30"},
	};

	(void)state;
	assert_int_equal(with("carbon-delay", "1h").notice.signal, 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_request request = with("carbon-interruptible", rows[i].value);
		char text[CARBON_NOTICE_TEXT];

		assert_row(rows[i].value, carbon_notice_format(&request.notice, text));
		assert_string_equal(text, rows[i].same);
		request = with("CARBON_INTERRUPTIBLE", text);
		assert_string_equal(rows[i].same, text);
	}
}

static void options_add_up_and_the_last_counts(void **state)
{
	struct carbon_request request = with("carbon-delay", "1h");
	struct carbon_err err;

	(void)state;
	assert_int_equal(set(&request, "carbon-runtime", "2h", &err), 0);
	assert_int_equal(set(&request, "carbon-delay", "3h", &err), 0);
	assert_int_equal(request.delay_s, 10800);
	assert_int_equal(request.runtime_s, 7200);
}

static void a_list_of_places_names_partitions_and_clusters(void **state)
{
	(void)state;
	assert_true(carbon_places_name("", "north", "gpu", false));
	assert_true(carbon_places_name("gpu", "home", "gpu", true));
	assert_false(carbon_places_name("gpu", "north", "gpu", false));
	assert_true(carbon_places_name("cpu,north", "north", "gpu", false));
	assert_true(carbon_places_name("north/gpu", "north", "gpu", false));
	assert_false(carbon_places_name("north/gpu", "north", "cpu", false));
	assert_false(carbon_places_name("north/gp", "north", "gpu", false));
	assert_false(carbon_places_name("nort,northgpu,north/", "north", "gpu", false));
}

static void wrong_values_are_named(void **state)
{
	static const struct {
		const char *name, *value, *right;
	} rows[] = {
		{"carbon", "yes", "off or auto"},	       {"carbon", "", "off or auto"},
		{"carbon-delay", "-3h", "12h"},		       {"carbon-delay", "1e99", "12h"},
		{"carbon-delay", "12 parsecs", "12h"},	       {"carbon-delay", "", "12h"},
		{"carbon-delay", "UNLIMITED", "12h"},	       {"carbon-delay", "99999999999999999999", "12h"},
		{"carbon-finish-by", "yesterday", "tomorrow"}, {"carbon-finish-by", "", "tomorrow"},
		{"carbon-finish-by", "99999999999", "tomorrow"}, {"carbon-finish-by", "-1791200000", "tomorrow"},
		{"carbon-finish-by", "946684799", "tomorrow"}, {"carbon-finish-by", "31.02.2027", "tomorrow"},
		{"carbon-runtime", "0", "at most a year"},     {"carbon-runtime", "367d", "at most a year"},
		{"carbon-runtime", "-5", "at most a year"},    {"carbon-power", "-100", "watts"},
		{"carbon-power", "nan", "watts"},	       {"carbon-power", "inf", "watts"},
		{"carbon-power", "0", "watts"},		       {"carbon-power", "2e7", "watts"},
		{"carbon-power", "300W", "watts"},	       {"carbon-policy", "", "policy's name"},
		{"carbon-policy", "two words", "policy's name"}, {"carbon-policy", "a-name-of-more-than-23-bytes", "policy's name"},
		{"carbon-policy", "a]b", "policy's name"},     {"carbon-relocate", "north,,gpu", "names of partitions"},
		{"carbon-relocate", "a b", "names of partitions"}, {"carbon-relocate", "north,", "names of partitions"},
		{"carbon-data", "-1", "gigabytes"},	       {"carbon-data", "10G", "gigabytes"},
		{"carbon-data", "nan", "gigabytes"},
		{"carbon-policy", "a]b", "policy's name"},     {"carbon-interruptible", "KILL", "a job can catch"},
		{"carbon-interruptible", "9@60", "a job can catch"}, {"carbon-interruptible", "USR1@0", "seconds"},
		{"carbon-interruptible", "USR1@3601", "seconds"}, {"carbon-interruptible", "USR1@", "seconds"},
		{"carbon-interruptible", "B:B:USR1", "a job can catch"}, {"carbon-interruptible", "60", "a job can catch"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_request request, before;
		struct carbon_err err = {""};
		char start[128];

		carbon_request_init(&request);
		before = request;
		assert_row(rows[i].value, set(&request, rows[i].name, rows[i].value, &err) == -1);
		assert_memory_equal(&request, &before, sizeof(request));
		snprintf(start, sizeof(start), "--%s=%s: ", rows[i].name, rows[i].value);
		assert_row(err.text, strncmp(err.text, start, strlen(start)) == 0);
		assert_row(err.text, strstr(err.text, rows[i].right) != NULL);
	}
}

static void huge_and_unprintable_values_are_refused(void **state)
{
	char huge[5000];
	struct carbon_request request;
	struct carbon_err err = {""};

	(void)state;
	carbon_request_init(&request);
	memset(huge, '1', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	for (size_t i = 0; i < carbon_options_count; i++) {
		assert_int_equal(carbon_request_set(&request, &carbon_options[i], huge, NOW, &err), -1);
		assert_non_null(strstr(err.text, carbon_options[i].name));
		assert_int_equal(carbon_request_set(&request, &carbon_options[i], "a\033[2Jb", NOW, &err), -1);
		assert_null(strchr(err.text, '\033'));
		assert_int_equal(carbon_request_set(&request, &carbon_options[i], "12h\nforged line", NOW, &err), -1);
		assert_null(strchr(err.text, '\n'));
		assert_int_equal(carbon_request_set(&request, &carbon_options[i], "\xc3\xa4", NOW, &err), -1);
	}
	assert_false(request.given);
}

static void options_and_variables_have_matching_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < carbon_options_count; i++) {
		const struct carbon_option *option = &carbon_options[i];
		char variable[64];
		size_t j;

		for (j = 0; option->name[j]; j++)
			variable[j] = option->name[j] == '-' ? '_' : (char)(option->name[j] - 32);
		variable[j] = '\0';
		assert_string_equal(option->variable, variable);
		assert_ptr_equal(carbon_option_find(option->name), option);
		assert_ptr_equal(carbon_option_find(option->variable), option);
		assert_true(strlen(option->arginfo) && strlen(option->usage));
	}
	assert_null(carbon_option_find("carbon-dela"));
	assert_null(carbon_option_find("CARBON_DELAYS"));
	assert_null(carbon_option_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_is_nothing),
		cmocka_unit_test(each_option_is_read),
		cmocka_unit_test(a_notice_is_read_as_sbatch_writes_it),
		cmocka_unit_test(options_add_up_and_the_last_counts),
		cmocka_unit_test(a_list_of_places_names_partitions_and_clusters),
		cmocka_unit_test(wrong_values_are_named),
		cmocka_unit_test(huge_and_unprintable_values_are_refused),
		cmocka_unit_test(options_and_variables_have_matching_names),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
