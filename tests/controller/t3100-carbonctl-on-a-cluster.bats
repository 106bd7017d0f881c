#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl against a real slurmctld: apply compiles what it says of itself, explain finds jobs in it.
# Needs no plugin of ours: records are written into AdminComment by hand.

bats_require_minimum_version 1.8.0
load ../../contrib/cluster/cluster.sh

setup() {
	export TZ=UTC
	dir=$(cluster_make_dir)
	# shellcheck disable=SC2034
	CLUSTER_PARTITIONS="PartitionName=day Nodes=ALL Default=YES DefaultTime=30 MaxTime=60
PartitionName=night Nodes=ALL MaxTime=UNLIMITED"
	cluster_start_controller "$dir"
	cat >"$dir/carbon.conf" <<-EOF
		level = "default"
		partition "*" { zone = "DE" }
		partition "night" { pue = 1.2 }
		state_dir = "$dir/state"
		run_dir = "$dir/run"
	EOF
}

teardown() {
	cluster_down "$dir"
}

ctl() {
	"$CARBON_BUILD/tools/carbonctl" -c "$dir/carbon.conf" "$@"
}

record() { # BEGIN (seconds since the epoch)
	echo "[carbon/1 at=$(date +%s) level=default delayed=1 base=$(date +%s) begin=$1 latest=$(($1 + 3600)) run=1800" \
		"runby=limit w=150 g=40 baseg=90 highg=60 signal=average-lifecycle kind=forecast issued=$(date +%s)" \
		"source=synthetic zone=DE part=day policy=lowest-window]"
}

delayed_job() { # a job that waits with our record; prints its id
	local begin=$(($(date +%s) + 7200)) id
	id=$(sbatch --parsable --begin="$(date -d "@$begin" +%Y-%m-%dT%H:%M:%S)" --wrap true)
	scontrol update "jobid=$id" "AdminComment=$(record "$begin")"
	echo "$id"
}

@test "apply writes the cluster's own partitions, limits and reservations" {
	scontrol create reservation ReservationName=repair StartTime=now+1day Duration=60 Users=root Flags=MAINT,IGNORE_JOBS Nodes=ALL
	run -0 --separate-stderr ctl -f json apply
	python3 - "$output" "$dir" <<-'EOF'
		import json, sys
		d = json.loads(sys.argv[1])
		assert d["partitions"] == 2 and d["walls"] == 1 and d["level"] == "default", d
		assert d["site"] == sys.argv[2] + "/run/site" and d["cluster"] != "offline", d
	EOF
	grep -q '^partition day zone=DE default=yes default_limit=1800 max_limit=3600 .* pue=1.58 ' "$dir/run/site"
	grep -q '^partition night zone=DE default=no default_limit=0 max_limit=0 .* pue=1.2 ' "$dir/run/site"
	grep -Eq '^partition day .* node_cores=[1-9]' "$dir/run/site"
	grep -q '^wall ' "$dir/run/site"
	# no slurmdbd here, and that is said
	# shellcheck disable=SC2154
	[[ $stderr = "carbonctl apply: "*"rules of accounts and QOS hold only for jobs that name theirs"* ]]
}

@test "apply counts the jobs that wait because of us, and only those" {
	delayed_job
	delayed_job
	sbatch --begin=now+2hours --wrap true # the user's own begin
	other=$(delayed_job)
	scontrol update "jobid=$other" StartTime=now+5hours # changed: no longer ours
	ctl -f json apply 2>/dev/null | grep -q '"waiting": 2,'
	grep -q '^waiting 2$' "$dir/run/site"
	grep -Eq "^user $(id -u) waiting=2" "$dir/run/site"
}

@test "a block for a partition that the cluster does not have leaves the last good site" {
	ctl apply 2>/dev/null
	cp "$dir/run/site" "$dir/good"
	sed -i 's/"night"/"nacht"/' "$dir/carbon.conf"
	run -1 --separate-stderr ctl apply
	[[ $stderr = *"$dir/carbon.conf:3: cluster "*" has no partition \"nacht\""* ]]
	[[ $stderr = *"the last good site stays in force: $dir/run/site of "* ]]
	cmp "$dir/run/site" "$dir/good"
}

@test "without slurmctld apply says so and changes nothing" {
	ctl apply 2>/dev/null
	cp "$dir/run/site" "$dir/good"
	cluster_stop_ctld
	run -1 --separate-stderr cluster_impatient ctl apply
	[[ $stderr = *"slurmctld"* ]]
	[[ $stderr = *"the last good site stays in force: $dir/run/site of "* ]]
	cmp "$dir/run/site" "$dir/good"
}

@test "explain tells a waiting job's story, and of one that we left alone that we did" {
	id=$(delayed_job)
	run -0 --separate-stderr ctl explain "$id"
	[[ ${lines[0]} = "Job       $id \"wrap\" of root, account "*", partition day: waiting" ]]
	grep -q '^Decided .* by policy lowest-window under level default$' <<<"$output"
	grep -q '^Expected  30 min (its time limit) at 150 W with cooling: 40.0 g CO2e (up to 60.0 g) instead of 90.0 g$' <<<"$output"
	grep -q '^So far    may start from ' <<<"$output"
	run ! grep -q 'not the begin that was decided' <<<"$output"

	scontrol update "jobid=$id" StartTime=now+5hours
	ctl explain "$id" | grep -q 'this is not the begin that was decided$'

	plain=$(sbatch --parsable --begin=now+2hours --wrap true)
	ctl explain "$plain" | grep -q '^Decided   nothing: slurm-carbon left it alone$'
	scontrol update "jobid=$plain" "AdminComment=[carbon/1 at=never]"
	run -1 --separate-stderr ctl explain "$plain"
	[[ $stderr = "carbonctl explain: job $plain carries a record that is damaged: "* ]]
	run -1 --separate-stderr ctl explain 999999
	[[ $stderr = "carbonctl explain: job 999999 is known neither to slurmctld nor"* ]]
}

@test "explain finds a task of an array" {
	id=$(sbatch --parsable --array=1-3 --begin=now+2hours --wrap true)
	scontrol update "jobid=$id" "AdminComment=$(record $(($(date +%s) + 7200)))"
	ctl explain "${id}_2" | grep -q "^Job  *$id "
	ctl explain "$id" | grep -q "^Job  *$id "
}
