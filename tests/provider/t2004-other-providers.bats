#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# WattTime, Great Britain's Carbon Intensity, the Carbon Aware SDK and Energy-Charts; several sources in
# order of preference; and that signals are never mixed.

# shellcheck disable=SC2154 # dir, port, conf, outlook and requests are set by grid.sh
bats_require_minimum_version 1.8.0
load grid.sh

setup() {
	grid_setup
	grid_start_server
}

teardown() {
	grid_teardown
}

# sources LINE...: a configuration with every source of the server; LINEs are signal and zones.
sources() {
	cat >"$conf" <<-EOF
		run_dir = "$dir/run"
		state_dir = "$dir/state"
		source "electricitymaps" {
			url = "http://127.0.0.1:$port/em/v3"
			token_file = "$dir/token"
		}
		source "watttime" {
			url = "http://127.0.0.1:$port/wt"
			token_file = "$dir/token"
		}
		source "uk" {
			type = "uk-carbon-intensity"
			url = "http://127.0.0.1:$port/uk"
		}
		source "sdk" {
			type = "carbon-aware-sdk"
			url = "http://127.0.0.1:$port/casdk/"
		}
		source "energy-charts" { url = "http://127.0.0.1:$port/ec" }
	EOF
	printf '%s\n' "$@" >>"$conf"
}

@test "WattTime: one login for all zones, kept between runs; pounds per MWh become g/kWh" {
	sources 'signal = "marginal"' 'zone "CAISO_NORTH" { sources = {"watttime"} }' 'zone "PJM_DC" { sources = {"watttime"} }'
	run -0 grid_forecast
	[ "$(grid_requests '"/wt/login"')" = 1 ]
	[ "$(grep -c 'zone .* marginal' "$outlook")" = 2 ]
	[ "$(grid_parts PJM_DC | sed -n 2p)" = "forecast watttime 863" ]
	[ "$(grid_parts PJM_DC | head -1)" = "estimated watttime 1" ]
	# The server makes whole grams.
	[[ "$(grid_point PJM_DC 3)" =~ ^[0-9]+$ ]]
	[ "$(stat -c %a "$dir/state/.session-watttime")" = 600 ]
	run -0 grid_forecast --now 2026-03-05T17:50Z
	[ "$(grid_requests '"/wt/login"')" = 1 ]
	run -0 grid_forecast --now 2026-03-05T18:05Z
	[ "$(grid_requests '"/wt/login"')" = 2 ]
	grep -q 'Bearer wt-' "$requests"
}

@test "WattTime: a kept login that has died is made anew, once" {
	sources 'signal = "marginal"' 'zone "CAISO_NORTH" { sources = {"watttime"} }'
	run -0 grid_forecast
	grid_stop_server
	grid_start_server
	sources 'signal = "marginal"' 'zone "CAISO_NORTH" { sources = {"watttime"} }'
	: >"$requests"
	run -0 grid_forecast
	[ "$(grid_requests '"/wt/login"')" = 1 ]
	grid_modes v3 expired
	run -4 grid_forecast
	[[ "$output" == *"zone CAISO_NORTH: watttime: history: HTTP 401: INVALID_TOKEN: Token expired"* ]]
	[ "$(grid_requests '"/wt/login"')" = 2 ]
}

@test "WattTime: another password is another login; a refused one is tried once for all zones" {
	sources 'signal = "marginal"' 'zone "CAISO_NORTH" { sources = {"watttime"} }' 'zone "PJM_DC" { sources = {"watttime"} }'
	run -0 grid_forecast
	echo other:word >"$dir/token"
	: >"$requests"
	run -4 grid_forecast
	[ "$(grid_requests '"/wt/login"')" = 1 ]
	[[ "$output" == *"zone CAISO_NORTH: watttime: login: HTTP 403: INVALID_CREDENTIALS: Login refused"* ]]
	[[ "$output" == *"zone PJM_DC: watttime: login:"* ]]
	[[ "$output" != *other* ]]
}

@test "WattTime: what is not believed" {
	sources 'signal = "marginal"' 'zone "PJM_MD" { sources = {"watttime"} }'
	while read -r modes words; do
		grid_modes v3 "$modes"
		rm -rf "$dir/state"
		run -4 grid_forecast
		[[ "$output" == *"$words"* ]] || { echo "$modes: $output"; return 1; }
	done <<-EOF
		units units are "lbs_co2_per_kwh", not lbs_co2_per_mwh
		otherregion for region "PJM_DC", not PJM_MD
		aoer signal is "co2_aoer", not co2_moer
		empty no usable value in 0 rows
		free HTTP 403: INVALID_SCOPE: Your plan does not hold this region
		html403 HTTP 403: HTML or XML
	EOF
	grid_modes v3 huge,nulls,warnings,noperiod
	run -0 grid_forecast
	[[ "$output" == *"1 null"* || "$output" == *"1 implausible"* ]]
}

