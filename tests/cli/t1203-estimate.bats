#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl estimate: published runs, hardware in a zone, and questions that cannot be answered.

load helper

setup() {
	carbon_setup
	write_conf <<<'partition "*" { pue = 1.2 utilisation = 0.8 }'
}

estimate() {
	carbonctl -c carbon.conf estimate "$@"
}

@test "a published run, as text and as JSON" {
	run -0 --separate-stderr estimate --preset gpt-3
	[[ $output = *"10000 processors * 330 W * 355.2 h * PUE 1.1 / 1000"* ]]
	[[ $output = *"553.1 t CO2e at 429 g/kWh"* ]]
	estimate --preset gshard-600b -f json >gshard.json
	[ "$(json gshard.json 'abs(d["energy_kwh"] / 24100 - 1) < 0.02, abs(d["net_emissions_kg"] / 4300 - 1) < 0.02, d["emissions_kg"] > d["net_emissions_kg"]')" = "(True, True, True)" ]
	[ "$(estimate --preset list | wc -l)" -ge 9 ]
}

@test "hardware and zone: the site's utilisation and PUE, a profile named as one" {
	estimate -f json --gpu a100:64 --time 80h --zone DE >run.json
	# 64 * 400 W * 0.8 * 80 h * 1.2
	[ "$(json run.json 'd["energy_kwh"], "profile" in d["intensity_origin"]')" = "(1966.08, True)" ]
	write_run_files
	estimate -f json --gpu a100:64 --time 80h --zone de >run.json
	[ "$(json run.json '"outlook of DE" in d["intensity_origin"]')" = True ]
	run -0 estimate --gpu a100:64 --time 80h --intensity 400
	[[ $output = *"PUE 1.2 is carbon.conf's"* ]]
}

@test "Strubell's formula, inference, and net" {
	estimate -f json --cpu-watts 100 --dram-watts 20 --gpu-watts 300 --gpus 4 --hours 10 --pue 1.5 --intensity 400 \
		--net-intensity 0 --queries 1000 --wh-per-query 3 >run.json
	[ "$(json run.json 'd["energy_kwh"], d["emissions_kg"], d["net_emissions_kg"], d["formula"]')" = "(22.8, 9.12, 0, 'strubell')" ]
}

@test "what cannot be answered" {
	fails 2 'carbonctl estimate: for how long? Say --hours or --time (see carbonctl estimate --help)' \
		estimate --gpu a100:1 --zone DE
	fails 2 'carbonctl estimate: --gpu "64" is not TYPE:N (such as a100:64) (see carbonctl estimate --help)' \
		estimate --gpu 64 --zone DE
	fails 2 'carbonctl estimate: --hours "-3" is no number from 1e-09 to 1e+07 (see carbonctl estimate --help)' \
		estimate --hours -3
	fails 2 'carbonctl estimate: --intensity "40000" is no number from 1e-09 to 2000 (see carbonctl estimate --help)' \
		estimate --preset t5 --intensity 40000
	fails 2 'carbonctl estimate: --preset "gpt-9" unknown (--preset list prints them) (see carbonctl estimate --help)' \
		estimate --preset gpt-9
	run -2 estimate
	[[ $output = *"what drew power?"* ]]
	run -1 estimate --energy 5 --zone ATLANTIS
	[[ $output = *"zone ATLANTIS is neither in the outlook nor among the profiles"* ]]
}
