/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sums that the report keeps apart: what moved between places, allowances of accounts, and the lines that no other may
 * be added to.
 */
#include "accounting/books.h"
#include "accounting/report.h"
#include "accounting/store.h"
#include "tests/unit/report_world.h"

/* Moved from south (2 kW for an hour, without us at noon: 300 g/kWh) to batch, here at midnight: 100 g/kWh. */
static struct carbon_record moved_record(const struct fixture *fixture)
{
	struct carbon_record record = {.decided_at = fixture->october, .level = CARBON_LEVEL_OPT_IN, .delayed = true,
				       .baseline_at = fixture->october + 12 * HOUR, .begin_at = fixture->october + DAY,
				       .latest_at = fixture->october + 9 * DAY, .runtime_s = 3600,
				       .outlook_at = fixture->october, .source = "file", .zone = "DE",
				       .partition = "batch", .policy = "lowest-window", .home = "south",
				       .home_zone = "DE", .home_power_w = 2000, .home_runtime_s = 3600,
				       .data_gb = 30, .data_g = 5};

	return record;
}

static void add_moved(struct fixture *fixture, uint32_t id, int day, const struct carbon_record *record)
{
	struct carbon_run run = make_run(id, "ada", fixture->october + day * DAY);
	char text[CARBON_RECORD_MAX];

	if (carbon_record_format(record, text, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	run.comment = text;
	add(fixture, &run);
}

static void moved_jobs_are_told_from_where_to_where(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = moved_record(fixture), stayed = record, shadow = record, from_beta = record;
	struct carbon_run plain = make_run(9, "ada", fixture->october);
	struct carbon_report *out;
	char *text;

	snprintf(stayed.home, sizeof(stayed.home), "batch");
	shadow.level = CARBON_LEVEL_OBSERVE;
	snprintf(from_beta.home_cluster, sizeof(from_beta.home_cluster), "beta");
	from_beta.home_zone[0] = '\0';
	add_moved(fixture, 1, 1, &record);
	add_moved(fixture, 1, 2, &record); /* the same job, requeued */
	add_moved(fixture, 2, 1, &record);
	add_moved(fixture, 3, 1, &stayed);
	add_moved(fixture, 4, 1, &shadow);
	add_moved(fixture, 5, 1, &from_beta);
	add(fixture, &plain);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->flows, 2);
	assert_string_equal(out->flow[0].from.cluster, "alpha");
	assert_string_equal(out->flow[0].from.partition, "south");
	assert_string_equal(out->flow[0].from.zone, "DE");
	assert_string_equal(out->flow[0].to.cluster, "alpha");
	assert_string_equal(out->flow[0].to.partition, "batch");
	assert_string_equal(out->flow[0].to.zone, "DE");
	assert_int_equal(out->flow[0].jobs, 2);
	assert_float_equal(out->flow[0].energy_kwh, 3, 1e-9);
	assert_float_equal(out->flow[0].mass_kg, 0.3, 1e-9);
	assert_int_equal(out->flow[0].credits, 3);
	assert_float_equal(out->flow[0].credit_kg, 3 * (0.6 - 0.1) - out->flow[0].data_kg, 1e-9); /* data once a job */
	assert_float_equal(out->flow[0].data_gb, 60, 1e-9);
	assert_float_equal(out->flow[0].data_kg, 0.010, 1e-9);
	assert_string_equal(out->flow[1].from.cluster, "beta");
	assert_string_equal(out->flow[1].from.zone, "");
	assert_int_equal(out->flow[1].jobs, 1);
	assert_int_equal(out->flow[1].credits, 0);
	text = print(out, "json");
	assert_non_null(strstr(text, "\"from\": \"beta/south\", \"from_zone\": \"unknown\""));
	assert_non_null(strstr(text, "\"credit_kg\": null, \"data_gb\": 30, \"data_kg\": 0.005"));
	assert_non_null(strstr(text, "],\n    \"total\": {\"jobs\": 3, \"energy_kwh\": 4,"));
	free(text);
	carbon_report_destroy(out);
}

static void without_moved_jobs_nothing_is_said_of_flows(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "ada", fixture->october);
	struct carbon_report *out;
	char *text;

	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->flows, 0);
	text = print(out, "text");
	assert_null(strstr(text, "moved between places"));
	free(text);
	carbon_report_destroy(out);
}

