#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A whole month from a real slurmdbd to the report: what was saved by replay and by blocks of days without delays, a moved
# job, a missed promise, opt-outs. Rows that slurmdbd wrote itself are copied into the month before this one in its own tables
# (month.py says what is in it). Needs no plugin of ours: records stand in the rows.

# shellcheck disable=SC2034,SC2154 # cluster.sh reads the CLUSTER_* variables; dir and state are set by what is loaded
bats_require_minimum_version 1.8.0
load plain

is_whole() { # ID: slurmdbd may hear of the end of a short job before it has all of its start
	sacct -DnXP -S now-1hour -j "$1" -o State,Partition,AllocCPUS | grep -q '^COMPLETED|batch|4$'
}

expected() { # KEY
	python3 -c 'import json, sys; print(json.load(open("expected.json"))[sys.argv[1]])' "$1"
}

look() { # STATEMENTS: d being the report, x what is expected of it
	python3 - "$1" <<-'END'
		import json, sys
		d, x = json.load(open("report.json")), json.load(open("expected.json"))
		def near(a, b):
		    assert abs(a - b) <= 1e-6 * max(1, abs(b)), (a, b)
		exec(sys.argv[1])
	END
}

@test "a month is settled from slurmdbd, replayed, and told in text, JSON and HTML" {
	plain_conf <<-END
		holdout = "switchback"
		holdout_block = "2d"
		holdout_seed = 1
		partition "*" {
			zone = "DE"
			core_w = 100
			dram_w_gb = 0
			other_w = 0
			pue = 1
		}
		partition "north" { zone = "SE" }
	END
	CLUSTER_NODES=3
	CLUSTER_PARTITIONS=$'PartitionName=batch Nodes=n[1-2] Default=YES DefaultTime=5 State=UP\nPartitionName=north Nodes=n3 DefaultTime=5 State=UP'
	CLUSTER_USERS='root mail games'
	cluster_start_full "$dir"
	for user in mail games; do
		cluster_as $user sbatch --parsable -N 1 -n 4 --exclusive -o /dev/null --wrap true
	done
	cluster_wait_until 60 is_whole 1
	cluster_wait_until 60 is_whole 2
	"$BATS_TEST_DIRNAME/month.py"
	sql 'source month.sql'
	carbonctl import grid.csv >/dev/null

	carbonctl settle --since "$(date -d "@$(expected since)" +%FT%T)" >settled
	cat settled
	month=$(expected month)
	for format in text json html csv; do
		carbonctl report --month "$month" -f $format -o report.$format
	done
	cat report.text

	# every row is there, at a watt-hour and a gram
	look 'near(d["total"]["runs"], 4 * x["days"] + 2); near(d["total"]["energy_kwh"], x["energy_kwh"])'
	look 'near(d["total"]["emissions_kg"], x["emissions_kg"]); near(d["total"]["without_emissions_kwh"], 0)'
	look 'near(d["quality"]["settled_percent"], 100)'
	# two jobs of 0.8 kWh a day, at 100 and not at 400: no queue stood in the way, so that credits and effect are one
	look 'near(d["total"]["credit"]["delayed_jobs"], 2 * x["delayed_days"] + 1)'
	look 'near(d["effect"]["saved_kg"], 0.48 * x["delayed_days"])'
	look 'by = {e["method"]: e for e in d["effect"]["list"]}
replay, blocks = by["replay"], by["blocks without delays"]
near(replay["saved_kg"], 0.48 * x["delayed_days"]); near(replay["replay_error_percent"], 0)
near(replay["without_kg"] - replay["saved_kg"], sum(e["emissions_kg"] for e in d["places"]["list"] if e["zone"] == "DE"))
# the same, out of the days without delays alone: 150 g/kWh dirtier than the hours around them, and 50 cleaner with delays
near(blocks["saved_kg"], 0.48 * x["delayed_days"]); near(blocks["low_kg"], blocks["saved_kg"])'
	# the moved job: 0.8 kWh at 50 and not at 400; its user took another one back, which is worth what waiting would have been
	look 'flow, = d["flows"]["list"]
assert (flow["from"], flow["to"], flow["from_zone"], flow["to_zone"]) == ("throwaway/batch", "throwaway/north", "DE", "SE"), flow
near(flow["energy_kwh"], 0.8); near(flow["emissions_kg"], 0.04); near(flow["credit_kg"], 0.28)'
	# promised by 22:30, begun an hour after its latest begin, ended at 23:00: half an hour late, and all of it the queue
	look 'p = d["promises"]; assert (p["deadline_jobs"], p["missed_jobs"], p["unstarted_jobs"]) == (1, 1, 1), p
near(p["missed_hours"], 0.5); near(p["missed_queue_hours"], 0.5); assert p["missed_anyway_jobs"] == 0, p'
	look 'c = d["cost"]; assert c["opt_out_flag_jobs"] == x["days"] and c["opt_out_start_jobs"] == 1, c
assert c["missed_jobs"] == 2, c
assert {o["user"]: (o["flag_jobs"], o["start_jobs"]) for o in c["opt_outs"]} == {"games": (x["days"], 0), "mail": (0, 1)}, c'
	grep -q 'Saved, by replay' report.text
	grep -q 'Missed promises *2' report.text
	[ "$(wc -l <report.csv)" = 3 ]
	# and every figure of the page is the JSON's
	python3 - <<-'END'
		import html.parser, json
		d, seen = json.load(open("report.json")), []
		class Page(html.parser.HTMLParser):
		    def handle_starttag(self, tag, attributes):
		        if tag == "data":
		            node = d
		            for part in dict(attributes)["data-key"].split("."):
		                node = node[int(part)] if part.isdigit() else node[part]
		            seen.append(dict(attributes)["data-key"])
		            assert abs(node - float(dict(attributes)["value"])) <= 1e-6 * abs(node), (seen[-1], node, attributes)
		Page().feed(open("report.html").read())
		for key in ("effect.saved_kg", "promises.missed_hours", "cost.opt_outs.0.flag_jobs", "flows.list.0.credit_kg"):
		    assert key in seen, key
	END
	# run by run the ledger joins sacct
	carbonctl report --month "$month" --by job -f csv -o jobs.csv
	sacct -DnXPa -S "$month-01" -E "$(date -d "$month-01 +1 month" +%F)" -o Cluster,JobIDRaw,JobID,User,Account,Partition,State,ElapsedRaw |
		grep COMPLETED >sacct.txt
	python3 - <<-'END'
		import csv, json
		x = json.load(open("expected.json"))
		ours = {(r["Cluster"], r["JobIDRaw"]): r for r in csv.DictReader(open("jobs.csv", newline=""))}
		theirs = [line.strip().split("|") for line in open("sacct.txt")]
		assert len(theirs) == len(ours) == 4 * x["days"] + 2, (len(theirs), len(ours))
		for cluster, raw, job, user, account, partition, state, elapsed in theirs:
		    row = ours[cluster, raw]
		    assert [row[k] for k in ("JobID", "User", "Account", "Partition", "ElapsedRaw")] == [job, user, account, partition, elapsed], row
		assert sum(r["opt_out"] == "flag" for r in ours.values()) == x["days"]
		assert [r["opt_out"] for r in ours.values()].count("start") == 1
		assert sum(r["finish_by"] != "" for r in ours.values()) == 1
	END
	# again: the same
	carbonctl settle >/dev/null
	carbonctl report --month "$month" -f json >again.json
	python3 -c 'import json; a, b = (json.load(open(f)) for f in ("report.json", "again.json")); a.pop("settled_to"), b.pop("settled_to"); assert a == b'
}
