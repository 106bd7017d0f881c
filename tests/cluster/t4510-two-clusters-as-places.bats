#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two real clusters in a federation, each a place of the other's: alpha in a dirty zone, beta in a clean one. Jobs are
# sent, run and settled; whatever controller is down, none is stuck, none is lost.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load places

setup() {
	places_setup alpha beta
}

on() { # CLUSTER CMD...
	cluster_use "$dir/$1"
	"${@:2}"
}

carbonctl() { # on the cluster in use
	"$CARBON_BUILD/tools/carbonctl" -c "${CLUSTER_HOME##*/}.conf" "$@"
}

# Each member has its own carbon.conf, outlook and site, of the same two places. beta becomes clean FLIP seconds from now: the
# forecasts come last, so that little of that is over when they are seen.
look_ahead() { # FLIP
	local name
	for name in alpha beta; do
		places_conf "$dir.carbon/$name" "$PWD/$name" \
			'partition "alpha/batch" { zone = "DE" core_w = 1000 dram_w_gb = 0 pue = 1.5 }
			partition "beta/batch" { zone = "SE-SE3" core_w = 1000 dram_w_gb = 0 pue = 1.1 }' >"$name.conf"
		on "$name" carbonctl apply
	done
	places_grid "$1" 400 300 20
	for name in alpha beta; do
		"$CARBON_BUILD/forecaster/carbon-forecaster" -c "$name.conf"
	done
	places_are_seen
	cluster_use "$dir/alpha"
}

start() {
	CLUSTER_NODES=2
	CLUSTER_PARTITIONS='PartitionName=batch Nodes=ALL Default=YES DefaultTime=10 State=UP'
	places_plugins "$dir.carbon/@NAME@"
	cluster_start_federation "$dir"
}

submit() { # SBATCH-OPTION...: prints the id
	cluster_as mail sbatch --parsable -o /dev/null "$@" --wrap 'sleep 1' 2>said | cut -d';' -f1
}

ran_on() { # ID CLUSTER: on just this one
	[ "$(sacct --federation -nXP -j "$1" -s COMPLETED -o Cluster)" = "$2" ]
}

begin_on() { # CLUSTER ID: epoch, as that cluster's own controller has it
	local at
	at=$(on "$1" scontrol --local -o show job "$2" | grep -oP '(?<=EligibleTime=)\S+')
	date -d "$at" +%s
}

is_there() { # ID: beta knows it
	on beta scontrol --local show job "$1" >/dev/null 2>&1
}

comes_back() { # ID: replan brings it from beta
	carbonctl replan >replanned && grep -q "^$1 back from cluster beta, which is gone, to batch (DE) from " replanned
}

is_settled() { # CLUSTER ID
	on "$1" carbonctl settle >/dev/null 2>&1
	[ -n "$(books_rows "$1" JobID "JobIDRaw = $2")" ]
}

array_is_settled() { # ID: both tasks, on alpha
	on alpha carbonctl settle >/dev/null 2>&1
	[ "$(books_rows alpha 'count(*)' "JobID LIKE '$1\\_%' ESCAPE '\\'")" = 2 ]
}

@test "a job is sent to the cleaner cluster, runs there when it is clean, and is settled there alone" {
	start
	look_ahead 60
	flip=$(awk -F, '$2 == 20 { print $1; exit }' north.csv)
	flip=$(date -d "$flip" +%s)

	id=$(submit --carbon-relocate --carbon-delay=2h --carbon-runtime=2m)
	grep -qE '^sbatch: carbon: runs in SE-SE3 \(cluster beta\) from .* instead of here now, or here from .* should that cluster vanish: about ' said
	cluster_wait_until 20 is_there "$id"
	here=$(begin_on alpha "$id") there=$(begin_on beta "$id")
	[ $((here - there)) -gt 3000 ]
	[ "$there" -ge "$flip" ] && [ "$there" -le $((flip + 1)) ]
	on beta scontrol --local show job "$id" | grep -q ' homecluster=alpha'
	on alpha scontrol --local show job "$id" | grep -q ' cluster=beta '

	# replan leaves what waits on two clusters alone: an update would give both the same begin
	on alpha carbonctl replan
	on beta carbonctl replan
	[ "$(begin_on beta "$id")" = "$there" ]
	[ "$(begin_on alpha "$id")" = "$here" ]

	cluster_use "$dir/alpha"
	array=$(submit --array=1-2 --carbon-relocate --carbon-delay=0)
	stays=$(submit --clusters=alpha --carbon-relocate --carbon-delay=0)
	cluster_wait_until 90 ran_on "$id" beta
	cluster_wait_until 30 ran_on "$stays" alpha
	cluster_wait_until 30 is_settled beta "$id"
	[ "$(books_rows beta 'Partition, zone, pue' "JobIDRaw = $id")" = "batch|SE-SE3|1.1" ]
	cluster_wait_until 30 is_settled alpha "$stays"
	[ -z "$(books_rows alpha JobID "JobIDRaw = $id")" ]
	cluster_wait_until 60 array_is_settled "$array"
}

