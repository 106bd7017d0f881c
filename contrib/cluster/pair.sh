#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A slurmctld and its backup on one machine, for a throwaway cluster. Each runs under a host name of its own (its own
# UTS namespace) on an address of its own, 127.0.0.1 and 127.0.0.2, with a pid file of its own; they share the state.
# Needs root. Sourced by cluster.sh; it must never change the machine's own name or its /etc/hosts.

cluster_start_pair() { # DIR: both controllers, with nodes that nobody runs
	_cluster_set_defaults
	_CLUSTER_STARTED+=("$1")
	# shellcheck disable=SC2153 # CLUSTER_NAME comes from CLUSTER_DEFAULTS
	_cluster_prepare "$1" && _cluster_start_member "$1" "$CLUSTER_NAME" controller "$1" &&
		_cluster_make_pair "$1" && cluster_start_primary "$1" && cluster_start_backup "$1"
}

_cluster_make_pair() { # HOME
	local conf=$1/etc/slurm.conf
	sed -i 's/^SlurmctldHost=.*/SlurmctldHost=ctl-primary(127.0.0.1)\nSlurmctldHost=ctl-backup(127.0.0.2)/' "$conf"
	printf 'CommunicationParameters=NoCtldInAddrAny\nSlurmctldTimeout=2\n' >>"$conf"
	# It takes over when told to, and not by itself at a moment that nobody can foresee.
	sed -e 's,^\(SlurmctldPidFile=.*\)\.pid,\1-backup.pid,; s,^\(SlurmctldLogFile=.*\)\.log,\1-backup.log,' \
		-e 's/^SlurmctldTimeout=.*/SlurmctldTimeout=3600/' "$conf" >"$1/etc/slurm-backup.conf"
	printf '127.0.0.1 localhost ctl-primary\n127.0.0.2 ctl-backup\n' >"$1/etc/hosts"
	printf '%s\n' "${CLUSTER_BACKUP_ENV:-}" | sed '/^$/d' >"$1/etc/slurmctld-backup.env"
}

_cluster_start_half() { # HOME primary|backup PROCESS CONF
	local home=$1 propagation=private environment
	mapfile -t environment <"$home/etc/$3.env"
	# In a chroot that is no mount of its own nothing can be made private; newer.sh has done so outside of it.
	mountpoint -q / || propagation=unchanged
	# shellcheck disable=SC2016 # the inner shell expands them
	_cluster_spawn "$home" "$3" unshare --uts --mount --propagation "$propagation" bash -c \
		'hostname "ctl-$1" && mount --bind "$2" /etc/hosts && shift 2 && exec "$@"' - "$2" "$home/etc/hosts" \
		env SLURM_CONF="$home/etc/$4" "${environment[@]}" slurmctld -D
}

cluster_start_primary() { # [HOME]: one that comes back takes over again
	local home=${1:-$CLUSTER_HOME}
	_cluster_start_half "$home" primary slurmctld slurm.conf &&
		_cluster_await "$home" slurmctld cluster_is_led_by "$home" primary
}

cluster_start_backup() { # [HOME]
	local home=${1:-$CLUSTER_HOME}
	_cluster_start_half "$home" backup slurmctld-backup slurm-backup.conf &&
		_cluster_await "$home" slurmctld-backup _cluster_pings "$home" backup
}

cluster_take_over() { # [HOME]: the backup does
	local home=${1:-$CLUSTER_HOME}
	# It answers after it has asked the other one to go: too late where that is dead.
	SLURM_CONF=$home/etc/slurm.conf scontrol takeover >/dev/null 2>&1 || true
	_cluster_await "$home" slurmctld-backup cluster_is_led_by "$home" backup
}

cluster_kill_backup() { # [HOME]: as a crash would
	_cluster_end "${1:-$CLUSTER_HOME}" slurmctld-backup KILL
}

_cluster_pings() { # HOME primary|backup
	SLURM_CONF=$1/etc/slurm.conf scontrol ping 2>/dev/null | grep -q "($2) .* is UP"
}

# Whose word counts now. A backup that stands by answers a ping too; scontrol asks one after the other.
cluster_is_led_by() { # HOME primary|backup
	local log=slurmctld last
	[ "$2" = primary ] || log=slurmctld-backup
	last=$(grep -E 'Running as primary controller|slurmctld running in background mode|backup controller resuming' \
		"$1/log/$log.log" 2>/dev/null | tail -n 1)
	[[ $last = *"Running as primary"* ]] && _cluster_pings "$1" "$2" &&
		SLURM_CONF=$1/etc/slurm.conf scontrol show config >/dev/null 2>&1
}
