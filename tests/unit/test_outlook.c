/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outlook file: the stored sample of version 1 means the same for ever, what is written is read back
 * as it was, and whatever is wrong is refused by name. Touches nothing but the sample.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/outlook.h"
#include "tests/unit/support.h"

#define SAMPLE "samples/outlook.v1"
#define START ((time_t)1789999200)
#define H 3600

static struct carbon_outlook *parse(const char *text, size_t length)
{
	struct carbon_outlook *outlook = NULL;
	struct carbon_err err = {""};

	if (carbon_outlook_parse(text, length, &outlook, &err))
		fail_msg("%s", err.text);
	return outlook;
}

static void assert_refused(const char *text, size_t length, const char *why)
{
	static struct carbon_outlook marker;
	struct carbon_outlook *outlook = &marker;
	struct carbon_err err = {""};

	assert_int_equal(carbon_outlook_parse(text, length, &outlook, &err), -1);
	assert_null(outlook);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

/* --- the sample --- */

static void assert_curve(const struct carbon_curve *curve, time_t start_at, size_t count,
			 const uint32_t *knot_s, const float *value)
{
	double sum = 0;

	assert_int_equal(curve->start_at, start_at);
	assert_int_equal(curve->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(curve->knot_s[i], knot_s[i]);
		assert_true(curve->value[i] == value[i]);
		assert_true(curve->sum[i] == sum);
		sum += (double)value[i] * (double)(knot_s[i + 1] - knot_s[i]);
	}
	assert_int_equal(curve->knot_s[count], knot_s[count]);
	assert_true(curve->sum[count] == sum);
}

static void assert_part(const struct carbon_part *part, size_t first, enum carbon_kind kind,
			const char *source, time_t issued_at)
{
	assert_int_equal(part->first, first);
	assert_int_equal(part->kind, kind);
	assert_string_equal(part->source, source);
	assert_int_equal(part->issued_at, issued_at);
}

static void assert_germany(const struct carbon_outlook_zone *zone)
{
	static const uint32_t knot_s[] = {0, H, 2 * H, 4 * H, 5 * H, 6 * H, 7 * H, 8 * H};
	static const float mean[] = {418, 402.5f, 371.07f, 240, 263, 301, 355.5f};
	static const float low[] = {418, 391, 350, 201.5f, 180, 203.5f, 260};
	static const float high[] = {418, 415.25f, 398, 288, 352, 400, 441};

	assert_string_equal(zone->name, "DE");
	assert_int_equal(zone->signal, CARBON_SIGNAL_LIFECYCLE);
	assert_int_equal(zone->parts, 3);
	assert_part(&zone->part[0], 0, CARBON_KIND_MEASURED, "electricitymaps", 1790001900);
	assert_part(&zone->part[1], 1, CARBON_KIND_FORECAST, "electricitymaps", 1790000400);
	assert_part(&zone->part[2], 4, CARBON_KIND_MODEL, "mean7", 1790001900);
	assert_curve(&zone->mean, START, 7, knot_s, mean);
	assert_curve(&zone->low, START, 7, knot_s, low);
	assert_curve(&zone->high, START, 7, knot_s, high);
}

static void assert_sweden(const struct carbon_outlook_zone *zone)
{
	static const uint32_t knot_s[] = {0, 21600, 79200, 86400};
	static const float mean[] = {24, 19.5f, 24}, low[] = {24, 0, 24}, high[] = {24, 60, 24};

	assert_string_equal(zone->name, "SE-SE3");
	assert_int_equal(zone->parts, 1);
	assert_part(&zone->part[0], 0, CARBON_KIND_PROFILE, "profile", 1735689600);
	assert_curve(&zone->mean, START, 3, knot_s, mean);
	assert_curve(&zone->low, START, 3, knot_s, low);
	assert_curve(&zone->high, START, 3, knot_s, high);
}

static void assert_california(const struct carbon_outlook_zone *zone)
{
	static const uint32_t knot_s[] = {0, 300, 600, 900, 1500};
	static const float mean[] = {0, 2000, 512.25f, 512.25f}, high[] = {0, 2000, 512.26f, 512.25f};

	assert_string_equal(zone->name, "US-CAL-CISO");
	assert_int_equal(zone->signal, CARBON_SIGNAL_MARGINAL);
	assert_part(&zone->part[0], 0, CARBON_KIND_FORECAST, "gridlab-2", 1790000999);
	assert_curve(&zone->mean, 1790001000, 4, knot_s, mean);
	assert_curve(&zone->low, 1790001000, 4, knot_s, mean);
	assert_curve(&zone->high, 1790001000, 4, knot_s, high);
}

static void test_version_1_means_the_same_for_ever(void **state)
{
	size_t length;
	char *text = support_document(SAMPLE, &length);
	struct carbon_outlook *outlook = parse(text, length);

	(void)state;
	free(text); /* nothing may point into it */
	assert_int_equal(outlook->written_at, 1790001900);
	assert_int_equal(outlook->zones, 3);
	assert_germany(&outlook->zone[0]);
	assert_sweden(&outlook->zone[1]);
	assert_california(&outlook->zone[2]);
	carbon_outlook_destroy(outlook);
}

/* Backslashes would be troff's, not the file's. */
static void test_the_manual_shows_the_sample(void **state)
{
	size_t length, sample_length;
	char *example = support_example("carbon-outlook.5", "carbon-outlook 1\nwritten 1", &length);
	char *sample = support_document(SAMPLE, &sample_length);

	(void)state;
	assert_string_equal(example, sample);
	free(example);
	free(sample);
}

static void test_zones_are_found_without_case(void **state)
{
	size_t length;
	char *text = support_document(SAMPLE, &length);
	struct carbon_outlook *outlook = parse(text, length);

	(void)state;
	assert_ptr_equal(carbon_outlook_find(outlook, "de", CARBON_SIGNAL_LIFECYCLE), &outlook->zone[0]);
	assert_ptr_equal(carbon_outlook_find(outlook, "Se-sE3", CARBON_SIGNAL_LIFECYCLE), &outlook->zone[1]);
	assert_ptr_equal(carbon_outlook_find(outlook, "US-CAL-CISO", CARBON_SIGNAL_MARGINAL), &outlook->zone[2]);
	assert_null(carbon_outlook_find(outlook, "DE", CARBON_SIGNAL_MARGINAL));
	assert_null(carbon_outlook_find(outlook, "DK", CARBON_SIGNAL_LIFECYCLE));
	assert_null(carbon_outlook_find(outlook, "", CARBON_SIGNAL_LIFECYCLE));
	carbon_outlook_destroy(outlook);
	carbon_outlook_destroy(NULL);
	free(text);
}

static void test_parts_are_found_by_time(void **state)
{
	size_t length;
	char *text = support_document(SAMPLE, &length);
	struct carbon_outlook *outlook = parse(text, length);
	const struct carbon_outlook_zone *zone = &outlook->zone[0];

	(void)state;
	assert_ptr_equal(carbon_outlook_part(zone, START - 1), &zone->part[0]);
	assert_ptr_equal(carbon_outlook_part(zone, START + H - 1), &zone->part[0]);
	assert_ptr_equal(carbon_outlook_part(zone, START + H), &zone->part[1]);
	assert_ptr_equal(carbon_outlook_part(zone, START + 5 * H - 1), &zone->part[1]);
	assert_ptr_equal(carbon_outlook_part(zone, START + 5 * H), &zone->part[2]);
	assert_ptr_equal(carbon_outlook_part(zone, START + 99 * H), &zone->part[2]);
	carbon_outlook_destroy(outlook);
	free(text);
}

static void test_a_sample_cut_anywhere_is_refused(void **state)
{
	(void)state;
	support_refuse_cuts(SAMPLE, assert_refused);
}

static void test_a_sample_with_any_bit_flipped_is_refused(void **state)
{
	(void)state;
	support_refuse_flips(SAMPLE, assert_refused);
}

static bool is_read(const char *text, size_t length)
{
	struct carbon_outlook *outlook;
	bool is_whole = carbon_outlook_parse(text, length, &outlook, NULL) == 0;

	carbon_outlook_destroy(outlook);
	return is_whole;
}

/* The same with a checksum that fits: whatever is read then, nothing may break. */
static void test_a_sealed_sample_with_any_byte_changed_does_no_harm(void **state)
{
	size_t tried, refused = support_change_bytes(SAMPLE, "\n 09.=-x\x80", is_read, &tried);

	(void)state;
	assert_true(refused > tried / 2);
}

static const struct support_edit edits[] = {
	{"carbon-outlook 1", "carbon-outlook 2", "line 1: carbon-outlook 2 is a newer version"},
	{"carbon-outlook 1", "carbon-site 1", "line 1: not a carbon-outlook file"},
	{"written 1790001900", "written 17900019000", "line 2: written \"17900019000\" should be"},
	{"written", "writen", "line 2: \"writen 1790001900\" should be \"written\""},
	{"written 1790001900", "written 1790001900 x", "line 2: \"x\" should not be there"},
	{"zones 3", "zones 0", "line 3: zones \"0\" should be 1 to 512"},
	{"zones 3", "zones 513", "line 3: zones \"513\" should be 1 to 512"},
	{"zones 3", "zones 2", "line 21: something follows the last of 2 zones"},
	{"zones 3", "zones 4", "line 28: \"\" should be \"zone NAME"},
	{"zone DE", "zone D/E", "line 4: zone \"D/E\" should be a name"},
	{"zone DE", "zone SE-SE3", "line 16: zone SE-SE3 average-lifecycle should come before"},
	{"zone DE", "zone se-se4", "line 16: zone SE-SE3 average-lifecycle should come before"},
	{"average-lifecycle", "average", "line 4: signal \"average\" should be average-lifecycle"},
	{"start=1789999200", "start=99", "line 4: \"start=99\" should be start=946684800 to 4102444800"},
	{"start=1789999200 ", "", "line 4: \"end=1790028000\" should be start="},
	{"end=1790028000", "end=1789999200", "line 4: \"end=1789999200\" should be end=1789999201 to"},
	{"end=1790028000", "end=1890028000", "should be end="},
	{"end=1790028000", "end=1790028001", "line 15: zone DE: its points end at 1790028000"},
	{"end=1790028000", "end=1790027999", "line 15: zone DE: \"355.5 260 441\" should be before the end"},
	{"points=8", "points=4097", "line 4: \"points=4097\" should be points=1 to 4096"},
	{"points=8", "points=9", "line 15: zone DE: its parts hold 1 points too few"},
	{"points=8", "points=7", "line 12: \"points=3\" should be points=1 to 2"},
	{"parts=3", "parts=9", "line 4: \"parts=9\" should be parts=1 to 8"},
	{"parts=3", "parts=2", "line 11: zone DE: its parts hold 3 points too few"},
	{"parts=3", "parts=4", "line 12: \"points=3\" should be points=1 to 2"},
	{"measured", "guessed", "line 5: kind \"guessed\" should be measured"},
	{"mean7", "mean=7", "line 12: source \"mean=7\" should be a name"},
	{"issued=1790001900 points=1", "issued=now points=1", "line 5: \"issued=now\" should be issued="},
	{"points=1 step", "points=2 step", "line 7: zone DE: \"part forecast"},
	{"step=3600", "step=0", "line 5: \"step=0\" should be step=1 to 28800"},
	{"step=3600", "setp=3600", "line 5: \"setp=3600\" should be step="},
	{"step=3600", "step=3600 x", "line 5: \"x\" should not be there"},
	{"\n418\n", "\n40000\n", "line 6: zone DE: \"40000\" should be within 0 and 2000 g/kWh"},
	{"\n418\n", "\n-1\n", "line 6: zone DE: \"-1\" should be MEAN or MEAN LOW HIGH"},
	{"\n418\n", "\nnan\n", "line 6: zone DE: \"nan\" should be MEAN"},
	{"\n418\n", "\n4e2\n", "line 6: zone DE: \"4e2\" should be MEAN"},
	{"\n418\n", "\n418 400\n", "line 6: zone DE: \"418 400\" should be MEAN"},
	{"\n418\n", "\n418 400 420 1\n", "line 6: zone DE: \"418 400 420 1\" should be MEAN"},
	{"\n418\n", "\n418  400 420\n", "should be MEAN or MEAN LOW HIGH"},
	{"\n418\n", "\n418 419 420\n", "line 6: zone DE: \"418 419 420\" should be MEAN LOW HIGH with LOW <= MEAN"},
	{"\n418\n", "\n418 400 417\n", "with LOW <= MEAN <= HIGH"},
	{"\n418\n", "\n418 400 2001\n", "within 0 and 2000"},
	{"\n418\n", "\n\n", "line 6: zone DE: \"\" should be MEAN"},
	{"\n418\n", "\n418\r\n", "line 6: zone DE: \"418?\" should be MEAN"},
	{"21600 24\n", "0 24\n", "line 18: zone SE-SE3: \"0 24\" should be SECONDS MEAN"},
	{"21600 24\n", "1.5 24\n", "line 18: zone SE-SE3: \"1.5 24\" should be SECONDS MEAN"},
	{"21600 24\n", "24\n", "line 18: zone SE-SE3: \"24\" should be SECONDS MEAN"},
	{"21600 24\n", "86401 24\n", "should be before the end that the zone line gives"},
};

static void test_what_is_wrong_is_named_with_its_line(void **state)
{
	(void)state;
	support_refuse_edits(SAMPLE, edits, sizeof(edits) / sizeof(edits[0]), assert_refused);
}

/* --- drafts --- */

static const struct carbon_outlook_point two_points[] = {
	{START, 300, 250, 350},
	{START + H, 200, 200, 200},
};

static struct carbon_outlook_draft small_draft(const char *zone)
{
	struct carbon_outlook_draft draft = {
		.zone = zone,
		.signal = CARBON_SIGNAL_LIFECYCLE,
		.parts = 1,
		.part = {{0, CARBON_KIND_FORECAST, "file", START}},
		.count = 2,
		.point = two_points,
		.end_at = START + 2 * H,
	};

	return draft;
}

static void assert_format_refused(const struct carbon_outlook_draft *draft, size_t zones, const char *why)
{
	struct carbon_buf buf;
	struct carbon_err err = {""};

	carbon_buf_init(&buf, 4096);
	carbon_buf_puts(&buf, "before");
	assert_int_equal(carbon_outlook_format(draft, zones, START, &buf, &err), -1);
	assert_string_equal(buf.text, "before");
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
	carbon_buf_fini(&buf);
}

static void test_a_draft_is_written_as_documented(void **state)
{
	struct carbon_outlook_draft drafts[2] = {small_draft("FR"), small_draft("AT")};
	struct carbon_buf buf;
	struct carbon_err err;

	(void)state;
	drafts[0].count = 1;
	carbon_buf_init(&buf, 4096);
	assert_int_equal(carbon_outlook_format(drafts, 2, START, &buf, &err), 0);
	*strstr(buf.text, "crc32") = '\0';
	assert_string_equal(buf.text, "carbon-outlook 1\nwritten 1789999200\nzones 2\n"
				      "zone AT average-lifecycle start=1789999200 end=1790006400 points=2 parts=1\n"
				      "part forecast file issued=1789999200 points=2 step=3600\n300 250 350\n200\n"
				      "zone FR average-lifecycle start=1789999200 end=1790006400 points=1 parts=1\n"
				      "part forecast file issued=1789999200 points=1 step=7200\n300 250 350\n");
	carbon_buf_fini(&buf);
}

static void test_what_the_reader_refuses_is_not_written(void **state)
{
	struct carbon_outlook_draft draft = small_draft("DE"), twice[2] = {draft, small_draft("de")};
	struct carbon_outlook_point point[2] = {two_points[0], two_points[1]};

	(void)state;
	assert_format_refused(&draft, 0, "0 zones should be 1 to 512");
	assert_format_refused(twice, 2, "is there twice");
	draft = small_draft("D E");
	assert_format_refused(&draft, 1, "zone \"D E\" should be a name");
	draft = small_draft("DE");
	draft.end_at = START + H;
	assert_format_refused(&draft, 1, "zone DE: 2026-09-21T15:00:00Z: the next point is not after it");
	draft = small_draft("DE");
	draft.count = 0;
	assert_format_refused(&draft, 1, "0 points should be 1 to 4096");
	draft = small_draft("DE");
	draft.parts = 0;
	assert_format_refused(&draft, 1, "0 parts should be 1 to 8");
	draft = small_draft("DE");
	draft.parts = 2;
	draft.part[1] = draft.part[0];
	assert_format_refused(&draft, 1, "part 1: points 0 to 0 of 2");
	draft.part[1].first = 2;
	assert_format_refused(&draft, 1, "part 2: points 2 to 2 of 2");
	draft = small_draft("DE");
	draft.part[0].source[0] = '\n';
	assert_format_refused(&draft, 1, "is not a name");
	draft = small_draft("DE");
	draft.part[0].issued_at = 0;
	assert_format_refused(&draft, 1, "issued at 0");
	draft = small_draft("DE");
	draft.end_at = START + CARBON_OUTLOOK_SPAN_MAX_S + 1;
	assert_format_refused(&draft, 1, "should be at most 34560000");
	draft = small_draft("DE");
	draft.point = point;
	point[1].mean_g_kwh = NAN;
	assert_format_refused(&draft, 1, "should be within 0 and 2000 g/kWh");
	point[1].mean_g_kwh = 200.001;
	assert_format_refused(&draft, 1, "the band 200 to 200 does not hold its mean 200.001");
	point[1] = point[0];
	assert_format_refused(&draft, 1, "the next point is not after it");
}

static void test_a_full_buffer_holds_no_part_of_a_file(void **state)
{
	struct carbon_outlook_draft draft = small_draft("DE");
	struct carbon_buf buf;
	struct carbon_err err = {""};

	(void)state;
	for (size_t cap = 0; cap < 200; cap++) {
		carbon_buf_init(&buf, cap);
		assert_int_equal(carbon_outlook_format(&draft, 1, START, &buf, &err), -1);
		assert_int_equal(buf.length, 0);
		carbon_buf_fini(&buf);
	}
}

/* --- property: what is written is read --- */

#define RANDOM_ZONES 4
#define RANDOM_POINTS 60

struct random_zone {
	const char *name;
	struct carbon_outlook_point point[RANDOM_POINTS];
};

static double random_value(uint64_t *random, double min, double max)
{
	double steps = (double)support_below(random, 1 + (uint64_t)llround((max - min) * 100));

	return (double)llround(min * 100 + steps) / 100;
}

static void random_point(uint64_t *random, struct carbon_outlook_point *point)
{
	point->mean_g_kwh = point->low_g_kwh = point->high_g_kwh = random_value(random, 0, 2000);
	if (support_below(random, 2)) {
		point->low_g_kwh = random_value(random, 0, point->mean_g_kwh);
		point->high_g_kwh = random_value(random, point->mean_g_kwh, 2000);
	}
}

/* The same as the one before, now and then in all but one of its three values. */
static void repeat_point(uint64_t *random, const struct carbon_outlook_point *before,
			 struct carbon_outlook_point *point)
{
	point->mean_g_kwh = before->mean_g_kwh;
	point->low_g_kwh = before->low_g_kwh;
	point->high_g_kwh = before->high_g_kwh;
	switch (support_below(random, 4)) {
	case 0:
		point->low_g_kwh = random_value(random, 0, point->mean_g_kwh);
		break;
	case 1:
		point->high_g_kwh = random_value(random, point->mean_g_kwh, 2000);
		break;
	default:
		break;
	}
}

static void random_draft(uint64_t *random, struct random_zone *zone, struct carbon_outlook_draft *draft)
{
	static const char *const sources[] = {"electricitymaps", "file", "mean7"};
	time_t at = START + (time_t)support_below(random, 100000), step = 300;

	memset(draft, 0, sizeof(*draft));
	draft->zone = zone->name;
	draft->signal = (enum carbon_signal)support_below(random, CARBON_SIGNALS);
	draft->count = 1 + support_below(random, RANDOM_POINTS);
	draft->point = zone->point;
	for (size_t i = 0; i < draft->count; i++) {
		zone->point[i].at = at;
		if (i && support_below(random, 3) == 0)
			repeat_point(random, &zone->point[i - 1], &zone->point[i]);
		else
			random_point(random, &zone->point[i]);
		if (support_below(random, 20) == 0)
			step = 1 + (time_t)support_below(random, 7200);
		at += step;
	}
	draft->end_at = at;
	for (size_t i = 0; i < draft->count && draft->parts < CARBON_OUTLOOK_PARTS_MAX; i++) {
		if (i && support_below(random, 10))
			continue;
		draft->part[draft->parts].first = i;
		draft->part[draft->parts].kind = (enum carbon_kind)support_below(random, CARBON_KINDS);
		snprintf(draft->part[draft->parts].source, CARBON_SOURCE_MAX, "%s", sources[support_below(random, 3)]);
		draft->part[draft->parts++].issued_at = START - (time_t)support_below(random, 100000);
	}
}

/* The part that holds point I of a draft. */
static const struct carbon_part *draft_part(const struct carbon_outlook_draft *draft, size_t i)
{
	size_t part = draft->parts - 1;

	while (draft->part[part].first > i)
		part--;
	return &draft->part[part];
}

static void assert_same(const struct carbon_outlook_draft *draft, const struct carbon_outlook *outlook)
{
	const struct carbon_outlook_zone *zone = carbon_outlook_find(outlook, draft->zone, draft->signal);

	assert_non_null(zone);
	assert_int_equal(zone->mean.start_at, draft->point[0].at);
	assert_int_equal(carbon_curve_end(&zone->mean), draft->end_at);
	assert_int_equal(zone->parts, draft->parts);
	for (size_t i = 0; i < draft->count; i++) {
		const struct carbon_outlook_point *point = &draft->point[i];
		time_t last = (i + 1 < draft->count ? draft->point[i + 1].at : draft->end_at) - 1;
		const struct carbon_part *part = draft_part(draft, i), *found = carbon_outlook_part(zone, last);

		assert_true((float)carbon_curve_value(&zone->mean, point->at) == (float)point->mean_g_kwh);
		assert_true((float)carbon_curve_value(&zone->mean, last) == (float)point->mean_g_kwh);
		assert_true((float)carbon_curve_value(&zone->low, last) == (float)point->low_g_kwh);
		assert_true((float)carbon_curve_value(&zone->high, last) == (float)point->high_g_kwh);
		assert_int_equal(found->kind, part->kind);
		assert_string_equal(found->source, part->source);
		assert_int_equal(found->issued_at, part->issued_at);
		assert_ptr_equal(carbon_outlook_part(zone, point->at), found);
	}
	for (size_t i = 1; i < zone->mean.count; i++)
		assert_true(zone->mean.knot_s[i] > zone->mean.knot_s[i - 1]);
}

static void check_random_drafts(uint64_t *random)
{
	static const char *const names[RANDOM_ZONES] = {"US-CAL-CISO", "DE", "fr", "AU_X"};
	struct random_zone zone[RANDOM_ZONES];
	struct carbon_outlook_draft draft[RANDOM_ZONES];
	struct carbon_buf buf;
	struct carbon_err err = {""};
	struct carbon_outlook *outlook;
	size_t zones = 1 + support_below(random, RANDOM_ZONES);

	for (size_t i = 0; i < zones; i++) {
		zone[i].name = names[i];
		random_draft(random, &zone[i], &draft[i]);
	}
	carbon_buf_init(&buf, CARBON_OUTLOOK_SIZE_MAX);
	if (carbon_outlook_format(draft, zones, START, &buf, &err))
		fail_msg("%s", err.text);
	outlook = parse(buf.text, buf.length);
	assert_int_equal(outlook->written_at, START);
	assert_int_equal(outlook->zones, zones);
	for (size_t i = 0; i < zones; i++)
		assert_same(&draft[i], outlook);
	carbon_outlook_destroy(outlook);
	carbon_buf_fini(&buf);
}

static void test_random_drafts_are_read_as_they_were_written(void **state)
{
	uint64_t random = support_seed();

	(void)state;
	for (int i = 0; i < 500; i++)
		check_random_drafts(&random);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_1_means_the_same_for_ever),
		cmocka_unit_test(test_the_manual_shows_the_sample),
		cmocka_unit_test(test_zones_are_found_without_case),
		cmocka_unit_test(test_parts_are_found_by_time),
		cmocka_unit_test(test_a_sample_cut_anywhere_is_refused),
		cmocka_unit_test(test_a_sample_with_any_bit_flipped_is_refused),
		cmocka_unit_test(test_a_sealed_sample_with_any_byte_changed_does_no_harm),
		cmocka_unit_test(test_what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(test_a_draft_is_written_as_documented),
		cmocka_unit_test(test_what_the_reader_refuses_is_not_written),
		cmocka_unit_test(test_a_full_buffer_holds_no_part_of_a_file),
		cmocka_unit_test(test_random_drafts_are_read_as_they_were_written),
	};

	return cmocka_run_group_tests_name("outlook", tests, NULL, NULL);
}