@test "a cluster that vanishes strands nobody: the job begins where it was submitted" {
	start
	look_ahead 45
	id=$(submit --carbon-relocate --carbon-delay=75s --carbon-runtime=20s)
	grep -q '(cluster beta)' said
	latest=$(begin_on alpha "$id")
	cluster_wait_until 20 is_there "$id"
	cluster_use "$dir/beta"
	cluster_kill_ctld
	cluster_use "$dir/alpha"

	# what is seen no more is no place
	is_seen_gone() {
		carbonctl apply >/dev/null && grep -q '^sibling beta .*active=no' "$dir.carbon/alpha/site"
	}
	cluster_wait_until 10 is_seen_gone
	places_are_seen
	stays=$(submit --carbon-relocate --carbon-delay=75s --carbon-runtime=20s)
	run -1 grep -q 'cluster beta' said
	cluster_wait_until 30 ran_on "$stays" alpha || cluster_wait_until 90 ran_on "$stays" alpha

	cluster_wait_until 120 ran_on "$id" alpha
	[ "$(date -d "$(sacct -nXP -j "$id" -s COMPLETED -o Start)" +%s)" -ge "$latest" ]
	cluster_wait_until 30 is_settled alpha "$id"
	[ "$(books_rows alpha 'count(*), zone, pue' "JobIDRaw = $id")" = "1|DE|1.5" ]
	cluster_start_ctld "$dir/beta"
}

@test "a job whose other cluster is gone is decided anew where it was submitted" {
	start
	look_ahead 3000
	id=$(submit --carbon-relocate --carbon-delay=2h --carbon-runtime=1m)
	given_up=$(submit --carbon-relocate --carbon-delay=2h --carbon-runtime=1m)
	latest=$(begin_on alpha "$id")
	[ $((latest - $(date +%s))) -gt 6000 ]
	cluster_wait_until 20 is_there "$id"
	cluster_wait_until 20 is_there "$given_up"
	cluster_use "$dir/alpha"

	# here it becomes cleaner than it is there, soon: what waits on two clusters stays all the same
	places_series south.csv 400 60 10
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c alpha.conf
	[[ $(carbonctl replan) = "2 waiting, 0 forward, 0 back, 0 changed"* ]]

	# one is given up there
	scancel --sibling=beta "$given_up"
	is_left() {
		! is_there "$given_up" || on beta scontrol --local show job "$given_up" | grep -qE 'JobState=(CANCELLED|REVOKED)'
	}
	cluster_wait_until 20 is_left
	cluster_use "$dir/alpha"
	cluster_wait_until 30 comes_back "$given_up"
	run -1 grep -q "^$id " replanned
	[ "$(begin_on alpha "$id")" = "$latest" ]

	# the other's cluster goes; there is time to see whether it comes back, and then there is none
	cluster_use "$dir/beta"
	cluster_kill_ctld
	cluster_use "$dir/alpha"
	is_seen_no_more() {
		carbonctl apply >/dev/null && grep -qE '^sibling beta .*active=no seen=[1-9]' "$dir.carbon/alpha/site"
	}
	cluster_wait_until 60 is_seen_no_more
	carbonctl replan >replanned
	run -1 grep -q "^$id " replanned
	carbonctl replan --every=2h --dry-run | grep -q "^$id back from cluster beta, which is gone, to batch (DE) from "
	[ "$(begin_on alpha "$id")" = "$latest" ]
	carbonctl replan --every=2h >replanned
	grep -q "^$id back from cluster beta, which is gone, to batch (DE) from " replanned
	[ $((latest - $(begin_on alpha "$id"))) -gt 6000 ]
	[[ $(scontrol --local -o show job "$id") != *" cluster=beta "* ]]
	[[ $(scontrol --local -o show job "$id") = *" zone=DE part=batch "* ]]
	carbonctl explain "$id" | grep -q 'its begin.* was moved 1 time'

	cluster_wait_until 120 ran_on "$id" alpha
	cluster_wait_until 60 ran_on "$given_up" alpha
	cluster_wait_until 30 is_settled alpha "$id"
	[ "$(books_rows alpha 'count(*), zone, pue' "JobIDRaw = $id")" = "1|DE|1.5" ]

	# and when that cluster is back, it does not run there again
	cluster_start_ctld "$dir/beta"
	is_taken_back() {
		! is_there "$id" || on beta scontrol --local show job "$id" | grep -qE 'JobState=(CANCELLED|REVOKED)'
	}
	cluster_wait_until 60 is_taken_back
	ran_on "$id" alpha
	on beta carbonctl settle
	[ -z "$(books_rows beta JobID "JobIDRaw = $id")" ]
}

