/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What electricity costs, from a file into the site: of its places' zones, those of other clusters too, and of no other zone. */
#include "tests/unit/unit.h"

#include "lib/err.h"
#include "lib/site.h"
#include "tools/prices.h"

#define NOW ((time_t)1790000100) /* 2026-09-21 14:15 */

static char path[] = "prices.XXXXXX";

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void zones_of_all_places_have_prices_and_no_others(void **state)
{
	static const char text[] = "zone,time,price\n"
				   "DE,2026-09-21T14:00:00Z,50\nDE,2026-09-21T15:00:00Z,60\n"
				   "FR,2026-09-21T14:00:00Z,40\nFR,2026-09-21T15:00:00Z,45\n"
				   "SE-SE3,2026-09-21T14:00:00Z,10\nSE-SE3,2026-09-21T15:00:00Z,-5\n";
	struct carbon_place here = {.partition = "batch", .zone = "DE"};
	struct carbon_place there = {.cluster = "north", .partition = "batch", .zone = "SE-SE3"};
	struct carbon_site site;
	struct carbon_err err;
	int file = mkstemp(path);

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(write(file, text, sizeof(text) - 1), sizeof(text) - 1);
	close(file);
	carbon_site_init(&site);
	site.place = &here;
	site.remote = &there;
	site.places = site.remotes = 1;
	assert_int_equal(carbon_prices_read(path, NOW, &site, &err), 0);
	assert_int_equal(site.prices, 2);
	assert_near(carbon_site_series_value(carbon_site_price(&site, "DE"), NOW), 50, 0);
	assert_near(carbon_site_series_value(carbon_site_price(&site, "SE-SE3"), NOW), 10, 0);
	assert_near(carbon_site_series_value(carbon_site_price(&site, "SE-SE3"), NOW + 3600), -5, 0);
	assert_null(carbon_site_price(&site, "FR"));
	free(site.price);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(zones_of_all_places_have_prices_and_no_others, remove_file),
	};

	return cmocka_run_group_tests_name("prices", tests, NULL, NULL);
}
