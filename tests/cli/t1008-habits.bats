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

# trace: one user, whose jobs of one name take ten minutes and ask for ten hours
trace() {
	echo submit,runtime_s,limit_s,user,name
	for i in 1 2 3 4 5 6 7 8; do
		echo "$((i * 1000)),$((600 + i)),36000,ada,train_$i"
	done
}

@test "backtest --habits: how far habit and limit are from the truth" {
	trace >trace.csv
	carbonctl backtest --habits trace.csv -f json >out
	[ "$(json out '[(t["trace"], t["jobs"], t["with_name"], t["with_estimate"]) for t in d["traces"]]')" = \
		"[('trace.csv', 8, 8, 0)]" ]
	# from the fourth job on, the median of those before in whole seconds: off by 2, 3, 3, 4, 4
	[ "$(json out '[*d["traces"][0]["from"]["habit"].values()]')" = "[5, 3, 3.2, 100]" ]
	[ "$(json out '[*d["traces"][0]["from"]["limit"].values()]')" = "[8, 35395.5, 35395.5, 0]" ]
	[ "$(json out 'd["traces"][0]["from"]["user_estimate"]["mean_error_s"]')" = None ]
	carbonctl backtest --habits trace.csv >out
	grep -q "^  the trace tells no users' estimates$" out
	grep -qE '^  habit +5 +62\.5 % +3 s +3 s +100\.0 %$' out
	grep -qE '^  time limit +8 +100\.0 % +9 h 49 min +9 h 49 min +0\.0 %$' out
	grep -qE "^  user's estimate +0 +0\.0 % +- +- +-$" out
}

@test "backtest --habits: each trace for itself, and one that cannot be read is named" {
	trace >trace.csv
	printf 'submit,runtime_s\n0,60\n' >short.csv
	echo nonsense >bad.csv
	run -1 --separate-stderr carbonctl backtest --habits trace.csv bad.csv short.csv -f json
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr = *"carbonctl backtest: bad.csv"* ]]
	[ "$(json /dev/stdin '[t["jobs"] for t in d["traces"]]' <<<"$output")" = "[8, 1]" ]
	fails 2 "carbonctl backtest: --habits: which traces? Name one or more files (see carbonctl backtest --help)" \
		carbonctl backtest --habits
	fails 2 "carbonctl backtest: --unit=d unknown (known: s, m, h) (see carbonctl backtest --help)" \
		carbonctl backtest --habits --unit d trace.csv
}

@test "backtest --habits: on the published traces the jobs of a name are known best" {
	data=${CARBON_DATA:-$CARBON_SRC/../shared/data}/jobs/NASA-iPSC-1993-3.1-cln.swf
	[ -r "$data" ] || skip "$data is not there (CARBON_DATA names the folder)"
	carbonctl backtest --habits "$data" -f json >out 2>/dev/null
	[ "$(json out 'd["traces"][0]["from"]["habit"]["within_factor_two_percent"] > 50')" = True ]
	[ "$(json out 'd["traces"][0]["from"]["habit_name"]["median_error_s"] <= d["traces"][0]["from"]["habit_user"]["median_error_s"]')" = True ]
	[ "$(json out 'd["traces"][0]["with_limit"]')" = 0 ]
}
