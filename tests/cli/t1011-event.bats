#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl event, capacity by the hour, blackouts and prices: what is said becomes rows of the site with absolute times, ends by
# itself, and what is wrong is refused by name.

load helper

setup() {
	carbon_setup
	write_conf <<'EOF'
level = "default"
partition "batch" { zone = "DE" }
partition "gpu" { zone = "DE" }
EOF
}

@test "an event is in the site at once, is listed, and is gone when cancelled" {
	run -0 --separate-stderr carbonctl -c carbon.conf event add --offline --to=now+2hours --kw=250.5
	[[ $output = "1 "*" * at most 250.5 kW (now)" ]]
	run -0 carbonctl -c carbon.conf event add --offline --from=now+1hour --to=now+3hours --nodes=7 -p gpu
	[[ $output = "2 "*" gpu at most 7 nodes (ahead)" ]]
	run -0 carbonctl -c carbon.conf event
	[ "${#lines[@]}" -eq 2 ]
	[ "$(grep -c '^limit ' run/site)" -eq 2 ]
	grep -qE '^limit \* [0-9]+ [0-9]+ kw=250.5$' run/site
	grep -qE '^limit gpu [0-9]+ [0-9]+ nodes=7$' run/site
	[ "$(head -1 run/events)" = "carbon-events 1" ]
	carbonctl -c carbon.conf event cancel 1 --offline
	[ "$(grep -c '^limit ' run/site)" -eq 1 ]
	carbonctl -c carbon.conf event cancel 2 --offline
	run -1 grep '^limit ' run/site
	fails 1 "carbonctl event: there is no event 2 ahead (see carbonctl event list)" \
		carbonctl -c carbon.conf event cancel 2 --offline
	run -0 carbonctl -c carbon.conf event add --offline --to=now+2hours --kw=1
	[[ $output = "3 "* ]] # a number is never given twice
}

@test "apply compiles events in, and those that are over are gone without anybody" {
	carbonctl -c carbon.conf event add --offline --to=now+2seconds --kw=3
	carbonctl -c carbon.conf event add --offline --to=now+1hour --kw=4
	rm run/site
	carbonctl -c carbon.conf apply --offline
	grep -q ' kw=4$' run/site
	second=$(date +%s)
	until [ "$(date +%s)" -gt $((second + 2)) ]; do :; done
	carbonctl -c carbon.conf apply --offline
	[ "$(grep -c '^limit ' run/site)" -eq 1 ]
	run -0 carbonctl -c carbon.conf event list
	[[ ${lines[0]} = "1 "*"(over)" ]]
}

@test "events as JSON" {
	carbonctl -f json -c carbon.conf event add --offline --to=now+2hours --kw=0 >added
	[ "$(json added 'd["id"], d["kw"], d["nodes"], d["partition"], d["state"]')" = "(1, 0, None, None, 'now')" ]
	carbonctl -f json -c carbon.conf event list >all
	[ "$(json all 'len(d["events"]), d["events"][0]["to"] > d["events"][0]["from"]')" = "(1, True)" ]
}

@test "what is wrong with an event is said" {
	fails 2 "carbonctl event: add needs --to (see carbonctl event --help)" carbonctl -c carbon.conf event add --kw=3
	fails 2 "carbonctl event: add needs --kw or --nodes (see carbonctl event --help)" carbonctl -c carbon.conf event add --to=now+1hour
	fails 2 "carbonctl event: --to=now+1hour: is not after --from (see carbonctl event --help)" \
		carbonctl -c carbon.conf event add --from=now+2hours --to=now+1hour --kw=3
	fails 2 "carbonctl event: --kw=-3: must be a number from 0 to 10000000 (see carbonctl event --help)" \
		carbonctl -c carbon.conf event add --to=now+1hour --kw=-3
	fails 2 'carbonctl event: "ad" unknown (known: add, list, cancel) (see carbonctl event --help)' carbonctl -c carbon.conf event ad
	fails 2 "carbonctl event: cancel needs the number of one event (see carbonctl event list) (see carbonctl event --help)" \
		carbonctl -c carbon.conf event cancel
	[ ! -e run ]
}

@test "a damaged file of events leaves the last good site" {
	carbonctl -c carbon.conf event add --offline --to=now+2hours --kw=3
	cp run/site good
	sed -i 's/ 3$/ 300/' run/events
	run -1 --separate-stderr carbonctl -c carbon.conf apply --offline
	# shellcheck disable=SC2154
	[[ $stderr = *"run/events: line "* ]]
	cmp run/site good
}

