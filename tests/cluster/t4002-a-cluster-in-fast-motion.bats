#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The harness itself: under CLUSTER_CLOCK a minute of the cluster lasts a second, for
# its daemons, clients, other users and jobs alike. Needs no plugin of ours.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir is set by bare.bash
bats_require_minimum_version 1.8.0
load ../bare

@test "a job of ten minutes, delayed by ten, is over in a sixtieth of that" {
	CLUSTER_NODES=1
	CLUSTER_WITH_DBD=0
	CLUSTER_CLOCK='@2026-01-05 00:00:00 x60'
	cluster_start_full "$dir"
	started_ms=$(_cluster_uptime_ms)
	clock_started=$(cluster_run date +%s)
	id=$(cluster_as mail sbatch --parsable --begin=now+10minutes \
		--wrap 'date -u +%s; sleep 600; date -u +%s')
	begin_at=$(date -d "$(cluster_job_field "$id" StartTime)" +%s)
	cluster_wait_job 60 "$id" COMPLETED
	ours_ms=$(($(_cluster_uptime_ms) - started_ms)) theirs=$(($(cluster_run date +%s) - clock_started))
	[ "$theirs" -ge 1200 ] && [ $((ours_ms * 50)) -le $((theirs * 1000)) ] && [ $((ours_ms * 70)) -ge $((theirs * 1000)) ]

	{ read -r start_at && read -r end_at; } <"$dir/user-mail/slurm-$id.out"
	[ "$start_at" -ge "$begin_at" ]
	# a job with a clock of its own would be hours or years away, and a second of a busy machine's is a minute here
	[ "$start_at" -lt $((begin_at + theirs)) ]
	[ $((end_at - start_at)) -ge 600 ]
	[ $((end_at - start_at)) -le "$theirs" ]
	[ "$(cluster_run date +%Y)" = 2026 ]

	cluster_stop "$dir"
	cluster_is_gone "$dir"
}
