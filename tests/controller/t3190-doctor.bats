#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl doctor on a real slurmctld: a site that is well, delaying that the guard has paused, a plugin that slurmctld was not
# told of, has not loaded or looks elsewhere with, settings of Slurm's that spoil delays, and no slurmctld at all.

bats_require_minimum_version 1.8.0
load carbon
load replan
load ../doctor
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	export TZ=UTC
	carbon_start_with_conf
	cp "$dir/etc/slurm.conf" "$dir/slurm.conf.first"
}

setup() {
	rm -rf "${state:?}"/*
	# shellcheck disable=SC2119
	carbon_conf
	"$CARBON_BUILD/forecaster/carbon-forecaster" -c "$state/carbon.conf"
	ctl apply 2>/dev/null
}

# Other lines for slurm.conf: slurmctld with them in place of those of the same key, as after an administrator's edit.
slurm_conf() { # KEY=VALUE...; KEY= takes the line out
	local line
	cp "$dir/slurm.conf.first" "$dir/etc/slurm.conf"
	for line in "$@"; do
		sed -i "/^${line%%=*}=/d" "$dir/etc/slurm.conf"
		[ "$line" = "${line%%=*}=" ] || echo "$line" >>"$dir/etc/slurm.conf"
	done
	cluster_restart_ctld
}

@test "a site that is well has no problem, and what slurmctld has loaded is seen" {
	run -0 ctl doctor
	found slurmctld ok "slurmctld * of cluster throwaway answers"
	found plugin ok "JobSubmitPlugins is carbon"
	found plugin-file ok "$CARBON_BUILD/plugin/.libs/job_submit_carbon.so is there"
	found plugin-loaded ok "slurmctld has loaded it"
	found spank ok "*/plugstack.conf has spank_carbon.so"
	found accounting note "there is no slurmdbd: *"
	found tres ok "AccountingStorageTRES is *"
	found priority ok "*"
	found scheduler ok "slurmctld looks for jobs to start every 1 s, *"
	found differences ok "*"
	found level ok "default: *"
	carbon_outlook
	carbon_next_second
	carbon_submit >/dev/null
	run -0 ctl doctor
	found records ok "waiting for clean power: 1; submitted since the site was compiled: 1, with a decision record: 1"
	carbon_cancel_all
}

