#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The units for systemd: each timer has its service, what they start exists, and systemd finds nothing wrong with them.

load helper

setup() {
	carbon_setup
	services="carbon-forecaster carbon-replan carbon-settle"
	mkdir units bin
	for name in $services; do
		sed -e "s|@s\?bindir@|$PWD/bin|g" -e 's|@localstatedir@|/var|g' \
			"$CARBON_SRC/contrib/systemd/$name.service.in" >"units/$name.service"
		cp "$CARBON_SRC/contrib/systemd/$name.timer" units
	done
	printf '#!/bin/sh\n' | tee bin/carbonctl >bin/carbon-forecaster
	chmod +x bin/*
}

@test "each timer names a service that is there, and nothing else lies beside them" {
	for unit in "$CARBON_SRC"/contrib/systemd/*.timer; do
		[ -e "${unit%.timer}.service.in" ]
	done
	[ "$(find "$CARBON_SRC/contrib/systemd" -type f | wc -l)" -eq $((2 * $(wc -w <<<"$services"))) ]
	run ! grep -rE '@[a-z]+@' units
}

@test "the commands that the services start are there" {
	sed -n 's|^ExecStart=.*/carbonctl ||p' units/*.service >commands
	[ "$(wc -l <commands)" -eq 2 ]
	while read -r command; do
		carbonctl "$command" --help >/dev/null
	done <commands
}

@test "systemd finds nothing wrong with them" {
	command -v systemd-analyze >/dev/null || skip "this machine has no systemd-analyze"
	[ -n "$(getent passwd slurm)" ] || sed -i -e 's/slurm$/root/' units/*.service
	run -0 systemd-analyze verify --man=no "$PWD"/units/*.service "$PWD"/units/*.timer
	run ! grep -E 'carbon-(forecaster|replan|settle)' <<<"$output"
}

@test "replan runs as often as carbon.conf's default says" {
	[ "$(carbonctl -f json check 2>/dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["replan_every"])')" = 15m ]
	grep -q '^OnCalendar=\*:5/15$' units/carbon-replan.timer
}
