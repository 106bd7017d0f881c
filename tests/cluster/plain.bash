# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A cluster for each test of the books that needs no plugin of ours: its directory, and a carbon.conf in the test's own
# directory. It must never use an installed carbon.conf.

load ../../contrib/cluster/cluster.sh
load books

: "${CARBON_BUILD:?is the build folder; make check-slurm sets it}"

setup() {
	export LANG=C TZ=UTC
	dir=$(cluster_make_dir)
	cd "$BATS_TEST_TMPDIR" || return 1
	plain_conf </dev/null
}

teardown() {
	cluster_down "$dir"
}

plain_conf() { # stdin: the lines after its two folders
	{
		printf '%s_dir = "%s"\n' state "$PWD/state" run "$PWD/run"
		cat
	} >carbon.conf
}

carbonctl() {
	"$CARBON_BUILD/tools/carbonctl" -c carbon.conf "$@"
}

sql() { # STATEMENT
	books_sql "$dir" "$1"
}

ledger() { # COLUMNS [CONDITION [VIEW]]
	books_rows state "$@"
}
