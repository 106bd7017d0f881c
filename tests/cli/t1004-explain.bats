#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl explain on a comment given as text; jobs of a real cluster are explained in the controller ring.

load helper

setup() {
	carbon_setup
	write_conf <<<'partition "*" { zone = "DE" }'
	record="[carbon/1 at=1790000000 level=default delayed=1 base=1790000000 begin=1790028800 latest=1790043200 \
run=14400 runby=limit w=1900 g=1890 baseg=3400 highg=2300 signal=average-lifecycle kind=forecast \
issued=1789998800 source=electricitymaps zone=DE part=gpu policy=lowest-window]"
}

@test "a record is told in words, whatever stands beside it" {
	run -0 --separate-stderr carbonctl -c carbon.conf explain --comment "their note $record and more"
	[ -z "$stderr" ]
	[ "${lines[0]}" = "Decided   Mon 2026-09-21 14:13 by policy lowest-window under level default" ]
	[ "${lines[1]}" = "Start     without us from Mon 2026-09-21 14:13; with us from Mon 2026-09-21 22:13, latest Tue 2026-09-22 02:13" ]
	[ "${lines[2]}" = "Expected  4 h (its time limit) at 1.90 kW with cooling: 1.89 kg CO2e (up to 2.30 kg) instead of 3.40 kg" ]
	[ "${lines[3]}" = "Outlook   then: a provider's forecast for DE (electricitymaps, average-lifecycle, issued Mon 2026-09-21 13:53)" ]
	[ "${#lines[@]}" = 4 ]
}

@test "a promised end is told, and who ended the wait" {
	promised="${record%]} finish=1790056800 freed=1790010000]"
	run -0 --separate-stderr carbonctl -c carbon.conf explain --comment "$promised"
	[ "${lines[2]}" = "          released by the site on Mon 2026-09-21 17:00" ]
	[ "${lines[3]}" = "Promise   to have ended by Tue 2026-09-22 06:00" ]
	carbonctl -c carbon.conf -f json explain --comment "$promised" >out
	[ "$(json out '[d["record"][k] for k in ("finish_by_at", "released_at")]')" = "['2026-09-22T06:00:00Z', '2026-09-21T17:00:00Z']" ]
}

@test "of a job that was moved it is told from where to where" {
	moved="${record%]} home=south homecluster=beta homezone=PL homew=3000 homerun=14400 datagb=2 datag=100]"
	run -0 --separate-stderr carbonctl -c carbon.conf explain --comment "$moved"
	[ "${lines[2]}" = "Place     moved to gpu (DE); without us beta/south (PL); with 2 GB of data" ]
	carbonctl -c carbon.conf -f json explain --comment "$moved" >out
	[ "$(json out 'd["record"]["home"], d["record"]["data_gb"]')" = "({'cluster': 'beta', 'partition': 'south', 'zone': 'PL'}, 2)" ]
}

@test "as JSON it is the record with its units" {
	carbonctl -c carbon.conf -f json explain --comment "$record" >out
	[ "$(json out 'sorted(d)')" = "['record']" ]
	[ "$(json out '[d["record"][k] for k in ("runtime_s", "mass_g", "delayed", "begin_at", "zone")]')" = \
		"[14400, 1890, True, '2026-09-21T22:13:20Z', 'DE']" ]
}

@test "a record that slurmdbd's tools have lower-cased is read all the same" {
	run -0 carbonctl -c carbon.conf explain --comment "${record,,}"
	[[ ${lines[3]} = *" for de (electricitymaps, "* ]]
}

@test "a job that the ledger alone knows is told as far as the ledger goes" {
	mkdir state
	"$CARBON_BUILD/tests/cli/fill_ledger" state/carbon.db
	export SLURM_CONF=$PWD/nowhere.conf
	run -0 --separate-stderr carbonctl -c carbon.conf explain 1
	[ -z "$stderr" ]
	[ "${lines[0]}" = "Decided   unknown: Slurm does not tell of it, the ledger alone does" ]
	[ "${lines[1]}" = "Outcome   1 run on alpha from Thu 2024-05-02 00:00 to Thu 2024-05-02 01:00" ]
	[ "${lines[2]}" = "          used 1.00 kWh with cooling, modelled" ]
	[ "${lines[3]}" = "          emitted 100 g CO2e, intensity settled" ]
	[ "${lines[4]}" = "          timing credit 200 g CO2e, intensity settled" ]
	# what would have helped: it ran in a cleanest hour already, and carbon.conf knows no better place
	[ "${lines[5]}" = "What if   the same work, one lever at a time, instead of 100 g (none of this was saved):" ]
	[ "${lines[6]}" = "          the cleanest start within 7 d, or within a day: 100 g to 100 g" ]
	carbonctl -c carbon.conf -f json explain 1 >out
	[ "$(json out '[(l["lever"], l["low_g"], l["high_g"]) for l in d["levers"]]')" = "[('hour', 100, 100), ('place', 158, 158)]" ]
	# a partition without a zone: unknown, and never zero
	carbonctl -c carbon.conf explain 3 | grep -q "^          emissions unknown: no history of its zone and time$"
	carbonctl -c carbon.conf -f json explain 3 >out
	[ "$(json out '[d["outcome"][k] for k in ("energy_kwh", "mass_g", "credit_g", "intensity_method")]')" = \
		"[1, None, None, 'unknown']" ]
	run -1 --separate-stderr carbonctl -c carbon.conf explain 99
	[ -z "$output" ]
	run -1 --separate-stderr carbonctl -c carbon.conf explain --cluster beta 1
	echo "no database" >state/carbon.db
	run -1 --separate-stderr carbonctl -c carbon.conf explain 1
	[[ $stderr = "carbonctl explain: "*"state/carbon.db"* ]]
}

@test "no record, a damaged one, and what is no job are told apart" {
	fails 1 "carbonctl explain: the comment carries no record: slurm-carbon left it alone" \
		carbonctl -c carbon.conf explain --comment "hello"
	run -1 --separate-stderr carbonctl -c carbon.conf explain --comment "[carbon/1 at=yesterday]"
	[[ $stderr = "carbonctl explain: the comment carries a record that is damaged: "* ]]
	fails 2 'carbonctl explain: "12a" is no job (such as 1234 or 1234_7) (see carbonctl explain --help)' \
		carbonctl explain 12a
	fails 2 'carbonctl explain: one job is explained at a time (see carbonctl explain --help)' carbonctl explain 1 2
}
