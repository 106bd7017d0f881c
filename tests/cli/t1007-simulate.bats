#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck disable=SC2154 # run --separate-stderr sets stderr
#
# carbonctl simulate: on a grid that was made up here and repeats every day, clean from noon to six.

load helper

setup() {
	carbon_setup
	grid >XX.csv
	# ten runs of two hours, each submitted at six in the morning
	{
		echo "submit,runtime_s,limit_s,nodes,power_w,user,name"
		for day in 10 11 12 13 14 15 16 17 18 19; do
			echo "2023-02-${day}T06:00:00Z,7200,14400,1,1000,ada,train"
		done
	} >jobs.csv
}

# CSV of sixty days: 100 g/kWh from noon to six, else 400
grid() {
	echo "time,intensity"
	python3 - <<-'END'
		import datetime
		at = datetime.datetime(2023, 1, 1)
		for i in range(60 * 24):
		    now = at + datetime.timedelta(hours=i)
		    print(now.strftime("%Y-%m-%dT%H:%MZ"), 100 if 12 <= now.hour < 18 else 400, sep=",")
	END
}

simulate() {
	carbonctl simulate --jobs=jobs.csv --intensity=XX.csv "$@"
}

@test "as JSON: the stable names, and sums that can be done by hand" {
	simulate --policy=immediate,lowest-window --delay=12h --forecast=yesterday --runtime=exact -f json >out
	for member in policy jobs energy_kwh emissions_kg saved_percent credit_percent of_clairvoyant_percent wait_mean_s \
		wait_p95_s others_wait_mean_s utilisation deadlines_missed; do
		[ "$(json out "'$member' in d['policies'][0]")" = True ]
	done
	[ "$(json out '[(p["policy"], p["jobs"], p["energy_kwh"], p["emissions_kg"]) for p in d["policies"]]')" = \
		"[('immediate', 10, 20, 8), ('lowest-window', 10, 20, 2)]" ]
	[ "$(json out '[d["policies"][1][m] for m in ("saved_percent", "of_clairvoyant_percent", "wait_mean_s", "deadlines_missed")]')" = \
		"[75, 100, 21600, 0]" ]
	[ "$(json out 'd["policies"][1]["others_wait_mean_s"], d["policies"][1]["utilisation"]')" = "(None, None)" ]
}

@test "as text: policies side by side" {
	run -0 simulate --runtime=exact
	[[ ${lines[0]} = "Zone XX: 10 jobs, 20 kWh; 10 may wait 1 d, forecast model, run times exact" ]]
	[[ $output = *immediate*8.00\ kg*0.0*lowest-window*2.00\ kg*75.0*100.0* ]]
}

@test "our own forecast, decided again each hour, finds the same window" {
	simulate --policy=lowest-window --runtime=limit --replan=1h -f json >out
	[ "$(json out 'd["policies"][0]["saved_percent"], d["policies"][0]["wait_p95_s"], d["replan_s"]')" = "(75, 21600, 3600)" ]
}

@test "on one node the cluster effect is what the replay says" {
	simulate --policy=lowest-window --runtime=exact --nodes=1 -f json >out
	[ "$(json out 'd["policies"][0]["saved_percent"], d["policies"][0]["of_clairvoyant_percent"]')" = "(75, 100)" ]
	[ "$(json out 'd["policies"][0]["utilisation"] > 0')" = True ]
}

@test "several zones are run one after the other, or the one that was named" {
	sed 's/,400$/,200/' XX.csv >YY.csv
	simulate --intensity=YY.csv --policy=lowest-window --runtime=exact --forecast=perfect -f json >out
	[ "$(json out '[(p["zone"], p["saved_percent"]) for p in d["policies"]]')" = "[('XX', 75), ('YY', 50)]" ]
}

