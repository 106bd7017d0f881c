#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The books on a real slurmdbd: jobs run, carbonctl settle writes the ledger, carbonctl report prints it. Odd
# rows are made in slurmdbd's own tables. Needs no plugin of ours: records are written by scontrol.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load plain

# 400 g/kWh until half an hour ago, 100 since; one core draws a kilowatt. The file source reads it into carbon.db.
start_books() {
	local now
	now=$(date +%s)
	{
		echo time,intensity
		for minutes in 600 540 480 420 360 300 240 180 120 60; do
			echo "$(date -u -d "@$((now - minutes * 60))" +%FT%TZ),400"
		done
		for minutes in 30 20 10 0; do
			echo "$(date -u -d "@$((now - minutes * 60))" +%FT%TZ),100"
		done
	} >grid.csv
	plain_conf <<-END
		source "grid" {
			type = "file"
			path = "$PWD/grid.csv"
		}
		zone "DE" { sources = {"grid"} }
		partition "batch" {
			zone = "DE"
			core_w = 1000
			dram_w_gb = 0
			pue = 1
		}
	END
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c carbon.conf
}

reports() { # EXPRESSION: of the months' reports
	books_reports state "$1" carbonctl
}

record() { # BASELINE BEGIN
	echo "[carbon/1 at=$1 level=opt-in delayed=1 base=$1 begin=$2 latest=$(($2 + 86400)) run=60 runby=limit w=1000 g=2 baseg=7 highg=3 signal=average-lifecycle kind=forecast issued=$1 source=grid zone=DE part=batch policy=lowest-window]"
}

in_dbd() { # ID STATE [COUNT]; slurmdbd may hear of a short job's end before it has all of its start
	[ "$(sacct -DnXP -S now-1hour -j "$1" -o State,Partition | grep -cE "^$2[^|]*\|.")" -eq "${3:-1}" ]
}

is_past() { # TIME
	[ "$(date +%s)" -gt "$(date -d "$1" +%s)" ]
}

