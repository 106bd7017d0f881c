#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl cite on the ledger of fill_ledger.c: four hours of a kilowatt, three of them at 100 g/kWh and one in a partition
# without a zone.

load helper

setup() {
	carbon_setup
	mkdir state
	"$CARBON_BUILD/tests/cli/fill_ledger" state/carbon.db
	write_conf </dev/null
}

cite() {
	carbonctl -c carbon.conf cite "$@"
}

@test "a paragraph and a row that say what was used, where, how it is known, and what is not known" {
	run -0 --separate-stderr cite --account science
	words=$(tr '\n' ' ' <<<"$output")
	[[ $words = "This work used 4.00 kWh on alpha (zone DE), alpha (zone unknown) in 4 jobs and 4 runs ("* ]]
	[[ $words = *"with 4.00 core-hours (at most 1 in a run), 4.00 hours of running time together; a PUE of 1 is included."* ]]
	[[ $words = *"At a mean intensity of 100 gCO2e/kWh (average-lifecycle, location-based, nothing deducted) it emitted 0.300 kg CO2e."* ]]
	[[ $words = *"Emissions of 1 kWh are unknown and not in it. 0 % of the energy was measured and 100 % is modelled"* ]]
	[ "${lines[-1]}" = "| 1 core | 4 | 1000 | 1 | 4 | alpha (zone DE), alpha (zone unknown) | 100 | 0.3 | 0 % |" ]
}

@test "JSON has every documented member, and its parts add up" {
	cite 1 2 3 -f json >cite.json
	[ "$(json cite.json 'd["jobs"], d["runs"], d["energy_kwh"], d["emissions_kg"], d["without_emissions_kwh"]')" = "(3, 3, 3, 0.2, 1)" ]
	[ "$(json cite.json 'sum(p["energy_kwh"] for p in d["places"]), sum(e["energy_kwh"] for e in d["ends"].values())')" = "(3, 3)" ]
	for member in $(json cite.json '" ".join(list(d) + list(d["places"][0]) + list(d["processors"][0]) + list(d["ends"]))'); do
		sed -n '/^.SS cite/,/^.SS estimate/p' "$CARBON_SRC/doc/carbonctl.1" | grep -q "$member" || {
			echo "carbonctl.1 does not name $member"
			return 1
		}
	done
}

@test "of several kinds of processors each has its own hours, without an exponent" {
	rm state/carbon.db
	"$CARBON_BUILD/tests/cli/fill_ledger" state/carbon.db
	sqlite3 state/carbon.db "INSERT INTO name (text) VALUES ('a100');
		UPDATE run SET gpus = 4, gpu_type_id = (SELECT id FROM name WHERE text = 'a100') WHERE job_id = 1;
		UPDATE run SET cores = 20000 WHERE job_id = 2"
	run -0 --separate-stderr cite 1 2
	[[ ${lines[-1]} = "| 4 a100, 20000 core | 4 a100, 20000 core |  | 1 | 2 | alpha (zone DE) | 100 | 0.2 | 0 % |" ]]
}

@test "only what ended in the time asked for" {
	cite --user ada --since 2024-05-03 -f json >cite.json
	[ "$(json cite.json 'd["runs"]')" = 1 ]
	fails 1 "carbonctl cite: no run in the ledger fits" cite --user ada --since 2024-05-04
}

@test "what cannot be asked" {
	fails 2 "carbonctl cite: which jobs? Say their numbers, or --account, --user or --name (see carbonctl cite --help)" cite
	fails 2 "carbonctl cite: jobs by number go with --cluster alone (see carbonctl cite --help)" cite 1 --user ada
	fails 2 'carbonctl cite: "x" is no job (such as 1234 or 1234_7) (see carbonctl cite --help)' cite x
	fails 2 "carbonctl cite: --since=never: must be a time such as 2026-10-05 (see carbonctl cite --help)" \
		cite --user ada --since never
	fails 1 "carbonctl cite: job 77 is not in the ledger (carbonctl settle reads what has ended)" cite 1 77
	rm state/carbon.db*
	run -1 cite 1
	[[ $output = *"state/carbon.db: No such file"* ]]
}