@test "a zone that is named gets nothing of a file named after another, and a file of any other name is its own" {
	sed 's/,[0-9]*$/,1000/' XX.csv >YY.csv
	run -0 --separate-stderr simulate --intensity=YY.csv --zone=XX --policy=immediate --runtime=exact -f json
	json <(echo "$output") '[(p["zone"], p["emissions_kg"]) for p in d["policies"]]' >numbers
	[ "$(cat numbers)" = "[('XX', 8)]" ]
	[[ $stderr = *"left out 1440 rows of files that are named after other zones than XX"* ]]
	run -0 --separate-stderr simulate --intensity=YY.csv --zone=YY --policy=immediate --runtime=exact -f json
	json <(echo "$output") '[(p["zone"], p["emissions_kg"]) for p in d["policies"]]' >numbers
	[ "$(cat numbers)" = "[('YY', 20)]" ]
	mv XX.csv history.csv
	run -0 --separate-stderr carbonctl simulate --jobs=jobs.csv --intensity=history.csv --zone=XX --policy=immediate --runtime=exact -f json
	[[ $stderr = *"1440 rows of files without a column of zones are taken for XX"* ]]
	json <(echo "$output") '[(p["zone"], p["emissions_kg"]) for p in d["policies"]]' >numbers
	[ "$(cat numbers)" = "[('XX', 8)]" ]
}

@test "a trace without dates begins at --from, and hours are hours" {
	printf 'arrival_time,length,cpus\n0,1,1\n24.5,2,4\n' >jobs.csv
	run -0 --separate-stderr simulate --from=2023-02-01T06:00Z --unit=h --forecast=perfect --runtime=exact --policy=immediate -f json
	json <(echo "$output") 'd["policies"][0]["jobs"], d["policies"][0]["energy_kwh"]' >numbers
	[ "$(cat numbers)" = "(2, 9)" ]
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr = *"2 jobs tell no power: 1000 W a node are assumed"* ]]
}

@test "a trace that tells neither limits nor users is taken as known, and said to be" {
	printf 'arrival_time,length,cpus\n0,2,1\n24,2,1\n' >jobs.csv
	run -0 --separate-stderr simulate --from=2023-02-01T06:00Z --unit=h --forecast=yesterday --policy=lowest-window
	[[ ${lines[0]} = *"forecast yesterday, run times exact" ]]
	[[ $output = *lowest-window*75.0* ]]
	[[ $stderr = *"jobs.csv tells neither time limits nor users: run times are taken as known (--runtime=exact)"* ]]
	run -0 --separate-stderr simulate --from=2023-02-01T06:00Z --unit=h --runtime=habit --policy=lowest-window
	[[ $stderr = *"zone XX: of 2 jobs nobody can say how long they run: they start at once"* ]]
	[[ $stderr != *"tells neither"* ]]
}

@test "jobs at the begin of the intensity have no forecast, then a poor one, and that is said" {
	printf 'arrival_time,length,cpus\n0,2,1\n54,2,1\n1200,2,1\n' >jobs.csv
	run -0 --separate-stderr simulate --unit=h --policy=lowest-window -f json
	[[ $stderr = *"zone XX: 1 jobs came before a day of intensity was known: no forecast, they start at once"* ]]
	[[ $stderr = *"zone XX: for 1 jobs our own forecast knew less than a month of intensity"* ]]
	json <(echo "$output") 'd["policies"][0]["jobs"], d["policies"][0]["saved_percent"] > 40' >numbers
	[ "$(cat numbers)" = "(3, True)" ]
}

@test "what is left out is said, with its number and line" {
	sed -i '/2023-02-12T0[0-9]/d' XX.csv
	cat >>jobs.csv <<-'END'
		2023-02-11T06:00:00Z,-5,14400,1,1000,ada,train
		2023-02-11T06:00:00Z,,14400,1,1000,ada,train
		2024-02-11T06:00:00Z,60,14400,1,1000,ada,train
	END
	run -0 --separate-stderr simulate --policy=immediate --forecast=perfect --runtime=exact --delay=6h
	[[ $stderr = *"jobs.csv: left out 1 rows with a negative time or size (the first: line 12)"* ]]
	[[ $stderr = *"jobs.csv: left out 1 rows without submit or run time (the first: line 13)"* ]]
	[[ $stderr = *"zone XX: left out 1 jobs that run outside the intensity data"* ]]
	[[ $stderr = *"zone XX: left out 1 jobs that could run in a gap of the intensity data"* ]]
	[[ ${lines[0]} = "Zone XX: 9 jobs,"* ]]
}

