#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: missing, stale, damaged, foreign and newer files leave slurmctld up and jobs alone, are
# named once in its log, and are forgotten when good ones come.

bats_require_minimum_version 1.8.0
load carbon
: "${dir:=}" "${state:=}" # set by carbon_start

spoil_missing() { rm "$1"; }
spoil_empty() { : >"$1"; }
spoil_truncated() { truncate -s -20 "$1"; }
spoil_corrupt() { sed -i '2,/[0-9]/s/[0-9]/x/' "$1"; }
spoil_checksum() { sed -i '2,/[0-9]/y/0123456789/1234567890/' "$1"; }
spoil_newer() { sed -i '1s/ 1/ 2/' "$1"; }
spoil_html() { echo '<html>' >"$1"; }
spoil_huge() { truncate -s 1G "$1"; }
spoil_foreign() { chown nobody "$1" && touch "$1"; }
spoil_writable() { chmod 666 "$1" && touch "$1"; }
spoil_fifo() { rm "$1" && mkfifo "$1"; }
spoil_folder() { rm "$1" && mkdir "$1"; }
spoil_link() { ln -sf /dev/zero "$1"; }

lines_with() { # REGEX
	grep -cE -- "$1" "$(cluster_log)" || true
}

# Each damage once: the job is left alone, silently, and one line names the file.
check_spoilt() { # FILE
	local damage before
	for damage in missing empty truncated corrupt checksum newer html huge foreign writable fifo folder link; do
		carbon_files
		carbon_is_delayed "$(carbon_submit)"
		before=$(lines_with "error: carbon: .*$state/$1")
		"spoil_$damage" "$state/$1"
		carbon_next_second
		carbon_is_left_alone "$(carbon_submit)" || { echo "$1 $damage: not left alone" && return 1; }
		[ -z "$(carbon_said)" ] || { echo "$1 $damage: $(carbon_said)" && return 1; }
		carbon_next_second
		carbon_is_left_alone "$(carbon_submit)"
		[ "$(lines_with "error: carbon: .*$state/$1")" -eq $((before + 1)) ] ||
			{ echo "$1 $damage: not one line in the log" && return 1; }
	done
	carbon_files
	carbon_is_delayed "$(carbon_submit)"
	carbon_ctld_is_up
}

@test "an outlook that is missing or not to be believed leaves jobs alone" {
	check_spoilt outlook
}

@test "a site that is missing or not to be believed makes the plugin inactive" {
	check_spoilt site
}

@test "a stale outlook leaves jobs alone and is named once" {
	carbon_files age=4h max_age=3h
	before=$(lines_with "outlook: written 240 min ago")
	carbon_is_left_alone "$(carbon_submit)"
	[ -z "$(carbon_said)" ]
	carbon_is_left_alone "$(carbon_submit --carbon-delay=12h)"
	carbon_said | grep -q 'carbon: not delayed: there is no fresh outlook for its zone'
	carbon_next_second
	carbon_submit
	[ "$(lines_with "outlook: written 240 min ago, the site allows 180")" -eq $((before + 1)) ]
}

@test "who asks is told that the plugin is inactive, in slurmctld's words to nobody else" {
	carbon_files
	rm "$state/site"
	carbon_next_second
	carbon_submit
	[ -z "$(carbon_said)" ]
	carbon_submit --carbon-delay=12h
	carbon_said | grep -q 'carbon: not delayed: slurm-carbon is not active on this cluster at the moment'
}

@test "slurmctld starts with each damaged site, and takes up its work with a good one" {
	for damage in missing corrupt newer foreign fifo; do
		carbon_files
		"spoil_$damage" "$state/site"
		cluster_restart_ctld
		carbon_is_left_alone "$(carbon_submit)"
	done
	rm -r "$state"
	cluster_restart_ctld
	carbon_is_left_alone "$(carbon_submit)"
	mkdir -m 755 "$state"
	carbon_files
	carbon_is_delayed "$(carbon_submit)"
}

@test "a folder that others can write to is not believed" {
	carbon_files
	chmod 777 "$state"
	touch "$state"/*
	carbon_next_second
	carbon_is_left_alone "$(carbon_submit)"
	chmod 755 "$state"
}
