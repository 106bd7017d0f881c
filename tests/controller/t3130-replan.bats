#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: the outlook changes, and carbonctl replan moves the jobs that wait because of us, never past
# their latest begin and never where somebody else has changed the start. Each job here is clean at hour 3 at first.

bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup() {
	rm -f "$state/off"
	carbon_begin_anew
}

@test "the same outlook moves nothing" {
	id=$(carbon_submit)
	record=$(carbon_record "$id")
	[ "$(replan)" = "1 waiting, 0 forward, 0 back, 0 changed by somebody, 0 left for the next run, 0 failed" ]
	[ "$(carbon_record "$id")" = "$record" ]
	carbon_is_delayed "$id"
}

@test "when now has become best the job may start, and its record says so" {
	id=$(carbon_submit)
	base=$(value "$id" base) latest=$(value "$id" latest) baseg=$(value "$id" baseg)
	carbon_outlook clean_after=0s clean=50
	from=$(date +%s)
	[[ $(replan) = "1 waiting, 1 forward, 0 back, "* ]]
	carbon_begins_now "$id"
	[ "$(value "$id" moves)" = 1 ]
	[ "$(value "$id" base) $(value "$id" latest) $(value "$id" baseg)" = "$base $latest $baseg" ]
	[ "$(value "$id" begin)" -ge "$from" ] && [ "$(value "$id" begin)" -le "$(date +%s)" ]
	[ "$(python3 -c "print($(value "$id" g) < $baseg / 5)")" = True ]
	# it waits for a node now and is nobody's to move
	[[ $(replan) = "0 waiting, "* ]]
}

@test "a begin comes forward to one that is due before the next run, and not before that" {
	id=$(carbon_submit)
	carbon_outlook clean_after=1h
	[[ $(replan) = "1 waiting, 0 forward, 0 back, "* ]]
	carbon_is_delayed "$id"
	[[ $(replan --every 2h) = "1 waiting, 1 forward, 0 back, "* ]]
	carbon_begins_clean "$id"
	[ "$(carbon_begin "$id")" = "$(value "$id" begin)" ]
}

@test "a begin goes back only when it is due before the next run" {
	id=$(carbon_submit)
	carbon_outlook clean_after=6h
	[[ $(replan) = "1 waiting, 0 forward, 0 back, "* ]]
	carbon_is_delayed "$id"
	[[ $(replan --every 4h) = "1 waiting, 0 forward, 1 back, "* ]]
	carbon_begins_clean "$id"
	[ "$(carbon_begin "$id")" = "$(value "$id" begin)" ]
	[ "$(value "$id" moves)" = 1 ]
	# and is still ours, to move again
	carbon_outlook clean_after=7h
	[[ $(replan --every 8h) = "1 waiting, 0 forward, 1 back, "* ]]
	[ "$(value "$id" moves)" = 2 ]
	ctl explain "$id" | grep -q '^ *decided again since: its begin was moved 2 times$'
	ctl -f json queue | grep -q '"moves": 2'
}

@test "no begin passes the latest one" {
	id=$(carbon_submit --carbon-delay=5h)
	carbon_outlook clean_after=5h30m
	replan --every 4h
	[ "$(carbon_begin "$id")" = "$(value "$id" latest)" ]
	[ "$(carbon_delay "$id")" -le 18000 ]
	carbon_outlook clean_after=20h # nothing that it may have is clean: why wait
	replan --every 8h
	carbon_begins_now "$id"
}

@test "a deadline that came later is kept" {
	id=$(carbon_submit)
	scontrol update jobid="$id" Deadline=now+3hours # an hour's run fits before it, at hour 3 it does not
	[[ $(replan) = "1 waiting, 1 forward, "* ]]
	[ "$(carbon_delay "$id")" -le 7200 ]
}

@test "whose start somebody changed is no longer ours" {
	mine=$(carbon_submit)
	theirs=$(cluster_as mail sbatch --parsable --wrap true)
	cluster_as mail scontrol update jobid="$theirs" StartTime=now+4hours
	begin=$(carbon_begin "$theirs") record=$(carbon_record "$theirs")
	carbon_outlook clean_after=0s clean=50
	[[ $(replan) = "1 waiting, 1 forward, "* ]]
	carbon_begins_now "$mine"
	[ "$(carbon_begin "$theirs")" = "$begin" ]
	[ "$(carbon_record "$theirs")" = "${record/ nice=100}" ] # it ranks with the others again
}