@test "wrong options and files are refused with one sentence" {
	fails 2 "carbonctl simulate: --jobs=FILE and --intensity=FILE are needed (see carbonctl simulate --help)" \
		carbonctl simulate --jobs=jobs.csv
	fails 2 "carbonctl simulate: --flexible=1.5: not a number from 0 to 1 (see carbonctl simulate --help)" \
		simulate --flexible=1.5
	fails 2 "carbonctl simulate: --forecast=crystal unknown (known: model, perfect, ens, mean7, yesterday, lastweek, last) (see carbonctl simulate --help)" \
		simulate --forecast=crystal
	fails 2 "carbonctl simulate: --delay=-3h: not a duration, such as 90m, 12h or 2-00:00:00 (see carbonctl simulate --help)" \
		simulate --delay=-3h
	fails 2 "carbonctl simulate: --nodes=1.5: not a whole number from 1 to 16777216 (see carbonctl simulate --help)" simulate --nodes=1.5
	fails 2 "carbonctl simulate: --idle-power counts only with --nodes=N (see carbonctl simulate --help)" simulate --idle-power=90
	fails 1 "carbonctl simulate: jobs.csv: no job was submitted between --from and --to: the first one was at 2023-02-10T06:00:00Z, \
the last at 2023-02-19T06:00:00Z" simulate --from=2023-02-20
	run -2 simulate --policy=greedy
	[[ $output = *'--policy: "greedy" unknown (known: immediate, lowest-window, '* ]]
	cp jobs.csv many.csv
	echo "2023-02-18T06:00:00Z,60,,,,," >>many.csv
	echo "2023-02-19T06:00:00Z,soon,,,,," >>jobs.csv
	fails 1 'carbonctl simulate: jobs.csv:12: runtime_s is "soon", not a number up to 1e15' simulate
	printf 'submit,runtime_s\n1675231200,-3\n1675231200,\n' >bad.csv
	run -1 --separate-stderr carbonctl simulate --jobs=bad.csv --intensity=XX.csv
	[[ $stderr = *"bad.csv: left out 1 rows with a negative time or size (the first: line 2)"* ]]
	[[ $stderr = *"bad.csv: no job that can be used (2 rows left out)" ]]
	printf 'time,intensity\n2023-02-19T06:00Z,300\n2023-02-19T08:00Z,300\n' >ZZ.csv
	fails 1 "carbonctl simulate: zone ZZ: none of 11 jobs lies within the intensity data, 2023-02-19T06:00:00Z to \
2023-02-19T09:00:00Z (10 outside, 1 could meet a gap: a value holds for an hour at most)" carbonctl simulate --jobs=many.csv --intensity=ZZ.csv
	printf 'time,intensity\n1999-01-01,300\n2023-01-01,2001\n' >ZZ.csv
	fails 1 "carbonctl simulate: no intensity in the files given: of 2 rows 2 have no usable time (from 2000 on) or value (0 to 2000 g/kWh)" \
		carbonctl simulate --jobs=jobs.csv --intensity=ZZ.csv
	fails 1 "carbonctl simulate: XX.csv: line 1: no column of average-direct intensities" simulate --signal=average-direct
}

@test "every policy has its paragraph in slurm-carbon(7)" {
	run -2 simulate --policy=unknown
	names=$(sed -n 's/.*(known: \(.*\)) (see.*/\1/p' <<<"$output" | tr -d ,)
	[ "$(wc -w <<<"$names")" -ge 6 ]
	for name in $names; do
		sed -n '/^\.SH POLICIES/,/^\.SH NOTES/p' "$CARBON_SRC/doc/slurm-carbon.7" | sed 's/\\-/-/g' | grep -q "^\.B $name\$"
	done
}
