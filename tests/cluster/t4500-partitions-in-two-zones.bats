#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One cluster with a partition in each of two zones: jobs that may move are sent to the cleaner one, run there, and
# are settled with the zone and the PUE of where they ran.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load places

setup() {
	places_setup
}

carbonctl() {
	"$CARBON_BUILD/tools/carbonctl" -c carbon.conf "$@"
}

start() {
	CLUSTER_NODES=3
	CLUSTER_NODE_CONF="CPUs=4 RealMemory=4000 Feature=plain"
	CLUSTER_PARTITIONS=$'PartitionName=south Nodes=n[1-2] Default=YES DefaultTime=20 State=UP\nPartitionName=north Nodes=n[3] DefaultTime=20 State=UP'
	places_plugins "$dir.carbon"
	places_grid 36000 400 40 40
	places_conf "$dir.carbon" "$PWD/state" 'partition "south" { zone = "DE" core_w = 1000 dram_w_gb = 0 pue = 1.5 }
		partition "north" { zone = "SE-SE3" core_w = 1000 dram_w_gb = 0 pue = 1.1 }' >carbon.conf
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c carbon.conf
	cluster_start_full "$dir"
	carbonctl apply
	places_are_seen
}

forecast() {
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c carbon.conf
	places_are_seen
}

submit() { # SBATCH-OPTION...: prints the id
	cluster_as mail sbatch --parsable -o /dev/null "$@" --wrap 'sleep 2' 2>said
}

is_settled() { # ID
	carbonctl settle >/dev/null 2>&1
	[ -n "$(books_rows state JobID "JobIDRaw = $1")" ]
}

@test "jobs that may move run in the cleaner zone, and are settled there" {
	start

	moved=$(submit --carbon-relocate --carbon-delay=0)
	grep -qE '^sbatch: carbon: runs in SE-SE3 \(partition north\) at once instead of here now: about [0-9.]+ k?g instead of [0-9.]+ k?g CO2e \(-93 %\)' said
	[ "$(cluster_job_field "$moved" Partition)" = north ]

	bound=$(submit -p south --carbon-relocate --carbon-delay=0)
	[ "$(cluster_job_field "$bound" Partition)" = south ]
	named=$(submit -p south --carbon-relocate=nroth,north --carbon-delay=0)
	[ "$(cluster_job_field "$named" Partition)" = north ]
	grep -q 'carbon: --carbon-relocate: unknown here, the others count: nroth' said
	wide=$(submit -N 2 --carbon-relocate --carbon-delay=0)
	[ "$(cluster_job_field "$wide" Partition)" = south ]
	odd=$(submit -C plain --carbon-relocate --carbon-delay=0)
	[ "$(cluster_job_field "$odd" Partition)" = north ]
	plain=$(submit --carbon-delay=0)
	[ "$(cluster_job_field "$plain" Partition)" = south ]

	# the flag in a script, and the variable
	printf '#!/bin/sh\n#SBATCH --carbon-relocate\n#SBATCH --carbon-delay=0\nsleep 1\n' >script
	chmod 755 . script
	script=$(sbatch --parsable -o /dev/null script)
	[ "$(cluster_job_field "$script" Partition)" = north ]
	variable=$(CARBON_RELOCATE=any CARBON_DELAY=0 sbatch --parsable -o /dev/null --wrap 'sleep 1')
	[ "$(cluster_job_field "$variable" Partition)" = north ]

	cluster_wait_job 60 "$moved" COMPLETED
	cluster_wait_until 30 is_settled "$moved"
	[ "$(books_rows state 'Partition, zone, pue' "JobIDRaw = $moved")" = "north|SE-SE3|1.1" ]
	# a kilowatt a core
	[ "$(books_rows state 'abs(mass_g - ElapsedRaw * 1.1 * 40.0 / 3600) < 1e-6' "JobIDRaw = $moved")" = 1 ]
}

# The place that JOB asks for, and how long it still waits: "north soon", "south later".
waits() { # ID
	local at
	at=$(date -d "$(cluster_job_field "$1" EligibleTime)" +%s)
	echo "$(cluster_job_field "$1" Partition) $([ $((at - $(date +%s))) -gt 1800 ] && echo later || echo soon)"
}

