#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: while others' waits have paused delaying no job is delayed, what waits is not put back, and both
# go on by themselves. The verdict that carbonctl settle keeps is written here by hand.

bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup() {
	rm -f "$state/bystanders"
	carbon_begin_anew
}

@test "while delaying is paused jobs start as they would, and it is said" {
	carbon_verdict 3600
	run -0 --separate-stderr ctl apply
	# shellcheck disable=SC2154
	[[ $stderr = *"carbonctl apply: delaying is paused until "*": jobs that were not delayed waited 12 min "* ]]
	grep -q '^paused_reason bystanders$' "$state/site"
	carbon_next_second
	[ "$(carbon_delay "$(carbon_submit)")" = 0 ]
	ctl check | grep -q "delaying is paused because of others' waits"
}

@test "what waits may still come forward, and is not put back" {
	back=$(carbon_submit)
	carbon_verdict 36000
	carbon_outlook clean_after=6h
	[[ $(ctl replan --every 4h 2>/dev/null) = "1 waiting, 0 forward, 0 back, "* ]]
	carbon_is_delayed "$back"
	carbon_outlook clean_after=0s clean=50
	[[ $(ctl replan 2>/dev/null | tail -n 1) = "1 waiting, 1 forward, "* ]]
}

@test "a pause that is over pauses nothing, nor does one that nobody asked for" {
	carbon_verdict -1
	ctl apply 2>/dev/null
	grep -q '^paused_until 0$' "$state/site"
	carbon_verdict 3600
	sed -i '1i bystander_wait = "0s"' "$state/carbon.conf"
	ctl apply 2>/dev/null
	grep -q '^paused_until 0$' "$state/site"
	carbon_verdict 2000000 # longer than any that could have been written
	sed -i '1d' "$state/carbon.conf"
	ctl apply 2>/dev/null
	carbon_next_second
	carbon_is_delayed "$(carbon_submit)"
}

@test "a site with a pause in it lets jobs wait again when that ends, whether anybody writes it anew or not" {
	for seconds in 5 20 80; do # a busy machine may need more than the first to come to the submission
		carbon_verdict "$seconds"
		ctl apply 2>/dev/null
		until=$(sed -n 's/^paused_until //p' "$state/site")
		carbon_next_second
		id=$(carbon_submit)
		[ "$(date +%s)" -ge "$until" ] || break
	done
	[ "$(carbon_delay "$id")" = 0 ]
	cluster_wait_until 80 _carbon_is_past "$until"
	carbon_is_delayed "$(carbon_submit)"
}
