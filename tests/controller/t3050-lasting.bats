#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: a plan outlives restarts, crashes, reconfiguration and all our files; an ordinary user
# can always take a job back.

bats_require_minimum_version 1.8.0
load carbon
: "${dir:=}" "${state:=}" # set by carbon_start

@test "a restart and a crash of slurmctld keep begin and record" {
	carbon_files
	id=$(carbon_submit)
	begin=$(carbon_begin "$id")
	record=$(carbon_record "$id")
	cluster_restart_ctld
	[ "$(carbon_begin "$id")" = "$begin" ]
	[ "$(carbon_record "$id")" = "$record" ]
	cluster_kill_ctld
	cluster_start_ctld
	[ "$(carbon_begin "$id")" = "$begin" ]
	[ "$(carbon_record "$id")" = "$record" ]
	carbon_is_delayed "$(carbon_submit)"
}

@test "scontrol reconfigure changes nothing" {
	carbon_files
	id=$(carbon_submit)
	cluster_reconfigure
	carbon_is_delayed "$id"
	carbon_is_delayed "$(carbon_submit)"
}

@test "a job that waits has a begin of its own: it needs none of our files, nor the plugin" {
	carbon_files
	id=$(carbon_submit)
	begin=$(carbon_begin "$id")
	rm -f "$state"/*
	sed -i '/^JobSubmitPlugins/d' "$dir/etc/slurm.conf"
	cluster_restart_ctld
	[ "$(carbon_begin "$id")" = "$begin" ]
	[ "$(cluster_job_field "$id" JobState)" = PENDING ]
	echo JobSubmitPlugins=carbon >>"$dir/etc/slurm.conf"
	cluster_restart_ctld
}

@test "an ordinary user may start a delayed job now, and later" {
	carbon_files
	id=$(cluster_as mail sbatch --parsable --wrap true)
	carbon_is_delayed "$id"
	record=$(carbon_record "$id")
	cluster_as mail scontrol update jobid="$id" StartTime=now
	[ "$(carbon_begin "$id")" -le "$(date +%s)" ]
	[ "$(carbon_record "$id")" = "$record" ]
	cluster_as mail scontrol update jobid="$id" StartTime=now+2hours
	[ "$(carbon_delay "$id")" -ge 7200 ]
	cluster_as mail scontrol update jobid="$id" TimeLimit=30
	cluster_as mail scontrol hold "$id"
	cluster_as mail scontrol release "$id"
}

@test "root may move the begin and rewrite the record" {
	carbon_files
	id=$(cluster_as mail sbatch --parsable --wrap true)
	scontrol update jobid="$id" StartTime=now+2hours AdminComment="mine"
	[ "$(cluster_job_field "$id" AdminComment)" = mine ]
}

@test "the record stays with a job that is put back into the queue of an array" {
	carbon_files
	id=$(carbon_submit --array=1-4)
	scontrol update jobid="${id}_2" StartTime=now
	[ "$(carbon_record "${id}_2")" = "$(carbon_record "${id}_3")" ]
	carbon_is_delayed "${id}_3"
}