@test "a waiting job changes its partition while that gains, runs there, and is settled there" {
	start
	places_series south.csv 400 3600 100
	places_series north.csv 400 20000 400
	forecast

	id=$(submit --carbon-relocate --carbon-delay=2h --carbon-runtime=1m)
	bound=$(submit -p south --carbon-relocate --carbon-delay=2h --carbon-runtime=1m)
	plain=$(submit --carbon-delay=2h --carbon-runtime=1m)
	changed=$(submit --carbon-relocate --carbon-delay=2h --carbon-runtime=1m)
	named=$(submit --carbon-relocate --carbon-delay=2h --carbon-runtime=1m)
	for job in "$id" "$bound" "$plain" "$changed" "$named"; do
		[ "$(waits "$job")" = "south later" ]
	done
	scontrol show job "$id" | grep -q ' may=north]'
	[[ $(scontrol show job "$bound") != *may=* ]]
	[[ $(scontrol show job "$plain") != *may=* ]]
	latest=$(scontrol show job "$id" | grep -oP '(?<=latest=)[0-9]+')

	# nothing has changed: nothing is moved, now and again
	[[ $(carbonctl replan) = *"5 waiting, 0 forward, 0 back, 0 changed"* ]]
	[[ $(carbonctl replan) = *"5 waiting, 0 forward, 0 back, 0 changed"* ]]
	# a little better, with the PUE counted, is not better
	places_series north.csv 400 3600 130
	forecast
	[[ $(carbonctl replan) = *"5 waiting, 0 forward, 0 back, 0 changed"* ]]

	# what its user changes is the user's: the partition, or the nodes
	cluster_as mail scontrol update jobid="$changed" partition=north
	cluster_as mail scontrol update jobid="$changed" partition=south
	cluster_as mail scontrol update jobid="$named" features=none || cluster_as mail scontrol update jobid="$named" reqnodelist=n1

	# the north becomes clean, and that earlier
	places_series north.csv 400 1500 20
	forecast
	carbonctl replan --dry-run >dry
	grep -qE "^$id from south \\(DE\\) from .* to north \\(SE-SE3\\) from " dry
	grep -qE '^5 waiting, 0 would come forward, 0 would go back, 2 would go elsewhere, ' dry
	[ "$(waits "$id")" = "south later" ]
	carbonctl -f json replan >moved.json
	python3 - "$id" "$changed" <<-'END'
		import json, sys
		told = json.load(open("moved.json"))
		assert told["elsewhere"] == 2, told
		moves = {move["job"]: move for move in told["moves"]}
		assert set(moves) == set(sys.argv[1:]), moves
		for move in moves.values():
		    assert (move["from_partition"], move["partition"], move["zone"]) == ("south", "north", "SE-SE3"), move
	END
	[ "$(waits "$id")" = "north soon" ]
	[[ $(carbonctl replan) = *"5 waiting, 0 forward, 0 back, 0 changed"* ]]
	[ "$(waits "$bound")" = "south later" ]
	[ "$(waits "$plain")" = "south later" ]
	[ "$(waits "$named")" = "south later" ]
	scontrol show job "$id" | grep -qE " latest=$latest .* zone=SE-SE3 part=north .* moves=1 .*home=south homezone=DE "
	carbonctl explain "$id" >told
	grep -q 'its begin or its place was moved 1 time' told
	carbonctl queue >told.queue
	grep -q '^2 of them moved to another place' told.queue
	grep -q '^Place     moved to north (SE-SE3); without us south (DE)' told

	# there its begin follows the forecast as anywhere
	places_series north.csv 20 20000 20
	forecast
	carbonctl replan >forward
	grep -qE "^$id forward from " forward
	cluster_wait_job 60 "$id" COMPLETED
	cluster_wait_until 30 is_settled "$id"
	[ "$(books_rows state 'Partition, zone, pue' "JobIDRaw = $id")" = "north|SE-SE3|1.1" ]
	for month in $(books_months state); do
		carbonctl report --month "$month"
	done >told.report
	grep -A9 -i moved told.report | grep -q north
}

@test "a job whose partition its user changed, or whose place is configured no more, begins when it would have" {
	start
	places_series south.csv 400 3600 100
	places_series north.csv 390 3600 20
	forecast
	id=$(submit --carbon-relocate --carbon-delay=2h --carbon-runtime=1m)
	mine=$(submit --carbon-relocate --carbon-delay=2h --carbon-runtime=1m)
	[ "$(waits "$id")" = "north later" ]
	list=$(submit -p south,north --carbon-delay=2h --carbon-runtime=1m)
	[ "$(waits "$list")" = "south,north later" ]
	begin=$(cluster_job_field "$id" EligibleTime)
	# from north to south, where it was not sent by us: whatever the grids say, there it stays
	cluster_as mail scontrol update jobid="$mine" partition=south
	places_series south.csv 400 3600 300
	forecast
	carbonctl replan >said
	[ "$(waits "$mine")" = "south later" ]

	# the north is no place of ours any more, and the south is clean at once
	sed -i '/partition "north"/d' carbon.conf
	carbonctl apply
	places_series south.csv 5 7200 5
	forecast
	carbonctl replan >said
	[[ $(cat said) = *" 0 failed" ]]
	[ "$(cluster_job_field "$id" Partition)" = north ]
	[ "$(cluster_job_field "$id" EligibleTime)" = "$begin" ]
	# several partitions stay several; the begin alone follows the forecast of the first one
	grep -qE "^$list forward from " said
	cluster_wait_job 60 "$list" COMPLETED
	carbonctl queue | grep -q "^$id "
	cluster_as mail scontrol update jobid="$id" starttime=now
	cluster_wait_job 60 "$id" COMPLETED
	cluster_wait_until 30 is_settled "$id"
	[ "$(books_rows state 'Partition' "JobIDRaw = $id")" = north ]
}
