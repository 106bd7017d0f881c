#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld with four nodes: an array of which only some tasks fit into each clean window. It is clean for an hour and a
# half in every three; each task takes a whole node for an hour. Nobody told of nodes at submission.

bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	export TZ=UTC CLUSTER_NODES=4
	carbon_start_with_conf
}

setup() {
	carbon_cancel_all
	# shellcheck disable=SC2119
	carbon_conf
	"$CARBON_BUILD/tests/controller/write_files" "$state" clean_for=90m clean_every=3h
	carbon_next_second
	now=$(date +%s)
}

submit_array() { # INDICES OPTION...
	carbon_submit --array="$1" -n 4 "${@:2}"
}

# Each record of the array that waits: its tasks and its number. (squeue shows several as one.)
records() { # ID
	scontrol show -o job "$1" | sed -n 's/^JobId=\([0-9]*\) .* ArrayTaskId=\([^ ]*\) .* JobState=PENDING .*/\2 \1/p'
}

# Its tasks and the hours from NOW to its begin, rounded to windows of three hours.
windows() { # ID
	local tasks job window
	records "$1" | while read -r tasks job; do
		window=$((($(carbon_begin_of "$job") - now + 1800) / 10800))
		echo "${tasks%%%*}:$((window * 3))"
	done | sort -n
}

# By its own number, which of an array's first record is the array's too.
record_of() { # ID
	scontrol show -o job "$1" | grep "^JobId=$1 "
}

carbon_begin_of() { # ID
	date -d "$(record_of "$1" | grep -o ' EligibleTime=[^ ]*' | cut -d= -f2)" +%s
}

tasks_in() { # ID HOUR: which begin in that window
	local first last
	windows "$1" | sed -n "s/:$2\$//p" | tr , '\n' | while IFS=- read -r first last; do
		seq "$first" "${last:-$first}"
	done | sort -n | paste -sd ,
}

number_of() { # ID TASK: of the job that a task has become
	scontrol show -o job "$1_$2" | grep -o '^JobId=[0-9]*' | cut -d= -f2
}

@test "tasks that do not fit into one window are spread over several" {
	id=$(submit_array 0-11)
	[ "$(windows "$id")" = 0-11:3 ]
	[[ $(replan --every 8h) = "1 waiting, 0 forward, 2 back, 0 changed by somebody, 0 left for the next run, 0 failed" ]]
	[ "$(windows "$id")" = "$(printf '%s\n' 0:3 1:3 2:3 3:3 4:6 5:6 6:6 7:6 8-11:9)" ]
	# each with a right record
	while read -r _ job; do
		[[ $(record_of "$job") = *"[carbon/1 "*" begin=$(carbon_begin_of "$job") "* ]]
	done < <(records "$id")
	# and decided again they stay there
	[[ $(replan --every 8h) = "9 waiting, 0 forward, 0 back, "* ]]
	[ "$(tasks_in "$id" 3)" = 0,1,2,3 ] && [ "$(tasks_in "$id" 6)" = 4,5,6,7 ]
}

@test "only what is due before the next run leaves the array" {
	id=$(submit_array 0-11)
	[[ $(replan) = "1 waiting, 0 forward, 0 back, "* ]]
	[ "$(windows "$id")" = 0-11:3 ]
	[[ $(replan --every 4h) = "1 waiting, 0 forward, 1 back, "* ]]
	[ "$(windows "$id")" = "$(printf '%s\n' 0:3 1:3 2:3 3:3 4-11:6)" ]
}

@test "the site tells of the tasks where they will be" {
	submit_array 0-11 >/dev/null
	replan --every 8h
	# an hour touches five quarters of an hour at most, and no window holds more than four tasks
	grep '^load batch ' "$state/site" | tr ' ' '\n' | tail -n +5 | sort | uniq -c >"$dir/load"
	read -r quarters nodes < <(tail -n 1 "$dir/load")
	[ "$nodes" = 4 ]
	[ "$quarters" -ge 12 ] && [ "$quarters" -le 15 ]
	[ "$(wc -l <"$dir/load")" = 2 ]
}

@test "every task of an array counts as waiting, whether it has left it or not" {
	id=$(submit_array 0-11)
	replan
	grep -qx 'waiting 12' "$state/site"
	replan --every 8h
	[ "$(records "$id" | wc -l)" = 9 ]
	replan --every 8h
	grep -qx 'waiting 12' "$state/site"
}

@test "the parts outlive a restart and a crash of slurmctld" {
	id=$(submit_array 0-11%6)
	replan --every 8h
	before=$(windows "$id")
	[ "$(records "$id" | wc -l)" -gt 1 ]
	cluster_restart_ctld
	[ "$(windows "$id")" = "$before" ]
	cluster_kill_ctld
	cluster_start_ctld
	[ "$(windows "$id")" = "$before" ]
	[[ $(replan --every 8h) = *" waiting, 0 forward, 0 back, "*" 0 failed" ]]
	[ "$(scontrol show -o job "$id" | grep -c 'ArrayTaskThrottle=6')" = "$(records "$id" | wc -l)" ]
}

@test "where there is room for all of it, it stays whole" {
	id=$(submit_array 0-3)
	[[ $(replan --every 8h) = "1 waiting, 0 forward, 0 back, "* ]]
	[ "$(windows "$id")" = 0-3:3 ]
}

