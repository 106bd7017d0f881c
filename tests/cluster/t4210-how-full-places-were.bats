#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How full partitions were, as carbonctl settle works it out from a real slurmdbd: jobs run, and their times are then
# moved into the past in slurmdbd's own tables, since five minutes are a long time for a test. Needs no plugin of ours.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load plain

db() { # COLUMNS VIEW CONDITION
	ledger "$1" "$3" "$2"
}

place() { # COLUMNS CONDITION
	db "$1" places "$2"
}

has_ended() { # ID
	sacct -DnXP -S now-1hour -j "$1" -o State | grep -qE '^(COMPLETED|CANCELLED)'
}

has_event() { # NODE
	sql "SELECT node_name FROM throwaway_event_table" | grep -q "$1"
}

is_running() { # ID
	sacct -nXP -j "$1" -o State | grep -q RUNNING
}

move() { # ID ELIGIBLE START END: seconds after the base, or 0
	sql "UPDATE throwaway_job_table SET time_submit = $((base + $2)), time_eligible = $((base + $2)),
		time_start = $3, time_end = $4 WHERE id_job = $1"
}

@test "busy nodes, backlog, drained and powered-down nodes, and what waits for a limit alone" {
	CLUSTER_NODES=4
	CLUSTER_PARTITIONS=$'PartitionName=batch Nodes=ALL Default=YES DefaultTime=5 State=UP\nPartitionName=short Nodes=n[1-2] DefaultTime=5 State=UP'
	plain_conf <<-END
		partition "batch" {
			idle_w = 100
			off_w = 6
			pue = 2
			boot_time = "10m"
		}
	END
	cluster_start_full "$dir"
	for i in 1 2 3; do
		cluster_as mail sbatch --parsable -N 2 -n 8 --exclusive -o /dev/null --wrap true
	done
	cluster_as mail sbatch --parsable -H -p short -o /dev/null --wrap true
	scancel 4
	for i in 1 2 3 4; do
		cluster_wait_until 60 has_ended $i
	done
	scontrol update nodename=n4 state=drain reason=broken
	cluster_wait_until 20 has_event n4
	runaway=$(cluster_as mail sbatch --parsable -p short -o /dev/null --wrap 'sleep 600')
	cluster_wait_job 30 "$runaway" RUNNING
	cluster_wait_until 20 is_running "$runaway"

	base=$(($(date +%s) / 3600 * 3600 - 7200))
	# two nodes busy for the first hour; a second job waits from minute 10 (and two of grace) to 30; a third one, from
	# minute 40 on, for a limit of its QOS (SLURM: WAIT_QOS_GRP_CPU); the fourth was cancelled after waiting ten minutes
	move 1 0 $base $((base + 3600))
	move 2 600 $((base + 1800)) $((base + 3600))
	move 3 2400 $((base + 3300)) $((base + 3600))
	sql "UPDATE throwaway_job_table SET state_reason_prev = 50 WHERE id_job = 3"
	move 4 3600 0 $((base + 4200))
	sql "UPDATE throwaway_event_table SET time_start = $((base + 300)), time_end = $((base + 600)) WHERE node_name = 'n4'"
	sql "INSERT INTO throwaway_event_table (time_start, time_end, node_name, cluster_nodes, reason, state, tres)
		VALUES ($((base + 4800)), $((base + 5400)), 'n3', '', 'Powered down after SuspendTimeout', 4098, '')"
	# a row that was never ended, of a job that slurmctld has never heard of
	sql "CREATE TEMPORARY TABLE lost AS SELECT * FROM throwaway_job_table WHERE id_job = $runaway;
		UPDATE lost SET id_job = 999, job_db_inx = 999, time_start = $base, time_submit = $base;
		INSERT INTO throwaway_job_table SELECT * FROM lost"

	carbonctl settle --since "$(date -d "@$base" +%FT%T)" >settled
	cat settled
	place 'time, usable, off, busy, backlog, waiting, full' "Partition = 'batch'"
	grep -q '^1 without an end that slurmctld knows nothing of' settled
	at() { date -d "@$((base + $1))" +%FT%TZ; }
	[ "$(place 'usable, off, busy, full' "Partition = 'batch' AND time = '$(at 0)'")" = '4.0|0.0|2.0|0' ]
	[ "$(place 'usable, off' "Partition = 'batch' AND time = '$(at 300)'")" = '3.0|0.0' ]
	[ "$(place 'usable, off' "Partition = 'batch' AND time = '$(at 4800)'")" = '4.0|1.0' ]
	# minutes 12 to 15 are more than half of five
	[ "$(place 'count(*), min(time), max(time)' "Partition = 'batch' AND full AND time < '$(at 3600)'")" = \
		"4|$(at 600)|$(at 1500)" ]
	[ "$(place 'busy, backlog, waiting' "Partition = 'batch' AND time = '$(at 900)'")" = '2.0|2.0|1.0' ]
	[ "$(place 'busy, waiting, full' "Partition = 'batch' AND time = '$(at 3300)'")" = '4.0|0.0|0' ]
	# short has two of batch's four nodes: half of its jobs' work, and who waits there waits for batch's nodes too
	[ "$(place 'usable, busy, backlog' "Partition = 'short' AND time = '$(at 900)'")" = '2.0|1.0|1.0' ]
	[ "$(place 'count(*)' "full AND time = '$(at 3900)'")" = 2 ]
	[ "$(place 'busy' "Partition = 'short' AND time = '$(at 3900)'")" = 0.0 ]
	# the nodes are batch's own. n3 was off for ten minutes: 6 W * 2, then a boot of ten minutes at idle power
	db '*' nodes 1
	[ "$(db 'Partition, sum(round(off_h, 4)), sum(boots), sum(round(off_kwh, 4)), sum(round(boot_kwh, 4))' nodes 1)" = \
		'batch|0.1667|1|0.002|0.0333' ]
	[ "$(db 'sum(abs(idle_kwh - idle_h * 0.2) < 1e-9), count(*), sum(idle_h) > 1, sum(mass_g)' nodes "boots + 1")" = \
		"$(db 'count(*), count(*), 1, NULL' nodes 1)" ]
	# again: the same
	before=$(place '*' "time < '$(at 5400)'")
	carbonctl settle --since "$(date -d "@$base" +%FT%T)" >settled
	[ "$(place '*' "time < '$(at 5400)'")" = "$before" ]
}
