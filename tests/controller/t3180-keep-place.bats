#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keep_place on a real slurmctld with priority/multifactor: the age that waiting for us cost comes back as a lower
# nice value, and never to who has changed the job. Two hours of age are worth 10000 here, and more are worth no more.

bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	export TZ=UTC
	# shellcheck disable=SC2034
	CLUSTER_EXTRA_CONF=$'PriorityType=priority/multifactor\nPriorityWeightAge=10000\nPriorityMaxAge=02:00:00'
	# shellcheck disable=SC2034
	CLUSTER_PARTITIONS="PartitionName=batch Nodes=ALL Default=YES DefaultTime=60 MaxTime=7-0 State=UP"
	carbon_start
}

setup() {
	carbon_cancel_all
	carbon_conf 'keep_place = true' 'delayed_nice = 0'
	carbon_outlook clean_after=1h
	ctl apply 2>/dev/null
	carbon_next_second
}

submit() { # SBATCH-OPTION...
	cluster_as mail sbatch --parsable --output=/dev/null "$@" --wrap true 2>"$dir/said"
}

# The first run notes what the job asks for, a later one gives, once the begin is due before the next.
replan() { # OPTION...
	ctl replan "$@" >"$dir/out" 2>"$dir/err"
}

nice() { # ID
	cluster_job_field "$1" Nice
}

# What the seconds that it waits because of us are worth, of 7200 for 10000.
lost() { # ID
	echo $(($(carbon_delay "$1") * 10000 / 7200))
}

is_worth() { # POINTS ID: to the second, of which submission and decision may have another
	[ "$1" -ge $(($(lost "$2") - 2)) ] && [ "$1" -le $(($(lost "$2") + 2)) ]
}

@test "the age that was lost comes back when the begin is due, and no sooner" {
	id=$(submit)
	replan
	[ "$(nice "$id")" = 0 ] && [ -n "$(value "$id" form)" ]
	replan
	[ "$(nice "$id")" = 0 ]
	replan --every 90m
	given=$((-$(nice "$id")))
	is_worth "$given" "$id"
	[ "$(value "$id" kept)" = "$given" ]
	[ "$(cluster_job_field "$id" Priority)" = "$given" ] # all else counts for nothing here
	replan --every 90m # once
	[ "$(nice "$id")" = -"$given" ]
	[[ $(ctl queue) = *"$id"* ]] # and it is still ours
}

@test "no more comes back than the greatest age is worth" {
	carbon_outlook clean_after=5h
	carbon_next_second
	id=$(submit --carbon-delay=12h)
	replan
	replan --every 6h
	[ "$(nice "$id")" = -10000 ]
}

@test "who breaks the wait off has nothing of it" {
	id=$(submit)
	replan
	replan --every 90m
	is_worth $((-$(nice "$id"))) "$id"
	cluster_as mail scontrol update jobid="$id" StartTime=now
	replan
	[ "$(nice "$id")" = 0 ]
	[ "$(value "$id" kept)" = "" ]
	replan --every 90m
	[ "$(nice "$id")" = 0 ]
}

@test "nor who changes the job's limit or size, before or after" {
	early=$(submit)
	late=$(submit)
	size=$(submit -n 1)
	replan
	cluster_as mail scontrol update jobid="$early" TimeLimit=30
	replan --every 90m
	[ "$(nice "$early")" = 0 ]
	is_worth $((-$(nice "$late"))) "$late"
	cluster_as mail scontrol update jobid="$late" TimeLimit=20
	cluster_as mail scontrol update jobid="$size" NumCPUs=3-3
	replan --every 90m
	[ "$(nice "$late")" = 0 ]
	[ "$(nice "$size")" = 0 ]
	# to change it back is too late
	cluster_as mail scontrol update jobid="$late" TimeLimit=60
	replan --every 90m
	[ "$(nice "$late")" = 0 ]
}

@test "a user's own nice value stays beside it" {
	id=$(submit --nice=70)
	replan
	replan --every 90m
	given=$((70 - $(nice "$id")))
	is_worth "$given" "$id"
	cluster_as mail scontrol update jobid="$id" StartTime=now+9hours
	replan
	[ "$(nice "$id")" = 70 ]
}

@test "who does not wait because of us, or a site that does not keep places, is left alone" {
	plain=$(submit --carbon=off)
	theirs=$(submit --carbon=off --begin=now+1hour)
	ours=$(submit)
	carbon_conf 'delayed_nice = 0'
	replan
	replan --every 90m
	for id in "$plain" "$theirs" "$ours"; do
		[ "$(nice "$id")" = 0 ]
	done
	[ -z "$(value "$ours" form)" ]
}

@test "a job whose start its user changed ranks with the others again, and keeps a nice value of its own" {
	carbon_conf 'delayed_nice = 100'
	ctl apply 2>/dev/null
	carbon_next_second
	id=$(submit --nice=7)
	stays=$(submit)
	[ "$(nice "$id")" = 107 ] && [ "$(nice "$stays")" = 100 ]
	cluster_as mail scontrol update jobid="$id" StartTime=now+3hours
	replan
	[ "$(nice "$id")" = 7 ] && [ -z "$(value "$id" nice)" ]
	[ "$(nice "$stays")" = 100 ]
	replan
	[ "$(nice "$id")" = 7 ]
}
