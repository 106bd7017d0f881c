#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An array of which only some tasks fit into each clean window, on a whole cluster of four nodes: its parts run when their
# time has come, with records of their own, and never more at once than its limit lets. And a het job, whose components
# start together.

# shellcheck disable=SC2034,SC2016,SC2154 # cluster.sh reads the CLUSTER_* variables, the jobs expand their own, dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load full
load books

setup_file() {
	export CLUSTER_NODE_CONF="CPUs=1 RealMemory=1000"
	full_start_with_work 4
}

setup() {
	carbon_conf 'min_runtime = "0m"'
	rm -f "$work"/task.*
	grid clean_after=3h
	ctl apply 2>/dev/null
	carbon_next_second
}

teardown() {
	full_clear
}

grid() { # KEY=VALUE: an hour and a half of every three is clean
	carbon_outlook clean_for=90m clean_every=3h clean=50 "$@"
}

# Each task notes when it began and when it ended.
submit_array() { # INDICES
	cluster_as mail sbatch --parsable --array="$1" -o /dev/null --wrap \
		'date "+%s%N" >task.$SLURM_ARRAY_TASK_ID; sleep 5; date "+%s%N" >>task.$SLURM_ARRAY_TASK_ID' 2>/dev/null
}

have_ended() { # COUNT: so many tasks, and no more
	[ "$(cat "$work"/task.* 2>/dev/null | wc -l)" = $((2 * $1)) ]
}

most_at_once() {
	python3 - "$work"/task.* <<-'END'
		import sys
		times = [list(map(int, open(f).read().split())) for f in sys.argv[1:]]
		print(max(sum(b <= begin < e for b, e in times) for begin, _ in times))
	END
}

is_in_dbd() { # ID COUNT: so many tasks are over there
	[ "$(sacct -nX -j "$1" -o State | grep -c COMPLETED)" = "$2" ]
}

no_task_runs() {
	[ -z "$(squeue -h -t RUNNING,COMPLETING)" ]
}

# How many tasks the ledger has, and how many begins they had been given.
in_ledger() { # ID
	books_rows "$state" 'count(DISTINCT JobID), count(DISTINCT begin)' "delayed AND JobID LIKE '$1_%'"
}

@test "the limit of tasks at once holds over all parts, even when all are released" {
	id=$(submit_array 0-5%2)
	[[ $(replan --every 8h) = "1 waiting, 0 forward, 2 back, "* ]]
	[ "$(scontrol show -o job "$id" | grep -c JobState=PENDING)" = 5 ]
	ctl release "$id" >/dev/null
	cluster_wait_until 60 have_ended 6
	[ "$(most_at_once)" = 2 ]
}

@test "four tasks run in each clean window, each with a record of its own" {
	id=$(submit_array 0-11)
	grid clean_after=0s
	for round in 1 2 3; do
		[[ $(replan) = "1 waiting, 1 forward, 0 back, 0 changed by somebody, 0 left for the next run, 0 failed" ]]
		cluster_wait_until 60 have_ended $((4 * round))
		cluster_wait_until 60 no_task_runs
	done
	[ "$(most_at_once)" -le 4 ]
	cluster_wait_until 30 is_in_dbd "$id" 12
	# what each was told is what it did: it began once its own record's begin had come
	sacct -nPX -j "$id" -o JobID,Start,AdminComment%1000 >"$dir/runs"
	python3 - "$dir/runs" <<-'END'
		import calendar, re, sys, time
		begins = []
		for line in open(sys.argv[1]):
		    task, start, comment = line.split("|", 2)
		    begin = int(re.search(r" begin=(\d+) ", comment).group(1))
		    assert calendar.timegm(time.strptime(start, "%Y-%m-%dT%H:%M:%S")) >= begin, line
		    begins.append(begin)
		assert len(begins) == 12 and len(set(begins)) == 3, begins
	END
	ctl settle >/dev/null 2>"$dir/err"
	[ "$(ctl -f json explain "${id}_7" 2>/dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["job"]["state"])')" = finished ]
	[ "$(in_ledger "$id")" = "12|3" ]
}

have_completed() { # COUNT ID...: jobs
	[ "$(scontrol show -o job "$2" | grep -c 'JobState=COMPLETED')" = "$1" ]
}

@test "the components of a het job start together, and replan does not part them" {
	blocker=$(cluster_as mail sbatch --parsable --carbon=off -N 4 -o /dev/null --wrap 'sleep 3' 2>/dev/null)
	id=$(cluster_as mail sbatch --parsable --carbon-delay=12h -o /dev/null --wrap true : -N 2 --wrap true 2>/dev/null)
	[[ $(replan) = "0 waiting, 0 forward, 0 back, "* ]]
	cluster_wait_until 60 have_completed 2 "$id"
	scontrol show -o job "$id" >"$dir/components"
	[ "$(grep -c 'HetJobOffset=' "$dir/components")" = 2 ]
	[ "$(grep -o ' StartTime=[^ ]*' "$dir/components" | sort -u | wc -l)" = 1 ]
	run ! grep -q 'carbon/1' "$dir/components"
	cluster_wait_until 60 have_completed 1 "$blocker"
}
