#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: jobs that depend on others. Under a default delay they are left alone; one that asks for a delay is decided
# by each run of replan as if its dependency were met then, so that it has the right begin when that happens.

bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup() {
	carbon_begin_anew
	first=$(carbon_submit --carbon=off)
}

depends() { # ID
	scontrol show job "$1" | grep -q 'Dependency=.*(unfulfilled)'
}

is_met() { # ID
	! depends "$1"
}

has_no_begin() { # ID
	scontrol show job "$1" | grep -q 'EligibleTime=Unknown'
}

@test "under a default delay a job that depends on others is left alone" {
	id=$(carbon_submit --dependency=afterany:"$first")
	[ -z "$(carbon_record "$id")" ]
	[[ $(replan) = "0 waiting, 0 forward, 0 back, "* ]]
}

@test "one that was let go in a clean hour waits for the next one when its dependency is met in a dirty one" {
	carbon_outlook clean_after=0s clean_for=3h
	carbon_next_second
	id=$(carbon_submit --carbon-delay=12h --dependency=afterany:"$first")
	depends "$id"
	has_no_begin "$id"
	[ "$(value "$id" delayed) $(value "$id" dep)" = "0 43200" ]
	# the same hour is still clean: nothing is due
	[[ $(replan) = "0 waiting, 0 forward, 0 back, "* ]]
	carbon_outlook clean_after=6h # hours later, as it were
	[[ $(replan) = "0 waiting, 0 forward, 1 back, "* ]]
	[ "$(value "$id" delayed) $(value "$id" moves)" = "1 1" ]
	[ "$(carbon_begin "$id")" = "$(value "$id" begin)" ]
	scancel "$first"
	cluster_wait_until 20 is_met "$id"
	# it can start now, and waits for clean power as any other
	[ "$(carbon_begin "$id")" = "$(value "$id" begin)" ]
	[[ $(replan) = "1 waiting, 0 forward, 0 back, "* ]]
	carbon_begins_clean "$id"
}

@test "one that was to wait is let go when now has become clean before its dependency is met" {
	id=$(carbon_submit --carbon-delay=12h --dependency=afterany:"$first")
	carbon_is_delayed "$id"
	carbon_outlook clean_after=0s clean=50
	ctl replan 2>/dev/null | grep -q "^$id waits for other jobs, and then no longer$"
	[ "$(value "$id" delayed)" = 0 ]
	# slurmctld forgets the begin, and the next dirty hour gives it another one
	cluster_wait_until 20 has_no_begin "$id"
	carbon_outlook clean_after=6h
	ctl replan 2>/dev/null | grep -q "^$id waits for other jobs, then until "
	carbon_begins_clean "$id"
	scancel "$first"
	cluster_wait_until 20 is_met "$id"
	[ "$(value "$id" delayed) $(value "$id" moves)" = "1 2" ]
}

@test "a start that the user gave is the user's, dependency or not" {
	id=$(carbon_submit --carbon-delay=12h --dependency=afterany:"$first")
	scontrol update jobid="$id" StartTime=now+5hours
	record=$(carbon_record "$id")
	carbon_outlook clean_after=0s clean=50
	[[ $(replan) = "0 waiting, 0 forward, 0 back, "* ]]
	[ "$(carbon_record "$id")" = "$record" ]
}
