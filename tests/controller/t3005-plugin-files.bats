#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The plugins as files: what they export, what they need, and that no name of ours or of Slurm's heap is
# wrong. Must not need a running Slurm.

bats_require_minimum_version 1.8.0

plugin=$CARBON_BUILD/plugin/.libs

exported() {
	nm -D --defined-only "$plugin/$1.so" | awk '{ print $3 }' | sort | tr '\n' ' '
}

@test "job_submit_carbon exports what slurmctld's loader looks up and nothing else" {
	[ "$(exported job_submit_carbon)" = "fini init job_modify job_submit plugin_name plugin_type plugin_version " ]
}

@test "spank_carbon exports what SPANK's loader looks up and nothing else" {
	[ "$(exported spank_carbon)" = "plugin_name plugin_type plugin_version slurm_spank_init slurm_spank_init_post_opt spank_plugin_version " ]
}

@test "the plugins need libc and nothing else" {
	for file in job_submit_carbon spank_carbon; do
		run ! grep -vE '(libc|libm)\.so\.6' <(readelf -d "$plugin/$file.so" | grep NEEDED)
	done
}

# What they leave open is answered by slurmctld and sbatch; anything else would end the load.
undefined() {
	nm -D --undefined-only "$plugin/$1.so" | awk '{ print $2 }' | grep -v @ |
		grep -vE '^(_ITM_|__gmon_start__|__cxa_finalize)' | sort | tr '\n' ' '
}

@test "of Slurm they use its heap, its log and SPANK alone: no request that would deadlock slurmctld" {
	[ "$(undefined job_submit_carbon)" = "slurm_error slurm_info slurm_xfree slurm_xrecalloc slurm_xstrdup " ]
	[ "$(undefined spank_carbon)" = "slurm_debug slurm_spank_log spank_context spank_job_control_setenv spank_option_register " ]
}

@test "neither ends a process, forks, prints or opens a connection" {
	for file in job_submit_carbon spank_carbon; do
		run ! grep -E ' (exit|_exit|abort|fork|vfork|execv.*|system|popen|socket|connect|printf|puts|fprintf|getpw.*|getgr.*|sleep|usleep|nanosleep)@' \
			<(nm -D --undefined-only "$plugin/$file.so")
	done
}
