# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One whole cluster for a file of tests, with the plugins of the build tree and a carbon.conf of their own: what carbon.bash
# and replan.bash make of a slurmctld alone. It must never use an installed plugin.

load ../controller/carbon
load ../controller/replan
: "${dir:=}" "${state:=}" # set by carbon_start

full_start() { # NODES
	export LANG=C TZ=UTC CARBON_CLUSTER=cluster_start_full CLUSTER_NODES=$1
	carbon_start_with_conf
}

# The same, and $work is where jobs of mail write.
full_start_with_work() { # NODES
	full_start "$1"
	export work=$dir/user-mail
	cluster_as mail true # makes it
}

full_clear() {
	carbon_cancel_all
	cluster_wait_until 60 _full_is_quiet
}

_full_is_quiet() {
	[ -z "$(squeue -h)" ]
}
