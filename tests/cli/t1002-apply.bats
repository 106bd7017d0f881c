#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl apply --offline: a good configuration becomes the site, a broken one leaves the last good
# site alone.

load helper

setup() {
	carbon_setup
	write_conf <<'EOF'
level = "default"
partition "*" { zone = "DE" }
partition "batch" { pue = 1.2 }
partition "gpu" { delay = "6h" }
EOF
}

@test "a good configuration becomes the site" {
	run -0 --separate-stderr carbonctl -c carbon.conf apply --offline
	[ -z "$stderr" ]
	[ "$output" = "$BATS_TEST_TMPDIR/run/site: level default, 2 partitions, 1 rule, 0 users, 0 maintenance reservations" ]
	[ "$(head -1 run/site)" = "carbon-site 1" ]
	grep -q '^partition batch zone=DE default=yes .*pue=1.2 ' run/site
	grep -q '^partition gpu zone=DE default=no ' run/site
	grep -q '^rule partition gpu .*delay=21600' run/site
	[ "$(stat -c %a run/site)" = 644 ]
	[ "$(ls run)" = site ]
}

@test "a broken configuration leaves the last good site, and says so" {
	carbonctl -c carbon.conf apply --offline
	cp run/site good
	touch -d '2026-01-02T03:04:05Z' run/site
	sed -i 's/"default"/"defualt"/' carbon.conf
	run -1 --separate-stderr carbonctl -c carbon.conf apply --offline
	[ -z "$output" ]
	# shellcheck disable=SC2154
	[ "${stderr_lines[0]}" = 'carbonctl apply: carbon.conf:1: level "defualt" unknown (known: off, observe, opt-in, default)' ]
	[ "${stderr_lines[1]}" = "carbonctl apply: nothing was written; a site that is in place stays in force" ]
	cmp run/site good
}

@test "a site that cannot be written leaves the last good one, and says so" {
	carbonctl -c carbon.conf apply --offline
	cp run/site good
	touch -d '2026-01-02T03:04:05Z' run/site
	# a file may not grow at all: as on a full disk, the write itself fails; its words go through a pipe
	run -0 sh -c "{ trap '' XFSZ; ulimit -f 0; '$CARBON_BUILD/tools/carbonctl' -c carbon.conf apply --offline 2>&1 || echo exit \$?; } | cat"
	[ "${lines[0]}" = "carbonctl apply: $BATS_TEST_TMPDIR/run/site: cannot be written: File too large" ]
	[ "${lines[1]}" = "carbonctl apply: the last good site stays in force: $BATS_TEST_TMPDIR/run/site of 2026-01-02T03:04:05Z" ]
	[ "${lines[2]}" = "exit 1" ]
	cmp run/site good
	[ "$(ls run)" = site ]
}

@test "--dry-run prints the site and writes nothing" {
	run -0 --separate-stderr carbonctl -c carbon.conf apply --offline --dry-run
	[ "${lines[0]}" = "carbon-site 1" ]
	[[ ${lines[-1]} = "crc32 "* ]]
	[ ! -e run ]
}

@test "as JSON it says what was written" {
	carbonctl -c carbon.conf -f json apply --offline >out
	[ "$(json out 'd["partitions"], d["level"], d["cluster"]')" = "(2, 'default', 'offline')" ]
	[ "$(json out 'd["site"]')" = "$BATS_TEST_TMPDIR/run/site" ]
}

@test "without --offline a cluster that does not answer is named, and nothing is written" {
	echo 'ClusterName=none' >slurm.conf
	echo 'SlurmctldHost=localhost(127.0.0.1)' >>slurm.conf
	SLURM_CONF=$PWD/slurm.conf run -1 --separate-stderr timeout 60 "$CARBON_BUILD/tools/carbonctl" -c carbon.conf apply
	[ -z "$output" ]
	[ "${stderr_lines[-1]}" = "carbonctl apply: nothing was written; a site that is in place stays in force" ]
	[ ! -e run/site ]
}
