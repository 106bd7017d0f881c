#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real slurmctld and its backup, each with the plugin and a folder of its own: a plan outlives the takeover, the backup's
# plugin goes on deciding, and carbonctl works with whoever is in charge, or says that nobody is and changes nothing.

# shellcheck disable=SC2034 # cluster.sh reads the CLUSTER_* variables
bats_require_minimum_version 1.8.0
load carbon
load replan
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	export TZ=UTC
	backup=$(mktemp -d "${TMPDIR:-/tmp}/carbon-backup.XXXXXX")
	chmod 755 "$backup"
	export backup
	CARBON_CLUSTER=cluster_start_pair CLUSTER_BACKUP_ENV="SLURM_CARBON_DIR=$backup" carbon_start_with_conf
}

teardown_file() {
	carbon_stop
	rm -rf "$backup"
}

# One that is asked to give up what it has just taken over sometimes never does (22.05); a crash it cannot refuse.
back_to_primary() {
	cluster_kill_backup
	cluster_start_primary
}

# Both folders as replan leaves them on each controller, and the primary in charge.
setup() {
	cluster_is_led_by "$dir" primary || back_to_primary
	cluster_pid slurmctld-backup >/dev/null || cluster_start_backup
	carbon_cancel_all
	# shellcheck disable=SC2119
	carbon_conf
	"$CARBON_BUILD/tests/controller/write_files" "$state"
	"$CARBON_BUILD/tests/controller/write_files" "$backup"
	carbon_next_second
}

replan_on_backup() {
	sed "s,^run_dir = .*,run_dir = \"$backup\"," "$state/carbon.conf" >"$backup/carbon.conf"
	"$CARBON_BUILD/tools/carbonctl" -c "$backup/carbon.conf" replan 2>"$dir/err" | tail -n 1
}

is_saved() { # ID: a crash cannot lose it any more
	grep -aqF "$(carbon_record "$1")" "$dir/state/job_state"
}

@test "a plan outlives the takeover, and the way back" {
	id=$(carbon_submit)
	carbon_is_delayed "$id"
	begin=$(carbon_begin "$id") record=$(carbon_record "$id")
	cluster_wait_until 30 is_saved "$id"
	cluster_kill_ctld
	cluster_take_over
	[ "$(carbon_begin "$id")" = "$begin" ]
	[ "$(carbon_record "$id")" = "$record" ]
	back_to_primary
	[ "$(carbon_begin "$id")" = "$begin" ]
	[ "$(carbon_record "$id")" = "$record" ]
}

@test "while nobody is in charge, replan says so and changes nothing" {
	id=$(carbon_submit)
	begin=$(carbon_begin "$id") record=$(carbon_record "$id")
	cluster_wait_until 30 is_saved "$id"
	carbon_outlook clean_after=0s clean=50 # it would come forward
	before=$(cat "$state/site")
	cluster_kill_ctld
	run -1 --separate-stderr cluster_impatient ctl replan
	# shellcheck disable=SC2154 # run sets it
	[[ $stderr = *"standby"* ]]
	[ "$(cat "$state/site")" = "$before" ]
	cluster_take_over
	[ "$(carbon_begin "$id")" = "$begin" ]
	[ "$(carbon_record "$id")" = "$record" ]
}

@test "the backup decides with its own plugin and its own files" {
	cluster_kill_ctld
	cluster_take_over
	carbon_is_delayed "$(carbon_submit)"
	rm "$state"/site "$state"/outlook # the primary's are nothing to it
	carbon_next_second
	carbon_is_delayed "$(carbon_submit)"
	rm "$backup"/site
	carbon_next_second
	carbon_is_left_alone "$(carbon_submit)"
}

@test "replan moves what waits on the backup as it does on the primary" {
	id=$(carbon_submit)
	cluster_wait_until 30 is_saved "$id"
	cluster_kill_ctld
	cluster_take_over
	"$CARBON_BUILD/tests/controller/write_files" "$backup" what=outlook clean_after=0s clean=50
	[[ $(replan_on_backup) = "1 waiting, 1 forward, 0 back, 0 changed by somebody, 0 left for the next run, 0 failed" ]]
	carbon_begins_now "$id"
	[[ $(carbon_record "$id") = *" moves=1"* ]]
}

@test "on the machine of a backup that stands by, replan asks the primary" {
	id=$(carbon_submit)
	"$CARBON_BUILD/tests/controller/write_files" "$backup" what=outlook clean_after=0s clean=50
	[[ $(replan_on_backup) = "1 waiting, 1 forward, "* ]]
	carbon_begins_now "$id"
	cluster_is_led_by "$dir" primary
}
