#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a real slurmctld: jobs alike spread over the clean hours as far as there is room, limits, blackouts and pauses hold and end, and
# delayed jobs rank below others.

bats_require_minimum_version 1.8.0
load carbon
load replan
load ../reseal
: "${dir:=}" "${state:=}" # set by carbon_start

setup_file() {
	export TZ=UTC
	# shellcheck disable=SC2034
	CLUSTER_EXTRA_CONF=MaxJobCount=20000
	# shellcheck disable=SC2034
	CLUSTER_PARTITIONS="PartitionName=batch Nodes=ALL Default=YES MaxTime=7-0 State=UP
PartitionName=night Nodes=ALL MaxTime=7-0 State=UP"
	carbon_start
}

setup() {
	carbon_cancel_all
	carbon_next_second # what was decided in the very second of a site's count might not be in it
}

# The begin times of all waiting jobs as seconds since the epoch, one a line, in order.
begins() {
	squeue -h -t PENDING -O EligibleTime:30 | date -f - +%s | sort -n
}

# The most jobs of an hour each that would run at once, begins on stdin.
most_together() {
	awk '{ begin[NR] = $1; while (begin[NR] - begin[first + 1] >= 3600) first++; if (NR - first > most) most = NR - first }
		END { print most }'
}

# From its submission to the begin that its record gives it.
shadow_delay() { # ID
	local begin
	begin=$(carbon_record "$1" | sed -n 's/.* level=observe delayed=1 .*begin=\([0-9]*\).*/\1/p')
	echo $((begin - $(_carbon_epoch "$1" SubmitTime)))
}

@test "2,000 equal jobs submitted within a minute spread over the clean hours, as many at once as there is room" {
	# a job takes a quarter of a node: 280 at a time
	carbon_files nodes=70 max_waiting=5000 max_waiting_user=5000
	now=$(date +%s)
	"$CARBON_BUILD/tests/bench/submit_jobs" 2000
	took=$(($(date +%s) - now))
	echo "2,000 jobs in $took s" >&3
	[ "$took" -le 60 ]
	begins >"$dir/begins"
	[ "$(wc -l <"$dir/begins")" -eq 2000 ]
	[ "$(most_together <"$dir/begins")" -le 280 ]
	[ "$(most_together <"$dir/begins")" -ge 270 ] # and the room is used
	# the first ones in the first clean hour, all within the clean hours, none later than its delay lets it
	[ "$(head -1 "$dir/begins")" -ge $((now + 10700)) ]
	[ "$(sed -n 280p "$dir/begins")" -le $((now + 10900 + took)) ]
	[ "$(tail -1 "$dir/begins")" -le $((now + took + 12 * 3600)) ]
	[ "$(uniq "$dir/begins" | wc -l)" -ge 8 ]
	carbon_ctld_is_up
	run ! grep -E 'error: carbon' "$(cluster_log)"
}

@test "without nodes told, all of them begin at once" {
	carbon_files max_waiting=5000 max_waiting_user=5000
	"$CARBON_BUILD/tests/bench/submit_jobs" 300
	begins >"$dir/begins"
	[ "$(most_together <"$dir/begins")" -eq 300 ]
}

@test "a newer site accounts for what was claimed before it" {
	carbon_files nodes=1
	for _ in 1 2 3 4; do carbon_is_delayed "$(carbon_submit -n 1)"; done
	[ "$(carbon_delay "$(carbon_submit -n 1)")" -gt 14000 ] # the node is taken
	carbon_next_second
	"$CARBON_BUILD/tests/controller/write_files" "$state" nodes=1 what=site # which tells of nobody
	carbon_next_second
	carbon_is_delayed "$(carbon_submit -n 1)"
}

@test "in shadow mode jobs spread over the clean hours as if they waited, whatever newer sites tell" {
	carbon_files level=observe nodes=1
	for _ in 1 2 3 4; do carbon_submit -n 1 >/dev/null; done
	[ "$(shadow_delay "$(carbon_submit -n 1)")" -gt 14000 ] # the node would be taken
	carbon_next_second
	"$CARBON_BUILD/tests/controller/write_files" "$state" level=observe nodes=1 what=site
	carbon_next_second
	id=$(carbon_submit -n 1)
	[ "$(shadow_delay "$id")" -gt 14000 ]
	[ "$(carbon_delay "$id")" = 0 ]
	carbon_next_second
	"$CARBON_BUILD/tests/controller/write_files" "$state" nodes=1 what=site
	carbon_next_second
	carbon_is_delayed "$(carbon_submit -n 1)" # now they really wait, and nobody has the room
}

# Site and outlook in which a tenth of that account's forty node-hours may be delayed; none is, as far as the site tells.
physics_has_a_share() {
	"$CARBON_BUILD/tests/controller/write_files" "$state"
	reseal "$state/site" '/^partition batch /a rule account physics exclude=no share=10 flexible_node_h=0 all_node_h=40'
	carbon_next_second
}

