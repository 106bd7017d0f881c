#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What one does with a throwaway cluster once it is up: choose it, look at jobs and
# logs, restart its slurmctld, act as another user. Sourced by cluster.sh.

cluster_use() { # HOME
	[ -s "$1/etc/slurm.conf" ] || cluster_error "$1 holds no cluster" || return 1
	export CLUSTER_HOME=$1 SLURM_CONF=$1/etc/slurm.conf
}

_cluster_clocked() { # HOME CMD...: under HOME's clock, where it has one
	local home=$1
	shift
	if [ ! -s "$home/etc/clock.env" ]; then
		"$@"
		return
	fi
	(
		set -a
		# shellcheck source=/dev/null
		. "$home/etc/clock.env"
		set +a
		"$@"
	)
}

# libslurm goes on asking a slurmctld that is gone for as long as MessageTimeout. A short one for the whole cluster would have
# daemons of a busy machine give each other up.
cluster_impatient() { # CMD...: one that is to find nobody there, and soon
	sed 's/^MessageTimeout=.*/MessageTimeout=2/' "$CLUSTER_HOME/etc/slurm.conf" >"$CLUSTER_HOME/etc/impatient.conf" || return 1
	SLURM_CONF=$CLUSTER_HOME/etc/impatient.conf "$@"
}

cluster_run() { # CMD...
	_cluster_clocked "$CLUSTER_HOME" "$@"
}

cluster_as() { # USER CMD...
	local user=$1 own=$CLUSTER_HOME/user-$1
	shift
	if [ ! -d "$own" ]; then
		mkdir "$own" && chown "$user": "$own" || return 1
	fi
	setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups \
		test -r "$SLURM_CONF" ||
		cluster_error "$user cannot read $SLURM_CONF: use cluster_make_dir" || return 1
	(cd "$own" && HOME=$own USER=$user LOGNAME=$user cluster_run setpriv --reuid="$user" \
		--regid="$(id -g "$user")" --init-groups "$@")
}

cluster_stop_ctld() { # [HOME]: in order, so that it saves its state
	_cluster_end "${1:-$CLUSTER_HOME}" slurmctld
}

cluster_kill_ctld() { # [HOME]: as a crash would
	_cluster_end "${1:-$CLUSTER_HOME}" slurmctld KILL
}

cluster_restart_ctld() { # [HOME]
	cluster_stop_ctld "$@" && cluster_start_ctld "$@"
}

cluster_reconfigure() {
	cluster_run scontrol reconfigure
}

cluster_log() { # [NAME]
	printf '%s\n' "$CLUSTER_HOME/log/${1:-slurmctld}.log"
}

cluster_wait_log() { # SECONDS REGEX
	cluster_wait_until "$1" grep -qE -- "$2" "$(cluster_log slurmctld)" ||
		cluster_error "no line with \"$2\" in $(cluster_log slurmctld) after $(_cluster_limit "$1") s"
}

# Comments and commands may hold blanks and have a line of their own; everything
# else is a word.
cluster_job_field() { # ID FIELD
	cluster_run scontrol show job "$1" | awk -v key="$2=" '
		{ sub(/^ +/, "") }
		index($0, key) == 1 && key ~ /^(AdminComment|Comment|SystemComment|Command|WorkDir)=/ {
			sub(/ $/, ""); print substr($0, length(key) + 1); found = 1; exit
		}
		{
			for (i = 1; i <= NF; i++)
				if (index($i, key) == 1) {
					print substr($i, length(key) + 1); found = 1; exit
				}
		}
		END { exit !found }'
}

_cluster_job_is() { # ID STATE
	[ "$(cluster_job_field "$1" JobState 2>/dev/null)" = "$2" ]
}

cluster_wait_job() { # SECONDS ID STATE
	cluster_wait_until "$1" _cluster_job_is "$2" "$3" || cluster_error \
		"job $2 is $(cluster_job_field "$2" JobState) and not $3 after $(_cluster_limit "$1") s"
}

cluster_is_gone() { # DIR
	local file first
	for file in "$1" "$1/alpha" "$1/beta"; do
		if _cluster_has_strays "$file"; then
			cluster_error "processes marked $file: $(_cluster_marked "$file" | tr '\n' ' ')"
			return 1
		fi
	done
	for file in $(_cluster_clock_files "$1"); do
		[ ! -e "$file" ] || cluster_error "$file is left" || return 1
	done
	for first in /tmp/carbon-cluster-ports-*; do
		case $(readlink "$first") in
		"$1" | "$1"/*) cluster_error "$first is not given back" || return 1 ;;
		esac
	done
}