@test "capacity by the hour and blackouts become limits of the days ahead" {
	cat >>carbon.conf <<'EOF'
capacity = {"17:00-20:00 kw=40", "mon 22:00-06:00 nodes=5"}
blackouts = {"2035-12-24 to 2036-01-02 08:00", "2020-01-01 to 2020-01-02"}
EOF
	sed -i 's/partition "gpu" {/& capacity = {"00:00-24:00 nodes=2"}/' carbon.conf
	TZ=Europe/Berlin carbonctl -c carbon.conf apply --offline
	[ "$(grep -c '^limit \* .* kw=40$' run/site)" -ge 15 ]
	[ "$(grep -c '^limit \* .* nodes=5$' run/site)" -ge 2 ]
	[ "$(grep -c '^limit gpu .* nodes=2$' run/site)" -ge 15 ]
	grep -q "^blackout $(TZ=Europe/Berlin date -d '2035-12-24 00:00' +%s) $(TZ=Europe/Berlin date -d '2036-01-02 08:00' +%s)$" run/site
	[ "$(grep -c '^blackout' run/site)" -eq 1 ]
	read -r _ _ from to _ < <(grep '^limit \* .* kw=40$' run/site | tail -1)
	[ "$(TZ=Europe/Berlin date -d "@$from" +%H:%M)" = 17:00 ]
	[ "$(TZ=Europe/Berlin date -d "@$to" +%H:%M)" = 20:00 ]
}

prices() { # heading, then per hour from this one on: a price
	local hour price
	hour=$(date -u -d "$(date -u +%Y-%m-%dT%H:00:00Z)" +%s)
	echo "$1"
	shift
	for price; do
		echo "${zone:-}$(date -u -d "@$hour" +%Y-%m-%dT%H:%M:%SZ),$price"
		hour=$((hour + 3600))
	done
}

@test "prices become steps of a quarter of an hour, and end where the file does" {
	printf 'carbon_price = 95\nprice_file = "%s/prices.csv"\n' "$PWD" >>carbon.conf
	prices time,price 71.5 71.5 -12.25 40 >prices.csv # and this hour may end at once
	end=$(date -u -d "$(tail -1 prices.csv | cut -d, -f1)" +%s)
	carbonctl -c carbon.conf apply --offline
	grep -q '^carbon_price 95$' run/site
	read -r -a row < <(grep '^price ' run/site)
	[ "${row[1]} ${row[3]}" = "* 900" ]
	written=$(sed -n 's/^written //p' run/site)
	[ "${row[2]}" -eq $((written / 900 * 900)) ] # from this quarter of an hour on
	[ "${#row[@]}" -eq $((4 + (end + 3600 - row[2]) / 900)) ]
	[ "${row[4]}" = 71.5 ]
	[ "${row[-1]}" = 40 ]
	zone=DE, prices zone,time,price 1 2 >prices.csv
	zone=FR, prices zone,time,price 3 4 | tail -n +2 >>prices.csv
	carbonctl -c carbon.conf apply --offline
	[ "$(grep -c '^price ' run/site)" -eq 1 ] # no place is in FR
	grep -q '^price DE ' run/site
}

wrong_prices() { # TEXT-OF-FILE ERROR
	printf '%b' "$1" >prices.csv
	run -1 --separate-stderr carbonctl -c carbon.conf apply --offline
	# shellcheck disable=SC2154
	[[ ${stderr_lines[0]} = *"$2"* ]] || {
		echo "${stderr_lines[0]}"
		return 1
	}
}

@test "what is wrong with prices is said, and no site is made of them" {
	printf 'price_file = "%s/prices.csv"\n' "$PWD" >>carbon.conf
	wrong_prices '' "prices.csv: is empty"
	wrong_prices 'when,price\n' "prices.csv:1: the heading should be time,price or zone,time,price"
	wrong_prices 'time,price\n2026-01-01T00:00:00Z\n' "prices.csv:2: 1 cells should be 2"
	wrong_prices 'time,price\nyesterday,3\n' 'prices.csv:2: "yesterday" is no time'
	wrong_prices 'time,price\n2026-01-01T00:00:00Z,3 EUR\n' 'prices.csv:2: "3 EUR" is no price'
	wrong_prices 'time,price\n2026-01-01T00:00:00Z,3\n2026-01-01T00:00:00Z,4\n' "two prices of one time"
	wrong_prices 'zone,time,price\nD E,2026-01-01T00:00:00Z,3\n' 'prices.csv:2: "D E" is no zone'
	rm prices.csv
	run -1 --separate-stderr carbonctl -c carbon.conf apply --offline
	[ ! -e run/site ]
}
