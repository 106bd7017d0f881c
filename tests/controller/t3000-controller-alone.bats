#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The harness itself: a slurmctld alone takes jobs, keeps them over a restart and a
# crash, and leaves nothing behind. Needs no plugin of ours.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir is set by bare.bash
bats_require_minimum_version 1.8.0
load ../bare

@test "a slurmctld alone takes an ordinary user's job" {
	cluster_start_controller "$dir"
	id=$(cluster_as mail sbatch --parsable --wrap true)
	[ "$(cluster_job_field "$id" JobState)" = PENDING ]
	[ "$(cluster_job_field "$id" UserId)" = "mail($(id -u mail))" ]
}

@test "a waiting job and its begin survive a restart and a crash of slurmctld" {
	cluster_start_controller "$dir"
	id=$(sbatch --parsable --begin=now+3hours --comment='two words' --wrap true)
	begin=$(cluster_job_field "$id" StartTime)
	first=$(cluster_pid slurmctld)

	cluster_restart_ctld
	second=$(cluster_pid slurmctld)
	[ "$second" != "$first" ]
	[ "$(cluster_job_field "$id" StartTime)" = "$begin" ]

	cluster_kill_ctld
	run ! cluster_pid slurmctld
	cluster_start_ctld
	[ "$(cluster_job_field "$id" StartTime)" = "$begin" ]
	[ "$(cluster_job_field "$id" Comment)" = "two words" ]
}

@test "the settings reach slurm.conf and slurmctld's environment" {
	CLUSTER_NODES=5
	CLUSTER_NODE_CONF="CPUs=64 RealMemory=256000"
	CLUSTER_PARTITIONS="PartitionName=day Nodes=n[1-2] Default=YES MaxTime=60
PartitionName=night Nodes=n[3-5]"
	CLUSTER_EXTRA_CONF="JobRequeue=0"
	CLUSTER_CTLD_ENV="SLURM_CARBON_DIR=/nowhere/a b
OTHER=1"
	cluster_start_controller "$dir"

	[ "$(sinfo -ho '%R %D %c' | sort)" = "day 2 64
night 3 64" ]
	scontrol show config | grep -q '^JobRequeue *= 0'
	tr '\0' '\n' <"/proc/$(cluster_pid slurmctld)/environ" >"$dir/environ"
	grep -qxF 'SLURM_CARBON_DIR=/nowhere/a b' "$dir/environ"
	grep -qxF OTHER=1 "$dir/environ"
}

@test "a job_submit plugin that does not exist is named when slurmctld does not start" {
	CLUSTER_JOB_SUBMIT=nonesuch run cluster_start_controller "$dir"
	[ "$status" -eq 1 ]
	[[ $output = *nonesuch* ]]
	[[ $output = *"slurmctld is not ready"* ]]
}

@test "a wait ends neither with the seconds of an idle machine nor before a try behind its limit" {
	touch "$dir/throwaway" # so that teardown removes it
	unset CLUSTER_PATIENCE
	_cluster_uptime_ms() { cat "$BATS_TEST_TMPDIR/clock"; }
	at_the_second_try() { # the machine has no time for anybody meanwhile
		[ "$(cat "$BATS_TEST_TMPDIR/clock")" != 0 ] || ! echo "$later" >"$BATS_TEST_TMPDIR/clock"
	}
	for later in 59000 1000000; do
		echo 0 >"$BATS_TEST_TMPDIR/clock"
		cluster_wait_until 10 at_the_second_try
	done
	never() {
		echo $(($(cat "$BATS_TEST_TMPDIR/clock") + 1000)) >"$BATS_TEST_TMPDIR/clock.new"
		mv "$BATS_TEST_TMPDIR/clock.new" "$BATS_TEST_TMPDIR/clock"
		return 1
	}
	echo 0 >"$BATS_TEST_TMPDIR/clock"
	run ! cluster_wait_until 10 never
	[ "$(cat "$BATS_TEST_TMPDIR/clock")" = 61000 ]
}

@test "clusters started side by side do not meet, and stopping one leaves the other" {
	other=$(cluster_make_dir)
	cluster_start_controller "$other"
	cluster_start_controller "$dir"
	[ "$(cat "$dir/ports")" != "$(cat "$other/ports")" ]
	sbatch --wrap true
	cluster_use "$other"
	[ -z "$(squeue -h)" ]

	cluster_down "$other"
	[ ! -e "$other" ]
	cluster_use "$dir"
	[ -n "$(squeue -h)" ]
	run cluster_is_gone "$dir"
	[ "$status" -eq 1 ]
}

@test "a directory with something in it is refused and left as it is" {
	echo mine >"$dir/file"
	run cluster_start_controller "$dir"
	[ "$status" -eq 1 ]
	[[ $output = *"$dir is not empty"* ]]
	cluster_down "$dir"
	[ "$(cat "$dir/file")" = mine ]
	rm -r "$dir"
}

@test "after stop no process and no port is left" {
	cluster_start_controller "$dir"
	port=$(cat "$dir/ports")
	_cluster_is_listening "$port"
	run cluster_is_gone "$dir"
	[ "$status" -eq 1 ]
	cluster_stop "$dir"
	cluster_is_gone "$dir"
	run ! _cluster_is_listening "$port"
}
