#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl forecast: the outlook for people, and for programs.

load helper

setup() {
	carbon_setup
	write_conf <<<'partition "*" { zone = "DE" }'
	write_run_files what=outlook clean_after=3h clean_for=4h dirty=500 clean=50
}

forecast() {
	carbonctl -c carbon.conf forecast "$@"
}

# On a terminal of 60 columns.
on_terminal() {
	script -qec "stty cols 60; $*" /dev/null
}

@test "as text: now, the cleanest window, sources, and a chart in plain ASCII" {
	run -0 --separate-stderr forecast
	[ -z "$stderr" ]
	[[ ${lines[0]} = "DE, average-lifecycle, g CO2e/kWh" ]]
	[[ ${lines[1]} = "  now 500 g/kWh ("* ]]
	[[ ${lines[2]} = "  cleanest 4 h: "*" 50 g/kWh (90 % less than now)" ]]
	[[ $output = *$'\n  500 |#'* ]]
	[[ $output = *"^ cleanest" ]]
	printf '%s\n' "$output" >out
	run ! env LC_ALL=C grep -q $'[^\t -~]' out
}

@test "on a terminal: its width, its colour unless NO_COLOR, blocks where it speaks UTF-8" {
	run -0 on_terminal LANG=C.UTF-8 "$CARBON_BUILD/tools/carbonctl" -c carbon.conf forecast
	[[ $output = *$'\033[32m'* ]]
	[[ $output = *$'\xe2\x96\x88'* ]]
	[ "$(grep -a -- '-----' <<<"$output" | tr -d '\r\n' | wc -c)" -le 60 ]
	run -0 on_terminal NO_COLOR=1 LANG=C "$CARBON_BUILD/tools/carbonctl" -c carbon.conf forecast
	[[ $output != *$'\033'* ]]
	[[ $output != *$'\xe2\x96\x88'* ]]
}

@test "how sure the outlook is: in words, shaded, and in JSON; without a band there is nothing of it" {
	run -0 forecast
	[[ $output != *likely* && $output != *:::* ]]
	rm run/outlook
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c carbon.conf --zone GB
	run -0 forecast gb
	[[ $output = *"cleanest 4 h: "*" g/kWh, likely "*" to "*" ("* ]]
	[[ $output = *"profile ("*"), "*" old, likely within -50 and +50 %"* ]]
	[[ $output = *::::* ]]
	run -0 on_terminal LANG=C.UTF-8 "$CARBON_BUILD/tools/carbonctl" -c carbon.conf forecast GB
	[[ $output = *$'\xe2\x96\x91'* ]]
	forecast -f json GB >out
	[ "$(json out 'd["zones"][0]["cleanest"]["low"] < d["zones"][0]["cleanest"]["intensity"] < d["zones"][0]["cleanest"]["high"]')" = True ]
}

@test "as JSON: the same numbers" {
	forecast -f json de >out
	[ "$(json out '[z["zone"] for z in d["zones"]]')" = "['DE']" ]
	[ "$(json out 'd["zones"][0]["now"]["intensity"], d["zones"][0]["cleanest"]["intensity"]')" = "(500, 50)" ]
	[ "$(json out 'd["zones"][0]["points"][0]["from"] == d["zones"][0]["parts"][0]["from"]')" = True ]
	[ "$(json out 'd["zones"][0]["parts"][-1]["to"] == d["zones"][0]["ends_at"]')" = True ]
}

@test "as CSV: a row for each point" {
	forecast -f csv >out
	[ "$(head -1 out)" = "zone,signal,from,to,intensity,low,high,kind,source,issued_at" ]
	[ "$(cut -d, -f5 out | sed 1d | sort -n | head -1)" = 50 ]
	[ "$(awk -F, 'NF != 10' out)" = "" ]
}

@test "a window of another length; one that fits nowhere is not named" {
	run -0 forecast --window=2h
	[[ $output = *"cleanest 2 h: "* ]]
	run -0 forecast --window=9d
	[[ $output != *cleanest* ]]
	fails 2 'carbonctl forecast: --window=soon is not a time such as 4h (see carbonctl forecast --help)' \
		forecast --window=soon
}

@test "an unknown zone, no outlook, a damaged one: said" {
	fails 1 'carbonctl forecast: zone "XX" is not in the outlook (it has 1, such as DE)' forecast XX
	echo >>run/outlook
	run -1 forecast
	[[ $output = *"run/outlook"* ]]
	rm run/outlook
	fails 1 "carbonctl forecast: $BATS_TEST_TMPDIR/run/outlook: there is no outlook yet (carbon-forecaster writes it)" \
		forecast
}

@test "an old outlook is shown with a warning, one that is over says so" {
	write_run_files what=outlook age=5h
	run -0 --separate-stderr forecast
	[[ $stderr = *"this outlook is 5 h old: does carbon-forecaster run?" ]]
	rm run/outlook
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c carbon.conf --now 2026-03-05T17:34Z
	run -0 --separate-stderr forecast
	[[ $output = *"this outlook is over"* ]]
}
