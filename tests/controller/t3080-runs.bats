#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# With slurmds, so that jobs run: a delayed job waits for its begin, then really runs and reads what was
# expected of it; srun inside it goes on as ever.

bats_require_minimum_version 1.8.0
load carbon
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	CARBON_CLUSTER=cluster_start_full CLUSTER_WITH_DBD=0 CLUSTER_NODES=1 carbon_start
}

start_of() { # ID
	_carbon_epoch "$1" StartTime
}

@test "a delayed job waits while the node is idle, then runs" {
	carbon_files clean_after=20s min_runtime=0 limit=1 min_saving_g=0 slack=1
	cat >"$dir/script" <<-'END'
		#!/bin/sh
		#SBATCH --carbon-delay=5m --time=1
		date +%s
		env | grep ^SLURM_CARBON_
		srun --carbon-delay=1h hostname
	END
	id=$(cd "$dir" && sbatch --parsable --output="$dir/output" "$dir/script")
	begin=$(carbon_begin "$id")
	now=$(carbon_submit --carbon=off)
	cluster_wait_job 10 "$now" COMPLETED
	cluster_wait_job 60 "$id" COMPLETED
	# it was not the node that it waited for
	[ "$(carbon_delay "$id")" -gt 0 ] && [ "$(start_of "$id")" -ge "$begin" ]
	[ "$(start_of "$now")" -lt "$begin" ]
	[ "$(head -n 1 "$dir/output")" -ge "$begin" ]
	grep -qx SLURM_CARBON_ZONE=DE "$dir/output"
	grep -qx "SLURM_CARBON_START=$(date -u -d "@$begin" +%Y-%m-%dT%H:%M:%SZ)" "$dir/output"
	[ -n "$(carbon_record "$id")" ]
}

@test "a job that its user starts now runs now" {
	carbon_files min_runtime=0 min_saving_g=0
	id=$(cluster_as mail sbatch --parsable --output=/dev/null --time=1 --wrap true)
	carbon_is_delayed "$id"
	cluster_as mail scontrol update jobid="$id" StartTime=now
	cluster_wait_job 20 "$id" COMPLETED
}

@test "sbatch inside a running job does not inherit the job's flags" {
	carbon_files level=opt-in clean_after=5s min_runtime=0 limit=1 min_saving_g=0 slack=1
	cat >"$dir/script" <<-'END'
		#!/bin/sh
		#SBATCH --carbon-delay=5m --time=1
		sbatch --parsable --output=/dev/null --time=1 --wrap true
	END
	id=$(cd "$dir" && sbatch --parsable --output="$dir/inner" "$dir/script")
	cluster_wait_job 60 "$id" COMPLETED
	inner=$(tail -n 1 "$dir/inner")
	[ -z "$(carbon_record "$inner")" ]
	cluster_wait_job 20 "$inner" COMPLETED
}
