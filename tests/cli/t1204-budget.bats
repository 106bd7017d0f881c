#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl budget and the example hook, on the ledger of fill_ledger.c: account science emitted 0.3 kg in May 2024, and
# 1 kWh of it has unknown emissions. sacctmgr is a stand-in here that writes down what it is asked.

load helper

setup() {
	carbon_setup
	mkdir state
	"$CARBON_BUILD/tests/cli/fill_ledger" state/carbon.db
	write_conf <<-'END'
		account "science" { allowance_kg = 0.4 }
		account "arts" { allowance_kg = 2  delay = "6h" }
	END
}

budget() {
	carbonctl -c carbon.conf budget "$@"
}

@test "used and left of each account, and what is not counted is said" {
	run -0 --separate-stderr budget --month 2024-05
	grep -qE '^arts +2\.000 +0\.000 +2\.000 +0\.0$' <<<"$output"
	grep -qE '^science +0\.400 +0\.300 +0\.100 +75\.0$' <<<"$output"
	# shellcheck disable=SC2154
	[ "$stderr" = "carbonctl budget: science: emissions of 1 kWh are not known and not counted" ]
	budget --month 2024-05 -f json >budget.json 2>/dev/null
	[ "$(json budget.json '[(a["account"], a["used_kg"], a["left_kg"], a["over"]) for a in d["accounts"]]')" = \
		"[('arts', 0, 2, False), ('science', 0.3, 0.1, False)]" ]
}

@test "--check ends with 3 past the share, with 0 below it, and without --check never" {
	run -0 budget --month 2024-05 --check
	run -3 budget --month 2024-05 --check --above 75
	grep -qE '^science .* over$' <<<"$output"
	run -0 budget --month 2024-05
	run -0 budget --month 2024-04 --check
	run -0 budget --check
}

@test "what cannot be asked, and a ledger that is not there" {
	fails 2 'carbonctl budget: --month "2024-13" is no month (such as 2026-10) (see carbonctl budget --help)' \
		budget --month 2024-13
	fails 2 'carbonctl budget: --month "2099-01" has not begun (see carbonctl budget --help)' budget --month 2099-01
	fails 2 'carbonctl budget: --above "lots" is no percentage (such as 90) (see carbonctl budget --help)' \
		budget --check --above lots
	fails 2 'carbonctl budget: --above goes with --check (see carbonctl budget --help)' budget --above 50
	write_conf </dev/null
	fails 1 'carbonctl budget: no account has an allowance (in carbon.conf: account "NAME" { allowance_kg = 500 })' budget
	write_conf <<<'account "science" { allowance_kg = -1 }'
	run -1 budget
	[[ $output = *'carbon.conf:1: allowance_kg "-1" is no number from 0 to '* ]]
	write_conf <<<'account "science" { allowance_kg = 1 }'
	rm state/carbon.db*
	run -1 budget --check
	[[ $output = *"state/carbon.db: No such file"* ]]
}

@test "the report shows them, in every format that has sections" {
	carbonctl -c carbon.conf report --month 2024-05 >report.txt
	grep -qE '^science +0\.40 +0\.30 +0\.10 +75\.0$' report.txt
	carbonctl -c carbon.conf report --month 2024-05 -f json >report.json
	[ "$(json report.json 'd["budgets"]["list"][0]["used_percent"], d["budgets"]["unknown_kwh"]')" = "(75, 1)" ]
	carbonctl -c carbon.conf report --month 2024-05 -f html | grep -q 'data-key="budgets.list.0.left_kg">0.100<'
	carbonctl -c carbon.conf check | grep -qE '^  account science +0.4 kg CO2e a month$'
}

@test "the example hook takes the QOS from who is over and gives it to who is not" {
	mkdir bin
	printf '#!/bin/sh\necho "$@" >>%s/asked\n' "$PWD" >bin/sacctmgr
	printf '#!/bin/sh\nexec %s/tools/carbonctl "$@" --month 2024-05\n' "$CARBON_BUILD" >bin/carbonctl
	chmod +x bin/*
	PATH=$PWD/bin:$PATH "$CARBON_SRC/contrib/budget-hook" -c carbon.conf -a 75
	[ "$(cat asked)" = "-i modify account where name=arts set qos+=prompt
-i modify account where name=science set qos-=prompt" ]
	rm asked
	PATH=$PWD/bin:$PATH run -0 "$CARBON_SRC/contrib/budget-hook" -n -c carbon.conf -q now
	[[ $output = *"name=science set qos+=now"* ]]
	[ ! -e asked ]
	rm state/carbon.db*
	PATH=$PWD/bin:$PATH run -1 "$CARBON_SRC/contrib/budget-hook" -c carbon.conf
	[ ! -e asked ]
}
