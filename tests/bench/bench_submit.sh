#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Submissions a second on a real slurmctld, without and with the plugin in turns within one run, and their
# ratio (goal: at least 0.97). Beside them one with the plugin at level off, which tells what is a plugin's and what a decision's.
# Wants the build tree in CARBON_BUILD; starts throwaway clusters, leaves nothing.
#
#   tests/bench/bench_submit.sh [JOBS [ROUNDS]]     many short rounds even out a busy machine
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/../../contrib/cluster/cluster.sh"

: "${CARBON_BUILD:?the build tree}"
jobs=${1:-20}
rounds=${2:-250}
sides=(without off default)
# In memory: on a disk the time goes into creating the jobs' files, and varies more than any plugin.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
top=$(cluster_make_dir)

clean_up() {
	cluster_down
	rm -rf "$top"
}
trap clean_up EXIT

# A slurmctld of its own for each side, so that neither has the other's jobs in its memory.
start_side() { # without|off|default
	mkdir -m 755 "$top/state-$1"
	[ "$1" = without ] || "$CARBON_BUILD/tests/controller/write_files" "$top/state-$1" "level=$1" \
		max_waiting=10000000 max_waiting_user=10000000
	CLUSTER_EXTRA_CONF="MaxJobCount=1000000" CLUSTER_DEBUG=error \
		CLUSTER_PLUGIN_DIR=$CARBON_BUILD/plugin/.libs CLUSTER_CTLD_ENV="SLURM_CARBON_DIR=$top/state-$1" \
		CLUSTER_JOB_SUBMIT=$([ "$1" = without ] || echo carbon) cluster_start_controller "$top/$1"
}

submit_on() { # without|off|default: prints the microseconds of each submission
	cluster_use "$top/$1"
	# Jobs with a begin of their own on all sides: a delayed job spares slurmctld its scheduler's first
	# look at it, which would make the side with the plugin the faster one.
	"$CARBON_BUILD/tests/bench/submit_jobs" "$jobs" later each
}

median() {
	sort -n | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

quartile() {
	sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 3) / 4)] }'
}

# The median of numbers on stdin and the 95 % band around it: 1.57 times the interquartile range over the
# root of their count.
median_and_band() {
	sort -n | awk '{ value[NR] = $1 }
		END {
			median = (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2
			band = 1.57 * (value[int(NR * 3 / 4) + 1] - value[int(NR / 4) + 1]) / sqrt(NR)
			printf "%.3f %.3f %.3f\n", median, median - band, median + band
		}'
}

# Processor time of a side's slurmctld so far. Less at the mercy of what else the machine does than a rate.
cpu_ms() { # without|off|default
	awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / tick }' \
		"/proc/$(cluster_pid slurmctld "$top/$1")/stat"
}

# Who goes first changes from round to round: the machine's own load drifts. A round counts with its lower quartile, so that
# submissions in which somebody else had the processor do not count.
run_round() { # ROUND
	local side i
	for ((i = 0; i < ${#sides[@]}; i++)); do
		side=${sides[$((($1 + i) % ${#sides[@]}))]}
		submit_on "$side" >"$top/round"
		quartile <"$top/round" >>"$top/$side.us"
	done
}

print_side() { # without|off|default
	awk -v us="$(median <"$top/$1.us")" -v ms="$(cpu_ms "$1")" -v since="${since_ms[$1]}" -v jobs=$((jobs * rounds)) -v side="$1" \
		'BEGIN { printf "plugin %-8s %6.0f jobs/s, %4.0f us each, of which slurmctld %4.0f us of processor time\n", side ":", 1e6 / us, us, (ms - since) * 1000 / jobs }'
}

compare() { # off|default: ratio of its rate to that without, and its band
	# Rounds share the machine's mood: the median of their ratios, and how sure it is.
	paste "$top/without.us" "$top/$1.us" | awk '{ print $1 / $2 }' | median_and_band
}

for side in "${sides[@]}"; do
	start_side "$side"
	submit_on "$side" >/dev/null # the first ones warm up
done
declare -A since_ms
for side in "${sides[@]}"; do
	since_ms[$side]=$(cpu_ms "$side")
done
for ((round = 1; round <= rounds; round++)); do
	run_round "$round"
done
for side in "${sides[@]}"; do
	print_side "$side"
done
read -r ratio low high < <(compare off)
printf 'ratio to submissions without the plugin: %s (%s to %s) at level off\n' "$ratio" "$low" "$high"
read -r ratio low high < <(compare default)
printf 'submissions, each job delayed: ratio %s (%s to %s), goal at least 0.97: ' "$ratio" "$low" "$high"
if awk -v high="$high" 'BEGIN { exit high >= 0.97 }'; then
	echo MISSED
	exit 1
elif awk -v low="$low" 'BEGIN { exit low < 0.97 }'; then
	echo kept
else
	echo 'kept within what this machine can tell; a quieter one, or more rounds, can tell more'
fi
