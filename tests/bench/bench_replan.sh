#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What changing 10,000 begin times costs a busy slurmctld: jobs submitted one after the other before and during one run of
# carbonctl replan at the pace given, and what slurmctld's processor and its RPC statistics say of the updates. Goals:
# a submission during the run takes at most twice what it takes without (medians), and every job is moved. Wants the
# build tree in CARBON_BUILD; starts a throwaway cluster, leaves nothing.
#
#   tests/bench/bench_replan.sh [JOBS [UPDATES-A-SECOND]]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/../../contrib/cluster/cluster.sh"

: "${CARBON_BUILD:?the build tree}"
export TZ=UTC
jobs=${1:-10000}
pace=${2:-1000}
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
top=$(cluster_make_dir)
state=$top/state

clean_up() {
	cluster_down
	rm -rf "$top"
}
trap clean_up EXIT

write_conf() {
	cat >"$state/carbon.conf" <<-END
		level = "default"
		default_delay = "12h"
		max_waiting = 1000000
		max_waiting_per_user = 1000000
		min_saving_percent = 1
		min_saving_g = 0.1
		updates_per_second = $pace
		updates_per_run = 1000000
		partition "*" { zone = "DE" }
		state_dir = "$state"
		run_dir = "$state"
	END
	chmod 644 "$state/carbon.conf"
}

# Processor time of slurmctld so far.
cpu_ms() {
	awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / tick }' \
		"/proc/$(cluster_pid slurmctld "$top/ctld")/stat"
}

# Milliseconds that each of 20 submissions takes, as a mean: one line.
submission_ms() {
	"$CARBON_BUILD/tests/bench/submit_jobs" 20 cron | awk '{ print 1000 / $1 }'
}

median() {
	sort -n | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

mkdir -m 755 "$state"
write_conf
"$CARBON_BUILD/tests/controller/write_files" "$state" max_waiting=1000000 max_waiting_user=1000000 clean_after=6h
# Room for all of them at once, so that all of them are moved.
CLUSTER_NODES=1 CLUSTER_NODE_CONF="CPUs=60000" CLUSTER_EXTRA_CONF="MaxJobCount=1000000" CLUSTER_DEBUG=error CLUSTER_PLUGIN_DIR=$CARBON_BUILD/plugin/.libs \
	CLUSTER_JOB_SUBMIT=carbon CLUSTER_CTLD_ENV="SLURM_CARBON_DIR=$state" cluster_start_controller "$top/ctld"
"$CARBON_BUILD/tests/bench/submit_jobs" "$jobs" later >/dev/null

submission_ms >/dev/null # the first ones warm up
for ((i = 0; i < 20; i++)); do submission_ms; done >"$top/before"
cpu_before=$(cpu_ms)
for ((i = 0; i < 20; i++)); do submission_ms; done >>"$top/before"
cpu_idle=$(cpu_ms)
rounds_idle=20

# Now has become best for all of them.
"$CARBON_BUILD/tests/controller/write_files" "$state" what=outlook clean_after=2h clean=50
sdiag -r >/dev/null
cpu_start=$(cpu_ms)
started_ms=$(_cluster_uptime_ms)
"$CARBON_BUILD/tools/carbonctl" -c "$state/carbon.conf" replan --every 3h >"$top/moved" 2>"$top/words" &
replan=$!
rounds=0
while kill -0 "$replan" 2>/dev/null; do
	submission_ms >>"$top/during"
	rounds=$((rounds + 1))
done
wait "$replan" || { cat "$top/words" >&2 && exit 1; }
took_ms=$(($(_cluster_uptime_ms) - started_ms))
cpu_end=$(cpu_ms)

moved=$(tail -n 1 "$top/moved")
before=$(median <"$top/before")
during=$(median <"$top/during")
printf '%s\n' "$moved"
awk -v jobs="$jobs" -v ms="$took_ms" -v pace="$pace" \
	'BEGIN { printf "%d updates in %.1f s (%.0f a second, %d allowed)\n", jobs, ms / 1000, jobs * 1000 / ms, pace }'
# What the submissions meanwhile cost is known from those before, and taken off.
awk -v used="$cpu_end" -v start="$cpu_start" -v idle="$cpu_idle" -v before="$cpu_before" -v rounds="$rounds" \
	-v rounds_idle="$rounds_idle" -v jobs="$jobs" -v ms="$took_ms" \
	'BEGIN { own = used - start - rounds * (idle - before) / rounds_idle
		if (own <= 0) {
			print "slurmctld: the processor time of updates is lost in that of the submissions; a quieter machine can tell"
			exit
		}
		printf "slurmctld: %.2f ms of processor time an update, %.0f %% of one core meanwhile\n", own / jobs, 100 * own / ms }'
sdiag | awk '/REQUEST_(UPDATE_JOB|JOB_INFO_SINGLE|SUBMIT_BATCH_JOB) / { sub(/^[ \t]*/, ""); print "sdiag: " $0 }'
printf 'a submission: %.2f ms before, %.2f ms during (medians of %d and %d rounds of 20), goal at most twice: ' \
	"$before" "$during" "$(wc -l <"$top/before")" "$(wc -l <"$top/during")"
case $moved in
"$jobs waiting, $jobs forward, "*) ;;
*) echo "not all were moved" && exit 1 ;;
esac
if awk -v before="$before" -v during="$during" 'BEGIN { exit during <= 2 * before }'; then
	echo MISSED
	exit 1
fi
echo kept
