# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the controller ring shares: one slurmctld per file with the plugins of the build tree, and the
# two files that they read. To be loaded by bats, which then starts and stops it with setup_file and teardown_file below, where a
# file has none of its own. It must never use an installed plugin.

load ../../contrib/cluster/cluster.sh

: "${CARBON_BUILD:?the build tree; run the tests with make check-slurm}"

# Where tests find their data, and to sbatch what --carbon-data means.
unset CARBON_DATA

# What Slurm prints is local and is read back: no hour may come twice.
export TZ=UTC

# Starts a slurmctld in $dir, with $state as the plugin's folder. Arguments are those of write_files.
# shellcheck disable=SC2120
carbon_start() {
	dir=$(cluster_make_dir)
	state=$dir.carbon
	export dir state
	mkdir -m 755 "$state"
	carbon_files "$@"
	CLUSTER_PLUGIN_DIR=$CARBON_BUILD/plugin/.libs CLUSTER_JOB_SUBMIT=carbon \
		CLUSTER_SPANK="optional $CARBON_BUILD/plugin/.libs/spank_carbon.so" \
		CLUSTER_CTLD_ENV="SLURM_CARBON_DIR=$state" "${CARBON_CLUSTER:-cluster_start_controller}" "$dir"
}

setup_file() {
	# shellcheck disable=SC2119
	carbon_start
}

teardown_file() {
	carbon_stop
}

carbon_stop() {
	[ -n "${dir:-}" ] || return 0
	cluster_down "$dir"
	rm -rf "$state"
}

# Writes site and outlook, and returns when the next submission will see them: the plugin looks at its files
# once in each second of the clock.
carbon_files() {
	rm -rf "${state:?}"/*
	"$CARBON_BUILD/tests/controller/write_files" "$state" "$@" || return 1
	sed -n 's/^written //p' "$state/site" >"$BATS_FILE_TMPDIR/written"
	carbon_next_second
}

carbon_next_second() {
	local second
	second=$(date +%s)
	cluster_wait_until 10 _carbon_is_past "$second"
}

# For everybody: time() of libc, which Slurm and the plugin ask, may be a tick behind what date prints.
_carbon_is_past() { # SECOND
	[ "$(date +%s%3N)" -ge $((($1 + 1) * 1000 + 20)) ]
}

# Submits and prints the job's id; what sbatch says goes to $said.
carbon_submit() { # SBATCH-OPTION...
	sbatch --parsable --output=/dev/null "$@" --wrap true 2>"$dir/said"
}

carbon_said() { # what the last carbon_submit printed for the user
	cat "$dir/said"
}

_carbon_epoch() { # ID FIELD
	date -d "$(cluster_job_field "$1" "$2")" +%s
}

# Seconds between submission and the begin that the job has.
carbon_delay() { # ID
	echo $(($(_carbon_epoch "$1" EligibleTime) - $(_carbon_epoch "$1" SubmitTime)))
}

carbon_begin() { # ID: seconds since the epoch
	_carbon_epoch "$1" EligibleTime
}

carbon_record() { # ID: the record in its AdminComment, or nothing
	cluster_job_field "$1" AdminComment | grep -o '\[carbon/1 [^]]*\]'
}

value() { # ID KEY: out of its record
	carbon_record "$1" | grep -o " $2=[^] ]*" | cut -d= -f2
}

# To three hours after the files were written, for that is when it is clean; at most so long after its submission.
carbon_is_delayed() { # ID
	[ "$(carbon_begin "$1")" -ge $(($(cat "$BATS_FILE_TMPDIR/written") + 10800)) ] && [ "$(carbon_delay "$1")" -le 10800 ]
}

# With the cleanest hours of the outlook; replan takes the next full minute.
carbon_begins_clean() { # ID
	local clean_at begin
	clean_at=$(_carbon_clean_at)
	begin=$(carbon_begin "$1")
	[ "$begin" -ge "$clean_at" ] && [ "$begin" -lt $((clean_at + 60)) ]
}

_carbon_clean_at() {
	awk '/^zone / { sub(/.*start=/, ""); at = $1; next } # then lines of seconds and intensity
		at && NF == 2 && $1 ~ /^[0-9]+$/ { if (!clean_at || $2 < least) { least = $2; clean_at = at } at += $1 }
		END { print clean_at }' "$state/outlook"
}

# As if there were no plugin.
carbon_is_left_alone() { # ID
	[ "$(carbon_delay "$1")" = 0 ] && [ -z "$(carbon_record "$1")" ]
}

carbon_ctld_is_up() {
	scontrol ping | grep -q 'is UP'
}
