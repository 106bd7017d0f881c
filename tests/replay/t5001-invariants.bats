#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What must hold on real traces and real grids. The data are not shipped: CARBON_DATA names their folder, and
# without them every test here is skipped, aloud.

setup() {
	[ -r "${CARBON_DATA:-}/README.md" ] || skip "no data to replay in \"${CARBON_DATA:-}\": set CARBON_DATA"
}

invariants() {
	"$CARBON_BUILD/tests/replay/test_invariants" "$1"
}

@test "nobody begins past the latest start, by any policy and forecast" {
	invariants nobody_begins_past_the_latest_start
}

@test "who knows the grid never does worse than at once, job by job" {
	invariants with_foresight_no_job_emits_more_than_at_once
}

@test "no decision is worse than its promise, nor is any move" {
	invariants no_decision_is_worse_than_its_promise
}

@test "on a cluster with backfilling no deadline is missed because of us" {
	invariants on_a_cluster_no_deadline_is_missed_because_of_us
}
