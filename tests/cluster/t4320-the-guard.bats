#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guard of those who do not take part, on a whole cluster in fast motion: jobs that were delayed into a clean hour are in the way
# of others there, who really wait; settle sees it, delaying stops by itself, doctor and the metrics say so, and it goes on
# unattended. No verdict is written by hand.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load full
load ../doctor

setup_file() {
	export LANG=C TZ=UTC
	CLUSTER_NODES=2
	CLUSTER_WITH_DBD=0
	CLUSTER_CLOCK='@2026-01-05 00:00:00 x60'
	CLUSTER_PARTITIONS="PartitionName=batch Nodes=ALL Default=YES DefaultTime=20 MaxTime=7-0 State=UP"
	CLUSTER_EXTRA_CONF="MinJobAge=200000"
	CARBON_CLUSTER=cluster_start_full carbon_start
	carbon_conf 'max_flexible_share = 100' 'bystander_wait = "5m"' 'bystander_pause = "1h"' \
		'max_delay = "12h"' 'replan_every = "12h"'
	sed -i 's/default_delay = .*/default_delay = "0s"/' "$state/carbon.conf"
}

clocked_ctl() {
	cluster_run "$CARBON_BUILD/tools/carbonctl" -c "$state/carbon.conf" "$@"
}

# Clean from so long after now on.
clean_after() { # DURATION
	cluster_run "$CARBON_BUILD/tests/controller/write_files" "$state" what=outlook clean_after="$1" clean_for=6h
	carbon_next_second
}

submit() { # SBATCH-OPTION...
	cluster_run sbatch --parsable --output=/dev/null "$@" 2>"$dir/said"
}

is_over() { # of all jobs
	[ -z "$(cluster_run squeue -h)" ]
}

metric() { # NAME
	sed -n "s/^$1 //p" "$state/forecaster.prom"
}

clock_is_past() { # TIME
	[ "$(cluster_run date +%s)" -gt "$1" ]
}

# A job that nothing but the guard keeps from waiting. (Its runtime is said, for habits know jobs of this user as short.)
would_wait=(--carbon-delay=6h --carbon-runtime=40m -N1 -t 44 --wrap true)

@test "others who wait behind delayed jobs stop delaying, and it goes on by itself" {
	cluster_run "$CARBON_BUILD/forecaster/carbon-forecaster" -c "$state/carbon.conf"
	clean_after 45m
	clocked_ctl apply 2>/dev/null
	carbon_next_second

	# Two jobs with a node each, that would have been over before the others came.
	first=$(submit --carbon-delay=3h -N1 --exclusive -t 44 --wrap 'sleep 2400')
	second=$(submit --carbon-delay=3h -N1 --exclusive -t 44 --wrap 'sleep 2400')
	[ "$(carbon_delay "$first")" -gt 900 ]
	[ "$(carbon_delay "$second")" -gt 900 ]
	cluster_wait_job 90 "$first" RUNNING
	cluster_wait_job 90 "$second" RUNNING
	submit --carbon=off --array=1-60 -n1 -t 2 --wrap true >/dev/null
	cluster_wait_until 240 is_over

	run -0 clocked_ctl settle
	[[ $output = *"carbonctl settle: jobs that were not delayed waited "*" (mean of 60, replayed) and without our delays "*"; from the next replan on nothing is delayed until "* ]]
	clocked_ctl replan 2>/dev/null
	clean_after 45m
	stopped=$(submit "${would_wait[@]}")
	[ "$(carbon_delay "$stopped")" = 0 ]
	grep -q "the site has paused waiting for clean power" "$dir/said"

	run -3 clocked_ctl doctor
	found bystanders problem "delaying is paused until 2026-01-0*Z (bystanders): jobs that were not delayed waited * (mean of 60, replayed) *"
	cluster_run "$CARBON_BUILD/forecaster/carbon-forecaster" -c "$state/carbon.conf"
	until=$(metric carbon_paused_until_timestamp_seconds)
	[ "$until" = "$(sed -n 's/^paused_until //p' "$state/site")" ]
	[ "$until" -gt "$(cluster_run date +%s)" ]

	# Nobody runs anything of ours: the site says itself until when.
	written=$(stat -c %Y "$state/site")
	clean_after 3h
	cluster_wait_until 120 clock_is_past "$until"
	again=$(submit "${would_wait[@]}")
	[ "$(carbon_delay "$again")" -gt 900 ]
	[ "$(stat -c %Y "$state/site")" = "$written" ]
	clocked_ctl replan 2>/dev/null
	run clocked_ctl doctor
	found bystanders note "delaying was paused until 2026-01-0* because of others' waits"
	[[ $output != *"delaying is paused"* ]]
}
