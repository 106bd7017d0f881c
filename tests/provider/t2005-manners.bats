#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who is asked for what, and how often: what a key may fetch, no faster than data change, Retry-After
# remembered from run to run, which answers are worth another try. Never waits for real time but where a
# provider asks for a second.

# shellcheck disable=SC2154,SC2034 # what grid.sh sets, and what it reads
bats_require_minimum_version 1.8.0
load grid.sh

DE='zone "DE" { sources = {"electricitymaps"} }'
FR='zone "FR" { sources = {"electricitymaps"} }'

setup() {
	grid_setup
	grid_start_server
}

teardown() {
	grid_teardown
}

# asked PATTERN: how often since the last call of forget_requests.
asked() {
	grid_requests "\"path\": \"[^\"]*$1"
}

forget_requests() {
	: >"$requests"
}

# --- what the key may fetch ---

@test "what the key may is read once a day, for all zones at once" {
	grid_conf "$DE" "$FR"
	run -0 grid_run 2026-03-05T17:34Z
	[ -z "$output" ]
	[ "$(asked /zones)" = 1 ]
	grep '/zones"' "$requests" | grep -q '"auth-token"'
	[ "$(grep -n '/zones"' "$requests" | cut -d: -f1)" = 1 ]
	run -0 grid_run 2026-03-05T18:34Z
	run -0 grid_run 2026-03-06T17:33Z
	[ "$(asked /zones)" = 1 ]
	run -0 grid_run 2026-03-06T17:50Z
	[ "$(asked /zones)" = 2 ]
}

@test "a key with history alone: no forecast is asked for, that is said once and is no failure" {
	for version in v3 v4; do
		rm -rf "$dir/state" "$dir/run"
		forget_requests
		grid_modes . history-only
		url=http://127.0.0.1:$port/em/$version grid_conf "$DE"
		run -0 grid_run 2026-03-05T17:34Z
		[ "$output" = "carbon-forecaster: zone DE: the key of electricitymaps may not fetch a forecast" ]
		[ "$(asked carbon-intensity/history)" = 1 ]
		[ "$(asked carbon-intensity/forecast)" = 0 ]
		[ "$(grid_parts DE)" = "estimated electricitymaps 1
model mean7 95" ]
		run -0 grid_run 2026-03-05T17:50Z
		[[ "$output" != *"may not"* ]]
		run -0 grid_run 2026-03-05T18:05Z -v
		[[ "$output" == *"may not fetch a forecast"* ]]
		[ "$(asked carbon-intensity/forecast)" = 0 ]
	done
}

@test "a key with the present alone: it is asked for, and kept hour by hour" {
	grid_modes . latest-only
	grid_conf "$DE"
	run -0 grid_run 2026-03-05T17:34Z --zone DE
	[ "$(asked carbon-intensity/latest)" = 1 ]
	[ "$(asked carbon-intensity/history)" = 0 ]
	[ "$(grid_parts DE | head -1)" = "estimated electricitymaps 1" ]
	[ "$(sqlite3 "$dir/state/carbon.db" 'select count(*) from history')" = 1 ]
}

@test "a zone that the key does not hold: named, and not asked for" {
	grid_modes . only-fr
	grid_conf "$DE" "$FR"
	run -1 grid_run 2026-03-05T17:34Z
	[[ "$output" == *"zone DE: electricitymaps: the key may fetch nothing of zone DE"* ]]
	[ "$(grid_requests '"zone": "DE"')" = 0 ]
	[ "$(grid_requests '"zone": "FR"')" = 2 ]
	grep -q '^carbon_forecaster_failure{zone="DE",source="electricitymaps",kind="entitlement"} 1' "$dir/run/forecaster.prom"
}

@test "a key without the past: backfill says so and asks for nothing" {
	grid_modes . no-past
	grid_conf "$DE"
	run -4 grid_run 2026-03-05T17:34Z --backfill 2026-02-01
	[[ "$output" == *"zone DE: electricitymaps: the key may not fetch DE's past"* ]]
	[ "$(asked past-range)" = 0 ]
}

@test "where rights cannot be told, everything is asked for, and a refusal is remembered for a while" {
	for modes in error500 html nothing braces zones-plain truncated; do
		rm -rf "$dir/state" "$dir/run"
		grid_modes /zones "$modes"
		grid_conf "$DE"
		run -0 grid_run 2026-03-05T17:34Z
		[ "$(grid_parts DE | sed -n 2p)" = "forecast electricitymaps 72" ] || { echo "$modes"; return 1; }
	done
	rm -rf "$dir/state" "$dir/run"
	grid_modes /zones zones-plain forecast unentitled-forecast
	forget_requests
	run -1 grid_run 2026-03-05T17:34Z
	[[ "$output" == *"forecast: HTTP 401: Request unauthorized for zoneKey=DE"* ]]
	run -0 grid_run 2026-03-05T17:50Z
	[ "$(asked carbon-intensity/forecast)" = 1 ]
	# An hour later the list is asked for again, and what it does not forbid is tried again.
	run -1 grid_run 2026-03-05T18:50Z
	[ "$(asked carbon-intensity/forecast)" = 2 ]
	[ "$(asked /zones)" = 2 ]
}

@test "a sandbox key: refused, and its numbers are shown by --dry-run --sandbox alone" {
	grid_modes intensity sandbox
	grid_conf "$DE"
	run -4 grid_run 2026-03-05T17:34Z
	[[ "$output" == *"the key is a sandbox key: its numbers are made up and are not used"* ]]
	run -0 grid_run 2026-03-05T17:34Z --dry-run --sandbox
	[[ "$output" == *"part forecast electricitymaps"* ]]
	[ ! -e "$outlook" ]
	run -2 grid_run 2026-03-05T17:34Z --sandbox
	[[ "$output" == *"--sandbox"*"goes with --dry-run alone"* ]]
}

# --- no faster than data change ---

@test "a second run within a quarter of an hour asks nothing and writes the same outlook" {
	grid_conf "$DE" "$FR"
	run -0 grid_run 2026-03-05T17:31Z
	grep -v '^carbon-outlook\|^written\|^crc32' "$outlook" | grep -v ' model ' >"$dir/first"
	forget_requests
	run -0 grid_run 2026-03-05T17:44Z
	[ -z "$output" ]
	[ ! -s "$requests" ]
	grep -v '^carbon-outlook\|^written\|^crc32' "$outlook" | grep -v ' model ' >"$dir/second"
	diff "$dir/first" "$dir/second"
	grep -q '^carbon_forecaster_requests 0$' "$dir/run/forecaster.prom"
	run -0 grid_run 2026-03-05T17:45Z
	[ "$(grid_requests carbon-intensity)" = 4 ]
	# Whoever wants to may.
	forget_requests
	run -0 grid_run 2026-03-05T17:46Z --fresh
	[ "$(grid_requests carbon-intensity)" = 4 ]
}

@test "a new zone, another key, or no carbon.db to give it again: asked at once" {
	grid_conf "$DE"
	run -0 grid_run 2026-03-05T17:31Z
	forget_requests
	grid_conf "$DE" "$FR"
	run -0 grid_run 2026-03-05T17:32Z
	[ "$(grid_requests '"zone": "DE"')" = 0 ]
	[ "$(grid_requests '"zone": "FR"')" = 2 ]
	forget_requests
	echo another >"$dir/token"
	run -4 grid_run 2026-03-05T17:33Z
	[ "$(grid_requests '"zone": "DE"')" = 2 ]
	echo "$GRID_TOKEN" >"$dir/token"
	rm "$dir/state/carbon.db"*
	forget_requests
	run -0 grid_run 2026-03-05T17:34Z
	[ "$(grid_requests '"zone": "DE"')" = 2 ]
	forget_requests
	echo rubbish >>"$dir/state/forecaster.memory"
	run -0 grid_run 2026-03-05T17:35Z
	[[ "$output" == *"what is remembered of sources is not usable, so all are asked: "* ]]
	[ "$(grid_requests '"zone": "DE"')" = 2 ]
	# A clock that was set back: what was answered in the future was not.
	forget_requests
	run grid_run 2026-03-05T16:35Z
	[ "$(grid_requests '"zone": "DE"')" = 2 ]
}

@test "a run for one zone leaves what is remembered of the others" {
	grid_conf "$DE" "$FR"
	run -0 grid_run 2026-03-05T17:34Z
	forget_requests
	run -0 grid_run 2026-03-05T17:40Z --zone DE
	[ "$(asked '')" = 0 ]
	run -0 grid_run 2026-03-05T17:41Z --zone DE --fresh
	[ "$(asked history)" = 1 ]
	forget_requests
	run -0 grid_run 2026-03-05T17:42Z
	[ "$(asked '')" = 0 ]
	# a zone that is no longer configured is forgotten by the next whole run, and asked when it comes back
	grid_conf "$DE"
	run -0 grid_run 2026-03-05T17:43Z
	grid_conf "$DE" "$FR"
	run -0 grid_run 2026-03-05T17:44Z
	[ "$(asked history)" = 1 ]
}

@test "what failed is asked for again by the next run, and only that" {
	grid_modes carbon-intensity/forecast error500
	grid_conf "$DE"
	run -1 grid_run 2026-03-05T17:31Z
	rm "$dir/control"
	forget_requests
	run -0 grid_run 2026-03-05T17:32Z
	[ "$(asked carbon-intensity/forecast)" = 1 ]
	[ "$(asked carbon-intensity/history)" = 0 ]
	[ "$(grid_parts DE | head -2)" = "estimated electricitymaps 1
forecast electricitymaps 72" ]
}

@test "each source at its own pace: five minutes, a quarter, half an hour" {
	cat >"$conf" <<-EOF
		run_dir = "$dir/run"
		state_dir = "$dir/state"
		source "watttime" { url = "http://127.0.0.1:$port/wt" token_file = "$dir/token" }
		source "uk-carbon-intensity" { url = "http://127.0.0.1:$port/uk" }
		source "carbon-aware-sdk" { url = "http://127.0.0.1:$port/casdk" }
		source "energy-charts" { url = "http://127.0.0.1:$port/ec" }
		zone "PJM_DC" { sources = {"watttime"} }
		zone "GB" { sources = {"uk-carbon-intensity"} }
		zone "eastus" { sources = {"carbon-aware-sdk"} }
		zone "DE" { sources = {"energy-charts"} }
	EOF
	run -0 grid_run 2026-03-05T17:30Z
	paces=$(for minute in 33 36 41 46 51 56; do
		forget_requests
		grid_run "2026-03-05T17:${minute}Z" 2>>"$dir/err"
		echo "$minute $(asked /wt/v3) $(asked /uk) $(asked /casdk) $(asked /ec)"
	done)
	# The made-up service has hourly data.
	diff <(cat <<<"$paces") - <<-END
		33 0 0 0 0
		36 2 0 0 0
		41 2 0 0 0
		46 2 0 2 1
		51 2 0 0 0
		56 2 0 0 0
	END
}

# --- when they want to be left alone ---

@test "Retry-After holds for the next runs and for all zones of that key, and only until then" {
	grid_modes DE limit-hour
	grid_conf "$DE" "$FR"
	run -1 grid_run 2026-03-05T17:31Z
	[[ "$output" == *"zone DE: electricitymaps: history: HTTP 429: Too many requests"* ]]
	rm "$dir/control"
	forget_requests
	# Neither a second reason nor --fresh makes us ask.
	run grid_run 2026-03-05T18:15Z --fresh
	[ ! -s "$requests" ]
	[[ "$output" == *"not asked: it wants to be left alone until 2026-03-05T18:31:00Z"* ]]
	grep -q '^carbon_forecaster_failure{zone="DE",source="electricitymaps",kind="limit"} 1' "$dir/run/forecaster.prom"
	run -0 grid_run 2026-03-05T18:32Z
	[ "$(grid_requests carbon-intensity)" = 4 ]
}

@test "too many requests without a word on when: left alone for a quarter of an hour" {
	grid_modes intensity limit
	timeout=1s grid_conf "$DE"
	run -4 grid_run 2026-03-05T17:31Z
	rm "$dir/control"
	forget_requests
	run -4 grid_run 2026-03-05T17:45Z
	[ ! -s "$requests" ]
	run -0 grid_run 2026-03-05T17:46Z
}

@test "Retry-After in seconds and as a date is waited for within a run where it is short" {
	grid_conf "$DE"
	for modes in limit-once limit-once-date; do
		grid_stop_server
		grid_start_server
		grid_conf "$DE"
		forget_requests
		grid_modes history "$modes"
		run -0 grid_run 2026-03-05T17:34Z --fresh
		[ "$(asked carbon-intensity/history)" = 2 ]
		python3 - "$requests" <<-'END'
			import json, sys
			times = [r["at"] for r in map(json.loads, open(sys.argv[1])) if r["path"].endswith("history")]
			assert times[1] - times[0] >= 0.9, times
		END
	done
}

@test "which answers are worth another try" {
	while read -r status tries; do
		grid_stop_server
		grid_start_server
		grid_conf "$DE"
		forget_requests
		grid_modes carbon-intensity/history "status$status"
		run -1 grid_run 2026-03-05T17:34Z --fresh
		[ "$(asked carbon-intensity/history)" = "$tries" ] || { echo "$status: $(asked history)"; return 1; }
	done <<-END
		400 1
		403 1
		404 1
		408 3
		422 1
		500 3
		501 1
		502 3
		504 3
	END
}