@test "jobs of every kind go into the ledger once, and the report adds them up" {
	CLUSTER_NODES=2
	CLUSTER_PARTITIONS=$'PartitionName=batch Nodes=ALL Default=YES DefaultTime=5 State=UP\nPartitionName=old Nodes=ALL DefaultTime=5 State=UP'
	CLUSTER_USERS='root mail games'
	cluster_start_full "$dir"
	start_books
	now=$(date +%s)

	delayed=$(cluster_as mail sbatch --parsable -H -o /dev/null --wrap 'sleep 2')
	scontrol update jobid="$delayed" AdminComment="$(record $((now - 7200)) "$now")"
	# long enough at first that it cannot end by itself while it is requeued: then its second run would fail
	# shellcheck disable=SC2016
	requeued=$(cluster_as mail sbatch --parsable --requeue -o /dev/null --wrap 'sleep $((${SLURM_RESTART_COUNT:-0} ? 3 : 100))')
	array=$(cluster_as mail sbatch --parsable --array=1-2 -o /dev/null --wrap 'sleep 1')
	lost=$(cluster_as mail sbatch --parsable -p old -o /dev/null --wrap 'sleep 1')
	fired=$(cluster_as games sbatch --parsable -o /dev/null --wrap 'sleep 1')
	cancelled=$(cluster_as mail sbatch --parsable -H -o /dev/null --wrap true)
	scancel "$cancelled"
	cluster_wait_job 30 "$requeued" RUNNING
	carbonctl settle >settled # keeps the record of the job that waits
	scontrol update jobid="$delayed" AdminComment="written over by somebody"
	scontrol requeue "$requeued"
	scontrol release "$delayed"
	cluster_wait_job 60 "$requeued" PENDING # before its first run is cleared away a second one may fail,
	cluster_wait_until 10 is_past "@$(date +%s)" # and sometimes in that very second
	cluster_wait_until 30 scontrol update jobid="$requeued" StartTime=now
	for id in "$delayed" "$lost" "$fired"; do
		cluster_wait_job 60 "$id" COMPLETED
	done
	cluster_wait_until 20 in_dbd "$delayed" COMPLETED
	cluster_wait_until 20 in_dbd "$array" COMPLETED 2
	cluster_wait_job 180 "$requeued" COMPLETED
	cluster_wait_until 20 in_dbd "$requeued" COMPLETED
	endless=$(cluster_as mail sbatch --parsable -o /dev/null --wrap 'sleep 300')
	cluster_wait_job 30 "$endless" RUNNING
	cluster_wait_until 20 in_dbd "$endless" RUNNING
	cluster_wait_until 20 scontrol delete partitionname=old
	sacctmgr -iQ delete user games

	carbonctl settle >settled 2>odd
	cat settled odd
	grep -q '^1 have not ended yet' settled
	grep -q "job $lost of throwaway (partition old, user mail): partition gone" odd
	[ -z "$(ledger JobID "JobIDRaw = $cancelled OR JobIDRaw = $endless")" ]

	# one row for each segment, all of the same job
	[ "$(ledger 'count(*), count(DISTINCT JobIDRaw)' "JobIDRaw = $requeued")" = "2|1" ]
	[ "$(ledger JobID "JobID LIKE '${array}_%'" | sort | tr '\n' ' ')" = "${array}_1 ${array}_2 " ]
	[ "$(ledger 'User, Account, QOS, Partition, NCPUS' "JobIDRaw = $fired")" = "games|science|normal|batch|1.0" ]

	# at a kilowatt and 100 instead of 400 g/kWh each second is worth 300/3600 g
	[ "$(ledger 'delayed, policy, intensity_method' "JobIDRaw = $delayed")" = "1|lowest-window|settled" ]
	[ "$(ledger 'abs(credit_g - ElapsedRaw * 300.0 / 3600) < 1e-6, abs(mass_g - ElapsedRaw * 100.0 / 3600) < 1e-6' \
		"JobIDRaw = $delayed")" = "1|1" ]

	# old has no zone: its energy counts, its emissions are unknown
	[ "$(ledger 'energy_kwh > 0, mass_g IS NULL, odd' "JobIDRaw = $lost")" = "1|1|8" ]
	[ "$(ledger 'count(DISTINCT JobIDRaw)')" = 6 ]
	# a job that ran in two months is one of each
	[ "$(reports 'add("total", "jobs")')" = "$(ledger 'count(DISTINCT JobIDRaw || substr(End, 1, 7))')" ]
	[ "$(reports 'add("total", "runs"), add("odd_runs", "no_partition")')" = "(7, 1)" ]
	[ "$(reports 'sorted({l["user"] for d in ds for l in d["lines"]})')" = "['games', 'mail']" ]
	[ "$(reports 'all(len(d["lines"]) == len({l["user"] for l in d["lines"]}) for d in ds)')" = True ]
	[ "$(reports 'add("total", "credit", "delayed_jobs"), add("total", "without_emissions_kwh") > 0')" = "(1, True)" ]

	# again: nothing changes; from nothing: the same, but for the record that Slurm has lost
	before=$(ledger 'JobIDRaw, Start, energy_kwh, mass_g, credit_g')
	carbonctl settle >/dev/null 2>&1
	[ "$(ledger 'JobIDRaw, Start, energy_kwh, mass_g, credit_g')" = "$before" ]
	sqlite_totals=$(ledger 'count(*), sum(energy_kwh), sum(mass_g)')
	rm state/carbon.db*
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c carbon.conf
	carbonctl settle --since "$(date -d '-2 hours' +%FT%T)" >/dev/null 2>&1
	[ "$(ledger 'count(*), sum(energy_kwh), sum(mass_g)')" = "$sqlite_totals" ]
}

