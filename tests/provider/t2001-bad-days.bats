#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What may happen to carbon-forecaster on its own machine: killed, started twice, no room, a broken
# or locked database, a clock set back. Whatever it is, an outlook in place is whole.

# shellcheck disable=SC2154 # dir, port, conf, outlook and requests are set by grid.sh
bats_require_minimum_version 1.8.0
load grid.sh

DE='zone "DE" { sources = {"electricitymaps"} }'

setup() {
	grid_setup
	grid_start_server
}

teardown() {
	! mountpoint -q "$dir/run" || umount "$dir/run"
	grid_teardown
}

# The last line is the checksum of all before it.
is_whole() {
	python3 -c 'import sys, zlib
text = open(sys.argv[1], "rb").read()
body, seal = text[:text.rindex(b"crc32 ")], text[text.rindex(b"crc32 "):]
sys.exit(seal != b"crc32 %08x\n" % zlib.crc32(body))' "$1"
}

# How long a run takes, in microseconds.
a_whole_run() {
	local began=${EPOCHREALTIME/./}
	"$GRID_FORECASTER" -c "$conf" --now "$GRID_NOW" --fresh 2>"$dir/out" 3>&-
	echo $((${EPOCHREALTIME/./} - began))
}

@test "killed a hundred times at random moments: never a torn outlook, nothing left over" {
	grid_conf "$DE" 'zone "FR" { sources = {"electricitymaps"} }' 'zone "GB" { sources = {"electricitymaps"} }'
	RANDOM=4711
	killed=0
	# Moments within a run, however fast the machine is just now: a run that ends by itself is
	# the measure for those after it, stretched a little with each kill.
	lasts_us=$(a_whole_run)
	for _ in {1..400}; do
		[ "$killed" -lt 100 ] || break
		"$GRID_FORECASTER" -c "$conf" --now "$GRID_NOW" --fresh 2>"$dir/out" 3>&- &
		pid=$!
		moment_us=$((RANDOM * 32768 % lasts_us))
		read -r -t "$(printf '%d.%06d' $((moment_us / 1000000)) $((moment_us % 1000000)))" <> <(:) || true
		kill -9 "$pid" 2>/dev/null || true
		status=0
		wait "$pid" 2>/dev/null || status=$?
		if [ "$status" -eq 137 ]; then
			killed=$((killed + 1))
			lasts_us=$((lasts_us * 51 / 50))
		else
			[ "$status" -eq 0 ]
			lasts_us=$(a_whole_run)
		fi
		[ ! -e "$outlook" ] || is_whole "$outlook"
		run ! grep -q "not usable" "$dir/out"
	done
	[ "$killed" -eq 100 ]
	# As if one had hit the very moment of writing.
	touch "$dir/run/.outlook.Ab12Cd" "$dir/run/.forecaster.prom.Ab12Cd" "$dir/state/.forecaster.memory.Ab12Cd"
	run -0 grid_forecast
	is_whole "$outlook"
	[ "$(find "$dir/state" -name '.forecaster.memory.*' | wc -l)" = 0 ]
	[ "$(find "$dir/run" -type f | sort | xargs -n1 basename | tr '\n' ' ')" = ".carbon-forecaster.lock forecaster.prom outlook " ]
}

@test "of two at once the second leaves and says so" {
	grid_modes intensity stall
	grid_conf "$DE"
	"$GRID_FORECASTER" -c "$conf" --now "$GRID_NOW" --fresh 2>"$dir/out" 3>&- &
	first=$!
	grid_wait_for "$requests"
	run -3 grid_forecast
	[[ "$output" == *"another carbon-forecaster is at work"* ]]
	kill -9 "$first"
	wait "$first" || true
	rm "$dir/control"
	run -0 grid_forecast
}

