#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl plan: the plugin's decision, told beforehand, with every start that there might have been.

load helper

setup() {
	carbon_setup
	write_conf <<<'partition "*" { zone = "DE" }'
	write_run_files level=default
}

plan() {
	carbonctl -c carbon.conf plan "$@"
}

@test "a flexible job is planned into the clean window" {
	plan -f json -t 4:00:00 -n 8 --carbon-delay=12h >out
	[ "$(json out 'd["verdict"], d["zone"], d["partition"], d["policy"]')" = \
		"('delay', 'DE', 'batch', 'lowest-window')" ]
	[ "$(json out 'd["runtime_s"], d["runtime_source"]')" = "(14400, 'limit')" ]
	[ "$(json out 'd["mass_g"] < 0.3 * d["baseline_g"]')" = True ]
	[ "$(json out '[c["start_at"] for c in d["candidates"] if c["chosen"]] == [d["begin_at"]]')" = True ]
	[ "$(json out 'min(c["mass_g"] for c in d["candidates"]) == d["mass_g"]')" = True ]
	[ "$(json out 'd["candidates"][0]["start_at"] == d["baseline_at"] and d["candidates"][-1]["start_at"] == d["latest_at"]')" = True ]
	[ "$(json out '13 <= len(d["candidates"]) <= 15')" = True ]
}

@test "as text the chosen start is marked and every other one explained" {
	run -0 --separate-stderr plan -t 4:00:00 -n 8 --carbon-delay=12h
	[ -z "$stderr" ]
	[[ ${lines[0]} = "Decision  may start from "*" instead of "*" CO2e (policy lowest-window)" ]]
	[ "$(grep -c '^> ' <<<"$output")" = 1 ]
	grep -q '^> .*chosen$' <<<"$output"
	grep -q 'as without us$' <<<"$output"
	grep -q 'as clean, but later$' <<<"$output"
}

@test "hours without room, over a limit, or in which the place is full are told as such" {
	write_run_files level=default nodes=2 event=2h
	run -0 plan -t 1:00:00 -n 4 --carbon-delay=12h
	grep -q "over one of the site's limits$" <<<"$output"
	grep -q '^> .*chosen$' <<<"$output"
	write_run_files level=default full=0.9
	run -0 plan -t 1:00:00 -n 4 --carbon-delay=12h
	grep -q 'others would use what it leaves: the place is often full$' <<<"$output"
	grep -q '^Place     has slack 10 % of that time' <<<"$output"
	plan -f json -t 1:00:00 -n 6 --carbon-delay=12h >out
	[ "$(json out 'd["nodes"], round(d["slack_share"], 2)')" = "(1.5, 0.1)" ]
}

@test "a job that may not wait, or that opts out, starts as without us" {
	plan -f json -t 4:00:00 --carbon-delay=0h >out
	[ "$(json out 'd["verdict"], d["reason"]')" = "('left-alone', 'its bounds leave no time to wait')" ]
	[ "$(json out 'd["candidates"]')" = "[]" ]
	plan -f json -t 4:00:00 --carbon=off >out
	[ "$(json out 'd["reason"]')" = "--carbon=off was given" ]
	plan -f json -t 10 >out
	[ "$(json out 'd["reason"]')" = "it is shorter than the site's minimum" ]
}

@test "a deadline that cannot be kept is told" {
	plan -t 4:00:00 --carbon-finish-by=now+1hour >out
	grep -q "^Note      its deadline cannot be promised even if it could start at once" out
}

@test "a begin without a carbon option is the user's own affair" {
	plan -f json -t 4:00:00 --begin=now+2hours >out
	[ "$(json out 'd["reason"]')" = "it has its own --begin" ]
	plan -f json -t 4:00:00 --begin=now+2hours --carbon-delay=12h >out
	[ "$(json out 'd["verdict"]')" = delay ]
}

@test "power comes from the resources, as slurmctld counts them" {
	watts() {
		plan -f json -t 4:00:00 --carbon-delay=12h "$@" >out && json out 'round(d["power_w"], 3)'
	}
	one=$(watts -n 1)
	[ "$(watts -n 8 -c 2)" = "$(python3 -c "print(round(16 * $one, 3))")" ]
	[ "$(watts -N 2 --ntasks-per-node=4)" = "$(watts -N 2 -n 8)" ]
	gpu=$(watts --gpus=a100:4)
	[ "$gpu" = "$(watts --gres=gpu:a100:4)" ]
	[ "$gpu" = "$(watts --gpus-per-node=a100:4)" ]
	[ "$(watts --mem=64G)" = "$(watts --mem=65536)" ]
	[ "$(watts -c 4 --mem-per-cpu=16G)" = "$(watts -c 4 --mem=64G)" ]
	[ "$(watts --carbon-power=1000)" = "$(watts -n 64 --carbon-power=1000)" ]
}

@test "--at decides for another time" {
	plan -f json -t 4:00:00 --at=now+3hours --carbon-delay=12h >out
	[ "$(json out 'd["reason"]')" = "there is no fresh outlook for its zone" ] ||
		[ "$(json out 'd["candidates"][0]["start_at"] == d["now"]')" = True ]
}

@test "an outlook that is not there is told, and the job left alone" {
	rm run/outlook
	run -0 --separate-stderr carbonctl -c carbon.conf -f json plan -t 4:00:00
	[ "$stderr" = "carbonctl plan: $BATS_TEST_TMPDIR/run/outlook: there is no outlook yet (carbon-forecaster writes it)" ]
	echo "$output" >out
	[ "$(json out 'd["reason"]')" = "there is no fresh outlook for its zone" ]
}

@test "a site that is missing or damaged is an error with its name" {
	sed -i 's/^level default/level observe/' run/site
	run -1 --separate-stderr plan -t 60
	[[ $stderr = "carbonctl plan: $BATS_TEST_TMPDIR/run/site: "*"checksum"* ]] ||
		[[ $stderr = "carbonctl plan: $BATS_TEST_TMPDIR/run/site: "*"crc32"* ]]
	rm run/site
	fails 1 "carbonctl plan: $BATS_TEST_TMPDIR/run/site: there is no site yet (carbonctl apply writes it)" plan -t 60
}

@test "options that mean nothing are refused with what would be right" {
	see="(see carbonctl plan --help)"
	fails 2 "carbonctl plan: --time=soon: must be a time such as 90, 12:00:00, 2-00:00:00 $see" plan -t soon
	fails 2 "carbonctl plan: --ntasks=0: must be a number from 1 to 10000000 $see" plan -n 0
	fails 2 "carbonctl plan: --mem=64Q: must be a size such as 4096, 512M, 64G $see" plan --mem=64Q
	fails 2 "carbonctl plan: --gpus=a100:x: must be such as 4 or a100:4 $see" plan --gpus=a100:x
	fails 2 "carbonctl plan: --carbon=maybe: must be off or auto $see" plan --carbon=maybe
	fails 2 "carbonctl plan: --uid=nobody-here: user unknown on this machine $see" plan --uid=nobody-here
	for delay in -3h 1e99 "12 parsecs"; do
		run -2 --separate-stderr plan --carbon-delay="$delay"
		[[ $stderr = "carbonctl plan: --carbon-delay=$delay: must be "* ]]
	done
}
