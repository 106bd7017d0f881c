#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A throwaway Slurm on this machine, for tests, demo and benches. To be sourced;
# contrib/cluster/cluster is the same as a command. Every process is started here,
# recorded by id and ended by that id; nothing outside the cluster's directory is
# used. It must never touch an installed Slurm, munge or MariaDB.
#
#   . contrib/cluster/cluster.sh
#   trap cluster_down EXIT
#   dir=$(cluster_make_dir)
#   CLUSTER_PLUGIN_DIR=$build/.libs CLUSTER_JOB_SUBMIT=carbon \
#   CLUSTER_CTLD_ENV=SLURM_CARBON_DIR=$state cluster_start_controller "$dir"
#   id=$(cluster_as mail sbatch --parsable --wrap 'true')
#   cluster_job_field "$id" StartTime
#
# Functions (return 1 with a message on stderr when they fail):
#   cluster_make_dir                 prints a new directory that every user can enter
#   cluster_start_controller DIR     slurmctld alone with nodes that nobody runs: jobs wait
#   cluster_start_full DIR           munged, slurmctld, slurmds, slurmdbd on MariaDB: jobs run
#   cluster_start_federation DIR     two such clusters, DIR/alpha and DIR/beta, one slurmdbd
#   cluster_start_pair DIR           slurmctld and its backup alone, as root (pair.sh)
#   cluster_start_primary, cluster_start_backup     one of them again
#   cluster_take_over, cluster_kill_backup          the backup does, which it never does by itself
#   cluster_is_led_by HOME WHOM      primary or backup: who is in charge
#   cluster_use HOME                 whose turn it is: exports SLURM_CONF and CLUSTER_HOME
#                                    (HOME is DIR, or DIR/alpha, DIR/beta of a federation)
#   cluster_stop DIR                 ends all of DIR's processes and gives its ports back
#   cluster_down [DIR...]            the same, and removes the directories
#                                    (without DIR: all that this shell has started)
#   cluster_stop_ctld, cluster_start_ctld, cluster_restart_ctld, cluster_kill_ctld
#   cluster_reconfigure              scontrol reconfigure
#   cluster_log [NAME]               path of slurmctld's log (or slurmd-n1, slurmdbd, ...)
#   cluster_wait_log SECONDS REGEX   until slurmctld's log has a line with REGEX
#   cluster_wait_until SECONDS CMD   until CMD succeeds; SECONDS is for an idle machine, see CLUSTER_PATIENCE
#   cluster_wait_job SECONDS ID STATE   until the job is in that state (COMPLETED, ...)
#   cluster_as USER CMD...           as another user, in a directory of that user's own
#   cluster_run CMD...               under the cluster's clock (see CLUSTER_CLOCK)
#   cluster_impatient CMD...         with a short MessageTimeout, where slurmctld is gone
#   cluster_job_field ID FIELD       one field of `scontrol show job`
#   cluster_pid NAME                 id of slurmctld, slurmd-n1, slurmdbd, mariadbd, munged
#   cluster_is_gone DIR              no process and no port of DIR is left
#
# Variables, read by the start functions:
CLUSTER_DEFAULTS='
CLUSTER_NAME=throwaway
CLUSTER_NODES=3
CLUSTER_NODE_CONF=CPUs=4 RealMemory=4000
CLUSTER_PARTITIONS=PartitionName=batch Nodes=ALL Default=YES MaxTime=7-0 State=UP
CLUSTER_PLUGIN_DIR=
CLUSTER_JOB_SUBMIT=
CLUSTER_PLUGSTACK=
CLUSTER_SPANK=
CLUSTER_EXTRA_CONF=
CLUSTER_GRES_CONF=
CLUSTER_CTLD_ENV=
CLUSTER_SLURMD_ENV=
CLUSTER_WITH_DBD=1
CLUSTER_ACCOUNT=science
CLUSTER_USERS=root mail
CLUSTER_CLOCK=
CLUSTER_DEBUG=info
'
# In CLUSTER_PARTITIONS, _EXTRA_CONF, _CTLD_ENV and _SLURMD_ENV the text @NAME@ stands for the
# cluster's name (CLUSTER_NAME, or alpha and beta), so that members of a federation can differ.
#   CLUSTER_NODE_CONF    the rest of the NodeName line (config_overrides is set: any size goes)
#   CLUSTER_PARTITIONS   lines for slurm.conf
#   CLUSTER_PLUGIN_DIR   searched before Slurm's own plugins
#   CLUSTER_JOB_SUBMIT   JobSubmitPlugins, such as: carbon
#   CLUSTER_SPANK        content of plugstack.conf, such as: optional /path/spank_carbon.so
#   CLUSTER_PLUGSTACK    path of a plugstack.conf of your own instead
#   CLUSTER_EXTRA_CONF   further lines for slurm.conf (a repeated key: Slurm takes the last one)
#   CLUSTER_GRES_CONF    content of gres.conf (sets GresTypes=gpu)
#   CLUSTER_CTLD_ENV     NAME=VALUE lines for slurmctld, kept in HOME/etc/slurmctld.env, which is
#                        read at each (re)start; CLUSTER_SLURMD_ENV the same for slurmds
#   CLUSTER_BACKUP_ENV   as CLUSTER_CTLD_ENV, for the backup of a pair
#   CLUSTER_WITH_DBD     0: a full cluster without slurmdbd
#   CLUSTER_USERS        users of CLUSTER_ACCOUNT in slurmdbd
#                        (mail is an ordinary user that every system has; the uid of nobody is none to newer Slurm)
#   CLUSTER_CLOCK        fast motion: `@2026-01-05 00:00:00 x60`, an argument of faketime -f
#   CLUSTER_SCHEDULER    SchedulerParameters
#   CLUSTER_SLURM_USER   SlurmUser (the caller)
#   CLUSTER_CACHE        directory for a template of the database: a second start is faster
#                        (in bats the directory of the run; otherwise none)
#   CLUSTER_PATIENCE     how many times its seconds cluster_wait_until and its like wait at most (6)

