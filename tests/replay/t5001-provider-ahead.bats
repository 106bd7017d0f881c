#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A provider's day-ahead forecast mixed with ours, and ours going on from it, on published forecasts that are not
# shipped: CARBON_DATA names their folder, and without them every test here is skipped, aloud.

setup() {
	[ -r "${CARBON_DATA:-}/README.md" ] || skip "no data to replay in \"${CARBON_DATA:-}\": set CARBON_DATA"
}

ahead() {
	"$CARBON_BUILD/tests/replay/provider_ahead" "$CARBON_DATA/forecasts/$1_dayahead_H2_2021.csv"
}

@test "California: mixed is no worse than either, and the days behind gain" {
	ahead CISO
}

@test "PJM: mixed is no worse than either, and the days behind gain" {
	ahead PJM
}

@test "Texas: mixed is no worse than either, and the days behind gain" {
	ahead ERCO
}
