#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The configuration files of a throwaway cluster, written from the CLUSTER_*
# variables. Sourced by cluster.sh. Must never touch /etc or any file outside
# the cluster's own directory.

_cluster_system_plugin_dir() {
	local dir
	for dir in "${CLUSTER_SYSTEM_PLUGIN_DIR:-}" /usr/lib/*/slurm-wlm /usr/lib/*/slurm \
		/usr/lib64/slurm /usr/lib/slurm /usr/local/lib/slurm; do
		if [ -e "$dir/select_cons_tres.so" ]; then
			echo "$dir"
			return 0
		fi
	done
	cluster_error "no directory with Slurm's plugins found, set CLUSTER_SYSTEM_PLUGIN_DIR"
}

_cluster_conf_base() { # HOME NAME FIRST_PORT PLUGIN_DIR
	cat <<-END
		ClusterName=$2
		SlurmctldHost=$(hostname -s)(127.0.0.1)
		SlurmctldPort=$3
		SlurmUser=$CLUSTER_SLURM_USER
		SlurmdUser=$(id -un)
		StateSaveLocation=$1/state
		SlurmctldPidFile=$1/run/slurmctld.pid
		SlurmctldLogFile=$1/log/slurmctld.log
		SlurmctldDebug=$CLUSTER_DEBUG
		SlurmdSpoolDir=$1/spool/%n
		SlurmdPidFile=$1/run/slurmd-%n.pid
		SlurmdLogFile=$1/log/slurmd-%n.log
		SlurmdParameters=config_overrides
		PluginDir=$4
		PlugStackConfig=${CLUSTER_PLUGSTACK:-$1/etc/plugstack.conf}
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		MpiDefault=none
		SwitchType=switch/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core
		SchedulerType=sched/backfill
		SchedulerParameters=$CLUSTER_SCHEDULER
		ReturnToService=2
		KillWait=1
		MinJobAge=300
		InactiveLimit=0
		MailProg=/bin/true
	END
}

# Timeouts are seconds of the cluster's clock, and in fast motion a hundred of these are over before a busy machine answers.
_cluster_conf_timeouts() {
	if [ -n "$CLUSTER_CLOCK" ]; then
		printf 'MessageTimeout=6000\nTCPTimeout=120\nBatchStartTimeout=600\nUnkillableStepTimeout=3600\n'
	else
		printf 'MessageTimeout=100\n'
	fi
}

# With slurmds each node has a port of its own; without them nobody is called
# (SlurmdTimeout=0), so that the nodes stay UNKNOWN and jobs wait.
_cluster_conf_nodes() { # NAME FIRST_PORT KIND
	local ports=$(($2 + 4)) timeout_s=0
	if [ "$3" = full ]; then
		ports="[$ports-$((ports + CLUSTER_NODES - 1))]"
		[ "$CLUSTER_NODES" -gt 1 ] || ports=$(($2 + 4))
		[ -n "$CLUSTER_CLOCK" ] || timeout_s=300
	fi
	printf 'SlurmdTimeout=%s\n' "$timeout_s"
	printf 'NodeName=%s NodeHostname=%s NodeAddr=127.0.0.1 Port=%s %s\n' \
		"$(_cluster_node_list)" "$(hostname -s)" "$ports" "$CLUSTER_NODE_CONF"
	printf '%s\n' "${CLUSTER_PARTITIONS//@NAME@/$1}"
}

_cluster_node_list() {
	if [ "$CLUSTER_NODES" -gt 1 ]; then
		echo "n[1-$CLUSTER_NODES]"
	else
		echo n1
	fi
}

_cluster_conf_trust() { # SERVICES_HOME KIND
	if [ "$2" = full ]; then
		printf 'AuthType=auth/munge\nCredType=cred/munge\n'
		printf 'AuthInfo=socket=%s/run/munge.socket%s\n' "$1" "${CLUSTER_CLOCK:+,ttl=3600,cred_expire=7200}"
	else
		printf 'AuthType=auth/none\nCredType=cred/none\n'
	fi
}

# AccountingStoragePass is the munge socket for slurmdbd; AuthInfo is not asked there.
_cluster_conf_accounting() { # SERVICES_HOME DBD_PORT
	printf 'AccountingStorageType=accounting_storage/slurmdbd\n'
	printf 'AccountingStorageHost=127.0.0.1\nAccountingStoragePort=%s\n' "$2"
	printf 'AccountingStoragePass=%s/run/munge.socket\n' "$1"
	printf 'JobAcctGatherType=jobacct_gather/linux\nJobAcctGatherFrequency=1\n'
}

_cluster_write_conf() { # HOME NAME KIND SERVICES_HOME
	local home=$1 first plugins dbd_port
	read -r first <"$home/ports"
	plugins=$(_cluster_system_plugin_dir) || return 1
	[ -z "$CLUSTER_PLUGIN_DIR" ] || plugins=$CLUSTER_PLUGIN_DIR:$plugins
	{
		_cluster_conf_base "$home" "$2" "$first" "$plugins"
		_cluster_conf_timeouts
		_cluster_conf_trust "$4" "$3"
		_cluster_conf_nodes "$2" "$first" "$3"
		if { read -r dbd_port <"$4/dbd_port"; } 2>/dev/null; then
			_cluster_conf_accounting "$4" "$dbd_port"
		fi
		[ -z "$CLUSTER_JOB_SUBMIT" ] || printf 'JobSubmitPlugins=%s\n' "$CLUSTER_JOB_SUBMIT"
		[ -z "$CLUSTER_GRES_CONF" ] || printf 'GresTypes=gpu\n'
		printf '%s\n' "${CLUSTER_EXTRA_CONF//@NAME@/$2}"
	} >"$home/etc/slurm.conf"
	# Nothing here uses cgroups, and v1, unlike autodetect, does not ask for any:
	# so slurmd runs in containers and chroots too.
	printf 'CgroupPlugin=cgroup/v1\n' >"$home/etc/cgroup.conf"
	printf '%s\n' "$CLUSTER_GRES_CONF" >"$home/etc/gres.conf"
	: >"$home/etc/plugstack.conf"
	[ -z "$CLUSTER_SPANK" ] || printf '%s\n' "$CLUSTER_SPANK" >"$home/etc/plugstack.conf"
}

_cluster_write_dbd_conf() { # HOME DBD_PORT SQL_PORT PASSWORD
	(
		umask 077
		cat >"$1/etc/slurmdbd.conf" <<-END
			AuthType=auth/munge
			AuthInfo=socket=$1/run/munge.socket${CLUSTER_CLOCK:+,ttl=3600}
			DbdHost=$(hostname -s)
			DbdAddr=127.0.0.1
			DbdPort=$2
			SlurmUser=$CLUSTER_SLURM_USER
			PidFile=$1/run/slurmdbd.pid
			LogFile=$1/log/slurmdbd.log
			DebugLevel=$CLUSTER_DEBUG
			PluginDir=$(_cluster_system_plugin_dir)
			StorageType=accounting_storage/mysql
			StorageHost=127.0.0.1
			StoragePort=$3
			StorageUser=slurm
			StoragePass=$4
			StorageLoc=slurm_acct_db
		END
	)
	chown "$CLUSTER_SLURM_USER" "$1/etc/slurmdbd.conf"
}