_CLUSTER_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$_CLUSTER_HERE/process.sh"
# shellcheck source-path=SCRIPTDIR
. "$_CLUSTER_HERE/configuration.sh"
# shellcheck source-path=SCRIPTDIR
. "$_CLUSTER_HERE/accounting.sh"
# shellcheck source-path=SCRIPTDIR
. "$_CLUSTER_HERE/pair.sh"
# shellcheck source-path=SCRIPTDIR
. "$_CLUSTER_HERE/use.sh"

# Daemons live in sbin, which an ordinary user's PATH may lack.
PATH=$PATH:/usr/sbin:/sbin

_CLUSTER_STARTED=()

_cluster_set_defaults() {
	local line name
	while IFS= read -r line; do
		name=${line%%=*}
		[ -z "$name" ] || [ -n "${!name+set}" ] || printf -v "$name" '%s' "${line#*=}"
	done <<<"$CLUSTER_DEFAULTS"
	: "${CLUSTER_SLURM_USER:=$(id -un)}"
	: "${CLUSTER_CACHE=${BATS_RUN_TMPDIR:-}}"
	if [ -n "$CLUSTER_CLOCK" ]; then
		: "${CLUSTER_SCHEDULER=sched_interval=60,batch_sched_delay=0,bf_interval=60}"
	fi
	: "${CLUSTER_SCHEDULER=sched_interval=1,batch_sched_delay=0,bf_interval=1}"
}

cluster_make_dir() {
	local dir
	dir=$(mktemp -d "${TMPDIR:-/tmp}/carbon-cluster.XXXXXX") || return 1
	chmod 755 "$dir"
	printf '%s\n' "$dir"
}

