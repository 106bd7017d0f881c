#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the controllers of a throwaway cluster share: munged, mariadbd, slurmdbd
# and the accounts in it. Sourced by cluster.sh. Must never use the machine's own
# munge key, database or sockets.

_cluster_start_munged() { # HOME
	local home=$1
	if [ ! -s "$home/etc/munge.key" ]; then
		(umask 077 && head -c 128 /dev/urandom >"$home/etc/munge.key")
	fi
	_cluster_spawn "$home" munged munged --foreground --num-threads=2 \
		--key-file="$home/etc/munge.key" --socket="$home/run/munge.socket" \
		--pid-file="$home/run/munged.pid" --log-file="$home/log/munged.log" \
		--seed-file="$home/run/munged.seed" || return 1
	_cluster_await "$home" munged test -S "$home/run/munge.socket"
}

# The first start of a run prepares the tables and Slurm's schema; the later
# ones copy it from CLUSTER_CACHE, where that names a directory.
_cluster_prepare_database() { # HOME
	local home=$1
	if [ -n "$CLUSTER_CACHE" ] && [ -d "$CLUSTER_CACHE/mariadb" ]; then
		cp -a --reflink=auto "$CLUSTER_CACHE/mariadb" "$home/mariadb"
		return
	fi
	TMPDIR=$home/tmp mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$home/mariadb" \
		--skip-test-db --auth-root-authentication-method=normal \
		--innodb-log-file-size=4M >"$home/log/mariadb-install.out" 2>&1 ||
		cluster_error "mariadb-install-db failed, see $home/log/mariadb-install.out"
}

# Each mariadbd removes every #sql* of its temporary folder when it starts: in one that others use too it would take the
# tables from under their queries, and mariadbd ends with a fault where that happens.
_cluster_start_database() { # HOME SQL_PORT PASSWORD
	local home=$1
	(
		umask 077
		cat >"$home/etc/init.sql" <<-END
			CREATE DATABASE IF NOT EXISTS slurm_acct_db;
			CREATE USER IF NOT EXISTS slurm@'127.0.0.1';
			SET PASSWORD FOR slurm@'127.0.0.1' = PASSWORD('$3');
			GRANT ALL ON slurm_acct_db.* TO slurm@'127.0.0.1';
		END
	)
	_cluster_spawn "$home" mariadbd mariadbd --no-defaults --user="$(id -un)" \
		--datadir="$home/mariadb" --tmpdir="$home/tmp" --socket="$home/run/mariadb.socket" \
		--pid-file="$home/run/mariadb.pid" --bind-address=127.0.0.1 --port="$2" \
		--skip-name-resolve --init-file="$home/etc/init.sql" \
		--log-error="$home/log/mariadb.log" --innodb-log-file-size=4M \
		--innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 \
		--innodb-doublewrite=0 --innodb-lock-wait-timeout=900 || return 1
	_cluster_await "$home" mariadbd _cluster_is_listening "$2"
}

_cluster_start_dbd() { # HOME
	local dbd_port
	read -r dbd_port <"$1/dbd_port"
	_cluster_clocked "$1" _cluster_spawn "$1" slurmdbd \
		env SLURM_CONF="$1/etc/slurm.conf" slurmdbd -D || return 1
	_cluster_await "$1" slurmdbd _cluster_is_listening "$dbd_port"
}

# A database that has been ended properly is the template of the next ones.
_cluster_keep_template() { # HOME SQL_PORT PASSWORD
	local home=$1
	[ -n "$CLUSTER_CACHE" ] && [ ! -d "$CLUSTER_CACHE/mariadb" ] || return 0
	_cluster_end "$home" slurmdbd
	_cluster_end "$home" mariadbd
	mkdir -p "$CLUSTER_CACHE"
	cp -a "$home/mariadb" "$CLUSTER_CACHE/mariadb.$$"
	# mv -T fails where another test was first; its template serves as well.
	mv -T "$CLUSTER_CACHE/mariadb.$$" "$CLUSTER_CACHE/mariadb" 2>/dev/null ||
		rm -rf "$CLUSTER_CACHE/mariadb.$$"
	_cluster_start_database "$@" && _cluster_start_dbd "$home"
}

_cluster_start_accounting() { # HOME FIRST_PORT: mariadbd and slurmdbd
	local home=$1 dbd_port=$(($2 + 1)) sql_port=$(($2 + 2)) password
	password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
	_cluster_prepare_database "$home" || return 1
	_cluster_start_database "$home" "$sql_port" "$password" || return 1
	_cluster_write_dbd_conf "$home" "$dbd_port" "$sql_port" "$password"
	echo "$dbd_port" >"$home/dbd_port"
	_cluster_start_dbd "$home" || return 1
	_cluster_keep_template "$home" "$sql_port" "$password"
}

_cluster_add_accounts() { # CLUSTER...: CLUSTER_USERS in the account CLUSTER_ACCOUNT
	local name
	for name in "$@"; do
		cluster_run sacctmgr -iQ add cluster "$name" >/dev/null || return 1
	done
	cluster_run sacctmgr -iQ add account "$CLUSTER_ACCOUNT" >/dev/null || return 1
	cluster_run sacctmgr -iQ add user "${CLUSTER_USERS// /,}" account="$CLUSTER_ACCOUNT" >/dev/null
}
