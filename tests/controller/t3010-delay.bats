#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: who is delayed at which level, what the user reads, what the record says.

bats_require_minimum_version 1.8.0
load carbon
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	CLUSTER_NODE_CONF="CPUs=64 RealMemory=64000 Gres=gpu:a100:8" \
		CLUSTER_GRES_CONF="NodeName=n[1-3] Name=gpu Type=a100 Count=8 File=/dev/null" carbon_start
}

@test "a job is delayed to the clean hours, and its user reads two lines" {
	carbon_files
	id=$(carbon_submit)
	carbon_is_delayed "$id"
	[ "$(carbon_said | wc -l)" -eq 2 ]
	carbon_said | grep -qE '^sbatch: carbon: may start from [A-Z][a-z]{2} [0-9:]{5} \(now: at once\), latest .*: about [0-9.]+ k?g instead of [0-9.]+ k?g CO2e, zone DE, forecast .* old$'
	carbon_said | grep -qF 'sbatch: carbon: to run at once submit with --carbon=off, or: scontrol update jobid=<id> StartTime=now'
}

@test "the record in AdminComment names begin, bounds, place and outlook" {
	carbon_files
	id=$(carbon_submit --carbon-runtime=30m --carbon-power=1000)
	record=$(carbon_record "$id")
	[[ $record = *" begin=$(carbon_begin "$id") "* ]]
	[[ $record = *" delayed=1 "* && $record = *" zone=DE "* && $record = *" part=batch "* ]]
	[[ $record = *" run=1800 "* && $record = *" runby=user "* && $record = *" w=1580 "* ]]
	[[ $record = *" source=synthetic "* && $record = *" kind=forecast "* ]]
}

@test "the job can read its zone, what was expected and its begin" {
	carbon_files
	id=$(carbon_submit)
	tr '\0' '\n' <"$dir/state/hash.$((id % 10))/job.$id/environment" >"$dir/environment"
	grep -qx SLURM_CARBON_ZONE=DE "$dir/environment"
	grep -qx SLURM_CARBON_EXPECTED_G_KWH=100.0 "$dir/environment"
	grep -qx "SLURM_CARBON_START=$(date -u -d "@$(carbon_begin "$id")" +%Y-%m-%dT%H:%M:%SZ)" "$dir/environment"
}

@test "an ordinary user's job is delayed alike" {
	carbon_files
	id=$(cluster_as mail sbatch --parsable --wrap true)
	carbon_is_delayed "$id"
	[ -n "$(carbon_record "$id")" ]
}

@test "an array gets one message and one begin for all its tasks" {
	carbon_files
	id=$(carbon_submit --array=1-10%2)
	[ "$(carbon_said | grep -c 'may start from')" -eq 1 ]
	carbon_said | grep -q 'CO2e a task, zone DE'
	carbon_is_delayed "$id"
	scontrol update jobid="${id}_3" nice=7
	carbon_record "${id}_3"
}

@test "opt-in: only jobs with a flag, an #SBATCH line or a variable" {
	carbon_files level=opt-in
	carbon_is_left_alone "$(carbon_submit)"
	[ -z "$(carbon_said)" ]
	carbon_is_delayed "$(carbon_submit --carbon-delay=12h)"
	carbon_is_delayed "$(carbon_submit --carbon=auto)"
	carbon_is_delayed "$(CARBON_DELAY=12h carbon_submit)"
	printf '#!/bin/sh\n#SBATCH --carbon-delay=12h\ntrue\n' >"$dir/script"
	carbon_is_delayed "$(sbatch --parsable "$dir/script")"
}

@test "a flag wins over its variable, and the command line over the script" {
	carbon_files level=opt-in
	CARBON_DELAY=12h carbon_submit --carbon-delay=1h >"$dir/id"
	[ "$(carbon_delay "$(cat "$dir/id")")" -eq 0 ]
	printf '#!/bin/sh\n#SBATCH --carbon-delay=1h\ntrue\n' >"$dir/script"
	carbon_is_delayed "$(sbatch --parsable --carbon-delay=12h "$dir/script")"
}

@test "who opts out is left alone, by flag and by variable" {
	carbon_files
	carbon_is_left_alone "$(carbon_submit --carbon=off)"
	carbon_is_left_alone "$(CARBON=off carbon_submit)"
	id=$(carbon_submit --carbon=off)
	[ "$(cluster_job_field "$id" AdminComment)" = "[carbon-off/1]" ] # for the books to count
	carbon_is_left_alone "$(carbon_submit --carbon=off --carbon-delay=12h)"
	[ -z "$(carbon_said)" ]
}

@test "observe changes nothing but the record" {
	carbon_files level=observe
	id=$(carbon_submit)
	[ "$(carbon_delay "$id")" -eq 0 ]
	[[ $(carbon_record "$id") = *" level=observe delayed=1 "* ]]
	[ -z "$(carbon_said)" ]
	run ! grep -qz ^SLURM_CARBON "$dir/state/hash.$((id % 10))/job.$id/environment"
	id=$(carbon_submit --carbon-delay=12h)
	[ "$(carbon_delay "$id")" -eq 0 ]
	[ "$(carbon_said | wc -l)" -eq 1 ]
	carbon_said | grep -q 'carbon: this cluster only observes, the job is not delayed'
}

@test "off leaves every job alone and tells who asks" {
	carbon_files level=off
	carbon_is_left_alone "$(carbon_submit)"
	[ -z "$(carbon_said)" ]
	carbon_is_left_alone "$(carbon_submit --carbon-delay=12h)"
	carbon_said | grep -q 'carbon: not delayed: delaying is switched off on this cluster'
}

@test "a user whom the site excludes is left alone" {
	carbon_files exclude_user="$(id -u mail)"
	id=$(cluster_as mail sbatch --parsable --wrap true)
	carbon_is_left_alone "$id"
	carbon_is_delayed "$(carbon_submit)"
}

@test "GPUs of this Slurm's own client are seen, whichever option asks for them" {
	carbon_files
	for option in --gres=gpu:a100:4 --gpus=a100:4 "--gpus-per-node=a100:4 -N1" "--gpus-per-task=a100:2 -n2"; do
		# shellcheck disable=SC2086 # options, by words
		record=$(carbon_record "$(carbon_submit $option)")
		watts=$(grep -o ' w=[0-9]*' <<<"$record")
		[ "${watts#* w=}" -gt 2500 ] # 4 * 400 W * PUE 1.58
		[ "${watts#* w=}" -lt 2600 ]
	done
}

@test "a job without a later clean hour starts at once, and is recorded" {
	carbon_files clean=900
	id=$(carbon_submit)
	[ "$(carbon_delay "$id")" -eq 0 ]
	[[ $(carbon_record "$id") = *" delayed=0 "* ]]
	[ -z "$(carbon_said)" ]
	carbon_submit --carbon-delay=12h
	carbon_said | grep -q 'carbon: not delayed: no later start is cleaner'
}
