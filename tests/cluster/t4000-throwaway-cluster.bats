#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The harness itself: a whole cluster with slurmdbd runs a job, accounts for it and
# leaves nothing behind. Needs no plugin of ours.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir is set by bare.bash
bats_require_minimum_version 1.8.0
load ../bare

is_in_sacct() { # ID STATE
	[ "$(sacct -nXP -j "$1" -o State)" = "$2" ]
}

@test "an ordinary user's job runs and sacct shows it" {
	cluster_start_full "$dir"
	id=$(cluster_as mail sbatch --parsable -N 2 --wrap 'srun hostname')
	cluster_wait_job 20 "$id" COMPLETED
	[ "$(grep -c . "$dir/user-mail/slurm-$id.out")" -eq 2 ]
	cluster_wait_until 10 is_in_sacct "$id" COMPLETED
	[ "$(sacct -nXP -j "$id" -o User,Account,NNodes)" = "mail|science|2" ]
}

@test "a delayed job starts by itself, not before its begin" {
	CLUSTER_NODES=1
	CLUSTER_WITH_DBD=0
	cluster_start_full "$dir"
	begin_at=$(($(date +%s) + 3))
	id=$(sbatch --parsable -o /dev/null --begin="$(date -d "@$begin_at" +%FT%T)" --wrap true)
	cluster_wait_job 20 "$id" COMPLETED
	[ "$(date -d "$(cluster_job_field "$id" StartTime)" +%s)" -ge "$begin_at" ]
}

@test "after stop no process, no job's task and no port is left" {
	cluster_start_full "$dir"
	id=$(cluster_as mail sbatch --parsable --wrap 'sleep 300 & echo $$ $!; exec sleep 301')
	cluster_wait_until 20 test -s "$dir/user-mail/slurm-$id.out"
	read -r script child <"$dir/user-mail/slurm-$id.out"
	for name in munged mariadbd slurmdbd slurmctld slurmd-n1 slurmd-n2 slurmd-n3; do
		cluster_pid "$name"
	done
	first=$(cat "$dir/ports")
	run ! _cluster_block_is_free "$first"
	_cluster_start_time "$script"
	_cluster_start_time "$child"

	cluster_stop "$dir"
	cluster_is_gone "$dir"
	_cluster_block_is_free "$first"
	run ! _cluster_start_time "$script"
	run ! _cluster_start_time "$child"
}

# mariadbd removes every #sql* of its temporary folder when it starts, and one that loses such a file under a query ends.
@test "the database of another cluster keeps its temporary tables when one starts beside it" {
	theirs=$(mktemp "${TMPDIR:-/tmp}/#sql-temptable-XXXXXX.MAI")
	touch "$dir/throwaway" # so that teardown removes it
	CLUSTER_CACHE='' cluster_start_full "$dir/one"
	rm "$theirs" # fails where it is gone
	[[ $(mariadb --no-defaults --socket="$dir/one/run/mariadb.socket" -uroot -BNe 'SELECT @@tmpdir') = "$dir"/* ]]
	cluster_stop "$dir/one"
}

@test "two clusters that are offered the same block of ports take two" {
	touch "$dir/throwaway" # so that teardown removes it
	mkdir "$dir/one" "$dir/two"
	RANDOM=1
	_cluster_take_ports "$dir/one"
	RANDOM=1
	_cluster_take_ports "$dir/two"
	[ "$(cat "$dir/one/ports")" != "$(cat "$dir/two/ports")" ]
	[ "$(ls "$dir/one")" = ports ]
	_cluster_release_ports "$dir/one"
	_cluster_release_ports "$dir/two"
}
