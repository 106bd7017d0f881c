#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck disable=SC2154 # run --separate-stderr sets stderr
#
# carbonctl advise on ledgers of shadow mode that were made up here (see fill_shadow.c): quiet, busy, full.

load helper

setup() {
	carbon_setup
	write_conf <<-'END'
		zone "DE" { sources = {"file"} }
		zone "FR" { sources = {"file"} }
		source "file" { type = "file" path = "/nowhere.csv" }
	END
	mkdir state
}

# fill LOAD DAYS
fill() {
	"$CARBON_BUILD/tests/cli/fill_shadow" state/carbon.db "$@"
}

advise() {
	carbonctl -c carbon.conf advise --from 2024-05-01 --to 2024-05-31 --together batch,long "$@"
}

@test "a quiet cluster: enable, with what it saves as a range and what others would wait" {
	fill 30 30
	run -0 --separate-stderr advise
	[ -z "$stderr" ]
	grep -q '^From 2024-05-01T00:00Z to 2024-05-31T00:00Z: the ledger.s runs replayed' <<<"$output"
	grep -q '^alpha, batch,long (DE): 966 runs on 63 cores, 30 % used, full 0 % of the time$' <<<"$output"
	grep -q '^  Enable: all that shadow mode would have delayed may wait\.$' <<<"$output"
	grep -q '^  - In FR the same runs, at the same times and power, would have emitted 8[0-9] % less' <<<"$output"
	advise -f json >out
	[ "$(json out 'd["places"][0]["advice"], d["places"][0]["enable"], d["places"][0]["max_flexible_share"]')" = "('enable', True, 100)" ]
	# a third of the work moved from 325 g/kWh on average to 100 or little more
	[ "$(json out '15 < d["places"][0]["cases"][-1]["saved_percent"] < 25')" = True ]
	[ "$(json out 'all(c["saved_low_percent"] <= c["saved_percent"] <= c["saved_high_percent"] for c in d["places"][0]["cases"])')" = True ]
	[ "$(json out 'd["places"][0]["known_in_advance_percent"] > d["places"][0]["cases"][-1]["saved_percent"]')" = True ]
	[ "$(json out '[c["delayed_percent"] <= c["most_percent"] for c in d["places"][0]["cases"]]' | tr -d ' ')" = "[True,True,True]" ]
}

@test "a busy cluster: enable for a share, for others would wait too long" {
	fill 70 30
	run -0 advise
	grep -q '^  Enable with max_flexible_share = 10: with more, others would wait too long\.$' <<<"$output"
	advise -f json >out
	[ "$(json out 'd["places"][0]["advice"], d["places"][0]["max_flexible_share"]')" = "('limit', 10)" ]
	[ "$(json out 'all(c["others_wait_s"] > c["others_wait_without_s"] for c in d["places"][0]["cases"])')" = True ]
}

@test "a full cluster: do not enable, in plain words" {
	fill 200 30
	run -0 advise
	grep -q '^  Do not enable: full 100 % of the time\.$' <<<"$output"
	grep -q '^  - Where work always waits, only less energy for the same work helps' <<<"$output"
	advise -f json >out
	[ "$(json out 'd["places"][0]["advice"], d["places"][0]["enable"]')" = "('full', False)" ]
	[ "$(json out 'abs(d["places"][0]["cases"][-1]["saved_percent"]) < 1')" = True ]
}

@test "too few days of shadow mode are nothing to judge by" {
	fill 30 5
	run -0 advise
	grep -q '^  Nothing to judge by: 5 days with decisions of shadow mode, 14 are needed, 30 are better\.$' <<<"$output"
}

@test "partitions are places of their own unless they are named together" {
	fill 30 30
	SLURM_CONF=/nowhere run -0 --separate-stderr carbonctl -c carbon.conf advise --from 2024-05-01 --to 2024-05-31 -f json
	[[ $stderr = *"each partition is taken to have its nodes to itself; name those that share nodes with --together" ]]
	echo "$output" >out
	[ "$(json out '[p["place"] for p in d["places"]]')" = "['long', 'batch']" ]
	advise --cluster alpha -f json >out
	[ "$(json out '[(p["cluster"], p["place"]) for p in d["places"]]')" = "[('alpha', 'batch,long')]" ]
}

@test "wrong options and an empty ledger are refused with one sentence" {
	fails 2 "carbonctl advise: --from must lie before --to (see carbonctl advise --help)" \
		carbonctl -c carbon.conf advise --from 2024-06-01 --to 2024-05-01
	fails 2 "carbonctl advise: --to=soon: not a time, such as 2026-10-01 or 2026-10-01T06:00Z (see carbonctl advise --help)" \
		carbonctl -c carbon.conf advise --to soon
	fill 30 5
	fails 1 "carbonctl advise: no run of that time is in carbon.db (carbonctl settle puts them there)" \
		advise --cluster beta
}