@test "the share of an account counts what was decided since the site, and no other account's" {
	physics_has_a_share
	for _ in 1 2 3 4; do carbon_is_delayed "$(carbon_submit -n 4 -A physics)"; done
	[ "$(carbon_delay "$(carbon_submit -n 4 -A physics)")" = 0 ]
	carbon_is_delayed "$(carbon_submit -n 4 -A chemistry)"
	carbon_next_second
	physics_has_a_share # one that has counted anew
	carbon_is_delayed "$(carbon_submit -n 4 -A physics)"
}

@test "delayed jobs rank below others, and a release takes that back" {
	carbon_files
	carbon_conf
	id=$(carbon_submit --nice=7)
	[ "$(cluster_job_field "$id" Nice)" = 107 ]
	[[ $(carbon_record "$id") = *" nice=100]" ]]
	run -0 ctl release "$id"
	[ "$(cluster_job_field "$id" Nice)" = 7 ]
	id=$(carbon_submit --carbon=off)
	[ "$(cluster_job_field "$id" Nice)" = 0 ]
}

@test "nothing waits through a blackout, nor while one lasts" {
	carbon_files blackout=1h # before the clean hours
	id=$(carbon_submit --carbon-delay=12h)
	[ "$(carbon_delay "$id")" -eq 0 ]
	carbon_files blackout=0s
	id=$(carbon_submit --carbon-delay=12h)
	[ "$(carbon_delay "$id")" -eq 0 ]
	carbon_said | grep -q 'carbon: not delayed: the site lets no job wait at this time'
	carbon_files blackout=5h
	carbon_is_delayed "$(carbon_submit)"
}

@test "a pause delays nobody and says so" {
	carbon_files paused=1h
	id=$(carbon_submit --carbon-delay=12h)
	[ "$(carbon_delay "$id")" -eq 0 ]
	carbon_said | grep -q 'carbon: not delayed: the site has paused waiting for clean power'
}

@test "a job that may not run now waits until it may, whatever that saves" {
	carbon_files event=1h clean_after=40h nodes=4
	over=$(awk '$1 == "limit" { print $4 }' "$state/site")
	id=$(carbon_submit --carbon-delay=6h)
	[ $(($(carbon_begin "$id") - over)) -ge 0 ]
	[ $(($(carbon_begin "$id") - over)) -lt 900 ] # the next quarter of an hour
	carbon_said | grep -q 'the site limits what may run until then'
	carbon_files event=8h clean_after=40h nodes=4
	[ "$(carbon_delay "$(carbon_submit --carbon-delay=6h)")" -eq 0 ] # it cannot outwait it
}

@test "carbonctl event holds on the live cluster from the next submission on, and ends with its cancelling" {
	carbon_files clean_after=40h
	carbon_conf
	run -0 ctl event add --to=now+1hour --nodes=0
	carbon_next_second
	id=$(carbon_submit -t 60 --carbon-delay=6h)
	[ "$(carbon_delay "$id")" -ge 3500 ]
	run -0 ctl event cancel 1
	carbon_next_second
	[ "$(carbon_delay "$(carbon_submit -t 60 --carbon-delay=6h)")" -eq 0 ]
}

@test "where a place is always full, waiting moves nothing, and the user is told so" {
	carbon_files full=1
	id=$(carbon_submit --carbon-delay=12h)
	[ "$(carbon_delay "$id")" -eq 0 ]
	carbon_said | grep -q 'carbon: not delayed: its partition is mostly full'
	carbon_files full=0.4
	carbon_is_delayed "$(carbon_submit --carbon-delay=12h)"
	carbon_said | grep -q 'this partition is often full, so that waiting changes less than that'
	run ! grep -q instead "$dir/said"
}

# Two partitions of one zone, of which night takes a third less power for the same work. SED says which one is always full.
two_places() { # SED
	"$CARBON_BUILD/tests/controller/write_files" "$state" partitions=batch,night full=1
	reseal "$state/site" "/^partition night /s/pue=[0-9.]*/pue=1.05/;$1"
	carbon_next_second
}

@test "a place that is always full attracts nobody, and who leaves one that is frees nothing" {
	two_places '/^full /d'
	id=$(carbon_submit --carbon-relocate --carbon-delay=12h)
	[ "$(cluster_job_field "$id" Partition)" = night ]
	two_places 's/^full batch /full night /'
	id=$(carbon_submit --carbon-relocate --carbon-delay=12h)
	[ "$(cluster_job_field "$id" Partition)" = batch ]
	carbon_is_delayed "$id"
	carbon_said | grep -q 'carbon: not moved: no other place that takes it would save enough'
	two_places ''
	id=$(carbon_submit --carbon-relocate --carbon-delay=12h)
	[ "$(cluster_job_field "$id" Partition)" = batch ]
	carbon_said | grep -q 'carbon: not delayed: its partition is mostly full'
	carbon_said | grep -q 'carbon: not moved: '
}
