#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Work that can be interrupted, on a whole cluster: a training that writes a checkpoint on the signal and goes on from
# it is requeued for the dirty hours and ends with the right result; what may not be touched is not. The grid of these
# tests turns when they say so.

# shellcheck disable=SC2034,SC2016,SC2154 # cluster.sh reads the CLUSTER_* variables, the jobs expand their own, dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load full
load books

setup_file() {
	full_start_with_work 2
	write_training >"$work/train.py"
}

setup() {
	carbon_conf 'min_runtime = "0m"' 'restart_cost = "3s"'
	grid_is_clean
	ctl apply 2>/dev/null
	rm -f "$work"/run.*
	carbon_next_second
}

teardown() {
	full_clear
}

# Sums the squares of 1 to STEPS, a tenth of a second each until it is to hurry (so that a busy machine has the time that it
# needs to come between); its checkpoint is (step, sum), written on SIGUSR1 alone.
write_training() {
	cat <<-'END'
		import json, os, signal, sys, time
		steps, name = int(sys.argv[1]), sys.argv[2]
		step, total = 0, 0
		if os.path.exists(name + ".ckpt"):
		    step, total = json.load(open(name + ".ckpt"))
		def save(*_):
		    global wanted
		    wanted = True
		wanted = False
		signal.signal(signal.SIGUSR1, save)
		log = open(name + ".log", "a")
		print("segment", os.environ.get("SLURM_RESTART_COUNT", "0"), "from", step, file=log, flush=True)
		while step < steps:
		    time.sleep(0.001 if os.path.exists(name + ".hurry") else 0.1)
		    step += 1
		    total += step * step
		    if wanted:
		        wanted = False
		        json.dump([step, total], open(name + ".tmp", "w"))
		        os.rename(name + ".tmp", name + ".ckpt")
		        print("checkpoint", step, file=log, flush=True)
		open(name + ".result", "w").write(str(total))
	END
}

grid_is_clean() {
	carbon_outlook clean_after=0s clean=100 dirty=800
}

grid_is_dirty() { # until an hour from now
	carbon_outlook clean_after=1h clean=100 dirty=800
}

train() { # STEPS SBATCH-OPTION... -- SCRIPT-LINE...: a batch script of these lines
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	{
		echo '#!/bin/bash'
		printf '%s\n' "$@"
	} >"$work/run.sh"
	cluster_as mail sbatch --parsable -t 600 --carbon-delay=12h --carbon-runtime=5h -o run.out --open-mode=append \
		"${options[@]}" run.sh 2>"$dir/said"
}

has_line() { # FILE REGEX
	grep -q "$2" "$work/$1" 2>/dev/null
}

replan() { # OPTION...: all that it prints
	ctl replan "$@" 2>"$dir/err"
}

state_of() {
	cluster_job_field "$1" JobState
}

restarts() {
	cluster_job_field "$1" Restarts
}

# The dirty hours are over: the job may begin now.
go_on() { # ID
	grid_is_clean
	replan --every 2h >/dev/null
	cluster_wait_job 150 "$1" RUNNING
}

