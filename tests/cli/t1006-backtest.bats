#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl backtest: on a grid that was made up here and repeats every day, so that yesterday is always right.

load helper

setup() {
	carbon_setup
	grid 2023-01-01 60 >de.csv
}

# grid FIRST-DAY DAYS [STEPS-AN-HOUR]: CSV, 100 g/kWh at midnight and 10 more each hour
grid() {
	python3 - "$1" "$2" "${3:-1}" <<-'END'
		import datetime, sys
		at = datetime.datetime.fromisoformat(sys.argv[1])
		steps = int(sys.argv[3])
		print("time,intensity")
		for i in range(int(sys.argv[2]) * 24 * steps):
		    now = at + datetime.timedelta(hours=i / steps)
		    print(now.strftime("%Y-%m-%dT%H:%MZ"), 100 + 10 * now.hour, sep=",")
	END
}

backtest() {
	carbonctl backtest --zone=DE --from=2023-01-21 --to=2023-02-20 "$@"
}

@test "as JSON: every model, every horizon, the band of ours" {
	backtest --intensity=de.csv -f json >out
	[ "$(json out 'd["zone"], d["origins"], d["skipped"]')" = "('DE', 27, 0)" ]
	[ "$(json out '[*d["models"]]')" = "['ours', 'last', 'yesterday', 'lastweek', 'mean7', 'ens']" ]
	[ "$(json out '[[*m["mape"]] == [*m["mae"]] == ["24", "48", "72", "96"] for m in d["models"].values()]')" = \
		"[True, True, True, True, True, True]" ]
	[ "$(json out 'd["models"]["yesterday"]["mape"]["96"], d["models"]["last"]["mae"]["24"]')" = "(0, 115)" ]
	[ "$(json out '0 <= d["models"]["ours"]["coverage80"] <= 100')" = True ]
	[ "$(json out '"jobs" in d')" = False ]
}

@test "as text: the same numbers" {
	run -0 --separate-stderr backtest --intensity=de.csv
	[ -z "$stderr" ]
	[ "${lines[0]}" = "DE, 2023-01-21T00:00:00Z to 2023-02-20T00:00:00Z: 27 forecasts, one every 24 h" ]
	[[ $output = *$'\nyesterday        0.0     0.0     0.0     0.0       0.0 '* ]]
	[[ $output != *jobs* ]]
}

@test "jobs that wait: by the day that repeats, all that can be saved" {
	backtest --intensity=de.csv --delay=23h --runtime=1h --replan=1h -f json >out
	[ "$(json out 'd["jobs"]["runtime_h"], d["jobs"]["delay_h"], d["jobs"]["replan_h"]')" = "(1, 23, 1)" ]
	[ "$(json out 'd["models"]["yesterday"]["share_percent"], d["models"]["yesterday"]["replan_share_percent"]')" = \
		"(100, 100)" ]
	[ "$(json out 'd["models"]["last"]["saved_percent"]')" = 0 ]
	run -0 backtest --intensity=de.csv --delay=24h
	[[ $output = *" jobs of 4 h that may wait 24 h: knowing the future saves "* ]]
}

@test "several files are one history, finer steps are averaged, other zones left out" {
	backtest --intensity=de.csv -f json >whole
	grid 2023-01-01 30 4 >a.csv
	{
		echo "time,zone,intensity"
		grid 2023-01-31 30 | sed '1d; s/,/,DE,/'
		grid 2023-01-01 60 | sed '1d; s/,.*/,FR,77/'
	} >b.csv
	backtest --intensity=a.csv b.csv -f json >parts
	cmp whole parts
	backtest --intensity=a.csv --intensity=b.csv -f json >parts
	cmp whole parts
}

@test "what came after --to changes nothing" {
	backtest --intensity=de.csv --delay=24h -f json >before
	sed -i '/^2023-02-2/s/,.*/,900/; /^2023-03/s/,.*/,900/' de.csv
	backtest --intensity=de.csv --delay=24h -f json >after
	cmp before after
}

@test "mistakes are named" {
	fails 2 "carbonctl backtest: --intensity=FILE is missing (see carbonctl backtest --help)" backtest
	fails 2 "carbonctl backtest: --zone=ZONE is missing (see carbonctl backtest --help)" \
		carbonctl backtest --intensity=de.csv
	fails 2 "carbonctl backtest: --from=2023: not a full hour, such as 2023-01-01 or 2023-01-01T06:00Z (see carbonctl backtest --help)" \
		backtest --intensity=de.csv --from=2023
	fails 2 "carbonctl backtest: --every=20m: not a whole number of hours, such as 24h (see carbonctl backtest --help)" \
		backtest --intensity=de.csv --every=20m
	fails 2 "carbonctl backtest: --runtime and --replan are about jobs that wait: --delay=TIME is missing (see carbonctl backtest --help)" \
		backtest --intensity=de.csv --replan=1h
	fails 2 "carbonctl backtest: --signal=green unknown (known: average-lifecycle, average-direct, marginal) (see carbonctl backtest --help)" \
		backtest --intensity=de.csv --signal=green
	fails 1 "carbonctl backtest: none.csv: No such file or directory" backtest --intensity=none.csv
	fails 1 "carbonctl backtest: --from and --to must be in order and within what the files hold: 2023-01-01T00:00:00Z to 2023-03-01T23:00:00Z" \
		backtest --intensity=de.csv --to=2023-04-01
	fails 1 "carbonctl backtest: delay 95 h and run time 4 h reach past the horizon of 96 h" \
		backtest --intensity=de.csv --delay=95h
	fails 1 "carbonctl backtest: history: 5 known hours, a forecast needs 24" \
		backtest --intensity=de.csv --from=2023-01-01T05:00Z
}
