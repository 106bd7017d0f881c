#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbon-forecaster against a server that answers as Electricity Maps does, and as it does on bad days.

# shellcheck disable=SC2154,SC2034 # what grid.sh sets, and what it reads
bats_require_minimum_version 1.8.0
load grid.sh

DE='zone "DE" { sources = {"electricitymaps"} }'
DE_PROFILE='zone "DE" { sources = {"electricitymaps", "profile"} }'

setup() {
	grid_setup
	grid_start_server
}

teardown() {
	grid_teardown
}

@test "history, forecast and our own last hours make an outlook of 96 hours" {
	grid_conf "$DE"
	run -0 grid_forecast
	[ -z "$output" ]
	[ "$(grid_parts DE)" = "estimated electricitymaps 1
forecast electricitymaps 72
model mean7 23" ]
	[ "$(stat -c %a "$outlook")" = 644 ]
}

@test "v4, an address with a slash at its end, and one without a version do as well" {
	url=http://127.0.0.1:$port/em/v4/ grid_conf "$DE"
	run -0 grid_forecast
	[ "$(grid_parts DE | sed -n 2p)" = "forecast electricitymaps 72" ]
	[ "$(grid_requests '"path": "/em/v4/carbon-intensity/forecast"')" = 1 ]
	url=http://127.0.0.1:$port/ grid_conf "$DE"
	run -0 grid_forecast
	[ "$(grid_requests '"path": "/v3/carbon-intensity/forecast"')" = 1 ]
}

@test "the request says who asks and for what, and switches off guessing by address" {
	grid_conf "$DE"
	run -0 grid_forecast
	[ "$(grid_requests '"disableCallerLookup": "true"')" = 2 ]
	[ "$(grid_requests '"user-agent": "slurm-carbon/')" = 3 ]
	[ "$(grid_requests '"accept": "application/json"')" = 3 ]
	[ "$(grid_requests '"horizonHours": "72"')" = 1 ]
}

@test "where 72 hours are not on offer, 24 are asked for" {
	grid_modes forecast hours24
	grid_conf "$DE"
	run -0 grid_forecast
	[ "$(grid_parts DE | sed -n 2p)" = "forecast electricitymaps 24" ]
}

@test "a key without a forecast: our own from history, marked as ours, and the reason is named" {
	grid_modes forecast unentitled-forecast
	grid_conf "$DE"
	run -1 grid_forecast
	[[ "$output" == *'zone DE: electricitymaps: forecast: HTTP 401: Request unauthorized for zoneKey=DE'* ]]
	[ "$(grid_parts DE)" = "estimated electricitymaps 1
model mean7 95" ]
	[ "$(grid_requests carbon-intensity/forecast)" = 1 ]
}

@test "a wrong key is said to be wrong, tried once, and the profile stands in" {
	echo another >"$dir/token"
	grid_conf "$DE_PROFILE"
	run -1 grid_forecast
	[[ "$output" == *"HTTP 401: Invalid auth-token"* ]]
	[[ "$output" != *another* ]]
	[ "$(grid_parts DE)" = "profile profile 96" ]
	[ "$(grid_requests history)" = 1 ]
}

@test "answers that are no data: refused, named, and the last outlook stays" {
	grid_conf "$DE"
	run -0 grid_forecast
	before=$(sha256sum "$outlook")
	while read -r modes words; do
		grid_modes intensity "$modes"
		run -4 grid_forecast
		[[ "$output" == *"$words"* ]] || { echo "$modes: $output"; return 1; }
		[[ "$output" == *"the outlook stays as it is"* ]]
		[ "$(sha256sum "$outlook")" = "$before" ]
	done <<-EOF
		html HTML or XML instead of JSON
		html403 HTTP 403: HTML or XML
		text not JSON: "upstream connect error"
		nothing an empty answer
		braces no history, data or forecast in the answer
		error200 No recent data for zone "DE"
		nodata HTTP 404: No recent data for zone "DE"
		unentitled HTTP 401: Request unauthorized for zoneKey=DE
		truncated damaged JSON
		empty an empty history
		allhuge 24 of 24 rows implausible
		sandbox the key is a sandbox key
		otherzone the answer is for zone "FR", not DE
		coarse granularity "daily"
		redirect redirects elsewhere (HTTP 302); not followed
		junk larger than 8 MiB
	EOF
}

@test "a forecast that is no data: our own from history, marked as ours, and the reason is named" {
	while read -r modes words; do
		grid_modes forecast "$modes"
		grid_conf "$DE"
		run -1 grid_forecast
		[[ "$output" == *"zone DE: electricitymaps: forecast: $words"* ]] || { echo "$modes: $output"; return 1; }
		[ "$(grid_parts DE)" = "estimated electricitymaps 1
model mean7 95" ]
	done <<-EOF
		empty an empty forecast
		html HTML or XML instead of JSON
		truncated damaged JSON
		nothing an empty answer
	EOF
}

@test "nulls, a value of 40,000, a jump, future hours: left out, counted, the rest is used" {
	while read -r modes words; do
		grid_modes history "$modes"
		grid_conf "$DE"
		run grid_forecast
		[ "$status" -eq 0 ]
		[[ "$output" == *"zone DE: electricitymaps: history: left out of 24 rows: $words"* ]] || {
			echo "$modes: $output"
			return 1
		}
		grid_parts DE | grep -q "forecast electricitymaps"
	done <<-EOF
		nulls 1 null
		huge 1 implausible
		jump 1 jumping as no grid does
	EOF
	grid_modes history future
	run -1 grid_forecast
	[[ "$output" == *"no usable value in 24 rows"* ]]
}

@test "rows out of order give the same outlook; of two rows for one time the later counts" {
	grid_conf "$DE"
	run -0 grid_forecast
	expected=$(sha256sum <"$outlook")
	fourth=$(grid_point DE 4)
	grid_modes carbon-intensity/forecast duplicates,unsorted
	run -0 grid_forecast
	[ -z "$output" ]
	[ "$(sha256sum <"$outlook")" = "$expected" ]
	grid_modes carbon-intensity/forecast duplicates
	run -0 grid_forecast
	[ "$(grid_point DE 4)" = $((fourth + 1)) ]
}

@test "the replies of 2024, floats, chunks, compression and no issue time are read" {
	for modes in y2024 floats chunked gzip noupdated; do
		grid_modes intensity "$modes"
		grid_conf "$DE"
		run -0 grid_forecast
		grid_parts DE | grep -q "forecast electricitymaps" || { echo "$modes"; return 1; }
	done
}

@test "five minutes and quarters: as many points as there are, the present is the running one" {
	while read -r step points; do
		grid_stop_server
		grid_start_server --step "$step"
		grid_conf "$DE"
		run -0 grid_forecast
		[ "$(grid_parts DE | head -1)" = "estimated electricitymaps 1" ]
		[ "$(grid_parts DE | sed -n 2p)" = "forecast electricitymaps $points" ] || { grid_parts DE; return 1; }
		[ "$(sqlite3 "$dir/state/carbon.db" 'select count(*) from history')" = $((86400 / step)) ]
		rm -r "$dir/state" "$dir/run"
	done <<-END
		900 288
		300 864
	END
}

@test "direct factors: history alone, asked for as such; life-cycle numbers in the answer are refused" {
	grid_conf 'signal = "average-direct"' "$DE"
	run -0 grid_forecast
	[ "$(grid_requests '"emissionFactorType": "direct"')" = 1 ]
	[ "$(grid_requests carbon-intensity/forecast)" = 0 ]
	grep -q '^zone DE average-direct' "$outlook"
	[ "$(grid_parts DE | head -1)" = "estimated electricitymaps 1" ]
	grid_modes history lifecycle-echo
	run -4 grid_forecast
	[[ "$output" == *'emission factors are "lifecycle", not direct'* ]]
}

@test "a forecast that contradicts the present is not believed" {
	grid_modes forecast contradict
	grid_conf "$DE"
	run -1 grid_forecast
	[[ "$output" == *"forecast begins with 1900 g/kWh while the zone has"* ]]
	[ "$(grid_parts DE | sed -n 2p)" = "model mean7 95" ]
}

@test "another zone that fails costs the first nothing, and is named" {
	grid_modes zone=FR error500
	grid_conf "$DE" 'zone "FR" { sources = {"electricitymaps"} }' 'zone "XX-NODATA" { sources = {"electricitymaps"} }'
	run -1 grid_forecast
	[[ "$output" == *"zone FR: electricitymaps: history: HTTP 500"* ]]
	[[ "$output" == *"zone XX-NODATA: nobody knows anything of it: left out of the outlook"* ]]
	[ "$(awk '$1 == "zone" { print $2 }' "$outlook")" = DE ]
}

@test "a provider that fails for a while: its earlier forecast goes on, with its own age" {
	grid_conf "$DE" 'zone "FR" { sources = {"electricitymaps"} }'
	run -0 grid_forecast
	issued=$(grep -m 1 'part forecast' "$outlook" | grep -o 'issued=[0-9]*')
	grid_modes zone=DE nodata
	run -1 grid_forecast --now 2026-03-05T19:10Z
	[ "$(grid_parts DE | head -1)" = "forecast electricitymaps 71" ]
	[ "$(grep -m 1 'part forecast' "$outlook" | grep -o 'issued=[0-9]*')" = "$issued" ]
	run -1 grid_forecast --now 2026-03-06T18:10Z
	[ "$(grid_parts DE | head -1)" = "model mean7 72" ]
}

@test "two tries more after 503, one more after Retry-After, none after an hour's Retry-After" {
	grid_conf "$DE"
	grid_modes history flaky
	run -0 grid_forecast
	[ "$(grid_requests history)" = 3 ]
	: >"$requests"
	grid_modes history limit-hour
	run -1 grid_forecast
	[[ "$output" == *"HTTP 429: Too many requests"* ]]
	[ "$(grid_requests history)" = 1 ]
}

@test "a token file that others may read is refused, and nothing is sent" {
	chmod 644 "$dir/token"
	grid_conf "$DE"
	run -4 grid_forecast
	[[ "$output" == *"$dir/token: readable by others (mode 0644)"*"chmod 600"* ]]
	[ ! -s "$requests" ]
}

@test "a token is not sent unencrypted to another machine" {
	url=http://192.0.2.1/v3 grid_conf "$DE"
	run -4 grid_forecast
	[[ "$output" == *"a token is not sent over plain http"* ]]
}

@test "the token appears in no output, not even verbose and on failure" {
	grid_conf "$DE"
	for modes in truncated nodata error500 redirect; do
		grid_modes intensity "$modes"
		run grid_forecast -v
		[[ "$output" != *"$GRID_TOKEN"* ]]
	done
}

@test "a slow server and one that breaks off end with the time limit, not later" {
	timeout=1s grid_conf "$DE"
	for modes in stall slow drop; do
		grid_modes intensity "$modes"
		SECONDS=0
		run -4 grid_forecast
		[ "$SECONDS" -lt 15 ]
		[[ "$output" == *"zone DE: electricitymaps: history:"* ]]
	done
}

@test "nobody listens: said, and nothing written" {
	grid_conf "$DE"
	grid_stop_server
	run -4 grid_forecast
	[[ "$output" == *"127.0.0.1"* ]]
	[ ! -e "$outlook" ]
}

@test "history is kept, revisions too" {
	grid_conf "$DE"
	run -0 grid_forecast
	[ "$(grid_point DE 1)" -gt 0 ]
	first=$(grid_point DE 1)
	grid_modes history revision
	run -0 grid_forecast
	[ "$(grid_parts DE | head -1)" = "measured electricitymaps 1" ]
	[ "$(grid_point DE 1)" = $((first + 7)) ]
}

@test "backfill fetches the past in windows of ten days, and our own forecast learns from it" {
	grid_conf "$DE"
	run -0 grid_forecast --backfill 2026-02-01
	[ "$(grid_requests past-range)" = 4 ]
	[ ! -e "$outlook" ]
	grid_modes forecast unentitled-forecast
	run -1 grid_forecast
	[[ "$(grid_parts DE | tail -1)" == "model "*" 95" ]]
	[[ "$(grid_parts DE | tail -1)" != "model mean7 "* ]]
}

@test "carbonctl forecast --accuracy: what was issued, against what then came" {
	now=$(date +%s)
	for ago in 40 30 0; do
		grid_stop_server
		GRID_NOW=$(date -u -d "@$((now - ago * 3600))" +%FT%TZ)
		grid_start_server
		grid_conf "$DE"
		run -0 grid_forecast
	done
	"$GRID_BUILD/tools/carbonctl" -c "$conf" -f csv forecast --accuracy >"$dir/out"
	# The server's forecasts are what it later says it was; ours are not, from a day of history.
	awk -F, '$3 == "electricitymaps" && $5 == 24 { seen = $4 == 3 && $6 > 20 && $8 == 0 } END { exit !seen }' "$dir/out"
	awk -F, '$3 == "mean7" && $5 == 24 { seen = $6 > 20 && $8 > 0 } END { exit !seen }' "$dir/out"
	run -0 "$GRID_BUILD/tools/carbonctl" -c "$conf" forecast --accuracy de
	[[ "$output" == *"  electricitymaps "*" 3  "* ]]
	run -1 "$GRID_BUILD/tools/carbonctl" -c "$conf" forecast --accuracy XX
	[[ "$output" == *'zone "XX" is not configured'* ]]
}

@test "minute steps: the present is the running minute, a clean window is where it is, the cap of points holds" {
	grid_stop_server
	GRID_NOW='' grid_start_server --step 60 --clean-in 600 --clean-for 1200
	grid_conf "$DE"
	minute=
	until [ "$minute" = $(($(date +%s) / 60)) ]; do # again where one ends between the two programs
		minute=$(($(date +%s) / 60))
		run -0 "$GRID_FORECASTER" -c "$conf" --fresh
		[ -z "$output" ]
		"$GRID_BUILD/tools/carbonctl" -c "$conf" -f json forecast --window=20m >"$dir/out"
	done
	python3 - "$dir/out" <<-'END'
		import json, sys
		zone = json.load(open(sys.argv[1]))["zones"][0]
		assert zone["now"]["intensity"] == 400 and zone["now"]["kind"] == "estimated", zone["now"]
		assert zone["cleanest"]["intensity"] < 65, zone["cleanest"]
		assert len(zone["points"]) <= 4096 and zone["parts"][1]["source"] == "electricitymaps"
	END
}
