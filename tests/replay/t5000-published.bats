#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Published results, done again on the data they were made from. The data are not shipped: CARBON_DATA names
# their folder, and without them every test here is skipped, aloud.

setup() {
	[ -r "${CARBON_DATA:-}/README.md" ] || skip "no data to replay in \"${CARBON_DATA:-}\": set CARBON_DATA"
}

published() {
	"$CARBON_BUILD/tests/replay/test_published" "$1"
}

@test "EuroSys '24: every sum of four tables is reproduced to rounding" {
	published eurosys_is_reproduced_to_rounding
}

@test "GAIA: figure 8 is reproduced" {
	published gaia_is_reproduced
}

@test "Let's Wait Awhile: both scenarios within 0.15 points" {
	published lets_wait_awhile_is_reproduced
}

@test "our forecast beats ens in every zone, and deciding again beats deciding once" {
	published waiting_is_worth_what_it_should_be
}

@test "at 70, 85 and 95 % load the sum of credits is within 30 % of the cluster effect" {
	published credits_stay_near_the_cluster_effect
}
