#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The harness itself: two clusters in one federation share slurmdbd, pass jobs to each
# other and leave nothing behind. Needs no plugin of ours.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir is set by bare.bash
bats_require_minimum_version 1.8.0
load ../bare

ran_on() { # ID PATTERN: on just one cluster, of that name
	[[ $(sacct --federation -nXP -j "$1" -s COMPLETED -o Cluster) =~ ^($2)$ ]]
}

@test "a job submitted on alpha for beta runs on beta, and all ends" {
	CLUSTER_NODES=1
	CLUSTER_CTLD_ENV=WHERE=/srv/@NAME@
	cluster_start_federation "$dir"
	for name in alpha beta; do
		tr '\0' '\n' <"/proc/$(cluster_pid slurmctld "$dir/$name")/environ" |
			grep -qxF "WHERE=/srv/$name"
	done

	[ "$(scontrol show config | sed -n 's/^ClusterName *= //p')" = alpha ]
	id=$(cluster_as mail sbatch --parsable --clusters=beta -o /dev/null --wrap true)
	cluster_wait_until 20 ran_on "${id%%;*}" beta

	id=$(cluster_as mail sbatch --parsable -o /dev/null --wrap true)
	cluster_use "$dir/beta"
	cluster_wait_until 20 ran_on "${id%%;*}" 'alpha|beta'

	cluster_stop "$dir"
	cluster_is_gone "$dir"
}
