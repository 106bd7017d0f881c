#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From sbatch through slurmctld's plugin and a real slurmdbd into the books: an end that was promised, and the ways in which a
# job's wait can end early. Who did it is told as far as a record can tell.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load full
load books

setup_file() {
	full_start 1
	carbon_forecast_anew
}

as_mail() { # SBATCH-OPTION...
	cluster_as mail sbatch --parsable --output=/dev/null "$@" --wrap true 2>/dev/null
}

has_ended() { # ID: and slurmdbd has all of it
	sacct -DnXP -S now-1hour -j "$1" -o State,Partition,AllocCPUS | grep -qE '^COMPLETED\|batch\|[1-9]'
}

ledger() { # COLUMNS ID
	books_rows "$state" "$1" "JobIDRaw = $2"
}

reports() { # EXPRESSION: of the months' reports
	books_reports "$state" "$1" ctl
}

@test "a promised end and each way to end the wait are in the ledger and in the report" {
	carbonctl=$CARBON_BUILD/tools/carbonctl
	off=$(as_mail --carbon=off)
	promised=$(as_mail --time=60 --carbon-finish-by=now+20hours)
	released=$(as_mail)
	changed=$(as_mail)
	freed=$(as_mail)
	plain=$(carbon_submit --begin=now+1 --carbon=off)
	overwritten=$(as_mail --carbon=off --hold)
	for id in "$promised" "$released" "$changed" "$freed"; do
		carbon_is_delayed "$id"
	done
	finish=$(carbon_record "$promised" | grep -o ' finish=[0-9]*')
	[ -n "$finish" ]
	cluster_as mail "$carbonctl" -c "$state/carbon.conf" release "$promised" "$released"
	cluster_as mail scontrol update jobid="$changed" StartTime=now
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

	cd "$dir" || return 1
	[ "$(reports '[add("cost", key) for key in ("opt_out_flag_jobs", "opt_out_start_jobs", "released_jobs")]')" = "[3, 3, 1]" ]
	[ "$(reports 'sum((collections.Counter({o["user"]: o["start_jobs"]}) for d in ds for o in d["cost"].get("opt_outs", [])),
		start=collections.Counter())')" = "Counter({'mail': 3})" ]
	[ "$(reports 'sorted({o["user"] for d in ds for o in d["cost"].get("opt_outs", [])})')" = "['mail', 'root']" ]
	[ "$(reports 'add("promises", "deadline_jobs"), add("promises", "missed_jobs")')" = "(1, 0)" ]
	# and each is told in words
	ctl explain "$off" | grep -qx 'Decided   nothing: its user said --carbon=off'
	ctl explain "$promised" | grep -qE '^Promise   to have ended by .*; kept$'
	ctl explain "$freed" | grep -q 'released by the site on '
}