@test "a training makes way for dirty hours, goes on from its checkpoint, and ends with the right result" {
	id=$(train --carbon-interruptible=USR1@2 -- 'trap : USR1' 'python3 train.py 5000 run')
	cluster_wait_until 30 has_line run.log 'segment 0 from 0'
	[ "$(value "$id" notice)" = USR1@2 ]
	[ "$(value "$id" policy)" = segments ]
	first=$(value "$id" at)
	started=$(cluster_job_field "$id" StartTime)
	# the grid is clean for long: nobody is asked to make way
	[[ $(replan) != *"makes way"* ]]
	[ "$(state_of "$id")" = RUNNING ]

	grid_is_dirty
	[[ $(replan --dry-run) = *"$id would make way: goes on from "* ]]
	[ "$(state_of "$id")" = RUNNING ] && [ -z "$(value "$id" cut)" ]
	run -0 replan
	[[ $output = *"$id makes way: goes on from "* ]]
	has_line run.log '^checkpoint'
	cluster_wait_job 60 "$id" PENDING
	[ "$(cluster_job_field "$id" EligibleTime)" = "$(date -d "@$(value "$id" begin)" +%FT%T)" ]
	[ "$(value "$id" begin)" -gt $(($(date +%s) + 3000)) ]
	[ "$(value "$id" cuts)" = 1 ] && [ "$(value "$id" ran)" -ge 2 ]
	cluster_wait_until 60 is_restarted "$id" 1
	# Slurm counts it as submitted anew; the record keeps the first time
	[ "$(value "$id" at)" = "$first" ]
	[[ $(ctl queue) = *"$id"*mail* ]]
	ctl explain "$id"
	ctl explain "$id" | grep -q '^Windows   interrupted once so far'
	[[ $(replan) = *"1 waiting, 0 forward, 0 back, "* ]] # and it is ours to move

	go_on "$id"
	cluster_wait_until 30 has_line run.log 'segment 1 from [1-9]'
	cluster_as mail touch run.hurry
	cluster_wait_job 60 "$id" COMPLETED
	[ "$(cat "$work/run.result")" = $((5000 * 5001 * 10001 / 6)) ]
	[ "$(restarts "$id")" = 1 ]
	[ "$(grep -c ^segment "$work/run.log")" = 2 ]

	# both segments are in the ledger with their energy. Without us the second had followed the first at once, and its
	# restart had not been: at a constant 400 g/kWh that is all that its credit is
	cluster_wait_until 30 in_dbd "$id" COMPLETED
	settle
	[ "$(ledger 'count(*), min(energy_kwh) > 0, sum(delayed)' "$id")" = "2|1|1" ]
	[ "$(ledger 'credit_g IS NULL' "$id AND delayed = 0")" = 1 ]
	[ "$(ledger 'redo_s, counterfactual_at - baseline_at' "$id AND delayed")" = \
		"5|$(ledger 'end_at - start_at' "$id AND delayed = 0")" ]
	[ "$(ledger 'abs(credit_g + above_w * pue * 400 * 5 / 3.6e6) < 1e-9' "$id AND delayed")" = 1 ]
	ctl explain "$id" | tee "$dir/told"; grep -q '^Outcome   2 runs' "$dir/told"
}

is_restarted() { # ID COUNT
	[ "$(restarts "$1")" = "$2" ]
}

in_dbd() { # ID STATE
	sacct -DnXP -S now-1hour -j "$1" -o State | grep -q "^$2"
}

# A history of 400 g/kWh, in a source of its own, so that the outlook of the test stays.
settle() {
	local hour now
	now=$(date +%s)
	{
		echo time,intensity
		for hour in 6 5 4 3 2 1 0; do
			echo "$(date -u -d "@$((now - hour * 3600))" +%FT%TZ),400"
		done
	} >"$state/grid.csv"
	mkdir -p "$state/history"
	carbon_conf 'source "grid" {' '	type = "file"' "	path = \"$state/grid.csv\"" '}' 'zone "DE" { sources = {"grid"} }'
	sed "s|^run_dir = .*|run_dir = \"$state/history\"|" "$state/carbon.conf" >"$state/history.conf"
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c "$state/history.conf"
	ctl settle >"$dir/settled" 2>&1
}

ledger() { # COLUMNS JOB-AND-CONDITION
	books_rows "$state" "$1" "job_id = $2 ORDER BY start_at" run
}

@test "the script alone is told where it asked for that, and passes it on to what it likes" {
	id=$(train --carbon-interruptible=B:TERM@2 -- "trap 'kill -USR1 \$pid' TERM" 'python3 train.py 5000 run & pid=$!' \
		'while kill -0 $pid 2>/dev/null; do wait $pid; done')
	cluster_wait_until 30 has_line run.log 'segment 0 from 0'
	grid_is_dirty
	[[ $(replan) = *"$id makes way: goes on from "* ]]
	has_line run.log '^checkpoint'
	cluster_wait_until 60 is_restarted "$id" 1
	go_on "$id"
	cluster_as mail touch run.hurry
	cluster_wait_job 60 "$id" COMPLETED
	[ "$(cat "$work/run.result")" = $((5000 * 5001 * 10001 / 6)) ]
}

is_past() { # SECONDS
	[ "$(date +%s)" -ge "$1" ]
}

@test "a step is told as well, and seconds longer than a run waits are kept by the next one" {
	id=$(train --carbon-interruptible=USR1@61 -- 'trap : USR1' 'srun python3 train.py 5000 run')
	cluster_wait_until 30 has_line run.log 'segment 0 from 0'
	grid_is_dirty
	[[ $(replan) = *"$id was signalled, and makes way in the next run: goes on from "* ]]
	cluster_wait_until 10 has_line run.log '^checkpoint'
	[ "$(state_of "$id")" = RUNNING ]
	cut=$(value "$id" cut)
	# the next run, no more than the 60 s that one waits before their end, waits for it and signals nobody again
	cluster_wait_until 10 is_past $((cut + 2))
	[[ $(replan) = *"$id makes way: goes on from "* ]]
	[ "$(date +%s)" -ge $((cut + 61)) ]
	[ "$(grep -c ^checkpoint "$work/run.log")" -le 2 ] # srun may have passed the signal on once more
	cluster_wait_until 60 is_restarted "$id" 1
	[ "$(value "$id" cuts)" = 1 ]
	[ "$(value "$id" ran)" -ge 61 ]
}

