#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# replan on a cluster whose slurmdbd does not keep up: messages for it pile up in slurmctld, which gives them up in the
# end; nothing of ours may add to them. A real slurmdbd, stopped and started again.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load full
load ../doctor

setup_file() {
	full_start 1
}

setup() {
	# shellcheck disable=SC2119
	carbon_conf
	carbon_forecast_anew
}

run_one() { # a job whose start and end slurmdbd is to hear of
	sbatch --carbon=off --parsable --output=/dev/null --wrap true >/dev/null
}

queued() { # messages that wait for slurmdbd
	sdiag | sed -n 's/^DBD Agent queue size: *//p'
}

is_queued() { # COUNT: at least so many
	[ "$(queued)" -ge "$1" ]
}

others_have_ended() { # as long as they are there the only node is taken, and nothing could come forward
	! squeue -h -o %y | grep -qx 0
}

is_drained() {
	[ "$(queued)" = 0 ]
}

@test "while messages for slurmdbd pile up nothing is moved, and once they are taken all is" {
	for _ in 1 2 3; do carbon_submit >/dev/null; done
	sed -i '1i slurmdbd_queue_max = 10' "$state/carbon.conf"
	_cluster_end "$dir" slurmdbd
	for _ in 1 2 3 4 5 6 7 8; do run_one; done
	cluster_wait_until 60 others_have_ended
	cluster_wait_until 30 is_queued 10
	carbon_outlook clean_after=0s clean=50
	run -0 --separate-stderr ctl replan
	[[ ${lines[-1]} = "3 waiting, 0 forward, 0 back, 0 changed by somebody, 3 left for the next run, 0 failed" ]]
	# shellcheck disable=SC2154
	[[ $stderr = *"messages wait for slurmdbd (slurmdbd_queue_max is 10), so the rest is left for the next run"* ]]
	[[ $(ctl -f json replan 2>/dev/null) = *'"put_off": 3'* ]]
	# whom a user lets go, goes: no more than slower
	[ "$(ctl release "$(ctl -f csv queue | sed -n '2s/,.*//p')" 2>/dev/null)" = "1 released" ]

	_cluster_start_dbd "$dir"
	cluster_wait_until 60 is_drained
	[[ $(ctl replan 2>/dev/null | tail -n 1) = "2 waiting, 2 forward, "* ]]
}

@test "a queue that is never looked at holds nothing up" {
	carbon_cancel_all
	carbon_submit >/dev/null
	sed -i '1i slurmdbd_queue_max = 0' "$state/carbon.conf"
	_cluster_end "$dir" slurmdbd
	run_one
	cluster_wait_until 60 others_have_ended
	cluster_wait_until 30 is_queued 1
	carbon_outlook clean_after=0s clean=50
	[[ $(ctl replan 2>/dev/null | tail -n 1) = "1 waiting, 1 forward, "* ]]
	_cluster_start_dbd "$dir"
}

@test "doctor tells whether slurmdbd answers" {
	cluster_wait_until 60 is_drained
	run ctl doctor
	found accounting ok "slurmdbd answers"
	_cluster_end "$dir" slurmdbd
	run -3 ctl doctor
	_cluster_start_dbd "$dir"
	found slurmctld ok "*"
	found accounting problem "nothing can be settled: slurmdbd on *: * (sacctmgr ping)"
}
