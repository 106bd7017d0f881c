/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every unit test needs: cmocka with the headers it forgets, a comparison of doubles, and random
 * numbers whose seed is printed and can be given again (CARBON_SEED). Must never reach into the code under test.
 */
#ifndef CARBON_UNIT_H
#define CARBON_UNIT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define assert_near(a, b, tolerance)                                                              \
	do {                                                                                      \
		double near_a = (a), near_b = (b);                                                \
		if (!(fabs(near_a - near_b) <= (tolerance))) {                                    \
			print_error("%s = %.17g, %s = %.17g\n", #a, near_a, #b, near_b);          \
			fail();                                                                   \
		}                                                                                 \
	} while (0)

/* Whole numbers, both bounds included. (cmocka 2 has renamed its own, which cmocka 1 has under the old name alone.) */
#define assert_between(value, low, high)                                                          \
	do {                                                                                      \
		intmax_t between_value = (intmax_t)(value);                                       \
		if (between_value < (intmax_t)(low) || between_value > (intmax_t)(high)) {        \
			print_error("%s = %jd is not in [%jd, %jd]\n", #value, between_value,     \
				    (intmax_t)(low), (intmax_t)(high));                           \
			fail();                                                                   \
		}                                                                                 \
	} while (0)

/* A failure inside a table names its row. */
#define assert_row(row, condition)                                                                \
	do {                                                                                      \
		if (!(condition)) {                                                               \
			print_error("row \"%s\": %s\n", row, #condition);                         \
			fail();                                                                   \
		}                                                                                 \
	} while (0)

/* splitmix64 */
struct dice {
	uint64_t state;
};

static inline uint64_t dice_next(struct dice *dice)
{
	uint64_t z = (dice->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline long long dice_between(struct dice *dice, long long low, long long high)
{
	return low + (long long)(dice_next(dice) % (uint64_t)(high - low + 1));
}

static inline double dice_real(struct dice *dice, double low, double high)
{
	return low + (high - low) * (double)(dice_next(dice) >> 11) / 9007199254740992.0;
}

static inline bool dice_chance(struct dice *dice, int percent)
{
	return dice_between(dice, 0, 99) < percent;
}

static inline struct dice dice_start(const char *test)
{
	const char *given = getenv("CARBON_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;

	print_message("# %s: CARBON_SEED=%llu\n", test, (unsigned long long)seed);
	return (struct dice){seed};
}

#endif
