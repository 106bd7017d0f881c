#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What carbonctl writes into the site of a real slurmctld's nodes, jobs and reservations.

bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup() {
	carbon_begin_anew
}

# NODES committed in the quarter of an hour that holds now and those seconds; nothing: not in the file.
committed() { # SECONDS-FROM-NOW
	awk -v at="$(($(date +%s) + $1))" '$1 == "load" && $2 == "batch" {
		step = int((at - $3) / $4)
		if (step >= 0 && step + 5 <= NF)
			print $(step + 5)
	}' "$state/site"
}

place() { # KEY: of partition batch
	sed -n 's/^partition batch .* '"$1"'=\([^ ]*\).*/\1/p' "$state/site"
}

@test "the site has what the nodes of a partition are like, memory only where jobs take it from them" {
	[ "$(place nodes) $(place node_cores) $(place node_mem_gb)" = "3 4 0" ]
	sed -i 's/^SelectTypeParameters=.*/SelectTypeParameters=CR_Core_Memory/' "$SLURM_CONF"
	cluster_restart_ctld
	ctl apply 2>/dev/null
	[[ $(place node_mem_gb) = 3.9* ]]
	sed -i 's/^SelectTypeParameters=.*/SelectTypeParameters=CR_Core/' "$SLURM_CONF"
	cluster_restart_ctld
}

@test "a job that waits for clean power is committed when it is to begin, and a user's begin as well" {
	carbon_submit -n 8 >/dev/null # two of three nodes, in three hours
	sbatch --parsable --output=/dev/null -n 4 --begin=now+6hours --time=60 --wrap true
	ctl apply 2>/dev/null
	[ -z "$(committed 0)" ] || [ "$(committed 0)" = 0 ]
	[ "$(committed $((3 * 3600 + 900)))" = 2 ]
	[ "$(committed $((5 * 3600)))" = 0 ]
	[ "$(committed $((6 * 3600 + 900)))" = 1 ]
	grep -q '^power \* ' "$state/site"
}

@test "a job that waits for nodes is committed from now on" {
	carbon_submit --carbon=off -n 4 -t 120 >/dev/null
	ctl apply 2>/dev/null
	[ "$(committed 0)" = 1 ]
	[ "$(committed 3600)" = 1 ]
}

@test "a reservation holds its nodes, and maintenance is a wall instead" {
	scontrol create reservation reservationname=course users=root starttime=now+2hours duration=60 nodes=n[1-2]
	scontrol create reservation reservationname=upgrade users=root starttime=now+9hours duration=60 nodes=ALL \
		flags=maint,ignore_jobs
	ctl apply 2>/dev/null
	[ "$(committed 9000)" = 2 ]
	[ -z "$(committed 33000)" ] || [ "$(committed 33000)" = 0 ]
	grep -q '^wall ' "$state/site"
	scontrol delete reservationname=course
	scontrol delete reservationname=upgrade
}

@test "after replan the load is where it has moved the jobs to" {
	carbon_submit -n 4 >/dev/null
	carbon_outlook clean_after=6h
	ctl replan --every 4h 2>/dev/null
	[ "$(committed $((3 * 3600 + 900)))" = 0 ]
	[ "$(committed $((6 * 3600 + 900)))" = 1 ]
}

@test "a drained node cannot be used" {
	scontrol update nodename=n1 state=drain reason=test
	ctl apply 2>/dev/null
	[ "$(place nodes)" = 2 ]
}
