#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl doctor without Slurm: what it says of files that are well, missing, old, damaged, foreign or open to others,
# and of what it could not look at.

load helper
load ../doctor
load ../reseal

setup() {
	carbon_setup
	export TZ=UTC
	write_conf <<<'partition "batch" { zone = "DE" }'
}

doctor() {
	carbonctl -c carbon.conf "$@" doctor --offline
}

forecaster() {
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c carbon.conf
}

# A site, an outlook and a run of the forecaster that ended well.
make_well() {
	forecaster
	carbonctl -c carbon.conf apply --offline
}

@test "where all is well only notes are left, and the exit code is 0" {
	make_well
	run -0 doctor
	found config ok "carbon.conf is valid"
	found site ok "whole, trusted, written less than a minute ago"
	found outlook ok "whole, trusted, written *"
	found zones note "DE is a typical day and not the grid of today (*"
	found level note "observe: shadow mode: *"
	found forecaster ok "its last run, less than a minute ago, ended with 0: all is well"
	found database ok "* is whole: version *"
	found settle note "no job of cluster * was ever settled (carbonctl settle)"
	found slurmctld note "slurmctld was not asked (--offline)"
	found unseen note "not looked at, for there is no answer from slurmctld: differences, plugin, *"
	[[ ${lines[-1]} = "0 problems, "*" notes" ]]
}

@test "on a bare machine it says what is missing and what makes it" {
	run -3 doctor
	found run-dir problem "there is no folder *"
	found site problem "no job is looked at, *there is no site yet (carbonctl apply writes it) (carbonctl apply)"
	found outlook problem "jobs are left alone, *"
	found database note "there is no * yet (*"
	found unseen note "not looked at, for there is no site: *"
}

@test "a configuration that is broken is told, and the rest is not guessed" {
	echo 'levle = "off"' >carbon.conf
	run -3 doctor
	found config problem 'carbon.conf:1: "levle" is no option *'
	found unseen note "not looked at, for there is no configuration: run-dir, site, *"
	run -2 --separate-stderr carbonctl -c carbon.conf doctor now
}

@test "an outlook that is old, or damaged, and one without the zone" {
	make_well
	write_run_files what=outlook age=30h
	run -3 doctor
	found outlook problem "jobs are left alone, for the outlook is 1 d 6 h old and at most * is allowed (*"
	sed -i 's/DE/FR/' run/outlook
	run -3 doctor
	found outlook problem "*run/outlook: line *: crc32 *: damaged or edited by hand (carbon-forecaster)"
	found unseen note "not looked at, for there is no outlook: zones"
	forecaster
	reseal run/outlook 's/^zone DE /zone FR /'
	run -3 doctor
	found zones problem "DE (*) is not in the outlook, so jobs of partition batch are left alone (*"
}

@test "files that others own or may write to are not trusted" {
	make_well
	chmod 666 run/site
	run -3 doctor
	found site problem "*run/site: writable by others (mode 0666)*"
	chmod 644 run/site
	[ "$(id -u)" = 0 ] || return 0
	chown 12345 run/outlook
	run -3 doctor
	found outlook problem "*run/outlook: owned by user 12345;*"
}

@test "with a folder of another user files are looked at as that user does" {
	[ "$(id -u)" = 0 ] || return 0
	folder=$(mktemp -d)
	chmod 755 "$folder"
	sed -i "s|$BATS_TEST_TMPDIR|$folder|" carbon.conf
	make_well
	chown -R nobody "$folder"/*
	run doctor
	chown root "$folder/run/site"
	chmod 600 "$folder/run/site"
	as_root=$output code=$status
	run doctor
	rm -r "$folder"
	found site problem "*run/site: Permission denied*"
	output=$as_root
	found user ok "files are looked at as user $(id -u nobody), who owns *"
	found site ok "whole, trusted, *"
	[ "$code" = 0 ]
}

@test "a key that others can read is told, and one that is missing" {
	printf 'sk-0815' >key
	chmod 644 key
	sed -i '1i source "electricitymaps" { token_file = "'"$PWD"'/key" }' carbon.conf
	echo 'zone "DE" { sources = {"profile"} }' >>carbon.conf
	run -3 doctor
	found tokens problem "electricitymaps is not asked: */key: readable by others (mode 0644)*"
	[[ $output != *sk-0815* ]]
	chmod 600 key
	run -3 doctor
	found tokens ok "1 key is readable by the owner alone"
	found sources note "no zone asks electricitymaps (*"
	rm key
	run -3 doctor
	found tokens problem "*/key: No such file or directory*"
}

@test "a source that failed in the last run is named with its kind of failure" {
	cat >>carbon.conf <<<'source "dir" { type = "file" path = "/nowhere/at-all.csv" }
		zone "DE" { sources = {"dir", "profile"} }'
	run forecaster
	carbonctl -c carbon.conf apply --offline
	run -0 doctor
	found forecaster note "its last run, less than a minute ago, ended with 1: something is missing (*"
	found sources note "dir failed for zone DE in the last run (*"
}