@test "no room for the outlook: the old one stays, whole, and the failure is named" {
	grid_conf "$DE"
	run -0 grid_forecast
	before=$(sha256sum "$outlook")
	# SIGXFSZ ignored, a write past the limit fails as on a full disk.
	run -4 bash -c 'trap "" XFSZ; ulimit -f 0; exec "$@"' -- "$GRID_FORECASTER" -c "$conf" --now 2026-03-05T18:10Z
	[[ "$output" == *"$outlook: cannot be written: File too large"* ]]
	[ "$(sha256sum "$outlook")" = "$before" ]
	[ "$(find "$dir/run" -name '.outlook.*' | wc -l)" = 0 ]
}

@test "a full file system: the old outlook stays" {
	[ "$(id -u)" = 0 ] || skip "mounting a small file system needs root"
	mkdir "$dir/run"
	mount -t tmpfs -o size=64k,mode=755 tmpfs "$dir/run" 2>/dev/null || skip "no right to mount here"
	grid_conf "$DE"
	run -0 grid_forecast
	before=$(sha256sum "$outlook")
	dd if=/dev/zero of="$dir/run/ballast" bs=1k 2>/dev/null || true
	run grid_forecast --now 2026-03-05T18:10Z
	after=$(sha256sum "$outlook")
	[ "$status" -eq 4 ]
	[[ "$output" == *"No space left on device"* ]]
	[ "$after" = "$before" ]
}

@test "no room for carbon.db: the outlook is written, and the failure is named" {
	grid_conf "$DE"
	run -1 bash -c 'trap "" XFSZ; ulimit -f 8; exec "$@"' -- "$GRID_FORECASTER" -c "$conf" --now "$GRID_NOW"
	[[ "$output" == *"carbon.db"* || "$output" == *"history is neither read nor kept"* ]]
	[ "$(grid_parts DE | sed -n 2p)" = "forecast electricitymaps 72" ]
}

