#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl plan with habits: the file is written by a program that knows it from the manual alone.

load helper

setup() {
	carbon_setup
	write_conf <<<'partition "*" { zone = "DE" }'
	write_run_files level=default
}

write_habits() { # write_habits HABIT...: of the cluster of the site
	python3 "$CARBON_SRC/tests/fakes/habits.py" run/habits "$(sed -n 's/^cluster //p' run/site)" "$@"
}

plan() {
	carbonctl -c carbon.conf plan -f json --uid 4711 -t 8:00:00 -n 8 "$@"
}

@test "the habit of the user's jobs of this name is expected, and the limit still bounds it" {
	write_habits 4711:train_7:12:5400:0 4711::40:3600:0
	plan -J Train_0017 >out
	[ "$(json out 'd["verdict"], d["runtime_s"], d["runtime_source"]')" = "('delay', 5400, 'habit')" ]
	plan -J something-else >out
	[ "$(json out 'd["runtime_s"], d["runtime_source"]')" = "(3600, 'habit')" ]
	plan >out
	[ "$(json out 'd["runtime_s"], d["runtime_source"]')" = "(3600, 'habit')" ]
	plan -J train_1 --carbon-runtime=2h >out
	[ "$(json out 'd["runtime_s"], d["runtime_source"]')" = "(7200, 'user')" ]
	plan -J train_1 -t 1:00:00 >out
	[ "$(json out 'd["runtime_s"], d["runtime_source"]')" = "(3600, 'habit')" ]
	plan -J train_1 --uid 4712 >out
	[ "$(json out 'd["runtime_s"], d["runtime_source"]')" = "(28800, 'limit')" ]
}

@test "measured watts of the name are expected too" {
	write_habits 4711:train_7:12:5400:777 4711::40:3600:555
	plan -J train_1 >out
	with=$(json out 'd["power_w"]')
	plan -J other >out
	model=$(json out 'd["power_w"]')
	plan -J train_1 --carbon-power=1554 >out
	twice=$(json out 'd["power_w"]')
	python3 -c "import sys; a, b, c = map(float, sys.argv[1:]); assert abs(2 * a - b) < 1e-6 and c not in (a, b)" \
		"$with" "$twice" "$model"
}

@test "two runs are no habit" {
	write_habits 4711:train_7:2:5400:0
	plan -J train_1 >out
	[ "$(json out 'd["runtime_source"]')" = limit ]
}

@test "the text says where the run time comes from" {
	write_habits 4711:train_7:12:5400:0
	run -0 --separate-stderr carbonctl -c carbon.conf plan --uid 4711 -t 8:00:00 -n 8 -J train_1
	# shellcheck disable=SC2154 # bats sets it
	[ -z "$stderr" ]
	grep '^Job .* (as its earlier runs did), ' <<<"$output"
}

@test "damaged habits, or another cluster's, are as none, and said" {
	write_habits 4711:train_7:12:5400:0
	sed -i 's/5400/5401/' run/habits
	run -0 --separate-stderr plan -J train_1
	[[ $stderr = *"run times are expected from limits: "*"/run/habits: line "*"damaged or edited by hand"* ]]
	[ "$(json /dev/stdin 'd["runtime_source"]' <<<"$output")" = limit ]
	python3 "$CARBON_SRC/tests/fakes/habits.py" run/habits elsewhere 4711:train_7:12:5400:0
	run -0 --separate-stderr plan -J train_1
	[[ $stderr = *"/run/habits: of cluster elsewhere, and this one is "* ]]
	[ "$(json /dev/stdin 'd["runtime_source"]' <<<"$output")" = limit ]
}
