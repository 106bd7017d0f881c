#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One cluster with a partition in each of two zones: jobs that may move are sent to the cleaner one, run there, and
# are settled with the zone and the PUE of where they ran.

# shellcheck disable=SC2034 # the CLUSTER_* variables are read by cluster.sh
bats_require_minimum_version 1.8.0
load ../../contrib/cluster/cluster.sh
load places

: "${CARBON_BUILD:?is the build folder; make check-slurm sets it}"
unset CARBON_DATA

setup() {
	export LANG=C TZ=UTC
	dir=$(cluster_make_dir)
	mkdir "$dir.carbon"
	chmod 755 "$dir.carbon"
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	cluster_down "$dir"
	rm -rf "$dir.carbon"
}

carbonctl() {
	"$CARBON_BUILD/tools/carbonctl" -c carbon.conf "$@"
}

start() {
	CLUSTER_NODES=3
	CLUSTER_NODE_CONF="CPUs=4 RealMemory=4000 Feature=plain"
	CLUSTER_PARTITIONS=$'PartitionName=south Nodes=n[1-2] Default=YES DefaultTime=20 State=UP\nPartitionName=north Nodes=n[3] DefaultTime=20 State=UP'
	CLUSTER_PLUGIN_DIR=$CARBON_BUILD/plugin/.libs
	CLUSTER_JOB_SUBMIT=carbon
	CLUSTER_SPANK="optional $CARBON_BUILD/plugin/.libs/spank_carbon.so"
	CLUSTER_CTLD_ENV="SLURM_CARBON_DIR=$dir.carbon"
	places_grid 36000 400 40 40
	places_conf "$dir.carbon" "$PWD/state" 'partition "south" { zone = "DE" core_w = 1000 dram_w_gb = 0 pue = 1.5 }
		partition "north" { zone = "SE-SE3" core_w = 1000 dram_w_gb = 0 pue = 1.1 }' >carbon.conf
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c carbon.conf
	cluster_start_full "$dir"
	carbonctl apply
}

submit() { # SBATCH-OPTION...: prints the id
	cluster_as nobody sbatch --parsable -o /dev/null "$@" --wrap 'sleep 2' 2>said
}

is_settled() { # ID
	carbonctl settle >/dev/null 2>&1
	[ -n "$(places_ledger state JobID "JobIDRaw = $1")" ]
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
	[ "$(places_ledger state 'Partition, zone, pue' "JobIDRaw = $moved")" = "north|SE-SE3|1.1" ]
	# a kilowatt a core
	[ "$(places_ledger state 'abs(mass_g - ElapsedRaw * 1.1 * 40.0 / 3600) < 1e-6' "JobIDRaw = $moved")" = 1 ]
}
