#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl settle where there is nothing to settle from. What it does on a cluster is tested on one.

load helper

setup() {
	carbon_setup
	write_conf </dev/null
}

@test "a --since that is none is wrong usage" {
	fails 2 'carbonctl settle: --since "12 parsecs" is no time (such as 2026-10-01) (see carbonctl settle --help)' \
		carbonctl -c carbon.conf settle --since '12 parsecs'
	fails 2 'carbonctl settle: --since 2099-01-01 lies in the future (see carbonctl settle --help)' \
		carbonctl -c carbon.conf settle --since 2099-01-01
}

@test "without Slurm it says so, and makes no ledger" {
	SLURM_CONF=$PWD/no.conf run -1 --separate-stderr carbonctl -c carbon.conf settle
	[ -z "$output" ]
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr = *"no.conf: No such file"* || $stderr = *"built without Slurm"* ]]
	[ ! -e state/carbon.db ]
}

@test "a broken configuration is named by line" {
	echo 'level = "loud"' >carbon.conf
	run -1 --separate-stderr carbonctl -c carbon.conf settle
	[[ $stderr = *"carbon.conf:1:"* ]]
}
