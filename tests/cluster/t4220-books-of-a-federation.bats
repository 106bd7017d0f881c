#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two federated clusters in one carbon.db: what one keeps of a job that ran on the other is no second job, equal job
# ids are different jobs, and a suspended job uses nothing meanwhile. Needs no plugin of ours.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load plain

settle() { # CLUSTER
	cluster_use "$dir/$1"
	carbonctl settle --since "$(date -d '-2 hours' +%FT%T)" >"settled.$1"
	cat "settled.$1"
}

has() { # ID STATE CLUSTER
	[ "$(sacct --federation -nXP -j "$1" -s "$2" -o Cluster)" = "$3" ]
}

@test "each job once, wherever it ran; suspended time uses nothing" {
	plain_conf <<-END
		partition "*" {
			core_w = 360
			dram_w_gb = 0
			pue = 1
		}
	END
	CLUSTER_NODES=1
	cluster_start_federation "$dir"
	moved=$(cluster_as mail sbatch --parsable --clusters=beta -o /dev/null --wrap 'sleep 2')
	moved=${moved%%;*}
	cluster_wait_until 30 has "$moved" COMPLETED beta
	# shellcheck disable=SC2016 # the job expands it
	stopped=$(cluster_as mail sbatch --parsable --clusters=alpha -o /dev/null --wrap 'for i in $(seq 24); do sleep 0.5; done')
	stopped=${stopped%%;*}
	cluster_wait_job 30 "$stopped" RUNNING
	scontrol suspend "$stopped"
	cluster_wait_job 20 "$stopped" SUSPENDED
	since=$(date +%s)
	is_later() { [ "$(date +%s)" -ge $((since + 6)) ]; }
	cluster_wait_until 20 is_later
	scontrol resume "$stopped"
	cluster_wait_until 60 has "$stopped" COMPLETED alpha
	# alpha may keep a tracker of the job that beta ran; here it does, as if it had started (0x80000: revoked)
	sql "SELECT id_job, state, time_start, time_end, tres_alloc FROM alpha_job_table"
	sql "CREATE TEMPORARY TABLE tracker AS SELECT * FROM beta_job_table WHERE id_job = $moved;
		UPDATE tracker SET job_db_inx = 815, state = 0x80000;
		INSERT INTO alpha_job_table SELECT * FROM tracker"
	[ "$(sacct --federation -DnXP -j "$moved" -o Cluster,State | sort | tr '\n' ' ')" = 'alpha|REVOKED beta|COMPLETED ' ]
	# a job of beta's with the id of one of alpha's
	sql "CREATE TEMPORARY TABLE twin AS SELECT * FROM alpha_job_table WHERE id_job = $stopped;
		UPDATE twin SET job_db_inx = 4711;
		INSERT INTO beta_job_table SELECT * FROM twin"

	settle alpha
	settle beta
	ledger 'Cluster, JobIDRaw, ElapsedRaw, energy_kwh, Start, End, odd' 1
	[ "$(ledger Cluster "JobIDRaw = $moved")" = beta ]
	[ "$(ledger Cluster "JobIDRaw = $stopped" | tr '\n' ' ')" = 'alpha beta ' ]
	# one core at 360 W: a tenth of a watt-hour a second
	[ "$(ledger 'abs(energy_kwh * 10000 - ElapsedRaw) < 1e-6, ElapsedRaw >= 6,
		strftime("%s", End) - strftime("%s", Start) - ElapsedRaw >= 5' \
		"JobIDRaw = $stopped AND Cluster = 'alpha'")" = '1|1|1' ]
	[ "$(ledger ElapsedRaw "JobIDRaw = $stopped AND Cluster = 'alpha'")" = "$(sacct -M alpha -nXP -j "$stopped" -o ElapsedRaw)" ]
	before=$(ledger '*' 1)
	settle alpha
	settle beta
	[ "$(ledger 'count(*)' 1)" = 3 ]
	[ "$(wc -l <<<"$before")" = 3 ]
}
