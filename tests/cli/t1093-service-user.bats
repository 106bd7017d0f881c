#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The timers run as SlurmUser, people do not: what the service's user has left in run_dir serves root and everybody, and a guard's
# pause holds whoever compiles the site. As root only, for it takes three users.

load helper
load ../reseal

setup() {
	carbon_setup
	[ "$(id -u)" = 0 ] || skip "not root"
	folder=$(mktemp -d)
	chmod 755 "$folder"
	mkdir "$folder/run" "$folder/state"
	chown nobody "$folder/run" "$folder/state"
	printf 'partition "batch" { zone = "DE" }\nstate_dir = "%s/state"\nrun_dir = "%s/run"\n' "$folder" "$folder" \
		>"$folder/carbon.conf"
	as nobody "$CARBON_BUILD/forecaster/carbon-forecaster" -c "$folder/carbon.conf"
	as nobody "$CARBON_BUILD/tools/carbonctl" -c "$folder/carbon.conf" apply --offline
}

teardown() {
	rm -rf "${folder:-}"
}

as() { # USER CMD...
	setpriv --reuid="$1" --regid="$(id -g "$1")" --clear-groups "${@:2}"
}

ctl() {
	"$CARBON_BUILD/tools/carbonctl" -c "$folder/carbon.conf" "$@"
}

@test "root and an ordinary user see the outlook that the service's user has written" {
	ctl forecast DE | grep -q DE
	as games "$CARBON_BUILD/tools/carbonctl" -c "$folder/carbon.conf" forecast DE | grep -q DE
	as games "$CARBON_BUILD/tools/carbonctl" -c "$folder/carbon.conf" plan -t 60 -n 1 --carbon-delay=12h | grep -q DE
}

@test "a pause that the service's user has found is heeded when root compiles the site" {
	now=$(date +%s)
	printf 'carbon-bystanders 1\nchecked=%d from=%d jobs=120 wait=720 without=60 paused=%d until=%d\ncrc32 0\n' \
		"$now" $((now - 86400)) $((now - 60)) $((now + 3600)) >"$folder/run/bystanders"
	reseal "$folder/run/bystanders" ''
	chown nobody "$folder/run/bystanders"
	chmod 644 "$folder/run/bystanders"
	run -0 --separate-stderr ctl apply --offline
	# shellcheck disable=SC2154
	[[ $stderr = "carbonctl apply: delaying is paused until "* ]]
	grep -q "^paused_until $((now + 3600))\$" "$folder/run/site"
}

@test "what a third user has put there is believed by nobody" {
	chown games "$folder/run/outlook"
	run -1 ctl forecast DE
	[[ $output = *"owned by user $(id -u games); it should be owned by root or by user 0" ]]
}