# Slurm starts no federated job while its origin is down, whoever asked for it: the lock is the origin's to give.
@test "an origin that is down loses nothing: the job runs where it was sent once the origin is back" {
	start
	look_ahead 45
	id=$(submit --carbon-relocate --carbon-delay=1h --carbon-runtime=1m)
	grep -q '(cluster beta)' said
	cluster_wait_until 20 is_there "$id"
	begin=$(begin_on beta "$id")
	cluster_use "$dir/alpha"
	cluster_kill_ctld
	cluster_use "$dir/beta"
	is_due() {
		[ "$(date +%s)" -gt $((begin + 5)) ]
	}
	cluster_wait_until 60 is_due
	carbonctl replan
	scontrol --local -o show job "$id" | grep -q 'JobState=PENDING'
	cluster_start_ctld "$dir/alpha"
	cluster_wait_until 120 ran_on "$id" beta
	cluster_wait_until 60 is_settled beta "$id"
	on alpha carbonctl settle
	[ -z "$(books_rows alpha JobID "JobIDRaw = $id")" ]
}

@test "a place that is taken out of the configuration leaves nobody waiting for it" {
	start
	look_ahead 30
	id=$(submit --carbon-relocate --carbon-delay=1h --carbon-runtime=1m)
	grep -q '(cluster beta)' said
	for name in alpha beta; do
		cluster_use "$dir/$name"
		sed -i "/partition \"$([ "$name" = alpha ] && echo beta || echo alpha)\//d" "$name.conf"
		carbonctl apply
		run -1 grep -q '^remote' "$dir.carbon/$name/site"
		carbonctl replan
	done
	cluster_wait_until 120 ran_on "$id" beta
	cluster_use "$dir/alpha"
	again=$(submit --carbon-relocate=beta --carbon-delay=0)
	grep -q 'unknown here, the others count: beta' said
	cluster_wait_until 60 ran_on "$again" alpha
}

@test "who was sent away when the federation ended is decided anew where it was submitted" {
	start
	look_ahead 3000
	id=$(submit --carbon-relocate --carbon-delay=2h --carbon-runtime=1m)
	grep -q '(cluster beta)' said
	cluster_wait_until 20 is_there "$id"
	cluster_use "$dir/alpha"
	cluster_run sacctmgr -iQ delete federation fed
	cluster_wait_until 30 comes_back "$id"
	done_here() {
		[ "$(sacct -nXP -j "$id" -s COMPLETED -o Cluster)" = alpha ]
	}
	cluster_wait_until 120 done_here
	cluster_wait_until 30 is_settled alpha "$id"
	[ "$(books_rows alpha 'zone, pue' "JobIDRaw = $id")" = "DE|1.5" ]
}

@test "without a federation carbonctl plan says where and when, as options for sbatch" {
	start
	cluster_run sacctmgr -iQ delete federation fed
	look_ahead 5
	grep -qv '^sibling' "$dir.carbon/alpha/site"
	carbonctl check >checked
	grep -q 'cluster beta (of partition "batch") is out of reach: this cluster is in no federation' checked

	carbonctl plan --clusters all -t 10 --carbon-delay=1h --carbon-runtime=1m >planned
	cat planned
	grep -q '^Decision  runs in SE-SE3 (beta/batch) from ' planned
	grep -q '^> beta/batch .*chosen$' planned
	options=$(carbonctl plan --clusters all -t 10 --carbon-delay=1h --carbon-runtime=1m --sbatch)
	[[ $options = "-M beta -p batch"* ]]
	# shellcheck disable=SC2086 # words they are meant to be
	id=$(cluster_as mail sbatch --parsable -o /dev/null $options --wrap 'sleep 1' | cut -d';' -f1)
	cluster_use "$dir/beta"
	done_there() {
		[ "$(sacct -M beta -nXP -j "$id" -s COMPLETED -o Cluster)" = beta ]
	}
	cluster_wait_until 120 done_there
	[ -z "$(carbonctl plan --clusters=beta -t 10 --carbon=off --sbatch)" ]
}
