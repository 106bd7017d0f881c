#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Scripts that source cluster.sh run under set -euo pipefail; stopping must then still go to its end.

load ../../contrib/cluster/cluster.sh

@test "a script under set -euo pipefail leaves no process, port or directory" {
	run bash -euo pipefail -c '
		. "$1/contrib/cluster/cluster.sh"
		dir=$(cluster_make_dir)
		trap cluster_down EXIT
		cluster_start_controller "$dir/one"
		cluster_start_controller "$dir/two"
		cluster_pid slurmctld "$dir/one"
		cluster_pid slurmctld "$dir/two"
		echo "$dir"' bash "$CARBON_SRC"
	[ "$status" -eq 0 ]
	dir=${lines[-1]}
	for pid in "${lines[@]:0:2}"; do
		[ ! -e "/proc/$pid" ]
	done
	[ ! -e "$dir/one" ] && [ ! -e "$dir/two" ]
	for link in /tmp/carbon-cluster-ports-*; do
		[[ $(readlink "$link") != "$dir"/* ]]
	done
	rmdir "$dir"
}
