#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The processes and ports of a throwaway cluster: start, find, end, wait.
# Sourced by cluster.sh. A process is only ever signalled when both its id and
# its start time are the recorded ones, or when it carries the cluster's mark;
# never by its name.

# A poll and not an event: nothing here tells us when a daemon is ready.
CLUSTER_POLL_S=0.05
CLUSTER_BLOCK_PORTS=40

cluster_error() { # MESSAGE...: to stderr, returns 1
	printf 'cluster: %s\n' "$*" >&2
	return 1
}

# SECONDS is what a machine with nothing else to do may need. Where all goes well a longer limit costs nothing, so a wait ends
# only after CLUSTER_PATIENCE times that.
cluster_wait_until() { # SECONDS CMD...: until CMD succeeds; 1 when it did not in time
	_cluster_wait "$(_cluster_limit "$1")" "${@:2}"
}

_cluster_limit() { # SECONDS: what is really waited for
	printf '%s\n' "$(($1 * ${CLUSTER_PATIENCE:-6}))"
}

# As long as that and no longer, for what goes another way then. CMD has its last try behind the limit: between two of
# them a machine may have had no time for us.
_cluster_wait() { # SECONDS CMD...
	local end_ms now_ms
	end_ms=$(($(_cluster_uptime_ms) + $1 * 1000))
	shift
	while now_ms=$(_cluster_uptime_ms) && ! "$@"; do
		[ "$now_ms" -lt "$end_ms" ] || return 1
		_cluster_nap
	done
}

_cluster_uptime_ms() { # real time even where the cluster's clock runs faster
	local up
	read -r up _ </proc/uptime
	printf '%s\n' "$((10#${up/./} * 10))"
}

_cluster_nap() {
	env -u LD_PRELOAD sleep "$CLUSTER_POLL_S"
}

_cluster_start_time() { # PID: the kernel's start time, nothing where it is gone or a zombie
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	# The name in parentheses may hold spaces: count the fields behind it.
	read -ra stat <<<"${stat##*) }"
	[ "${stat[0]}" != Z ] && printf '%s\n' "${stat[19]}"
}

# The child notes its own id before it becomes the daemon, since setsid may
# fork, and closes every inherited file: an open one would make bats wait.
# shellcheck disable=SC2016
_CLUSTER_CHILD='
for fd in /proc/self/fd/*; do
	fd=${fd##*/}
	[ "$fd" -le 2 ] || eval "exec $fd>&-"
done
read -r stat </proc/$$/stat
read -ra stat <<<"${stat##*) }"
echo "$$ ${stat[19]}" >"$0.new"
mv "$0.new" "$0"
exec "$@"'

_cluster_spawn() { # HOME NAME CMD...: start CMD, marked as HOME's
	local home=$1 name=$2
	shift 2
	rm -f "$home/pid/$name"
	CLUSTER_MARK=$home setsid bash -c "$_CLUSTER_CHILD" "$home/pid/$name" "$@" \
		</dev/null >>"$home/log/$name.out" 2>&1 &
	disown "$!" 2>/dev/null || true
	cluster_wait_until 5 test -s "$home/pid/$name" ||
		cluster_error "$name did not start, see $home/log/$name.out"
}

cluster_pid() { # NAME [HOME]: the id of slurmctld, slurmd-n1, slurmdbd, mariadbd, munged
	local pid start home=${2:-$CLUSTER_HOME}
	{ read -r pid start <"$home/pid/$1"; } 2>/dev/null || return 1
	[ "$(_cluster_start_time "$pid")" = "$start" ] && printf '%s\n' "$pid"
}

_cluster_is_alive() { # HOME NAME
	cluster_pid "$2" "$1" >/dev/null
}

_cluster_is_dead() {
	! _cluster_is_alive "$@"
}