@test "carbon.db is damaged: named, and the outlook is written from what came" {
	grid_conf "$DE"
	mkdir -p "$dir/state"
	head -c 50000 /dev/urandom >"$dir/state/carbon.db"
	run -1 grid_forecast
	[[ "$output" == *"history is neither read nor kept: "*carbon.db* ]]
	[ "$(grid_parts DE)" = "estimated electricitymaps 1
forecast electricitymaps 72
model mean7 23" ]
}

@test "carbon.db is locked by somebody: the outlook is written at once, history waits for the next run" {
	grid_conf "$DE"
	run -0 grid_forecast
	before=$(sha256sum "$outlook")
	python3 - "$dir/state/carbon.db" "$dir/locked" <<-'EOF' 3>&- &
		import sqlite3, sys, time
		db = sqlite3.connect(sys.argv[1], isolation_level=None)
		db.execute("BEGIN IMMEDIATE")
		open(sys.argv[2], "w").write("locked\n")
		time.sleep(60)
	EOF
	locker=$!
	grid_wait_for "$dir/locked"
	run -1 grid_forecast --now 2026-03-05T18:10Z
	kill "$locker"
	[[ "$output" == *"carbon.db was not brought up to date: "*"another program has been writing"* ]]
	[ "$(sha256sum "$outlook")" != "$before" ]
}

@test "a clock set back a day: said, and a good outlook for the time that is now" {
	grid_conf "$DE"
	run -0 grid_forecast
	run grid_forecast --now 2026-03-04T17:34Z
	[[ "$output" == *"written in the future: was this machine's clock set back?"* ]]
	[[ "$output" == *"clock is 86400 s behind of a provider's"* ]]
	[[ "$output" == *"history: no usable value in 24 rows (24 from the future)"* ]]
	is_whole "$outlook"
}

@test "a last outlook that is damaged or somebody else's is replaced" {
	grid_conf "$DE"
	run -0 grid_forecast
	echo rubbish >>"$outlook"
	run -0 grid_forecast
	[[ "$output" == *"the last outlook is not usable and will be replaced"* ]]
	is_whole "$outlook"
}

@test "folders that cannot be made: named" {
	grid_conf "$DE"
	touch "$dir/run"
	run -4 grid_forecast
	[[ "$output" == *"$dir/run"* ]]
}

@test "one zone asked: the others keep what the last outlook says" {
	grid_conf "$DE" 'zone "FR" { sources = {"electricitymaps"} }'
	run -0 grid_forecast
	french=$(grep '^part' "$outlook" | tail -3 | cut -d' ' -f1-4)
	: >"$requests"
	run -0 grid_forecast --zone DE
	[ "$(grid_requests '"zone": "FR"')" = 0 ]
	[ "$(grid_parts FR | wc -l)" = 3 ]
	[ "$(grep '^part' "$outlook" | tail -3 | cut -d' ' -f1-4)" = "$french" ]
	run -2 grid_forecast --zone XX
	[[ "$output" == *'zone "XX" is not configured and has no profile (there are: AU-NSW,'* ]]
}

@test "--every: runs again and again, and ends at once when asked to" {
	grid_stop_server
	GRID_NOW='' grid_start_server
	grid_conf "$DE"
	"$GRID_FORECASTER" -c "$conf" --every 5m 2>"$dir/out" 3>&- &
	pid=$!
	grid_wait_for "$outlook"
	kill -TERM "$pid"
	SECONDS=0
	wait "$pid" || true
	[ "$SECONDS" -lt 5 ]
	run -2 grid_forecast --every 5m
	[[ "$output" == *"does not go with --every"* ]]
}

@test "options and configuration that make no sense are said to" {
	grid_conf 'zone "DE" { sources = {"electricitymaps"} }'
	run -2 "$GRID_FORECASTER" -c "$conf" --now yesterday
	[[ "$output" == *'--now "yesterday": not a time such as'* ]]
	run -2 "$GRID_FORECASTER" -c "$conf" --every=-3h
	run -2 "$GRID_FORECASTER" -c "$dir/none.conf"
	[[ "$output" == *"$dir/none.conf: No such file or directory"* ]]
	sed -i 's/source "electricitymaps" {/source "electricitymaps" { type = "oracle"/' "$conf"
	run -2 grid_forecast
	[[ "$output" == *'source "electricitymaps": type "oracle" unknown (known: electricitymaps, '* ]]
	[ ! -e "$outlook" ]
}

# The value of a metric whose line begins with NAME.
metric() {
	awk -v name="$1" 'index($0, name) == 1 { print $NF; exit }' "$dir/run/forecaster.prom"
}

@test "metrics: written after every run, the failed one too, and sound" {
	grid_conf "$DE" 'zone "FR" { sources = {"electricitymaps"} }'
	grid_modes 'history.*zone=DE' nulls
	run -0 grid_forecast
	[ "$(metric carbon_forecaster_exit_code)" = 0 ]
	[ "$(metric carbon_forecaster_requests)" = 5 ]
	[ "$(metric carbon_outlook_written_timestamp_seconds)" = 1772732040 ]
	[ "$(metric 'carbon_zone_intensity_g_kwh{zone="DE",signal="average-lifecycle"}')" = "$(grid_point DE 1)" ]
	[ "$(metric 'carbon_forecaster_rows_left_out{zone="DE",source="electricitymaps"}')" = 1 ]
	[ "$(metric 'carbon_forecaster_rows_left_out{zone="FR",source="electricitymaps"}')" = 0 ]
	grep -q 'issued_timestamp_seconds{zone="FR",signal="average-lifecycle",source="mean7",kind="model"} ' "$dir/run/forecaster.prom"
	run ! grep -qvE '^(# (HELP|TYPE) carbon_[a-z_]+ .*|carbon_[a-z_]+(\{([a-z]+="[^"\]+",?)+\})? -?[0-9.]+)$' "$dir/run/forecaster.prom"
	grid_modes intensity nodata
	run -4 grid_forecast --now 2026-03-05T18:10Z
	[ "$(metric carbon_forecaster_exit_code)" = 4 ]
	[ "$(metric carbon_outlook_written_timestamp_seconds)" = 1772732040 ]
	[ "$(metric 'carbon_forecaster_failure{zone="DE",source="electricitymaps",kind="empty"}')" = 1 ]
	rm "$dir/run/forecaster.prom"
	run -4 grid_forecast --dry-run
	[ ! -e "$dir/run/forecaster.prom" ]
}
