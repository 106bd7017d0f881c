# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests of the throwaway cluster itself: a directory for each test, and nothing of ours in it. Must never start anything.

load ../../contrib/cluster/cluster.sh

setup() {
	export TZ=UTC # what Slurm prints is local and is read back: no hour may come twice
	dir=$(cluster_make_dir)
}

teardown() {
	cluster_down "$dir"
}