_cluster_end() { # HOME NAME [SIGNAL]: end it, with SIGKILL when it does not go in 30 s
	local home=$1 name=$2 pid
	if pid=$(cluster_pid "$name" "$home"); then
		kill -s "${3:-TERM}" "$pid" 2>/dev/null || true
		if ! _cluster_wait 30 _cluster_is_dead "$home" "$name"; then
			kill -s KILL "$pid" 2>/dev/null || true
			cluster_wait_until 5 _cluster_is_dead "$home" "$name" || true
		fi
	fi
	rm -f "$home/pid/$name"
}

_cluster_marked() { # HOME: ids of its daemons and of their job steps
	local file pid
	{
		grep -lzxFs "CLUSTER_MARK=$1" /proc/[0-9]*/environ || true
		# slurmstepd overwrites its environment, but keeps slurmd's log open.
		find /proc/[0-9]*/fd -lname "$1/log/slurmd-*.log" 2>/dev/null || true
	} | cut -d/ -f3 | sort -un | while read -r pid; do
		[ "$pid" != "$$" ] || continue
		file=$(readlink "/proc/$pid/exe") || continue
		if [[ ${file##*/} = slurmstepd* ]] ||
			grep -qzxFs "CLUSTER_MARK=$1" "/proc/$pid/environ"; then
			printf '%s\n' "$pid"
		fi
	done
}

_cluster_family() { # PID...: these and all their descendants
	local pid children
	for pid in "$@"; do
		printf '%s\n' "$pid"
		read -rd '' -a children < <(cat "/proc/$pid"/task/*/children 2>/dev/null) || true
		_cluster_family "${children[@]}"
	done
}

_cluster_has_strays() { # HOME
	[ -n "$(_cluster_marked "$1")" ]
}

_cluster_has_no_strays() {
	! _cluster_has_strays "$1"
}

_cluster_end_strays() { # HOME: job steps outlive their slurmd, and so would their tasks
	local pids
	mapfile -t pids < <(_cluster_marked "$1")
	[ "${#pids[@]}" -gt 0 ] || return 0
	mapfile -t pids < <(_cluster_family "${pids[@]}")
	kill -s KILL "${pids[@]}" 2>/dev/null || true
	cluster_wait_until 5 _cluster_has_no_strays "$1" ||
		cluster_error "processes of $1 remain: $(_cluster_marked "$1" | tr '\n' ' ')"
}

_cluster_listening() { # prints all ports that somebody listens on, as :1F90
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { sub(/.*:/, ":", $2); print $2 }'
}

_cluster_is_listening() { # PORT
	local hex
	printf -v hex ':%04X' "$1"
	[[ $'\n'$(_cluster_listening)$'\n' = *$'\n'"$hex"$'\n'* ]]
}

_cluster_block_is_free() { # FIRST_PORT
	local port
	for port in $(_cluster_listening); do
		port=$((16#${port#:}))
		((port < $1 || port >= $1 + CLUSTER_BLOCK_PORTS)) || return 1
	done
}

# A block of ports belongs to whoever made its symbolic link, which is atomic,
# so that clusters started at the same moment do not meet. All blocks are below
# the kernel's range of ephemeral ports.
_cluster_take_ports() { # HOME: prints the first port of a free block, and notes it
	local home=$1 try first
	for ((try = 0; try < 300; try++)); do
		first=$((20000 + (RANDOM % 300) * CLUSTER_BLOCK_PORTS))
		ln -sT "$home" "/tmp/carbon-cluster-ports-$first" 2>/dev/null || continue
		if _cluster_block_is_free "$first"; then
			echo "$first" >"$home/ports"
			echo "$first"
			return 0
		fi
		rm -f "/tmp/carbon-cluster-ports-$first"
	done
	cluster_error "no free ports from 20000 to 31999; remove stale /tmp/carbon-cluster-ports-*"
}

_cluster_release_ports() { # HOME
	local first
	{ read -r first <"$1/ports"; } 2>/dev/null || return 0
	rm -f "/tmp/carbon-cluster-ports-$first" "$1/ports"
}
