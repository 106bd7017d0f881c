#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: what the user's earlier jobs of a name took is expected of the next one, and a habits file
# that cannot be believed is as none.

bats_require_minimum_version 1.8.0
load carbon
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	carbon_start limit=8h
}

write_habits() { # write_habits HABIT...
	python3 "$CARBON_SRC/tests/fakes/habits.py" "$state/habits" throwaway "$@"
	carbon_next_second
}

expected() { # expected ID: seconds and where they come from
	carbon_record "$1" | sed -n 's/.* run=\([0-9]*\) .*runby=\([a-z]*\) .*/\1 \2/p'
}

@test "a job is expected to run as the user's earlier ones of this name" {
	carbon_files limit=8h
	write_habits "0:train_1:5:5400:700" "0::9:4000:0" "$(id -u mail):train_1:3:2000:0"
	id=$(carbon_submit -J Train_017 -t 8:00:00)
	carbon_is_delayed "$id"
	[ "$(expected "$id")" = "5400 habit" ]
	[ "$(expected "$(carbon_submit -J other -t 8:00:00)")" = "4000 habit" ]
	[ "$(expected "$(carbon_submit -J train_2 -t 8:00:00 --carbon-runtime=2h)")" = "7200 user" ]
	[ "$(expected "$(carbon_submit -J train_2 -t 1:00:00)")" = "3600 habit" ]
	[ "$(expected "$(cluster_as mail sbatch --parsable -J train_3 -t 8:00:00 --wrap true)")" = "2000 habit" ]
}

@test "the job's measured watts are expected" {
	carbon_files limit=8h
	write_habits "0:train_1:5:5400:1000"
	[[ $(carbon_record "$(carbon_submit -J train_9 -t 8:00:00)") = *" w=1580 "* ]]
}

@test "a deadline is kept by the limit, whatever the habit says" {
	carbon_files limit=8h clean_after=3h
	write_habits "0:train_1:5:1800:0"
	id=$(carbon_submit -J train_1 -t 8:00:00 --carbon-finish-by=now+10hours)
	[[ -z $(carbon_record "$id") || $(carbon_begin "$id") -le $(($(date +%s) + 2 * 3600)) ]]
	id=$(carbon_submit -J train_1 -t 2:00:00 --carbon-finish-by=now+10hours)
	carbon_is_delayed "$id"
}

@test "damaged habits are as none, and slurmctld says so once" {
	carbon_files limit=8h
	write_habits "0:train_1:5:5400:0"
	[ "$(expected "$(carbon_submit -J train_1 -t 8:00:00)")" = "5400 habit" ]
	before=$(grep -c 'run times are expected from limits' "$dir"/log/slurmctld.log || true)
	sed -i 's/ 5400 / 5401 /' "$state/habits"
	carbon_next_second
	for _ in 1 2 3; do
		id=$(carbon_submit -J train_1 -t 8:00:00)
		carbon_is_delayed "$id"
		[ "$(expected "$id")" = "28800 limit" ]
	done
	[ "$(grep -c 'run times are expected from limits' "$dir"/log/slurmctld.log)" -eq $((before + 1)) ]
	write_habits "0:train_1:5:5400:0"
	[ "$(expected "$(carbon_submit -J train_1 -t 8:00:00)")" = "5400 habit" ]
}