@test "WattTime: backfill in windows of thirty days, both ends inclusive" {
	sources 'signal = "marginal"' 'zone "PJM_MD" { sources = {"watttime"} }'
	run -0 grid_forecast --backfill 2026-01-01
	[ "$(grid_requests '"/wt/v3/historical"')" = 3 ]
	[ "$(sqlite3 "$dir/state/carbon.db" 'select count(*) from history')" -gt 18000 ]
}

@test "Great Britain: half hours, measured where measured, from the running one on" {
	sources 'signal = "average-direct"' 'zone "GB" { sources = {"uk"} }'
	run -0 grid_forecast
	[ -z "$output" ]
	grep -q 'zone GB average-direct' "$outlook"
	[ "$(grid_parts GB | head -2)" = "estimated uk 1
forecast uk 96" ]
	[ "$(grid_requests '/uk/intensity/2026-03-05T17:31Z/fw48h')" = 1 ]
	[ "$(sqlite3 "$dir/state/carbon.db" "select count(distinct kind) from history")" = 2 ]
}

@test "Great Britain: a region and a postcode, as an object or as a list" {
	sources 'signal = "average-direct"' 'zone "GB" {' 'sources = {"uk"}' 'source_zone = "region-12"' '}'
	run -0 grid_forecast
	[ "$(grid_requests '/uk/regional/intensity/2026-03-05T17:31Z/fw48h/regionid/12')" = 1 ]
	grid_modes regional arraydata
	run -0 grid_forecast
	sed -i 's/region-12/postcode-RG10/' "$conf"
	run -0 grid_forecast
	sed -i 's/postcode-RG10/postcode-X/' "$conf"
	run -4 grid_forecast
	[[ "$output" == *"HTTP 400: No postcode match can be found."* ]]
	sed -i 's/postcode-X/postcode-XY1/' "$conf"
	run -4 grid_forecast
	[[ "$output" == *"an empty answer"* ]]
	sed -i 's/postcode-XY1/region-99/' "$conf"
	run -4 grid_forecast
	[[ "$output" == *'"region-99" is no zone here'* ]]
}

@test "Great Britain: braces, null slots" {
	sources 'signal = "average-direct"' 'zone "GB" { sources = {"uk"} }'
	grid_modes intensity braces
	run -4 grid_forecast
	[[ "$output" == *"no half hours in the answer"* ]]
	grid_modes intensity nulls
	run -0 grid_forecast
	[[ "$output" == *"history: left out of 49 rows: "*" null"* ]]
}

@test "Carbon Aware SDK: history and forecast; unknown ratings, order, old replies, no data" {
	sources 'zone "eastus" { sources = {"sdk"} }'
	run -0 grid_forecast
	[ "$(grid_parts eastus | head -2)" = "estimated sdk 1
forecast sdk 23" ]
	grid_modes emissions negative,descending,legacy
	run -0 grid_forecast
	[[ "$output" == *"history: left out of 48 rows: 1 null"* ]]
	while read -r modes words; do
		grid_modes emissions "$modes"
		run grid_forecast
		[ "$status" -ne 0 ]
		[[ "$output" == *"$words"* ]] || { echo "$modes: $output"; return 1; }
	done <<-EOF
		nothing204 no data (HTTP 204)
		problem HTTP 400: One or more validation errors occurred.
		otherlocation no forecast for eastus in the answer
		rolling its points are means over windows that overlap
	EOF
}

@test "Carbon Aware SDK, Great Britain, Energy-Charts: backfill in windows that each allows" {
	sources 'signal = "average-direct"' 'zone "GB" { sources = {"uk"} }' 'zone "eastus" { sources = {"sdk"} }' \
		'zone "DE" { sources = {"energy-charts"} }'
	run -0 grid_forecast --backfill 2026-02-01
	[ "$(grid_requests '"/uk/intensity/2026-02-01T00:01Z/2026-02-14T00:00Z"')" = 1 ]
	[ "$(grid_requests '"/uk/intensity/')" = 3 ]
	[ "$(grid_requests '/casdk/emissions/bylocation')" = 5 ]
	[ "$(grid_requests '"/ec/co2eq"')" = 2 ]
	count() {
		sqlite3 "$dir/state/carbon.db" "select count(*), count(distinct at), max(at) - min(at) from history
			join name on name.id = zone_id where text = '$1'"
	}
	# 32 days, 17 hours: in half hours, hours and quarters.
	[ "$(count GB)" = "1572|1572|2827800" ]
	[ "$(count eastus)" = "786|786|2826000" ]
	[[ "$(count DE)" = "3140|3140|"* || "$(count DE)" = "314"* ]]
	grid_modes intensity empty
	run -4 grid_forecast --backfill 2026-02-01 --zone GB
	[[ "$output" == *"no source gave any history"* ]]
}

@test "Great Britain: asked on the very begin of a half hour, the running one comes first" {
	sources 'signal = "average-direct"' 'zone "GB" { sources = {"uk"} }'
	for minute in 00 29 30 31; do
		run grid_run "2026-03-05T17:${minute}:00Z" --fresh
		grid_parts GB | grep -q "^forecast uk 9[67]$" || { grid_parts GB; return 1; }
		first=$(awk '/^[0-9]/ { n++ } n == 1 { print; exit }' "$outlook")
		[ -n "$first" ]
	done
	[ "$(grid_requests '/uk/intensity/2026-03-05T17:01Z/fw48h')" = 2 ]
	[ "$(grid_requests '/uk/intensity/2026-03-05T17:31Z/fw48h')" = 2 ]
}

@test "WattTime: too many logins, and warnings in an answer" {
	sources 'signal = "marginal"' 'zone "CAISO_NORTH" { sources = {"watttime"} }' 'zone "PJM_DC" { sources = {"watttime"} }'
	grid_modes login maxed
	run -4 grid_run 2026-03-05T17:34Z
	[[ "$output" == *"zone CAISO_NORTH: watttime: login: HTTP 429: not JSON: "*"slow down"* ]]
	rm "$dir/control"
	: >"$requests"
	run -4 grid_run 2026-03-05T17:40Z
	[ ! -s "$requests" ]
	grid_modes v3 warnings
	run -0 grid_run 2026-03-05T17:50Z
	run ! grep -v "clock is" <<<"$output"
}

@test "Energy-Charts: one request for past and future; nulls, unequal lists, the past alone" {
	sources 'zone "DE" { sources = {"energy-charts"} }'
	run -0 grid_forecast
	[ "$(grid_requests '"/ec/co2eq"')" = 1 ]
	[ "$(grid_parts DE | head -2)" = "estimated energy-charts 1
forecast energy-charts 96" ]
	grid_modes co2eq nulls
	run -0 grid_forecast
	[[ "$output" == *"history: left out of "*" rows: 1 null"* ]]
	grid_modes co2eq unequal
	run -4 grid_forecast
	[[ "$output" == *"lists of different length"* ]]
	rm -r "$dir/run"
	grid_modes co2eq pastonly
	# The running hour is known to 17:45, and ours from there.
	run -0 grid_forecast
	[[ "$(grid_parts DE | tail -1)" == "model "* ]]
}

@test "a JSON file of the Carbon Aware SDK is a file source too" {
	cat >"$dir/grid.json" <<-EOF
		{"Date":"2026-03-05","Emissions":[
		{"Location":"DE","Time":"2026-03-05T12:00:00+00:00","Rating":90.5,"Duration":"08:00:00"},
		{"Location":"DE","Time":"2026-03-05T20:00:00+00:00","Rating":"120","Duration":"1.00:00:00"},
		{"Location":"FR","Time":"2026-03-05T12:00:00+00:00","Rating":20,"Duration":"08:00:00"}]}
	EOF
	sources "source \"json\" {" 'type = "file"' "path = \"$dir/grid.json\"" '}' 'zone "DE" { sources = {"json"} }'
	run -0 grid_forecast
	[ "$(grid_point DE 1)" = 90.5 ]
	[ "$(grid_parts DE | sed -n 2p)" = "forecast json 26" ]
}

@test "what the first source lacks is asked of the second, and each part says whose it is" {
	grid_modes em/v3.*forecast unentitled-forecast
	sources 'zone "DE" { sources = {"electricitymaps", "sdk", "profile"} }'
	run -1 grid_forecast
	[ "$(grid_parts DE)" = "estimated electricitymaps 1
forecast sdk 23
model mean7 72" ]
	[ "$(grid_requests '/casdk/emissions/bylocation')" = 0 ]
	rm "$dir/control"
	: >"$requests"
	run -0 grid_forecast
	[ "$(grid_requests '/casdk')" = 0 ]
}

@test "signals are never mixed: what measures something else is an entry of its own, and said" {
	sources 'zone "GB" { sources = {"electricitymaps", "uk"} }'
	run -0 grid_forecast
	[ "$(grep -c '^zone GB' "$outlook")" = 2 ]
	[ "$(awk '$1 == "zone" { here = $3 } $1 == "part" { print here, $3 }' "$outlook" | sort -u | grep -v mean7)" = \
		"average-direct uk
average-lifecycle electricitymaps" ]
	[[ "$output" == *"zone GB: uk measures average-direct; what decides here is average-lifecycle"* ]]
}
