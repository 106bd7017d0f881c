#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From sbatch through slurmctld's plugin and a real slurmdbd into the books: an end that was promised, and the ways in which a
# job's wait can end early. Who did it is told as far as a record can tell.

# shellcheck disable=SC2034 # the CLUSTER_* variables are read by cluster.sh
bats_require_minimum_version 1.8.0
load ../controller/carbon
load ../controller/replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	export LANG=C TZ=UTC
	export CARBON_CLUSTER=cluster_start_full CLUSTER_NODES=1
	carbon_start_with_conf
	carbon_outlook
	ctl apply 2>/dev/null
	carbon_next_second
}

teardown_file() {
	carbon_stop
}

as_nobody() { # SBATCH-OPTION...
	cluster_as nobody sbatch --parsable --output=/dev/null "$@" --wrap true 2>/dev/null
}

has_ended() { # ID: and slurmdbd has all of it
	sacct -DnXP -S now-1hour -j "$1" -o State,Partition,AllocCPUS | grep -qE '^COMPLETED\|batch\|[1-9]'
}

ledger() { # COLUMNS ID
	python3 -c '
import sqlite3, sys
db = sqlite3.connect("file:%s/carbon.db?mode=ro" % sys.argv[3], uri=True)
for row in db.execute("SELECT %s FROM jobs WHERE JobIDRaw = %s" % tuple(sys.argv[1:3])):
    print(*row, sep="|")' "$1" "$2" "$state"
}

@test "a promised end and each way to end the wait are in the ledger and in the report" {
	carbonctl=$CARBON_BUILD/tools/carbonctl
	off=$(as_nobody --carbon=off)
	promised=$(as_nobody --time=60 --carbon-finish-by=now+20hours)
	released=$(as_nobody)
	changed=$(as_nobody)
	freed=$(as_nobody)
	plain=$(carbon_submit --begin=now+1 --carbon=off)
	overwritten=$(as_nobody --carbon=off --hold)
	for id in "$promised" "$released" "$changed" "$freed"; do
		carbon_is_delayed "$id"
	done
	finish=$(carbon_record "$promised" | grep -o ' finish=[0-9]*')
	[ -n "$finish" ]
	cluster_as nobody "$carbonctl" -c "$state/carbon.conf" release "$promised" "$released"
	cluster_as nobody scontrol update jobid="$changed" StartTime=now
	[ "$(ctl release "$freed")" = "1 released" ]
	ctl settle >/dev/null # keeps what waiting jobs say
	scontrol update jobid="$overwritten" AdminComment="efficiency 97 %"
	scontrol release "$overwritten"
	for id in "$off" "$promised" "$released" "$changed" "$freed" "$plain" "$overwritten"; do
		cluster_wait_until 90 has_ended "$id"
	done

	ctl settle --since "$(date -d '-2 hours' +%FT%T)" >"$dir/settled"
	cat "$dir/settled"
	[ "$(ledger 'opt_out, finish_by IS NULL, delayed IS NULL' "$off")" = "flag|1|1" ]
	[ "$(ledger opt_out "$plain")" = flag ]
	[ "$(ledger opt_out "$overwritten")" = flag ]
	[ "$(ledger 'opt_out, strftime("%s", finish_by), delayed' "$promised")" = "start|${finish#*=}|1" ]
	[ "$(ledger 'opt_out, finish_by IS NULL' "$released")" = "start|1" ]
	[ "$(ledger opt_out "$changed")" = start ]
	[ "$(ledger opt_out "$freed")" = site ]

	month=$(date -d "@$(date -d "$(ledger End "$freed")" +%s)" +%Y-%m)
	ctl -f json report --month "$month" >"$dir/report.json"
	python3 - "$dir/report.json" <<-'END'
		import json, sys
		d = json.load(open(sys.argv[1]))
		cost, promises = d["cost"], d["promises"]
		assert [cost[k] for k in ("opt_out_flag_jobs", "opt_out_start_jobs", "released_jobs")] == [3, 3, 1], cost
		assert {o["user"]: o["start_jobs"] for o in cost["opt_outs"]} == {"nobody": 3, "root": 0}, cost
		assert (promises["deadline_jobs"], promises["missed_jobs"]) == (1, 0), promises
	END
	# and each is told in words
	ctl explain "$off" | grep -qx 'Decided   nothing: its user said --carbon=off'
	ctl explain "$promised" | grep -qE '^Promise   to have ended by .*; kept$'
	ctl explain "$freed" | grep -q 'released by the site on '
}