@test "delaying that the guard has paused is told, with why and until when, and that it is over" {
	carbon_verdict 3600
	run -3 ctl doctor
	found bystanders problem "delaying is to be paused until *, and the site in force does not say so yet: jobs that were not delayed waited 12 min *"
	ctl apply 2>/dev/null
	run -3 ctl doctor
	found bystanders problem "delaying is paused until *Z (bystanders): jobs that were not delayed waited 12 min *"
	[ "$(ctl -f json doctor | python3 -c 'import json, sys
print([f["grade"] for f in json.load(sys.stdin)["findings"] if f["check"] == "bystanders"])')" = "['problem']" ]
	carbon_verdict -60
	ctl apply 2>/dev/null
	run -0 ctl doctor
	found bystanders note "delaying was paused until * because of others' waits"
}

@test "a plugin that slurmctld was not told of, and one whose folder is another" {
	slurm_conf JobSubmitPlugins=
	run -3 ctl doctor
	found plugin problem "slurmctld does not run our plugin, so no job is looked at: JobSubmitPlugins is empty (*"
	found plugin-loaded problem "slurmctld has not loaded our plugin (*"
	slurm_conf
	sed -i "s|^run_dir.*|run_dir = \"$state/elsewhere\"|" "$state/carbon.conf"
	mkdir "$state/elsewhere"
	run -3 ctl doctor
	found plugin-loaded problem "slurmctld's plugin reads $state, and run_dir is $state/elsewhere (*"
}

@test "a plugin that was replaced, or is gone, while slurmctld goes on with the one it has" {
	cp -r "$CARBON_BUILD/plugin/.libs" "$dir/plugins"
	slurm_conf "$(sed -n "s|^PluginDir=[^:]*|PluginDir=$dir/plugins|p" "$dir/slurm.conf.first")"
	cp "$dir/plugins/job_submit_carbon.so" "$dir/plugins/new"
	mv "$dir/plugins/new" "$dir/plugins/job_submit_carbon.so"
	run -0 ctl doctor
	found plugin-loaded note "slurmctld runs an older job_submit_carbon.so than the one that is installed now (*"
	rm "$dir/plugins/job_submit_carbon.so"
	run -3 ctl doctor
	found plugin-file problem "no folder of PluginDir (*) has job_submit_carbon.so on this machine (*"
	slurm_conf
}

@test "settings of Slurm's that spoil delays" {
	slurm_conf PriorityType=priority/multifactor PriorityFlags=ACCRUE_ALWAYS JobRequeue=0 \
		SchedulerParameters=sched_interval=300,bf_interval=360 MaxJobCount=1000
	: >"$dir/etc/plugstack.conf"
	run -3 ctl doctor
	found priority problem "PriorityFlags has ACCRUE_ALWAYS: *"
	found scheduler problem "slurmctld looks for jobs to start every 6 min, and scheduling_slack is 1 min: *"
	found scheduler note "1000 jobs may wait because of us, and MaxJobCount is 1000: *"
	found spank note "*/plugstack.conf has no spank_carbon.so, *"
	echo "required $CARBON_BUILD/plugin/.libs/spank_carbon.so" >"$dir/etc/plugstack.conf"
	run -3 ctl doctor
	found spank note "*/plugstack.conf requires spank_carbon.so: *"
	echo "optional $CARBON_BUILD/plugin/.libs/spank_carbon.so" >"$dir/etc/plugstack.conf"
	slurm_conf
}

@test "GPUs that are settled as if there were none" {
	slurm_conf GresTypes=gpu "$(sed -n 's/^NodeName=.*/& Gres=gpu:2/p' "$dir/slurm.conf.first")"
	run -3 ctl doctor
	slurm_conf
	found tres problem "nodes have GPUs and AccountingStorageTRES has no gres/gpu: jobs are settled as if they used none (set up slurmdbd first; *"
}

@test "a partition that carbon.conf names and the cluster does not have" {
	echo 'partition "gone" { pue = 1.1 }' >>"$state/carbon.conf"
	run -3 ctl doctor
	found differences problem "*carbon.conf:*gone*"
}

@test "as root it looks at files with the rights of SlurmUser" {
	# not nobody, whose uid Slurm 26.05 takes for none
	chown -R daemon "$dir/state" "$dir/log" "$dir/run" "$state"
	slurm_conf SlurmUser=daemon
	run -0 ctl doctor
	chown root "$state/site"
	chmod 600 "$state/site"
	well=$output
	run -3 ctl doctor
	unreadable=$output
	chown games "$state" "$state/site"
	chmod 644 "$state/site"
	cp "$state/carbon.conf" "$dir/carbon.conf"
	run -3 "$CARBON_BUILD/tools/carbonctl" -c "$dir/carbon.conf" doctor
	foreign=$output
	chown -R root "$dir/state" "$dir/log" "$dir/run" "$state"
	slurm_conf
	output=$foreign
	found user ok "files are looked at as SlurmUser daemon does"
	found site problem "jobs are left alone, for slurmctld's plugin does not trust it: *$state/site: owned by user $(id -u games)*"
	output=$unreadable
	found site problem "no job is looked at, *$state/site: Permission denied*"
	output=$well
	found site ok "whole, trusted, *"
	found plugin-loaded ok "slurmctld has loaded it"
}

@test "without slurmctld it looks at the files, and says what it could not look at" {
	cluster_stop_ctld
	run -3 cluster_impatient ctl doctor
	cluster_start_ctld
	found slurmctld problem "slurmctld does not answer: * (what waits still starts by itself; scontrol ping)"
	found site ok "*"
	found unseen note "not looked at, for there is no answer from slurmctld: differences, plugin, *"
}