@test "a job that ends on the signal is not run again" {
	id=$(train --carbon-interruptible=USR1@3 -- 'trap "exit 0" USR1' 'echo begun >>run.log' 'while :; do sleep 0.2; done')
	cluster_wait_until 30 has_line run.log begun
	grid_is_dirty
	[[ $(replan) = *"$id ended by itself, or changed by somebody"* ]]
	cluster_wait_job 30 "$id" COMPLETED
	[[ $(replan) != *"$id"* ]]
	[ "$(restarts "$id")" = 0 ]
	[ "$(grep -c begun "$work/run.log")" = 1 ]
}

@test "who may not be requeued, did not ask, or is switched off, is never touched" {
	fixed=$(train --carbon-interruptible=USR1@1 --no-requeue -- 'sleep 600')
	grep -q 'carbon: it will not be interrupted: --no-requeue was given' "$dir/said"
	plain=$(train -- 'sleep 600')
	later=$(train --carbon-interruptible=USR1@1 -- 'trap : USR1' 'echo >run.ready' 'while :; do sleep 0.2; done')
	for id in "$fixed" "$plain" "$later"; do
		cluster_wait_job 30 "$id" RUNNING
	done
	cluster_wait_until 10 has_line run.ready ''
	cluster_as mail scontrol update jobid="$later" Requeue=0 # its owner has changed his mind
	grid_is_dirty
	replan >"$dir/out"
	run ! grep -E "makes way|signalled" "$dir/out"
	for id in "$fixed" "$plain" "$later"; do
		[ "$(state_of "$id")" = RUNNING ]
		[ -z "$(value "$id" cut)" ]
	done
	scontrol update jobid="$later" Requeue=1
	ctl off
	replan >/dev/null
	[ "$(state_of "$later")" = RUNNING ]
	ctl on >/dev/null 2>&1
	[[ $(ctl -f json replan 2>/dev/null) = *'"outcome": "requeued"'* ]]
}

@test "a job that asks for its requeue itself gets the begin of its next window" {
	id=$(train --carbon-interruptible=USR1@2 -- 'trap "scontrol requeue $SLURM_JOB_ID" USR1' 'echo begun >>run.log' \
		'while :; do sleep 0.2; done')
	cluster_wait_until 30 has_line run.log begun
	grid_is_dirty
	[[ $(replan) = *"$id makes way: goes on from "* ]]
	cluster_wait_until 60 is_restarted "$id" 1
	[ "$(cluster_job_field "$id" EligibleTime)" = "$(date -d "@$(value "$id" begin)" +%FT%T)" ]
	[ "$(value "$id" begin)" -gt $(($(date +%s) + 3000)) ]
}

# Between signal and requeue, and between requeue and begin: what a replan that is killed there leaves.
@test "an interruption that was broken off is taken up by the next run, or the job runs on" {
	id=$(train --carbon-interruptible=USR1@30 -- 'trap : USR1' 'python3 train.py 5000 run')
	cluster_wait_until 30 has_line run.log 'segment 0 from 0'
	grid_is_dirty
	# not by a function, whose number would be that of a shell around it
	"$CARBON_BUILD/tools/carbonctl" -c "$state/carbon.conf" replan >/dev/null 2>&1 3>&- &
	pid=$!
	cluster_wait_until 10 is_marked "$id"
	kill -KILL "$pid"
	wait "$pid" || true
	[ "$(state_of "$id")" = RUNNING ] # and would run to its end
	scontrol requeue "$id" # as if it had been killed a moment later
	cluster_wait_until 60 is_restarted "$id" 1
	[ "$(value "$id" cuts)" = "" ]
	replan >"$dir/out"
	cat "$dir/out" "$dir/err" # seen where it fails
	grep -q "^$id was requeued without a begin from us, and has it now: goes on from " "$dir/out"
	[ "$(cluster_job_field "$id" EligibleTime)" = "$(date -d "@$(value "$id" begin)" +%FT%T)" ]
	[ "$(value "$id" begin)" -gt $(($(date +%s) + 3000)) ]
	[ "$(value "$id" cuts)" = 1 ]
	# who sets the start of an interrupted job takes it over
	cluster_as mail scontrol update jobid="$id" StartTime=now+5hours
	begin=$(carbon_begin "$id")
	grid_is_clean
	replan --every 2h >/dev/null
	[ "$(carbon_begin "$id")" = "$begin" ]
}

is_marked() { # ID
	[ -n "$(value "$1" cut)" ]
}