static void an_allowance_is_used_by_its_own_account_and_month(void **state)
{
	static const struct carbon_allowance allowed[] = {{"science", 0.4}, {"nobody", 7}, {"none", 0}};
	const struct carbon_report_site site = {
		.signal = CARBON_SIGNAL_LIFECYCLE, .allowances = 3, .allowance = allowed};
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "ada", fixture->october + 12 * HOUR);
	struct carbon_run other = make_run(2, "ada", fixture->october + 12 * HOUR);
	struct carbon_run unknown = make_run(3, "ada", fixture->october);
	struct carbon_run later = make_run(4, "ada", fixture->october + 31 * DAY);
	struct carbon_report *out;

	snprintf(other.account, sizeof(other.account), "arts");
	snprintf(unknown.partition, sizeof(unknown.partition), "nowhere");
	add(fixture, &run);
	add(fixture, &other);
	add(fixture, &unknown);
	add(fixture, &later);
	assert_int_equal(carbon_report_create(fixture->store, "2026-10", carbon_report_by_find("user"), &site,
					      fixture->now, &out, &fixture->err), 0);
	assert_int_equal(out->budgets, 3);
	assert_float_equal(out->budget[0].used_kg, 0.3, 1e-9);
	assert_float_equal(out->budget[0].unknown_kwh, 1, 1e-9);
	assert_float_equal(carbon_budget_percent(&out->budget[0]), 75, 1e-9);
	assert_float_equal(out->budget[1].used_kg, 0, 1e-9);
	assert_float_equal(carbon_budget_percent(&out->budget[1]), 0, 1e-9);
	assert_true(isnan(carbon_budget_percent(&out->budget[2])));
	carbon_report_destroy(out);
}

static struct carbon_terms terms;

static const struct carbon_terms *find_terms(void *context, const char *partition)
{
	static struct carbon_terms none;

	(void)context;
	carbon_terms_init(&none);
	return strcmp(partition, "batch") == 0 ? &terms : &none;
}

/* Average-direct is 60 g/kWh throughout; half of the energy is bought by a contract. */
static struct carbon_report *report_apart(struct fixture *fixture, double market_g_kwh)
{
	const struct carbon_books_site site = {.place = find_place, .terms = find_terms, .sources = find_sources,
					       .context = fixture, .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_record record = make_record(fixture);
	struct carbon_run run = make_run(1, "ada", record.begin_at), other = make_run(2, "ada", record.begin_at);
	char text[CARBON_RECORD_MAX];
	struct carbon_series series;

	carbon_series_init(&series);
	for (int i = 0; i < 96; i++)
		assert_int_equal(carbon_series_add(&series, (struct carbon_point){.at = fixture->october + i * HOUR,
					 .g_kwh = 60, .kind = CARBON_KIND_MEASURED}, &fixture->err), 0);
	assert_int_equal(carbon_store_history_put(fixture->store, "DE", CARBON_SIGNAL_DIRECT, "file", fixture->now,
						  &series, NULL, &fixture->err), 0);
	carbon_series_fini(&series);
	carbon_terms_init(&terms);
	terms.market_g_kwh = market_g_kwh;
	terms.embodied_g_node_h = 25;
	terms.water_l_kwh = 2;
	carbon_books_destroy(fixture->books);
	fixture->books = carbon_books_create(fixture->store, &site, fixture->now);
	assert_int_equal(carbon_record_format(&record, text, &fixture->err), 0);
	run.comment = text;
	add(fixture, &run);
	snprintf(other.partition, sizeof(other.partition), "bare");
	add(fixture, &other);
	return report(fixture, "2026-10", "user");
}

static void lines_that_stay_apart_are_kept_apart(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_report *out = report_apart(fixture, 400);
	const struct carbon_report_apart *apart = &out->total.apart;
	char *text;

	assert_float_equal(out->total.mass_kg, 0.2, 1e-9); /* and nothing of what follows in it */
	assert_float_equal(apart->direct_kg, 0.12, 1e-9);
	assert_float_equal(apart->direct_kwh, 2, 1e-9);
	assert_float_equal(apart->market_kg, 0.4, 1e-9);
	assert_float_equal(apart->market_rest_kg, 0.06, 1e-9);
	assert_float_equal(apart->embodied_kg, 0.025, 1e-9);
	assert_float_equal(apart->water_l, 2, 1e-9);
	assert_float_equal(apart->marginal_kwh, 0, 1e-9);
	/* (100 g + 25 g) over one hour: of the run whose embodied emissions are known. */
	text = print(out, "json");
	assert_non_null(strstr(text, "\"g_per_job_hour\": 125,"));
	assert_non_null(strstr(text, "\"market_kg\": 0.46,"));
	assert_non_null(strstr(text, "\"marginal_kg\": null,"));
	free(text);
	carbon_report_destroy(out);
}

static void a_zero_carbon_contract_leaves_nothing_to_save(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_report *out = report_apart(fixture, 0);
	char *text = print(out, "text");

	assert_float_equal(out->total.credit_kg, 0.2, 1e-9);
	assert_float_equal(out->total.apart.market_kg, 0, 1e-9);
	assert_float_equal(out->total.apart.market_credit_kg, 0, 1e-9);
	assert_non_null(strstr(text, "The contract is zero-carbon: market-based, waiting for clean hours saves 0 kg"));
	assert_non_null(strstr(text, "Timing credit, market-based        0 kg CO2e "));
	free(text);
	carbon_report_destroy(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(moved_jobs_are_told_from_where_to_where),
		TEST(without_moved_jobs_nothing_is_said_of_flows),
		TEST(an_allowance_is_used_by_its_own_account_and_month),
		TEST(lines_that_stay_apart_are_kept_apart),
		TEST(a_zero_carbon_contract_leaves_nothing_to_save),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
