#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld that delays everybody by default: jobs that are never for us.

bats_require_minimum_version 1.8.0
load carbon
: "${dir:=}" "${state:=}" # set by carbon_start

newest() { # id of the job that was submitted last; two of one second have the same submit time
	squeue -h -t all -o %A | sort -n | tail -n 1
}

# Runs a command that would wait for ever, until its job is there.
start_and_stop() { # CMD...
	local before
	before=$(newest)
	"$@" >"$dir/out" 2>"$dir/said" &
	pid=$!
	cluster_wait_until 10 eval "[ \"\$(newest)\" != '$before' ]"
	id=$(newest)
	kill "$pid"
	wait "$pid" || true
}

@test "srun and salloc are not delayed" {
	carbon_files
	start_and_stop srun true
	carbon_is_left_alone "$id"
	run ! grep carbon "$dir/said"
	start_and_stop salloc true
	carbon_is_left_alone "$id"
	start_and_stop srun --carbon-delay=12h true
	carbon_is_left_alone "$id"
	grep -q 'carbon: not delayed: it is interactive' "$dir/said"
}

@test "--wait is not delayed, wherever it is said" {
	carbon_files
	start_and_stop sbatch --wait --wrap true
	carbon_is_left_alone "$id"
	start_and_stop sbatch -W --wrap true
	carbon_is_left_alone "$id"
	start_and_stop env SBATCH_WAIT=1 sbatch --wrap true
	carbon_is_left_alone "$id"
	printf '#!/bin/sh\n#SBATCH --wait\ntrue\n' >"$dir/script"
	start_and_stop sbatch "$dir/script"
	carbon_is_left_alone "$id"
}

@test "what only looks like --wait is delayed" {
	carbon_files
	printf '#!/bin/sh\ntrue\n' >"$dir/script"
	carbon_is_delayed "$(sbatch --parsable "$dir/script" --wait)"
	carbon_is_delayed "$(sbatch --parsable -n 1 --mem 100 "$dir/script" -W --test-only)"
	carbon_is_delayed "$(sbatch --parsable --comment='please --wait here' --wrap='curl --wait')"
}

@test "--test-only says nothing of ours and leaves no job" {
	carbon_files
	before=$(newest)
	sbatch --test-only --wrap true 2>"$dir/said" || true
	run ! grep carbon "$dir/said"
	sbatch --test --wrap true 2>"$dir/said" || true
	run ! grep carbon "$dir/said"
	[ "$(newest)" = "$before" ]
}

# Not every package brings scrontab: a client of libslurm marks a job as it does. Some cred_none.so want what
# libslurmfull.so alone has.
submit_one() { # [cron]
	LD_PRELOAD=$(_cluster_system_plugin_dir)/libslurmfull.so "$CARBON_BUILD/tests/bench/submit_jobs" 1 "$@"
}

@test "scrontab's jobs are left alone" {
	carbon_files
	carbon_is_delayed "$(submit_one)"
	carbon_is_left_alone "$(submit_one cron)"
}

@test "no component of a het job is delayed, and its user is told once" {
	carbon_files
	sbatch --carbon-delay=12h --wrap true : --wrap true >"$dir/out" 2>"$dir/said"
	id=$(grep -o '[0-9]*' "$dir/out")
	carbon_is_left_alone "$id"
	carbon_is_left_alone "$((id + 1))"
	[ "$(grep -c 'not delayed: it is a heterogeneous job' "$dir/said")" -eq 1 ]
}

# Components that began at different times would keep nodes from others, so none has a begin, and all may start at once.
@test "under a default delay the components of a het job keep one and the same start" {
	carbon_files level=default
	id=$(sbatch --parsable --wrap true : -n 2 --wrap true : -n 3 --wrap true)
	for component in 0 1 2; do
		carbon_is_left_alone "$((id + component))"
	done
	[ "$(scontrol show -o job "$id" | grep -o ' EligibleTime=[^ ]*' | sort -u | wc -l)" = 1 ]
	[ "$(scontrol show -o job "$id" | wc -l)" = 3 ]
}

@test "jobs in a reservation, held jobs, --time-min and dependencies are not delayed" {
	carbon_files
	scontrol create reservation reservationname=course nodes=n1 starttime=now duration=60 user=root
	id=$(carbon_submit --reservation=course)
	carbon_is_left_alone "$id"
	scancel "$id"
	scontrol delete reservation=course
	carbon_is_left_alone "$(carbon_submit --time=60 --time-min=30)"
	first=$(carbon_submit --carbon=off)
	[ -z "$(carbon_record "$(carbon_submit --dependency=afterok:"$first")")" ]
	[ -z "$(carbon_record "$(carbon_submit --hold)")" ]
}

read_environment() { # ID: into $environment; four bytes in the file count the entries
	mapfile -d '' -t environment < <(tail -c +5 "$dir/state/hash.$(($1 % 10))/job.$1/environment")
}

# sbatch inside a job sees the environment that slurmctld keeps for it.
@test "a job that a job submits does not inherit its flags" {
	carbon_files level=opt-in
	outer=$(carbon_submit --carbon-delay=12h --carbon-finish-by=now+40hours)
	carbon_is_delayed "$outer"
	read_environment "$outer"
	printf '%s\n' "${environment[@]}" | grep -q ^_SLURM_SPANK_OPTION_carbon_carbon_delay=12h
	inner=$(env -i "${environment[@]}" sbatch --parsable --wrap true)
	carbon_is_left_alone "$inner"
	(read_environment "$inner" && printf '%s\n' "${environment[@]}" >"$dir/environment")
	run ! grep -E '^(_SLURM_SPANK_OPTION_carbon|SLURM_SPANK_.*[cC][aA][rR][bB][oO][nN]|SLURM_CARBON_)' "$dir/environment"
	inner=$(env -i "${environment[@]}" sbatch --parsable --carbon-delay=13h --wrap true)
	carbon_is_delayed "$inner"
}

@test "a variable that a user exports holds for inner jobs too, as the manual says" {
	carbon_files level=opt-in
	outer=$(CARBON_DELAY=12h carbon_submit)
	read_environment "$outer"
	carbon_is_delayed "$(env -i "${environment[@]}" sbatch --parsable --wrap true)"
}
