#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The harness itself: under CLUSTER_CLOCK a minute of the cluster lasts a second, for
# its daemons, clients, other users and jobs alike. Needs no plugin of ours.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir is set by bare.bash
bats_require_minimum_version 1.8.0
load ../bare

@test "a job of ten minutes, delayed by ten, is over in a minute of ours" {
	CLUSTER_NODES=1
	CLUSTER_WITH_DBD=0
	CLUSTER_CLOCK='@2026-01-05 00:00:00 x60'
	cluster_start_full "$dir"
	started_ms=$(_cluster_uptime_ms)
	id=$(cluster_as mail sbatch --parsable --begin=now+10minutes \
		--wrap 'date -u +%s; sleep 600; date -u +%s')
	begin_at=$(date -d "$(cluster_job_field "$id" StartTime)" +%s)
	cluster_wait_job 60 "$id" COMPLETED
	[ $(($(_cluster_uptime_ms) - started_ms)) -lt 60000 ]

	{ read -r start_at && read -r end_at; } <"$dir/user-mail/slurm-$id.out"
	[ "$start_at" -ge "$begin_at" ]
	[ "$start_at" -lt $((begin_at + 600)) ]
	[ $((end_at - start_at)) -ge 600 ]
	[ $((end_at - start_at)) -lt 900 ]
	[ "$(cluster_run date +%Y)" = 2026 ]

	cluster_stop "$dir"
	cluster_is_gone "$dir"
}
