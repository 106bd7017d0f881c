#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: many submissions at once, while the files change under them; and the caps on waiting
# jobs, which protect a user's own submit limits.

bats_require_minimum_version 1.8.0
load carbon
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	CLUSTER_EXTRA_CONF="MaxJobCount=20000" carbon_start
}

submit_many() { # COUNT: prints the ids
	local i
	for ((i = 0; i < $1; i++)); do
		sbatch --parsable --wrap true 2>/dev/null
	done
}

submit_side_by_side() { # PROCESSES COUNT
	local i
	pids=()
	for ((i = 0; i < $1; i++)); do
		submit_many "$2" >"$dir/ids.$i" &
		pids+=($!)
	done
}

delayed_jobs() { # how many waiting jobs have a begin in the future
	squeue -h -o '%A %S' -t PD >"$dir/queue"
	squeue -h -t PD -O 'JobID:20,EligibleTime:30' | awk -v now="$(date +%Y-%m-%dT%H:%M:%S)" '$2 > now' | wc -l
}

@test "500 submissions from 8 processes at once, while the files are rewritten" {
	carbon_files
	submit_side_by_side 8 63
	while kill -0 "${pids[@]}" 2>/dev/null; do
		"$CARBON_BUILD/tests/controller/write_files" "$state"
	done
	wait "${pids[@]}"
	[ "$(cat "$dir"/ids.* | sort -u | wc -l)" -eq 504 ]
	[ "$(delayed_jobs)" -eq 504 ]
	carbon_ctld_is_up
	run ! grep -E 'error: carbon' "$(cluster_log)"
}

@test "a user's waiting jobs stay under the cap between two sites; others still may" {
	scancel -u root
	cluster_restart_ctld # what it counted in memory is gone with it
	carbon_files max_waiting_user=40
	submit_side_by_side 4 25
	wait "${pids[@]}"
	count=$(delayed_jobs)
	[ "$count" -ge 40 ]
	[ "$count" -le 43 ] # four processes may each pass the cap once
	carbon_submit --carbon-delay=12h
	carbon_said | grep -q 'carbon: not delayed: as many jobs wait for clean power as the site allows'
	id=$(cluster_as mail sbatch --parsable --wrap true)
	carbon_is_delayed "$id"
}

@test "what the site has counted already counts as well" {
	cluster_restart_ctld
	carbon_files max_waiting=100 waiting=98
	carbon_is_delayed "$(carbon_submit)"
	carbon_is_delayed "$(carbon_submit)"
	id=$(carbon_submit)
	[ "$(carbon_delay "$id")" -eq 0 ]
	[[ $(carbon_record "$(carbon_submit --array=1-3)") = *" delayed=0 "* ]]
}