@test "a limit of tasks at once is kept, and counts for tasks that are jobs of their own" {
	id=$(submit_array 0-5%2)
	[[ $(replan --every 8h) = "1 waiting, 0 forward, 2 back, "* ]]
	[ "$(windows "$id")" = "$(printf '%s\n' 0:3 1:3 2:6 3:6 4-5:9)" ]
	[ "$(scontrol show job "$id" | grep -c 'ArrayTaskThrottle=2')" = 5 ]
	# with four nodes free no third one is put into the first window
	[[ $(replan --every 8h) = "5 waiting, 0 forward, 0 back, "* ]]
	[ "$(tasks_in "$id" 3)" = 0,1 ] && [ "$(tasks_in "$id" 6)" = 2,3 ]
}

@test "queue and explain tell of each part, and release lets one task go" {
	id=$(submit_array 0-11)
	replan --every 8h
	ctl queue >"$dir/queue"
	grep -q "^${id}_0 " "$dir/queue"
	grep -q "^${id}_7 " "$dir/queue"
	grep -q "^$id " "$dir/queue"
	six=$(carbon_begin_of "$(number_of "$id" 6)") nine=$(carbon_begin_of "$id")
	ctl -f json explain "${id}_6" | python3 -c 'import json, sys, datetime as d
got = json.load(sys.stdin)["job"]["begin_at"]
assert d.datetime.fromisoformat(got.replace("Z", "+00:00")).timestamp() == int(sys.argv[1]), got' "$six"
	ctl -f json explain "${id}_9" | python3 -c 'import json, sys, datetime as d
got = json.load(sys.stdin)["job"]["begin_at"]
assert d.datetime.fromisoformat(got.replace("Z", "+00:00")).timestamp() == int(sys.argv[1]), got' "$nine"
	ctl release "${id}_6"
	[ "$(carbon_begin_of "$(number_of "$id" 6)")" -le "$(date +%s)" ]
	[ "$(carbon_begin_of "$(number_of "$id" 7)")" = "$six" ]
	ctl release "$id"
	[ "$(carbon_begin_of "$id")" -le "$(date +%s)" ]
	[[ $(ctl queue) = "No job waits"* ]]
}

@test "a task whose start a user changed is left alone, and the others go on" {
	id=$(cluster_as mail sbatch --parsable --array=0-11 -n 4 -o /dev/null --wrap true)
	replan --every 8h
	cluster_as mail scontrol update jobid="${id}_5" StartTime=now+2hours
	theirs=$(record_of "$(number_of "$id" 5)")
	carbon_outlook clean_after=0s clean=50 clean_for=10h
	[[ $(replan) = "8 waiting, "* ]]
	[ "$(record_of "$(number_of "$id" 5)" | grep -o 'EligibleTime=[^ ]*')" = "$(echo "$theirs" | grep -o 'EligibleTime=[^ ]*')" ]
}

@test "a task that a user took out of the array before is not among those that leave it" {
	id=$(submit_array 0-11)
	scancel "${id}_1"
	scontrol update jobid="${id}_2" StartTime=now+5hours
	mine=$(carbon_begin_of "$(number_of "$id" 2)")
	[[ $(replan --every 8h) = "1 waiting, 0 forward, "*" 0 failed" ]]
	[ "$(tasks_in "$id" 3)" = 0,2,3,4,5 ]
	[ "$(tasks_in "$id" 6)" = 6,7,8,9 ]
	[ "$(tasks_in "$id" 9)" = 10,11 ]
	[ "$(carbon_begin_of "$(number_of "$id" 2)")" = "$mine" ]
}

@test "each task that leaves counts as an update" {
	id=$(submit_array 0-11)
	sed -i '1i updates_per_run = 5' "$state/carbon.conf"
	[[ $(replan --every 8h) = "1 waiting, 0 forward, 1 back, "*" 0 failed" ]]
	[ "$(windows "$id" | wc -l)" = 5 ]
	ctl replan --dry-run --every 8h >/dev/null
}

@test "the parts of a long, scattered array are named in full" {
	indices=$(for i in {3..30}; do echo $((i * i)); done | paste -sd ,) # longer than what Slurm shows of them
	id=$(submit_array "$indices" --time=20)
	ctl -f json replan --every 4h 2>/dev/null >"$dir/out"
	python3 - "$dir/out" "$indices" <<-'EOT'
		import json, sys
		got = json.load(open(sys.argv[1]))
		assert got["failed"] == 0 and got["split"] > 0, got
		parts = [m["job"].split("[")[1].rstrip("]") for m in got["moves"] if "[" in m["job"]]
		tasks = [t for p in parts for t in p.split(",")]
		assert len(tasks) == got["split"] == len(set(tasks)) and set(tasks) < set(sys.argv[2].split(",")), tasks
	EOT
	[ "$(records "$id" | wc -l)" -gt 4 ]
}

has_split() { # ID
	[ "$(records "$1" | wc -l)" -gt 1 ]
}

# A part of sixteen tasks takes sixteen of one update a second: time to change the other array before its turn.
@test "an array of which a task leaves while replan is at work is left for the next run" {
	first=$(carbon_submit --array=0-31 -n 1)
	carbon_next_second
	second=$(submit_array 0-7)
	sed -i '1i updates_per_second = 1' "$state/carbon.conf"
	sed -i '/^updates_per_second = 1000/d' "$state/carbon.conf"
	"$CARBON_BUILD/tools/carbonctl" -c "$state/carbon.conf" replan --every 11h >"$dir/out" 2>"$dir/err" 3>&- &
	replan=$!
	cluster_wait_until 10 has_split "$first"
	kill -STOP "$replan"
	scontrol update jobid="${second}_0" StartTime=now+5hours
	kill -CONT "$replan"
	wait "$replan"
	[[ $(tail -n 1 "$dir/out") = "2 waiting, 0 forward, 2 back, 2 changed by somebody, "* ]]
	[ "$(records "$second" | wc -l)" = 2 ]
	[ "$(windows "$second" | tail -n 1)" = 1-7:3 ]
}