@test "what others wrote into AdminComment stays" {
	id=$(carbon_submit)
	scontrol update jobid="$id" AdminComment="before $(carbon_record "$id") behind"
	carbon_outlook clean_after=6h
	[[ $(replan --every 4h) = "1 waiting, 0 forward, 1 back, "* ]]
	[[ $(cluster_job_field "$id" AdminComment) = before* ]]
	scontrol show job "$id" | grep -q 'AdminComment=before \[carbon/1 .* moves=1[^]]*\] behind'
}

@test "an array moves as a whole" {
	id=$(carbon_submit --array=1-5%2)
	carbon_outlook clean_after=6h
	[[ $(replan --every 4h) = "1 waiting, 0 forward, 1 back, "* ]]
	carbon_begins_clean "$id"
	scontrol show job "$id" | grep -q 'ArrayTaskId=1-5%2'
}

@test "updates are bounded, and what is left over is for the next run" {
	for _ in 1 2 3 4 5; do carbon_submit >/dev/null; done
	sed -i '1i updates_per_run = 3' "$state/carbon.conf"
	carbon_outlook clean_after=0s clean=50
	[ "$(replan)" = "5 waiting, 3 forward, 0 back, 0 changed by somebody, 2 left for the next run, 0 failed" ]
	[ "$(replan)" = "2 waiting, 2 forward, 0 back, 0 changed by somebody, 0 left for the next run, 0 failed" ]
}

@test "--dry-run says what it would do and does nothing" {
	id=$(carbon_submit)
	record=$(carbon_record "$id")
	carbon_outlook clean_after=0s clean=50
	rm "$state/site"
	[[ $(replan --dry-run) = "1 waiting, 1 would come forward, 0 would go back, "* ]]
	ctl -f json replan -n 2>/dev/null | python3 -c 'import json, sys; d = json.load(sys.stdin)
assert d["dry_run"] and d["forward"] == 1 and d["moves"][0]["job"] == sys.argv[1], d' "$id"
	[ "$(carbon_record "$id")" = "$record" ]
	[ ! -e "$state/site" ]
}

@test "replan compiles the site as apply does" {
	carbon_submit >/dev/null
	rm "$state/site"
	replan
	grep -q '^waiting 1$' "$state/site"
	grep -q '^partition batch zone=DE ' "$state/site"
}

@test "an outlook that is missing or old moves nothing, and is named" {
	id=$(carbon_submit)
	carbon_outlook clean_after=0s clean=50 age=8h
	run -1 --separate-stderr ctl replan
	# shellcheck disable=SC2154
	[[ $stderr = *"carbonctl replan: the outlook is 8 h"*" old, so no begin is changed"* ]]
	rm "$state/outlook"
	run -1 --separate-stderr ctl replan
	[[ $stderr = *"there is no outlook yet (carbon-forecaster writes it)"* ]]
	carbon_is_delayed "$id"
}

@test "without slurmctld replan says so and changes nothing" {
	id=$(carbon_submit)
	carbon_outlook clean_after=0s clean=50
	cp "$state/site" "$dir/good"
	cluster_stop_ctld
	run -1 --separate-stderr cluster_impatient ctl replan
	[ -z "$output" ]
	[[ $stderr = *"carbonctl replan: slurmctld does not answer: "*"the last good site stays in force"* ]]
	cmp "$state/site" "$dir/good"
	cluster_start_ctld
	carbon_is_delayed "$id"
	[[ $(replan) = "1 waiting, 1 forward, "* ]]
}

@test "an update that is refused is named, and the job stays" {
	id=$(cluster_as mail sbatch --parsable --wrap true)
	carbon_outlook clean_after=0s clean=50
	install -d -o mail "$state/theirs"
	cp "$state/outlook" "$state/theirs"
	sed -i "s|^run_dir = .*|run_dir = \"$state/theirs\"|" "$state/carbon.conf"
	run -1 --separate-stderr cluster_as mail "$CARBON_BUILD/tools/carbonctl" -c "$state/carbon.conf" replan
	[[ $stderr = *"carbonctl replan: job $id: its begin could not be changed: "* ]]
	[ "$output" = "1 waiting, 0 forward, 0 back, 0 changed by somebody, 0 left for the next run, 1 failed" ]
	carbon_is_delayed "$id"
}
