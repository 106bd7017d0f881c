#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld with three nodes: carbonctl replan decides all that wait as one assignment against what the nodes hold.
# Each job here takes a whole node for an hour, and was given the clean hour 3 when nobody had told of nodes.

bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup() {
	carbon_cancel_all
	scontrol delete reservationname=course 2>/dev/null || true
	# shellcheck disable=SC2119
	carbon_conf
	"$CARBON_BUILD/tests/controller/write_files" "$state" min_saving_g=0.1 # of a place whose nodes nobody knows
	carbon_next_second
}

submit_wide() { # OPTION...
	carbon_submit -n 4 "$@"
}

# How many waiting jobs have a begin within these seconds from now.
begins_between() { # FROM TO
	local id begin now count=0
	now=$(date +%s)
	for id in $(squeue -h -t PENDING -o %A); do
		begin=$(carbon_begin "$id")
		[ $((begin - now)) -lt "$1" ] || [ $((begin - now)) -ge "$2" ] || count=$((count + 1))
	done
	echo "$count"
}

@test "without nodes told, all jobs have the same hour" {
	for _ in 1 2 3 4 5 6; do submit_wide >/dev/null; done
	[ "$(begins_between 10500 10900)" = 6 ]
}

@test "as many come forward to a clean now as there are nodes, and the others wait for theirs" {
	for _ in 1 2 3 4 5 6; do submit_wide >/dev/null; done
	carbon_outlook clean_after=0s clean=50 clean_for=10h
	[ "$(replan)" = "6 waiting, 3 forward, 0 back, 0 changed by somebody, 0 left for the next run, 0 failed" ]
	[ "$(begins_between -60 5)" = 3 ]
	# the others keep their begin till it is near, then they find the next room
	[[ $(replan) = "3 waiting, 0 forward, 0 back, "* ]]
}

@test "who would meet others in the same hour goes on to the next one with room" {
	for _ in 1 2 3 4 5 6 7; do submit_wide >/dev/null; done
	[[ $(replan --every 4h) = "7 waiting, 0 forward, 4 back, "* ]]
	[ "$(begins_between 10500 10900)" = 3 ]
	[ "$(begins_between 14000 16500)" = 3 ]
	[ "$(begins_between 17500 20500)" = 1 ]
	# and now they are spread, nobody moves any more
	[[ $(replan --every 4h) = "7 waiting, 0 forward, 0 back, "* ]]
}

@test "nodes that a reservation holds are not given to those who wait" {
	for _ in 1 2 3; do submit_wide >/dev/null; done
	scontrol create reservation reservationname=course users=root starttime=now+2hours duration=180 nodes=n[1-2]
	[[ $(replan --every 4h) = "3 waiting, 0 forward, 2 back, "* ]]
	[ "$(begins_between 10500 10900)" = 1 ]
	# the node that is left, and all of them after the reservation
	[ "$(begins_between 14000 17000)" = 1 ]
	[ "$(begins_between 17500 20500)" = 1 ]
}

@test "what runs into the clean hour takes its room" {
	submit_wide --carbon=off -t 300 >/dev/null # it waits for a node, so it is taken to start soon
	for _ in 1 2 3; do submit_wide >/dev/null; done
	[[ $(replan --every 4h) = "3 waiting, 0 forward, 1 back, "* ]]
	[ "$(begins_between 10500 10900)" = 2 ]
}

@test "among equals the first one submitted keeps the hour" {
	first=$(submit_wide)
	for _ in 2 3; do submit_wide >/dev/null; done
	carbon_next_second
	last=$(submit_wide)
	[[ $(replan --every 4h) = "4 waiting, 0 forward, 1 back, "* ]]
	carbon_is_delayed "$first"
	[ "$(carbon_delay "$last")" -gt 13000 ]
}