_cluster_prepare() { # HOME: directories and ports; refuses what is not ours to fill
	local home=$1
	case $home in
	/*) ;;
	*) cluster_error "$home: the directory must be an absolute path" || return 1 ;;
	esac
	# Sockets have at most 107 characters of path.
	[ "${#home}" -le 80 ] || cluster_error "$home: the path has over 80 characters" || return 1
	mkdir -p "$home" || return 1
	[ -z "$(ls -A "$home")" ] || cluster_error "$home is not empty" || return 1
	mkdir "$home"/{etc,log,pid,run,spool,state,tmp}
	touch "$home/throwaway"
	chmod 755 "$home" "$home"/{etc,log,run,spool}
	chown "$CLUSTER_SLURM_USER" "$home"/{log,run,state}
	_cluster_take_ports "$home" >/dev/null
}

_cluster_await() { # HOME NAME CMD...: until CMD succeeds, while NAME lives
	local home=$1 name=$2
	shift 2
	if ! cluster_wait_until 20 _cluster_is_settled "$home" "$name" "$@" ||
		! _cluster_is_alive "$home" "$name"; then
		tail -n 20 "$home/log/$name.log" "$home/log/$name.out" >&2 2>/dev/null
		cluster_error "$name is not ready, its last words are above"
	fi
}

_cluster_is_settled() { # HOME NAME CMD...: ready, or dead, which ends the wait as well
	local home=$1 name=$2
	shift 2
	_cluster_is_dead "$home" "$name" || "$@"
}

_cluster_start_clock() { # HOME: a process whose environment carries the shared clock
	local home=$1 pid
	[ -n "$CLUSTER_CLOCK" ] || return 0
	command -v faketime >/dev/null || cluster_error "CLUSTER_CLOCK needs faketime" || return 1
	FAKETIME_DONT_RESET=1 _cluster_spawn "$home" clock \
		faketime -f "$CLUSTER_CLOCK" bash -c 'trap exit TERM; while :; do read -rt 86400 <> <(:); done' ||
		return 1
	pid=$(cluster_pid clock "$home")
	cluster_wait_until 5 _cluster_has_clock "$pid" "$home" ||
		cluster_error "the clock $CLUSTER_CLOCK did not start, see $home/log/clock.out" ||
		return 1
	_cluster_share_clock "$home"
}

# faketime waits for its child in some releases and becomes it in others.
_cluster_has_clock() { # PID HOME
	local pid
	for pid in $(_cluster_family "$1"); do
		tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null |
			sed -n "s/^\(LD_PRELOAD\|FAKETIME[A-Z_]*\)=\(.*\)/\1='\2'/p" >"$2/etc/clock.env"
		! grep -q '^FAKETIME_SHARED=' "$2/etc/clock.env" || return 0
	done
	return 1
}

_cluster_clock_files() { # HOME: where faketime keeps the shared start
	local name
	[ -e "$1/etc/clock.env" ] || return 0
	sed -n "s/^FAKETIME_SHARED='\(.*\)'$/\1/p" "$1/etc/clock.env" |
		while read -ra name; do
			printf '/dev/shm/%s\n' "sem.${name[0]#/}" "${name[1]#/}"
		done
}

# Users who cannot open these files would each have a clock of their own.
_cluster_share_clock() { # HOME
	_cluster_clock_files "$1" | xargs chmod a+rw
}

_cluster_stop_clock() { # HOME: faketime, ended by a signal, leaves them behind
	_cluster_clock_files "$1" | xargs -r rm -f
}

cluster_start_ctld() { # [HOME]
	local home=${1:-$CLUSTER_HOME} port environment options=(-D)
	read -r port <"$home/ports"
	mapfile -t environment <"$home/etc/slurmctld.env"
	# Killed before it has saved the usage of accounts for the first time, 26.05 starts again with -i alone.
	! grep -q '^AccountingStorageType=.*slurmdbd' "$home/etc/slurm.conf" ||
		[ -e "$home/state/assoc_usage" ] || options+=(-i)
	_cluster_clocked "$home" _cluster_spawn "$home" slurmctld \
		env SLURM_CONF="$home/etc/slurm.conf" "${environment[@]}" slurmctld "${options[@]}" || return 1
	_cluster_await "$home" slurmctld _cluster_is_listening "$port" || return 1
	_cluster_await "$home" slurmctld _cluster_answers "$home"
}

_cluster_answers() { # HOME
	SLURM_CONF=$1/etc/slurm.conf _cluster_clocked "$1" scontrol ping >/dev/null 2>&1
}

_cluster_start_slurmds() { # HOME
	local home=$1 node environment
	mapfile -t environment <"$home/etc/slurmd.env"
	for ((node = 1; node <= CLUSTER_NODES; node++)); do
		_cluster_clocked "$home" _cluster_spawn "$home" "slurmd-n$node" \
			env SLURM_CONF="$home/etc/slurm.conf" "${environment[@]}" \
			slurmd -D -N "n$node" || return 1
	done
	if ! cluster_wait_until 30 _cluster_nodes_are_idle "$home"; then
		tail -vn 8 "$home"/log/slurmd-n*.log >&2
		cluster_error "not all slurmds of $home became idle, their last words are above"
	fi
}

_cluster_nodes_are_idle() { # HOME
	local states
	states=$(SLURM_CONF=$1/etc/slurm.conf _cluster_clocked "$1" sinfo -hNo %T 2>/dev/null |
		sort -u)
	[ "$states" = idle ]
}

_cluster_start_member() { # HOME NAME KIND SERVICES_HOME
	local home=$1
	_cluster_write_conf "$@" || return 1
	printf '%s\n' "${CLUSTER_CTLD_ENV//@NAME@/$2}" | sed '/^$/d' >"$home/etc/slurmctld.env"
	printf '%s\n' "${CLUSTER_SLURMD_ENV//@NAME@/$2}" | sed '/^$/d' >"$home/etc/slurmd.env"
	cluster_use "$home"
}

cluster_start_controller() { # DIR
	_cluster_set_defaults
	_CLUSTER_STARTED+=("$1")
	# shellcheck disable=SC2153 # CLUSTER_NAME comes from CLUSTER_DEFAULTS
	_cluster_prepare "$1" && _cluster_start_clock "$1" &&
		_cluster_start_member "$1" "$CLUSTER_NAME" controller "$1" &&
		cluster_start_ctld "$1"
}

_cluster_start_services() { # DIR: clock, munged and, where wanted, slurmdbd
	local first
	_cluster_prepare "$1" || return 1
	read -r first <"$1/ports"
	_cluster_start_clock "$1" || return 1
	_cluster_start_munged "$1" || return 1
	[ "$CLUSTER_WITH_DBD" = 0 ] || _cluster_start_accounting "$1" "$first"
}

cluster_start_full() { # DIR
	_cluster_set_defaults
	_CLUSTER_STARTED+=("$1")
	_cluster_start_services "$1" &&
		_cluster_start_member "$1" "$CLUSTER_NAME" full "$1" || return 1
	if [ "$CLUSTER_WITH_DBD" != 0 ]; then
		_cluster_add_accounts "$CLUSTER_NAME" || return 1
	fi
	cluster_start_ctld "$1" && _cluster_start_slurmds "$1"
}

cluster_start_federation() { # DIR: leaves alpha in use
	local dir=$1 name
	_cluster_set_defaults
	CLUSTER_WITH_DBD=1
	_CLUSTER_STARTED+=("$dir")
	_cluster_start_services "$dir" || return 1
	for name in beta alpha; do
		_cluster_prepare "$dir/$name" || return 1
		[ ! -e "$dir/etc/clock.env" ] || cp "$dir/etc/clock.env" "$dir/$name/etc"
		_cluster_start_member "$dir/$name" "$name" full "$dir" || return 1
	done
	_cluster_add_accounts alpha beta || return 1
	for name in beta alpha; do
		cluster_start_ctld "$dir/$name" || return 1
	done
	# Only now: a sibling that slurmdbd has not met yet would never be called.
	cluster_run sacctmgr -iQ add federation fed clusters=alpha,beta >/dev/null || return 1
	for name in beta alpha; do
		_cluster_start_slurmds "$dir/$name" || return 1
	done
	_cluster_wait 30 _cluster_is_federated "$dir" || _cluster_meet_again "$dir" ||
		cluster_error "alpha and beta did not find each other, see $dir/*/log/slurmctld.log"
}

