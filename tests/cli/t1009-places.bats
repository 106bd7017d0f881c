#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl plan over places, without Slurm: what each place makes of a job, and what is told to sbatch.

load helper
load ../reseal

setup() {
	carbon_setup
	write_conf <<-'END'
		level = "default"
		min_saving_g = 1
		partition "south" { zone = "DE" pue = 1.5 }
		partition "north" { zone = "DE" pue = 1.1 }
		partition "dark" {}
	END
	carbonctl -c carbon.conf apply --offline >/dev/null
	write_run_files what=outlook
}

plan() {
	carbonctl -c carbon.conf plan -t 4:00:00 -n 8 --carbon-delay=12h "$@"
}

@test "every place is listed with what it makes of the job, and why" {
	plan --carbon-relocate >out
	grep -q '^Decision  runs in DE (north) from ' out
	grep -q '^> north .*chosen$' out
	grep -q '^  south .*where it runs without us$' out
	grep -q '^  dark  *unknown .*its partition has no zone$' out
	plan >out
	run -1 grep -q 'best start' out
}

@test "as JSON too" {
	plan -f json --carbon-relocate --carbon-data=5 >out
	[ "$(json out '[(p["partition"], p["chosen"]) for p in d["places"]]')" = \
		"[('dark', False), ('north', True), ('south', False)]" ]
	[ "$(json out 'd["partition"]')" = north ]
	plan -f json >out
	[ "$(json out 'd["places"]')" = "[]" ]
}

@test "what binds a job is heeded" {
	plan --carbon-relocate -p south >out
	grep -q '^  north .*the job says itself where it runs$' out
	plan --carbon-relocate=south >out
	grep -q '^  north .*--carbon-relocate names other places$' out
	plan --carbon-relocate -C fast >out
	grep -q '^  north .*it does not have these features$' out
	plan --carbon-relocate -w n1 >out
	grep -q '^  north .*the job says itself where it runs$' out
}

@test "sbatch is told partition and begin, and nothing where nothing changes" {
	[[ $(plan --carbon-relocate --sbatch) =~ ^-p\ north\ --begin=[0-9-]+T[0-9:]+$ ]]
	[ "$(plan --carbon-relocate --carbon-delay=0 --sbatch)" = "-p north" ]
	[[ $(plan --sbatch) =~ ^--begin=[0-9-]+T[0-9:]+$ ]]
	[ -z "$(plan --carbon=off --sbatch)" ]
}

# How often they are full, at any hour.
is_full() { # NORTH SOUTH
	reseal run/site "/^partition south /a full north$(printf " $1%.0s" {1..168})"
	reseal run/site "/^full north /a full south$(printf " $2%.0s" {1..168})"
}

@test "what stays full is told as the reason" {
	is_full 1 0
	plan --carbon-relocate --carbon-delay=0 >out
	grep -q '^  north .*cleaner, but it stays full: others would wait for what the job takes$' out
	grep -q '^> south .*chosen: where it runs without us$' out
	carbonctl -c carbon.conf apply --offline >/dev/null
	is_full 0 1
	plan --carbon-relocate --carbon-delay=0 >out
	grep -q '^  north .*cleaner, but where it runs without us stays full: others would use what it leaves$' out
}
