#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: finish-by, --deadline and --begin bound the begin, and none of them ever makes a job
# refused.

bats_require_minimum_version 1.8.0
load carbon
: "${dir:=}" "${state:=}" # set by carbon_start

# By the clock at which sbatch read now+SECONDS: not before NOW, and not after slurmctld had the job.
begins_after() { # ID SECONDS NOW
	local begin
	begin=$(carbon_begin "$1")
	[ "$begin" -ge $(($3 + $2)) ] && [ "$begin" -le $(($(_carbon_epoch "$1" SubmitTime) + $2)) ]
}

@test "a finish-by is kept: begin, time limit and slack end before it" {
	carbon_files
	id=$(carbon_submit --time=60 --carbon-finish-by=now+20hours)
	carbon_is_delayed "$id"
	id=$(carbon_submit --time=60 --carbon-finish-by=now+4hours) # clean from 3 h: 3 h + 1 h + slack is too late
	end=$(($(_carbon_epoch "$id" SubmitTime) + 14400))
	[ $(($(carbon_begin "$id") + 3600 + 60)) -le "$end" ]
	finish=$(carbon_record "$id" | grep -o ' finish=[0-9]*') # what the books hold it to
	[ $(($(carbon_begin "$id") + 3600 + 60)) -le "${finish#*=}" ] && [ "${finish#*=}" -le "$end" ]
}

@test "a finish-by in the past or too soon: the job runs at once and the user is told" {
	carbon_files
	id=$(carbon_submit --time=60 --carbon-finish-by=now+30minutes)
	[ "$(carbon_delay "$id")" -eq 0 ]
	carbon_said | grep -q 'carbon: not delayed: even without delay it cannot be sure to finish by'
	id=$(carbon_submit --time=60 --carbon-finish-by=2020-01-01T00:00:00)
	[ "$(carbon_delay "$id")" -eq 0 ]
	carbon_said | grep -q '2020-01-01 00:00'
}

@test "a finish-by is read in the user's time zone" {
	carbon_files
	at=$(TZ=Asia/Tokyo date -d '+4 hours 30 minutes' +%Y-%m-%dT%H:%M:%S)
	id=$(TZ=Asia/Tokyo carbon_submit --time=60 --carbon-finish-by="$at")
	TZ=UTC carbon_is_delayed "$id"
	id=$(TZ=America/New_York carbon_submit --time=60 --carbon-finish-by="$at") # that is in 18.5 h
	carbon_is_delayed "$id"
	id=$(TZ=Asia/Tokyo carbon_submit --time=120 --carbon-finish-by="$at")
	[ "$(carbon_delay "$id")" -lt 9000 ]
	id=$(TZ=Asia/Tokyo CARBON_FINISH_BY="$at" carbon_submit --time=120)
	[ "$(carbon_delay "$id")" -lt 9000 ]
}

@test "--deadline bounds the begin and never makes the job refused" {
	carbon_files
	carbon_is_delayed "$(carbon_submit --time=60 --deadline=now+20hours)"
	for hours in 2 3 4; do
		id=$(carbon_submit --time=60 --deadline="now+${hours}hours")
		deadline=$(_carbon_epoch "$id" Deadline)
		[ $(($(carbon_begin "$id") + 3600)) -le "$deadline" ]
		[ "$(cluster_job_field "$id" JobState)" = PENDING ]
	done
}

@test "a user's --begin without a flag is the last word" {
	carbon_files
	now=$(date +%s)
	id=$(carbon_submit --begin=now+1hour)
	begins_after "$id" 3600 "$now"
	[ -z "$(carbon_record "$id")" ]
	[ -z "$(carbon_said)" ]
}

@test "a user's --begin with a flag is the earliest start" {
	carbon_files
	carbon_is_delayed "$(carbon_submit --begin=now+1hour --carbon-delay=12h)"
	carbon_said | grep -qE 'may start from .* \(now: [A-Z][a-z]{2} [0-9:]{5}\)'
	now=$(date +%s)
	id=$(carbon_submit --begin=now+5hours --carbon-delay=12h)
	begins_after "$id" 18000 "$now"
}

@test "the site's longest delay caps what a user asks for" {
	carbon_files max_delay=2h
	id=$(carbon_submit --carbon-delay=30h)
	[ "$(carbon_delay "$id")" -eq 0 ]
	carbon_files max_delay=4h
	carbon_is_delayed "$(carbon_submit --carbon-delay=30h)"
	carbon_said | grep -q '(longest delay here: 4 h)'
}

@test "each bad value is named, and the job is taken as it is" {
	carbon_files
	for value in -3h 1e99 "12 parsecs" "" 99999999999999999999h; do
		id=$(carbon_submit --carbon-delay="$value")
		carbon_is_left_alone "$id"
		carbon_said | grep -qF -- "carbon: --carbon-delay=$value: must be a time such as 90m, 12h, 2-00:00:00; the job is left as it is"
		[ "$(carbon_said | wc -l)" -eq 1 ]
	done
	id=$(carbon_submit --carbon-finish-by=someday --carbon-power=inf)
	carbon_is_left_alone "$id"
	[ "$(carbon_said | wc -l)" -eq 2 ]
	id=$(CARBON_DELAY=-3h carbon_submit)
	carbon_is_left_alone "$id"
	carbon_said | grep -qF 'sbatch: carbon: variable CARBON_DELAY: --carbon-delay=-3h: must be'
	id=$(carbon_submit --carbon-policy=greedy2)
	carbon_is_left_alone "$id"
	carbon_said | grep -qF 'carbon: --carbon-policy=greedy2: unknown here (known: '
}

@test "a job that slurmctld refuses was promised nothing" {
	carbon_files
	run ! carbon_submit --carbon-delay=12h --licenses=nosuch:1
	carbon_said | grep -q 'Invalid license'
	run ! grep -E 'will (start|run)' "$dir/said"
	run ! carbon_submit --carbon-delay=12h --partition=nosuch
	carbon_said | grep -q 'carbon: not delayed: its partition is not known'
	carbon_said | grep -q 'invalid partition'
}