@test "what the forecaster's memory tells of a source" {
	make_well
	sed -i '1i source "em" { type = "electricitymaps" }' carbon.conf
	echo 'zone "DE" { sources = {"em", "profile"} }' >>carbon.conf
	now=$(date +%s)
	cat >state/forecaster.memory <<-EOT
		carbon-memory 1
		source em mark=1 leave_until=$((now + 900)) rights_read=0 rights_whole=0
		answered DE average-lifecycle history=$((now - 9000)) forecast=$((now - 7210)) step=3600
		crc32 00000000
	EOT
	reseal state/forecaster.memory ''
	run doctor
	found sources note "em wants to be left alone until *"
	found sources ok "em answered last 2 h* ago"
	rm state/forecaster.memory
	run doctor
	found sources note "em has never answered, as far as the files tell (*"
}

@test "a run of the forecaster and a site that are long ago are the timers' trouble" {
	make_well
	sed -i "s/^\(carbon_forecaster_run_timestamp_seconds\) .*/\1 $(($(date +%s) - 90000))/" run/forecaster.prom
	reseal run/site "s/^written .*/written $(($(date +%s) - 10800))/"
	run -3 doctor
	found forecaster problem "it ran last 1 d 1 h ago; each 15 minutes is usual (systemctl status carbon-forecaster.timer)"
	found replan problem "the site was compiled last 3 h ago and should be every 15 min: *"
}

@test "a carbon.db that is damaged, or another program's, is told and left as it is" {
	make_well
	dd if=/dev/urandom of=state/carbon.db bs=1024 seek=4 count=8 conv=notrunc status=none
	rm -f state/carbon.db-wal
	before=$(md5sum <state/carbon.db)
	run -3 doctor
	found database problem "*carbon.db: damaged*"
	[ "$(md5sum <state/carbon.db)" = "$before" ]
	echo "hello, I am a text of some length and no database" >state/carbon.db
	run -3 doctor
	found database problem "*no carbon.db*"
}

@test "delaying switched off is told, and that the site says the same" {
	make_well
	echo off >run/off
	run -3 doctor
	found off note "delaying is switched off since * (carbonctl on)"
	found off problem "and the site in force does not say so*"
	carbonctl -c carbon.conf apply --offline
	run -0 doctor
	found level note "off: jobs are left alone and nothing is recorded"
	echo 'level = "default"' >>carbon.conf
	rm run/off
	run -3 doctor
	found level problem "the site in force says off and carbon.conf default (carbonctl apply)"
}

@test "an event that holds now and a partition without a zone" {
	echo 'partition "gpu" { pue = 1.2 }' >>carbon.conf
	make_well
	reseal run/site "\$a limit * $(($(date +%s) - 60)) $(($(date +%s) + 3600)) nodes=3"
	run doctor
	found partitions note "without a zone, so their jobs are left alone: gpu (*"
	found limits note "until * at most 3 nodes may run in the whole cluster (*"
}

@test "shares and caps that are used up, a blackout, and habits that are damaged" {
	make_well
	now=$(date +%s)
	reseal run/site "s/^flexible_node_h .*/flexible_node_h 30/; s/^all_node_h .*/all_node_h 100/; s/^waiting .*/waiting 1000/
		\$a blackout $((now - 60)) $((now + 3600))"
	echo junk >run/habits
	run -3 doctor
	found share note "30 % of the last week's node-hours were delayed and 25 % may be, so no more are (max_flexible_share)"
	found waiting note "as many jobs wait because of us as may: 1000; no more are delayed (max_waiting)"
	found limits note "a blackout (or a block without delays) holds until *"
	found habits problem "run times are expected from limits alone: *run/habits: *"
}

@test "the JSON is of one shape, whatever is found" {
	for state in bare well; do
		[ $state = bare ] || make_well
		run doctor -f json
		echo "$output" >out
		[ "$(json out 'sorted(d)')" = "['cluster', 'config', 'findings', 'looked_at', 'notes', 'problems']" ]
		[ "$(json out '{tuple(sorted(f)) for f in d["findings"]}')" = "{('advice', 'check', 'grade', 'looked', 'text')}" ]
		[ "$(json out '{f["grade"] for f in d["findings"]} <= {"ok", "note", "problem"}')" = True ]
		[ "$(json out 'd["problems"] == sum(f["grade"] == "problem" for f in d["findings"])')" = True ]
		[ "$(json out 'any(not f["looked"] for f in d["findings"])')" = True ]
	done
	[ "$(json out 'd["problems"]')" = 0 ]
}

@test "every check of the program is in the manual, and none beside" {
	sed -n 's/^\tX([a-z_]*, "\([a-z-]*\)".*/\1/p' "$CARBON_SRC/tools/doctor.h" | sort >in-program
	sed -n '/^\.SS doctor$/,/^\.SS apply$/s/^\.B \([a-z][a-z-]*\)$/\1/p' "$CARBON_SRC/doc/carbonctl.1" | sort >in-manual
	[ "$(wc -l <in-program)" -gt 20 ]
	diff in-program in-manual
}
