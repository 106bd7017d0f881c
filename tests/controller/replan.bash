# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests of carbonctl on a slurmctld that runs our plugin: one carbon.conf whose run_dir is the plugin's
# folder, so that what carbonctl writes is what the plugin reads. To be loaded after carbon.bash, whose setup_file it replaces.

setup_file() {
	export TZ=UTC
	# shellcheck disable=SC2119
	carbon_start_with_conf
}

# shellcheck disable=SC2120
carbon_start_with_conf() { # ARGUMENTS of write_files
	# shellcheck disable=SC2034
	CLUSTER_PARTITIONS="PartitionName=batch Nodes=ALL Default=YES DefaultTime=60 MaxTime=7-0 State=UP"
	carbon_start "$@"
	# shellcheck disable=SC2119
	carbon_conf
}

# shellcheck disable=SC2120,SC2154 # a test gives it lines
carbon_conf() { # LINE...: carbon.conf, these lines first
	printf '%s\n' "$@" >"$state/carbon.conf"
	cat >>"$state/carbon.conf" <<-EOT
		default_delay = "12h"
		scheduling_slack = "1m"
		min_saving_percent = 1
		min_saving_g = 0.1
		updates_per_second = 1000
		partition "*" { zone = "DE" }
		state_dir = "$state"
		run_dir = "$state"
	EOT
	grep -q ^level "$state/carbon.conf" || sed -i '1i level = "default"' "$state/carbon.conf"
	chmod 644 "$state/carbon.conf"
}

ctl() {
	"$CARBON_BUILD/tools/carbonctl" -c "$state/carbon.conf" "$@"
}

# No job, and configuration, outlook and site as they were first.
# shellcheck disable=SC2119
carbon_begin_anew() {
	carbon_cancel_all
	carbon_conf
	carbon_forecast_anew
}

# The outlook as it was first, carbon.conf as it is now, and the plugin will see both.
# shellcheck disable=SC2119
carbon_forecast_anew() {
	carbon_outlook
	ctl apply 2>/dev/null
	carbon_next_second
}

replan() { # OPTION...: its last line; what it warns of goes to $dir/err
	# shellcheck disable=SC2154
	ctl replan "$@" 2>"$dir/err" | tail -n 1
}

# Not by user: Slurm 26.05 takes nobody's uid for none.
carbon_cancel_all() {
	scancel --state=PENDING
	scancel --state=RUNNING
	cluster_wait_until 10 _carbon_queue_is_empty
}

_carbon_queue_is_empty() {
	[ -z "$(squeue -h -t PENDING)" ]
}

# The outlook changes, and the plugin's site stays.
# shellcheck disable=SC2120,SC2154
carbon_outlook() { # KEY=VALUE...
	"$CARBON_BUILD/tests/controller/write_files" "$state" what=outlook "$@"
}

carbon_begins_now() { # ID: it waits for a node and no longer for a time
	local begin
	begin=$(carbon_begin "$1")
	[ "$begin" -le $(($(date +%s) + 1)) ] && [ "$begin" -ge "$(cat "$BATS_FILE_TMPDIR/written")" ]
}

# What carbonctl settle keeps of a guard that has found others to wait too long.
# shellcheck disable=SC2154
carbon_verdict() { # SECONDS-FROM-NOW: delaying is paused until then
	python3 - "$state/bystanders" "$(date +%s)" "$1" <<-'EOT'
		import sys, zlib
		now = int(sys.argv[2])
		text = "carbon-bystanders 1\nchecked=%d from=%d jobs=120 wait=720 without=60 paused=%d until=%d\n" % (
			now, now - 86400, now - 60, now + int(sys.argv[3]))
		open(sys.argv[1], "w").write(text + "crc32 %08x\n" % zlib.crc32(text.encode()))
	EOT
	chmod 644 "$state/bystanders"
}