@test "odd rows of slurmdbd and measured energy" {
	CLUSTER_NODES=1
	cluster_start_full "$dir"
	start_books
	for _ in 1 2 3 4; do
		id=$(cluster_as mail sbatch --parsable --exclusive -t 5 -o /dev/null --wrap 'sleep 2')
	done
	cluster_wait_job 60 "$id" COMPLETED
	for i in 1 2 3 4; do
		cluster_wait_until 20 in_dbd "$i" COMPLETED
	done
	sql 'UPDATE throwaway_job_table SET time_end = time_start - 100 WHERE id_job = 1'
	sql 'UPDATE throwaway_job_table SET tres_alloc = "4=1" WHERE id_job = 2'
	sql 'UPDATE throwaway_job_table SET admin_comment = "[carbon/1 at=x]", time_end = time_start + 12 WHERE id_job = 3'
	# four cores at a kilowatt for 12 s are 48 kJ; 40 kJ were measured
	sql 'UPDATE throwaway_job_table SET time_end = time_start + 12 WHERE id_job = 4'
	sql 'UPDATE throwaway_step_table SET tres_usage_in_tot = "1=2,3=40000" WHERE job_db_inx = (SELECT job_db_inx FROM throwaway_job_table WHERE id_job = 4)'
	cluster_wait_until 60 is_past "$(sacct -nXP -j 4 -o End)"

	carbonctl settle >settled 2>odd
	cat settled odd
	ledger 'JobIDRaw, odd, energy_kwh, measured_kwh, energy_method'
	# slurmdbd hands the first one out as if it had also started at its end, before it was submitted
	[ "$(ledger 'odd, energy_kwh' 'JobIDRaw = 1')" = "64|0.0" ]
	[ "$(ledger 'odd, energy_kwh' 'JobIDRaw = 2')" = "4|0.0" ]
	[ "$(ledger 'odd, energy_method, round(energy_kwh, 6)' 'JobIDRaw = 3')" = "32|model|0.013333" ]
	[ "$(ledger 'odd, energy_method, round(energy_kwh, 6)' 'JobIDRaw = 4')" = "0|measured|0.011111" ]
	[ "$(reports 'add("total", "runs"), sum(sum(d["odd_runs"].values()) for d in ds)')" = "(4, 3)" ]
	# three good runs of one name are a habit of that name and of the user
	grep -qE '^[23] habits learned$' settled
	[ "$(grep -cE "^habit [0-9a-f]{16} $(id -u mail) 3 12 12 0 [0-9]+$" run/habits)" = 2 ]
	rm run/habits
	carbonctl settle --no-habits >settled
	[ "$(grep -c habits settled)" = 0 ] && [ ! -e run/habits ]
	touch blocked && sed -i "s,^run_dir.*,run_dir = \"$PWD/blocked\"," carbon.conf
	run -1 --separate-stderr carbonctl settle
	# shellcheck disable=SC2154 # bats sets it
	[[ $output = *"runs settled"* && $stderr = *"settled, but the habits could not be written: "*"/blocked/habits: "* ]]
}

@test "without slurmdbd, from what slurmctld remembers" {
	CLUSTER_NODES=1
	CLUSTER_WITH_DBD=0
	CLUSTER_PARTITIONS=$'PartitionName=batch Nodes=ALL Default=YES DefaultTime=5 State=UP\nPartitionName=wide Nodes=ALL DefaultTime=5 State=UP'
	cluster_start_full "$dir"
	start_books
	id=$(cluster_as mail sbatch --parsable -t 5 -o /dev/null --wrap 'sleep 2')
	cluster_wait_job 30 "$id" COMPLETED
	cluster_wait_until 10 is_past "$(cluster_job_field "$id" EndTime)"
	run -0 carbonctl settle
	[[ $output = *"1 runs settled"*"there is no slurmdbd"* ]]
	[ "$(ledger 'User, NCPUS, intensity_method')" = "mail|1.0|settled" ]

	# partitions that share nodes are one place
	run -0 --separate-stderr carbonctl advise
	[ -z "$stderr" ]
	[[ $output = *"throwaway, batch,wide (DE): 1 runs on 1 cores"*"Nothing to judge by"* ]]
}

is_asked_for_jobs() { # and has to wait
	sql 'SHOW FULL PROCESSLIST' | grep throwaway_job_table | grep -q 'Waiting for table'
}

# MariaDB dies while settle's question is with it.
lose_database() {
	local locker settle
	sql 'LOCK TABLES throwaway_job_table WRITE; SELECT SLEEP(600)' >/dev/null 2>&1 3>&- &
	locker=$!
	cluster_wait_until 60 is_locked
	carbonctl settle >lost 2>&1 3>&- &
	settle=$!
	cluster_wait_until 60 is_asked_for_jobs
	_cluster_end "$dir" mariadbd KILL
	! wait "$settle" || return 1
	wait "$locker" || true
}

is_locked() {
	sql 'SHOW PROCESSLIST' | grep -q 'SELECT SLEEP'
}

@test "a slurmdbd that does not answer is named, and the ledger stays as it was" {
	CLUSTER_NODES=1
	cluster_start_full "$dir"
	start_books
	carbonctl settle >/dev/null
	before=$(sha256sum state/carbon.db)
	cluster_stop_ctld
	run -1 cluster_impatient timeout 100 "$CARBON_BUILD/tools/carbonctl" -c carbon.conf settle
	[[ $output = *"slurmctld does not answer"* ]]
	cluster_start_ctld
	lose_database
	cat lost
	grep -q 'slurmdbd on .*: its database went away (MariaDB.s error 2013)' lost
	kill "$(cluster_pid slurmdbd)"
	run -1 cluster_impatient timeout 120 "$CARBON_BUILD/tools/carbonctl" -c carbon.conf settle
	[[ $output = *"slurmdbd on "* ]]
	[ "$(sha256sum state/carbon.db)" = "$before" ]
}
