#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: carbonctl off stops delaying at once and for good, on takes it back.

bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	export TZ=UTC
	carbon_start_with_conf
	ctl apply 2>/dev/null
}

setup() {
	carbon_cancel_all
}

@test "off leaves new jobs alone at once, and apply and replan keep it so" {
	carbon_next_second
	waiting=$(carbon_submit)
	carbon_is_delayed "$waiting"
	run -0 ctl off
	[[ $output = 'Delaying is switched off; "carbonctl on" switches it on.'*"keep their begin times"* ]]
	carbon_next_second
	carbon_is_left_alone "$(carbon_submit)"
	carbon_is_delayed "$waiting"
	run -0 --separate-stderr ctl apply
	# shellcheck disable=SC2154
	[[ $stderr = *'delaying is switched off since '*'; "carbonctl on" switches it on'* ]]
	grep -q '^level off$' "$state/site"
	run -0 --separate-stderr ctl replan
	[[ $stderr = *'delaying is switched off since '* ]]
	ctl check | grep -q 'Note: delaying is switched off, whatever the level is; "carbonctl on" switches it on.'
	carbon_next_second
	carbon_is_left_alone "$(carbon_submit)"

	run -0 --separate-stderr ctl on
	[[ $output = *"level default"* ]]
	run ! grep -q 'switched off' <(ctl check)
	carbon_next_second
	carbon_is_delayed "$(carbon_submit)"
	run -0 --separate-stderr ctl on # twice is no error
}

@test "off --drain also starts what waits because of us, and nothing else" {
	carbon_next_second
	ours=$(carbon_submit)
	moved=$(carbon_submit)
	scontrol update jobid="$moved" StartTime=now+5hours
	begin=$(carbon_begin "$moved")
	run -0 ctl off --drain
	[[ $output = *"1 jobs that waited were released, 0 could not be."* ]]
	carbon_begins_now "$ours"
	[ "$(carbon_begin "$moved")" = "$begin" ]
	ctl on 2>/dev/null
}

@test "off needs no slurmctld; on says that it does" {
	cluster_stop_ctld
	run -0 ctl off
	grep -q '^level off$' "$state/site"
	run -1 --separate-stderr cluster_impatient ctl off --drain
	[[ $stderr = "carbonctl off: slurmctld does not answer: "* ]]
	[[ $output = "Delaying is switched off; "* ]]
	run -1 --separate-stderr cluster_impatient ctl on
	[[ $stderr = *'delaying begins when "carbonctl apply" (or replan) succeeds'* ]]
	grep -q '^level off$' "$state/site"
	cluster_start_ctld
	ctl on 2>/dev/null
	grep -q '^level default$' "$state/site"
}

@test "off works on a site that is damaged or missing" {
	echo damage >>"$state/site"
	run -0 --separate-stderr ctl off
	[[ $stderr = *"it is replaced by an empty one"* ]]
	grep -q '^level off$' "$state/site"
	ctl on 2>/dev/null
	rm "$state/site"
	ctl off
	[ ! -e "$state/site" ]
	ctl apply 2>/dev/null
	grep -q '^level off$' "$state/site"
	ctl on 2>/dev/null
}

@test "off with a broken carbon.conf says that nothing is off, and how to go on" {
	echo 'level = "sometimes"' >"$dir/broken.conf"
	run -1 --separate-stderr "$CARBON_BUILD/tools/carbonctl" -c "$dir/broken.conf" off
	[[ $stderr = *"broken.conf:1: level"*"nothing was switched off"*"names run_dir alone with -c" ]]
	grep -q '^level default$' "$state/site"
	echo "run_dir = \"$state\"" >"$dir/small.conf"
	run -0 "$CARBON_BUILD/tools/carbonctl" -c "$dir/small.conf" off
	grep -q '^level off$' "$state/site"
	ctl on 2>/dev/null
}