# A slurmctld that missed the word of the new federation hears of it when it starts. One after the other: two that
# start at once did not find each other within 40 seconds.
_cluster_meet_again() { # DIR
	local name
	for name in alpha beta; do
		cluster_restart_ctld "$1/$name" || return 1
		! _cluster_wait 60 _cluster_is_federated "$1" || return 0
	done
	return 1
}

_cluster_is_federated() { # DIR
	_cluster_sees_sibling "$1/alpha" beta && _cluster_sees_sibling "$1/beta" alpha
}

_cluster_sees_sibling() { # HOME NAME
	SLURM_CONF=$1/etc/slurm.conf _cluster_clocked "$1" scontrol show federation 2>/dev/null |
		grep -q "^Sibling: *$2:.*PersistConnSend/Recv:Yes/Yes"
}

cluster_stop() { # DIR: also where the start failed half-way, and twice
	local home file name
	[ -e "$1/throwaway" ] || return 0
	for home in "$1/alpha" "$1/beta"; do
		[ ! -d "$home" ] || cluster_stop "$home"
	done
	for file in "$1"/pid/slurmd-* "$1"/pid/{slurmctld,slurmctld-backup,slurmdbd,mariadbd,munged,clock}; do
		name=${file##*/}
		[ ! -e "$file" ] || _cluster_end "$1" "$name"
	done
	_cluster_end_strays "$1"
	_cluster_stop_clock "$1"
	_cluster_release_ports "$1"
}

cluster_down() { # [DIR...]
	local dir
	[ "$#" -gt 0 ] || set -- "${_CLUSTER_STARTED[@]}"
	for dir in "$@"; do
		[ -e "$dir/throwaway" ] || continue
		cluster_stop "$dir"
		rm -rf "$dir"
	done
}
