#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: who waits because of us, and letting them start. Jobs that wait for another reason, or
# whose start somebody changed, must stay as they are.

bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup() {
	carbon_cancel_all
}

@test "queue lists what waits because of us, and nothing else" {
	run -0 ctl queue
	[ "$output" = "No job waits for clean power." ]
	ours=$(carbon_submit)
	sbatch --begin=now+2hours --carbon=off --wrap true
	moved=$(carbon_submit)
	scontrol update jobid="$moved" StartTime=now+5hours
	[ "$(ctl -f csv queue | tail -n +2 | cut -d, -f1)" = "$ours" ]
	ctl queue | grep -Eq "^$ours +root .* [0-9.]+ k?g$"
	ctl queue | grep -q '^1 waiting; expected to avoid .* CO2e by it$'
	ctl -f json queue >"$dir/queue.json"
	python3 - "$dir/queue.json" "$ours" "$(carbon_begin "$ours")" <<-'EOPY'
		import datetime, json, sys
		job, = json.load(open(sys.argv[1]))["jobs"]
		until = datetime.datetime.fromisoformat(job["until"].replace("Z", "+00:00"))
		assert job["job"] == sys.argv[2] and until.timestamp() == int(sys.argv[3]), job
		assert job["zone"] == "DE" and job["saving_g"] > 0 and job["since"] < job["until"] <= job["latest"], job
	EOPY
}

@test "a released job may start at once, and its record still tells what was decided" {
	id=$(carbon_submit)
	other=$(carbon_submit)
	record=$(carbon_record "$id")
	run -0 ctl release "$id"
	[ "$output" = "1 released" ]
	carbon_begins_now "$id"
	[ "$(carbon_record "$id")" = "$record" ]
	carbon_is_delayed "$other"
}

@test "release leaves alone what does not wait because of us, and says so" {
	id=$(carbon_submit)
	scontrol update jobid="$id" StartTime=now+5hours
	begin=$(carbon_begin "$id")
	run -1 --separate-stderr ctl release "$id"
	[ "$output" = "0 released" ]
	# shellcheck disable=SC2154
	[ "$stderr" = "carbonctl release: job $id does not wait because of us, so nothing was done with it" ]
	[ "$(carbon_begin "$id")" = "$begin" ]
	run -0 ctl release --all
	[ "$output" = "0 released" ]
	[ "$(carbon_begin "$id")" = "$begin" ]
}

@test "release takes a user, an account, an array, or all" {
	mine=$(carbon_submit)
	theirs=$(cluster_as mail sbatch --parsable --wrap true)
	ctl release --user mail
	carbon_begins_now "$theirs"
	[[ $(carbon_record "$theirs") = *" freed="* ]] # for the books: it was not its user who would not wait
	carbon_is_delayed "$mine"
	array=$(carbon_submit --array=1-3)
	ctl release "$array"
	carbon_begins_now "$array"
	run -0 ctl release --account nowhere
	[ "$output" = "0 released" ]
	ctl -f json release --all | grep -q '"released": 1,'
	carbon_begins_now "$mine"
}

begin_of_task() { # ID TASK
	date -d "$(scontrol show -o job "$1_$2" | grep -o ' EligibleTime=[^ ]*' | cut -d= -f2)" +%s
}

@test "release takes single tasks of an array that waits as a whole, and its others wait on" {
	array=$(cluster_as mail sbatch --parsable --array=1-5%2 --wrap true)
	carbon_is_delayed "$array"
	begin=$(carbon_begin "$array")
	run -1 --separate-stderr ctl release "${array}_7"
	[[ $stderr = *"job ${array}_7 does not wait because of us"* ]]
	run -0 cluster_as mail "$CARBON_BUILD/tools/carbonctl" -c "$dir.carbon/carbon.conf" release "${array}_2" "${array}_4"
	[ "$output" = "2 released" ]
	for task in 2 4; do
		[ "$(begin_of_task "$array" "$task")" -le "$(date +%s)" ]
	done
	for task in 1 3 5; do
		[ "$(begin_of_task "$array" "$task")" = "$begin" ]
	done
	scontrol show job "$array" | grep -q 'ArrayTaskId=1,3,5%2'
}

@test "a user may release no job of another, and is told who may" {
	id=$(carbon_submit)
	mine=$(cluster_as mail sbatch --parsable --wrap true)
	run -1 --separate-stderr cluster_as mail "$CARBON_BUILD/tools/carbonctl" -c "$dir.carbon/carbon.conf" release "$id"
	[[ $stderr = *"job $id: its begin could not be changed: "* ]]
	[[ $stderr = *"another user's jobs are for root and SlurmUser to release"* ]]
	carbon_is_delayed "$id"
	cluster_as mail "$CARBON_BUILD/tools/carbonctl" -c "$dir.carbon/carbon.conf" release "$mine"
	carbon_begins_now "$mine"
	[[ $(carbon_record "$mine") != *" freed="* ]]
}

@test "each job is read again just before it is written: a change in the meantime is respected" {
	carbon_conf "updates_per_run = 1"
	sed -i 's/^updates_per_second = .*/updates_per_second = 1/' "$state/carbon.conf"
	ids=()
	for _ in 1 2 3 4 5 6 7 8; do ids+=("$(carbon_submit)"); done
	"$CARBON_BUILD/tools/carbonctl" -c "$state/carbon.conf" release --all >"$dir/out" 2>"$dir/err" 3>&- &
	pid=$!
	# by now the list has been read, and the pace puts the last one seven seconds ahead
	cluster_wait_until 10 carbon_begins_now "${ids[0]}"
	kill -STOP "$pid"
	scontrol update jobid="${ids[7]}" StartTime=now+5hours
	begin=$(carbon_begin "${ids[7]}")
	kill -CONT "$pid"
	wait "$pid"
	[ "$(cat "$dir/out")" = "7 released" ]
	[ "$(cat "$dir/err")" = "carbonctl release: 1 changed in the meantime and were left alone" ]
	[ "$(carbon_begin "${ids[7]}")" = "$begin" ]
	carbon_conf
}

@test "without slurmctld queue and release say so" {
	cluster_stop_ctld
	run -1 --separate-stderr cluster_impatient ctl queue
	[[ $stderr = "carbonctl queue: slurmctld does not answer: "* ]]
	run -1 --separate-stderr cluster_impatient ctl release --all
	[[ $stderr = "carbonctl release: slurmctld does not answer: "* ]]
	cluster_start_ctld
}
