#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The file source, and zones without any provider: typical days that ship with the project.

# shellcheck disable=SC2154 # dir, conf and outlook are set by grid.sh
# shellcheck disable=SC2030,SC2031 # each test is a shell of its own
bats_require_minimum_version 1.8.0
load grid.sh

setup() {
	grid_setup
	cat >"$conf" <<-EOF
		run_dir = "$dir/run"
		state_dir = "$dir/state"
		source "grid" { type = "file" path = "$dir/grid.csv" }
		zone "DE" { sources = {"grid"} }
	EOF
}

teardown() {
	grid_teardown
}

# rows FROM HOURS [COLUMN...]: "time,intensity" lines.
rows() {
	local at
	at=$(date -u -d "$1" +%s)
	for ((i = 0; i < $2; i++)); do
		printf '%s,%d%s\n' "$(date -u -d "@$((at + 3600 * i))" +%FT%TZ)" $((300 + i % 24)) "${3:-}"
	done
}

@test "past and future in one file: history, then forecast, then our own" {
	{ echo time,intensity; rows 2026-03-01T00:00Z 140; } >"$dir/grid.csv"
	run -0 grid_forecast
	[ "$(grid_parts DE | head -2)" = "measured grid 1
forecast grid 26" ]
	[[ "$(grid_parts DE | tail -1)" == "model "*" 69" ]]
	[ "$(grid_point DE 1)" = 317 ]
}

@test "only the past: our own forecast goes on from there" {
	{ echo time,intensity,estimated; rows 2026-02-20T00:00Z 330 ,True; } >"$dir/grid.csv"
	run -0 grid_forecast
	[[ "$(grid_parts DE)" == "estimated grid 1"*"model "*" 95" ]]
}

@test "a download with a byte order mark, CRLF and many zones" {
	{
		printf '\xef\xbb\xbfDatetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),'
		printf 'Carbon intensity gCO₂eq/kWh (Life cycle),Data source,Data estimated\r\n'
		for zone in FR DE; do
			for hour in {0..17}; do
				printf '2026-03-05 %02d:00:00,"A, B",C,%s,20,%d,"x; ""y""",false\r\n' "$hour" "$zone" \
					$((hour + (${#zone} * 50) + $([ "$zone" = FR ] && echo 300 || echo 0)))
			done
		done
	} >"$dir/grid.csv"
	sed -i 's/^zone .*/zone "FR" { sources = {"grid"} }/' "$conf"
	run grid_forecast
	[ "$(grid_parts FR | head -1)" = "measured grid 1" ]
	[ "$(grid_point FR 1)" = 417 ]
}

@test "files that are none: named with line and reason" {
	while IFS='|' read -r text words; do
		printf '%b' "$text" >"$dir/grid.csv"
		run -4 grid_forecast
		[[ "$output" == *"zone DE: grid: $dir/grid.csv: $words"* ]] || { echo "$output"; return 1; }
	done <<-'EOF'
		|empty: no header
		time,power\n2026-03-05T00:00Z,3\n|line 1: no column of intensities
		when,intensity\n2026-03-05T00:00Z,3\n|line 1: no column of times
		time,intensity\n2026-03-05T00:00Z,"3\n|line 2: a quote is never closed
		time,intensity\n2026-03-05T00:00Z,40000\n|1 of 1 rows implausible
		time,intensity\n2026-03-05T00:00Z,\n|no usable value in 1 rows
		time,intensity\nyesterday,300\n|1 of 1 rows implausible
	EOF
}

@test "a file that others may write, or that is missing, is not believed" {
	run -4 grid_forecast
	[[ "$output" == *"$dir/grid.csv: No such file"* ]]
	{ echo time,intensity; rows 2026-03-01T00:00Z 140; } >"$dir/grid.csv"
	chmod 666 "$dir/grid.csv"
	run -4 grid_forecast
	[[ "$output" == *"$dir/grid.csv: writable by others"* ]]
}

@test "no key, no network, no zone: the typical day of DE, marked as a profile" {
	printf 'run_dir = "%s/run"\nstate_dir = "%s/state"\n' "$dir" "$dir" >"$conf"
	run -0 grid_forecast
	[ "$(grid_parts DE)" = "profile profile 96" ]
	run -0 grid_forecast --zone fr --zone US-CAL-CISO --dry-run
	[ "$(grep -c '^zone ' <<<"$output")" = 2 ]
	[[ "$output" == *"zone FR average-lifecycle"* ]]
}

@test "without any configuration --dry-run works for anybody" {
	run -0 "$GRID_FORECASTER" --dry-run --zone GB --zone ZA
	[[ "$output" == *"zone GB average-lifecycle"*"part profile profile"* ]]
}

@test "output that cannot be written is a failure" {
	# shellcheck disable=SC2016 # the inner shell expands it
	run -4 bash -c '"$0" --dry-run >/dev/full' "$GRID_FORECASTER"
	[[ "$output" == *"couldn't print the outlook: No space left on device"* ]]
}

@test "a profile's band is wide and its mean in between" {
	printf 'run_dir = "%s/run"\nstate_dir = "%s/state"\n' "$dir" "$dir" >"$conf"
	run -0 grid_forecast --zone PL
	awk '/^[0-9]/ { seen++; if (!($2 < $1 && $1 < $3)) exit 1 } END { exit seen != 96 }' "$outlook"
}

# A file at $GRID_NOW: the past as it was, and two days ahead that are 40 g/kWh too high.
high_file() {
	local hours=$((($(date -u -d "$GRID_NOW" +%s) - $(date -u -d 2026-02-10T00:00Z +%s)) / 3600 + 1))
	{
		echo time,intensity
		rows 2026-02-10T00:00Z "$hours"
		rows "$(date -u -d "@$(($(date -u -d 2026-02-10T00:00Z +%s) + hours * 3600))" +%FT%TZ)" 48 |
			awk -F, -v skip=$((hours % 24)) '{ print $1 "," 340 + (skip + NR - 1) % 24 }'
	} >"$dir/grid.csv"
}

# run_past RUNS: one each twelve hours, the last of them at 2026-03-01T06:10Z.
run_past() {
	local turn last
	last=$(date -u -d 2026-03-01T06:10Z +%s)
	for ((turn = $1 - 1; turn >= 0; turn--)); do
		GRID_NOW=$(date -u -d "@$((last - turn * 43200))" +%FT%TZ)
		high_file
		grid_forecast
	done
}

@test "a forecast that has been wrong here is mixed with ours by what each was worth, and says so" {
	run run_past 14
	echo "$output"; [ "$status" = 0 ]
	GRID_NOW=2026-03-01T06:10:00Z
	[[ "$(grid_parts DE)" == "measured grid 1
forecast grid+ens "*"model ens "* ]]
	# 07:00 is 307 for ours and in truth, 347 in the file.
	value=$(grid_point DE 2)
	[ "${value%.*}" -ge 307 ] && [ "${value%.*}" -le 320 ]
	# What was mixed is kept and judged like each of the two: nearer to the truth than the file, here.
	[ "$(sqlite3 "$dir/state/carbon.db" "select count(*) > 20 from forecast f join name s on s.id = f.source_id
		join forecast_point p on p.forecast_id = f.id where s.text = 'grid+ens'")" = 1 ]
	theirs=$(awk '/^carbon_zone_forecast_error_percent.*source="grid"/ { print $2 }' "$dir/run/forecaster.prom")
	mixed=$(awk '/^carbon_zone_forecast_error_percent.*source="grid[+]ens"/ { print $2 }' "$dir/run/forecaster.prom")
	awk -v theirs="$theirs" -v mixed="$mixed" 'BEGIN { exit !(mixed != "" && mixed < theirs / 2) }' || {
		echo "$theirs $mixed"; false; }
	# While the provider is away, what was mixed stands in.
	rm "$dir/grid.csv"
	sed -i 's/{"grid"}/{"grid", "profile"}/' "$conf"
	GRID_NOW=2026-03-01T08:10:00Z
	run -1 grid_forecast
	[[ "$(grid_parts DE)" == *"forecast grid+ens "* ]]
}

@test "too short a past of both: the provider's forecast stays as it is" {
	run run_past 5
	echo "$output"; [ "$status" = 0 ]
	[[ "$(grid_parts DE)" == "measured grid 1
forecast grid 48
model ens "* ]]
	[ "$(grid_point DE 2)" = 347 ]
}

@test "metrics tell how far off yesterday's forecasts were, by source" {
	run_past 5
	prom=$dir/run/forecaster.prom
	# 40 too high on 300 to 323 each hour of a day: 12.85 %.
	grep -Fx 'carbon_zone_forecast_error_percent{zone="DE",signal="average-lifecycle",source="grid"} 12.85' "$prom" ||
		{ cat "$prom"; false; }
	ours=$(awk '/^carbon_zone_forecast_error_percent.*source="ens"/ { print $2 }' "$prom")
	awk -v ours="$ours" 'BEGIN { exit !(ours != "" && ours < 3) }'
	# Nothing is that old in the first run of all.
	rm -r "$dir/state" "$dir/run"
	run -0 grid_forecast
	run ! grep -q '^carbon_zone_forecast_error_percent' "$prom"
}

@test "the Grafana board asks for the metrics that are written, all of them and no other" {
	local board=$GRID_SRC/contrib/grafana/slurm-carbon.json
	{ echo time,intensity; rows 2026-03-01T00:00Z 140; } >"$dir/grid.csv"
	run -0 grid_forecast
	python3 -m json.tool "$board" >"$dir/board"
	diff <(sed -n 's/^# TYPE \(carbon_[a-z_]*\) .*/\1/p' "$dir/run/forecaster.prom" | sort -u) \
		<(grep '"expr"' "$dir/board" | grep -oE 'carbon_[a-z_]+' | sort -u)
	run ! grep -oE 'label_values\([a-z_]+' <(grep -v 'label_values(carbon_zone_intensity_g_kwh, zone)' "$dir/board")
}

# The site as it is, but with WAITING jobs counted at COUNTED, and delaying paused until PAUSED.
write_site() {
	"$GRID_BUILD/tests/controller/write_files" "$dir/run" what=site
	python3 - "$dir/run/site" "$@" <<-'END'
		import re, sys, zlib
		path, waiting, counted, paused = sys.argv[1:]
		text = open(path, encoding="ascii").read().rsplit("crc32 ", 1)[0]
		for key, value in (("waiting", waiting), ("jobs_as_of", counted), ("paused_until", paused)):
		    text, times = re.subn(r"(?m)^%s .*$" % key, "%s %s" % (key, value), text)
		    assert times == 1, key
		open(path, "w", encoding="ascii").write(text + "crc32 %08x\n" % zlib.crc32(text.encode()))
	END
}

@test "metrics tell of jobs that wait, of a pause, and of this month's emissions and credits" {
	local prom=$dir/run/forecaster.prom
	mkdir -p "$dir/run" "$dir/state"
	"$GRID_BUILD/tests/cli/fill_ledger" "$dir/state/carbon.db"
	write_site 7 1716195600 1716300000
	run -0 grid_run 2024-05-20T09:10Z --zone FR
	grep -Fx 'carbon_jobs_waiting 7' "$prom"
	grep -Fx 'carbon_jobs_counted_timestamp_seconds 1716195600' "$prom"
	grep -Fx 'carbon_paused_until_timestamp_seconds 1716300000' "$prom"
	# Three kilowatt-hours at 100 g, one of which would have been at 300 g; the fourth is nowhere.
	grep -Fx 'carbon_month_emissions_kg 0.3' "$prom"
	grep -Fx 'carbon_month_timing_credit_kg 0.2' "$prom"
	# What the cluster saved is told only where settle has worked it out, with its bounds; it may be a loss.
	run ! grep -q '^carbon_month_saved_kg\|^carbon_month_others' "$prom"
	sqlite3 "$dir/state/carbon.db" "insert into name (text) values ('beta'); insert into effect (cluster_id, from_at, method,
		to_at, jobs, delayed, blocks, without_g, saved_g, low_g, high_g, others_wait_s, computed_at) select id,
		1714521600, 0, 1716000000, 9, 2, 0, 5000, 150, -250, 550, 61.5, 1716000000 from name where text = 'beta'"
	run -0 grid_run 2024-05-20T09:25Z --zone FR
	grep -Fx 'carbon_month_saved_kg{estimate="best"} 0.15' "$prom"
	grep -Fx 'carbon_month_saved_kg{estimate="low"} -0.25' "$prom"
	grep -Fx 'carbon_month_saved_kg{estimate="high"} 0.55' "$prom"
	grep -Fx 'carbon_month_others_wait_seconds{case="with"} 61.5' "$prom"
	run ! grep -q 'case="without"' "$prom"
	# A pause that is over is none; a month without runs has no sums.
	run -0 grid_run 2024-06-20T09:10Z --zone FR
	grep -Fx 'carbon_paused_until_timestamp_seconds 0' "$prom"
	run ! grep -q '^carbon_month' "$prom"
	# A site that is damaged tells nothing.
	echo >>"$dir/run/site"
	run -0 grid_run 2024-06-20T09:10Z --zone FR
	run ! grep -q '^carbon_jobs' "$prom"
}

# weather_file NOW HOURS FACTOR: seventy days of weather that lasts, and HOURS ahead that are FACTOR times the last day.
weather_file() {
	python3 - "$@" >"$dir/grid.csv" <<-'END'
		import calendar, math, random, sys, time
		now = calendar.timegm(time.strptime(sys.argv[1], "%Y-%m-%dT%H:%M:%SZ")) // 3600 * 3600
		hours, factor = int(sys.argv[2]), float(sys.argv[3])
		random.seed(4711)
		weather, rows = 0.0, []
		for at in range(now - 70 * 86400, now + 3600, 3600):
		    weather = 0.98 * weather + random.gauss(0, 12)
		    rows.append((at, max(20, 300 + 40 * math.cos(at % 86400 * math.pi / 43200) + weather)))
		for i in range(1, hours + 1):
		    rows.append((now + 3600 * i, rows[len(rows) - 24][1] * (factor if i <= 24 else 1)))
		print("time,intensity")
		for at, value in rows:
		    print("%s,%.2f" % (time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(at)), value))
	END
}

# The mean of ours in the first six hours after the first day.
after_a_day() {
	awk '/^[0-9]/ && ++n > 25 && n <= 31 { sum += $1 } END { print int(sum / 6) }' "$outlook"
}

@test "where a short forecast ends, ours goes on from it and not from yesterday" {
	now=2026-03-05T17:10:00Z
	weather_file "$now" 0 1
	run -0 grid_run "$now"
	[ "$(grid_parts DE)" = "measured grid 1
model ens+mo3 95" ]
	alone=$(after_a_day)
	for factor in 1.6 0.6; do
		weather_file "$now" 24 "$factor"
		run -0 grid_run "$now"
		[ "$(grid_parts DE)" = "measured grid 1
forecast grid 24
model ens+mo3:grid 71" ]
		after=$(after_a_day)
		awk -v factor="$factor" -v alone="$alone" -v after="$after" 'BEGIN {
			exit factor > 1 ? after < alone * 1.15 : after > alone * 0.9 }' || { echo "$alone $after"; return 1; }
		# Its band is as wide as that of ours at the same hour.
		awk '/^[0-9]/ && ++n > 30 && !($2 < $1 && $1 < $3) { bad = 1 } END { exit bad }' "$outlook"
	done
	# Kept, to be judged by itself; and ours alone goes on being kept and judged as well.
	[ "$(sqlite3 "$dir/state/carbon.db" "select distinct text from forecast join name on name.id = source_id
		order by text" | tr '\n' ' ')" = "ens+mo3 ens+mo3:grid grid " ]
	# A forecast of a few hours says little, and a profile nothing.
	weather_file "$now" 5 1.6
	run -0 grid_run "$now"
	[[ "$(grid_parts DE)" == *"model ens+mo3 90" ]]
}

@test "carbonctl forecast --accuracy: what goes on behind a short forecast stands by itself" {
	# Weather that repeats itself day by day, so that what was issued can be judged by what the next file holds.
	hour=$(($(date +%s) / 3600 * 3600))
	for ago in 60 36 0; do
		at=$(date -u -d "@$((hour - ago * 3600))" +%FT%H:00Z)
		python3 - "$at" >"$dir/grid.csv" <<-'END'
			import datetime, sys
			at = datetime.datetime.strptime(sys.argv[1], "%Y-%m-%dT%H:%MZ")
			print("time,intensity")
			for i in range(-40 * 24, 25):
			    t = at + datetime.timedelta(hours=i)
			    print(t.strftime("%Y-%m-%dT%H:%MZ"), 300 + 5 * t.hour + (7 if i > 0 else 0), sep=",")
		END
		run -0 grid_run "$at"
	done
	"$GRID_BUILD/tools/carbonctl" -c "$conf" -f csv forecast --accuracy DE >"$dir/out"
	# The file's own reaches a day, and was 7 g off; ours behind it begins after that.
	awk -F, '$3 == "grid" { seen[$5] = $6 > 20 ? $8 : $6 } END {
		exit !(seen[24] > 6.9 && seen[24] < 7.1 && seen[48] == 0 && seen[96] == 0) }' "$dir/out"
	awk -F, '$3 ~ /:grid$/ { seen[$5] = $6 } END { exit !(seen[24] == 0 && seen[48] > 20) }' "$dir/out"
	grep -c '^DE,average-lifecycle,grid,3,96,0,,$' "$dir/out"
	run -0 "$GRID_BUILD/tools/carbonctl" -c "$conf" forecast --accuracy DE
	[[ "$output" == *"by hours ahead"*"25 to 48 h"*"ours:A: our own forecast, going on behind"* ]]
	[[ "${lines[*]}" =~ \ grid\ +3\ +[0-9.]+\ %\ \(7\ g\)\ +-\ +-\ +- ]]
	# Columns stand under their heads, however long a name is.
	awk '/forecasts +1 to/ { head = index($0, "25 to 48"); next }
		/:grid / { seen = substr($0, head - 2, 3) ~ /^  [0-9]$/ } END { exit !seen }' <<<"$output"
}
