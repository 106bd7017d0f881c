#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl report on a ledger of four runs in May 2024 (see fill_ledger.c), and what it says when it cannot.

load helper

setup() {
	carbon_setup
	write_conf </dev/null
	mkdir state
}

fill() {
	"$CARBON_BUILD/tests/cli/fill_ledger" state/carbon.db
}

report() {
	carbonctl -c carbon.conf report "$@"
}

@test "text: a line per user, a total, and in sentences how sure it is" {
	fill
	run -0 --separate-stderr report --month 2024-05
	[ -z "$stderr" ]
	[ "${lines[0]}" = "Carbon report for 2024-05, cluster alpha, by user" ]
	grep -qE '^ada +2 +2\.00 +0\.200 +0\.200 +0\.200 +\+0\.200$' <<<"$output"
	grep -qE '^bob +1 +1\.00 +unknown +- +- +-$' <<<"$output"
	grep -qE '^total +4 +4\.00 +0\.300 ' <<<"$output"
	grep -qE '^Energy from the power model +100 %$' <<<"$output"
	grep -qE '^Intensity measured \(settled\) +75.0 %$' <<<"$output"
	grep -qE '^Intensity unknown +25.0 % \(in no figure of emissions here\)$' <<<"$output"
	grep -q '^1.00 kWh have no known intensity' <<<"$output"
	grep -qE '^Intensity from +DE: file$' <<<"$output"
	grep -q 'not what the cluster as a whole saved' <<<"$(tr '\n' ' ' <<<"$output")"
	run ! grep '[[:cntrl:]]' <<<"$(tr -d '\n' <<<"$output")"
}

@test "JSON: the documented members, and lines that add up to the total" {
	fill
	report --month 2024-05 -f json >report.json
	[ "$(json report.json '[key for key in "by clusters from lines month odd_runs other_signal_runs settled_to signal sources to total".split() if key not in d]')" = "[]" ]
	[ "$(json report.json 'd["hours"]["moved_kwh"], d["hours"]["hours"][12]["without_kwh"], d["hours"]["hours"][0]["with_kwh"]')" = "(1, 1, 4)" ]
	[ "$(json report.json 'd["promises"]["promised_kg"], d["promises"]["kept_kg"], d["promises"]["waited_hours"]')" = "(0.18, 0.2, 12)" ]
	[ "$(json report.json '[(p["partition"], p["zone"], p["emissions_kg"]) for p in d["places"]["list"]]')" = "[('batch', 'DE', 0.3), ('nowhere', 'unknown', None)]" ]
	[ "$(json report.json 'd["places"]["without_zone_kwh"], d["changes"]["list"][0]["month"], d["changes"]["list"][0]["energy_kwh"]')" = "(1, '2024-04', None)" ]
	[ "$(json report.json 'd["total"]["energy_kwh"], d["total"]["emissions_kg"], d["total"]["credit_kg"]')" = "(4, 0.3, 0.2)" ]
	[ "$(json report.json 'sum(l["energy_kwh"] for l in d["lines"]) == d["total"]["energy_kwh"]')" = True ]
	[ "$(json report.json 'd["total"]["without_emissions_kwh"], d["total"]["credit"]["promised_kg"]')" = "(1, 0.18)" ]
	missing=$(python3 -c '
import json, os, re
manual = open(os.environ["CARBON_SRC"] + "/doc/carbonctl.1").read()
manual = re.sub(r"\\\\f[BIRP]|\\\\", "", manual[manual.index(".SS report"):manual.index(".SS estimate")])
def names(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from names(value)
    elif isinstance(node, list):
        for value in node[:1]:
            yield from names(value)
document = json.load(open("report.json"))
document.pop("odd_runs"), document["total"].pop("credit"), document["total"].pop("intensity_kwh")
document["lines"] = []
print(*sorted({name for name in names(document) if not re.search(r"\b" + name + r"\b", manual)}))')
	[ -z "$missing" ] || {
		echo "carbonctl.1 does not name: $missing"
		return 1
	}
}

@test "flows: from where to where jobs were moved, alike in text, JSON and HTML, and documented" {
	"$CARBON_BUILD/tests/cli/fill_ledger" state/carbon.db moved
	run -0 report --month 2024-05
	grep -qx 'How jobs moved between places' <<<"$output"
	grep -qE '^beta/south +DE +alpha/batch +DE +1 +1\.00 +0\.100 +\+0\.496 +20\.0 +4\.00$' <<<"$output"
	report --month 2024-05 -f json >report.json
	[ "$(json report.json 'd["flows"]')" = "{'list': [{'from': 'beta/south', 'from_zone': 'DE', 'to': 'alpha/batch', 'to_zone': 'DE', 'jobs': 1, 'energy_kwh': 1, 'emissions_kg': 0.1, 'credit_kg': 0.496, 'data_gb': 20, 'data_kg': 0.004}], 'total': {'jobs': 1, 'energy_kwh': 1, 'emissions_kg': 0.1, 'credit_kg': 0.496, 'data_gb': 20, 'data_kg': 0.004}}" ]
	report --month 2024-05 -f html -o report.html
	for key in jobs energy_kwh emissions_kg credit_kg data_gb data_kg; do
		grep -q "data-key=\"flows\.list\.0\.$key\"" report.html
	done
	for key in $(json report.json '" ".join(d["flows"]["list"][0])'); do
		sed -n '/^\.B flows$/,/^\.B hours$/p' "$CARBON_SRC/doc/carbonctl.1" | grep -qw "$key"
	done
	rm state/carbon.db
	fill
	run -0 report --month 2024-05
	run ! grep 'between places' <<<"$output"
}

@test "CSV: every way to cut the month, and no formula for a spreadsheet" {
	fill
	for by in user account partition zone qos day; do
		report --month 2024-05 --by "$by" -f csv >report.csv
		[ "$(python3 -c '
import csv, sys
rows = list(csv.DictReader(open("report.csv", newline="")))
assert sys.argv[1] in rows[0], rows[0]
assert not any(value[:1] in "=+@" for row in rows for value in row.values() if value), rows
print(sum(float(row["energy_kwh"]) for row in rows))' "$by")" = 4.0 ]
	done
}

@test "CSV by job: each run under Slurm's own names, what is not known is empty, no formula" {
	fill
	run -0 --separate-stderr report --month 2024-05 --by job -f csv
	[ -z "$stderr" ]
	report --month 2024-05 --by job -f csv -o jobs.csv
	[ "$(tr -d '\r' <jobs.csv)" = "$(tr -d '\r' <<<"$output")" ]
	python3 -c '
import csv, sqlite3
rows = list(csv.DictReader(open("jobs.csv", newline="")))
db = sqlite3.connect("file:state/carbon.db?mode=ro", uri=True)
view = db.execute("SELECT * FROM jobs WHERE End LIKE \"2024-05%\" ORDER BY EndRaw")
names = [column[0] for column in view.description]
assert list(rows[0]) == names, rows[0]
known = view.fetchall()
assert len(rows) == len(known) > 2
for row, real in zip(rows, known):
    for name, value in zip(names, real):
        if value is None:
            assert row[name] == "", (name, row[name])
        elif isinstance(value, str):
            assert row[name].lstrip("\x27") == value and row[name][:1] not in tuple("=+-@"), (name, row[name])
        else:
            assert abs(float(row[name]) - value) <= 1e-9 * abs(value), (name, row[name], value)'
	fails 2 'carbonctl report: --by job is a table for programs: -f csv (see carbonctl report --help)' report --by job
	fails 1 'carbonctl report: no run that ended in 2024-03 is in the ledger (carbonctl settle --since 2024-03-01T00:00Z reads them from Slurm)' \
		report --month 2024-03 --by job -f csv
	run -1 report --month 2099-01 --by job -f csv
	[[ $output = *"month 2099-01 has not begun"* ]]
}

@test "HTML: one well-formed page, nothing from outside, the figures of the JSON" {
	fill
	report --month 2024-05 --by account -f html -o report.html
	report --month 2024-05 --by account -f json >report.json
	python3 - <<-'END'
		import html.parser, json, re
		text = open("report.html").read()
		class Page(html.parser.HTMLParser):
		    open, figures, shown = [], [], []
		    def handle_starttag(self, tag, attrs):
		        assert tag not in ("script", "iframe", "img", "object", "link", "base"), tag
		        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs), attrs
		        if tag not in ("meta", "br"):
		            self.open.append(tag)
		        if tag == "data":
		            self.figures.append(dict(attrs))
		    def handle_endtag(self, tag):
		        assert self.open.pop() == tag, tag
		    def handle_data(self, data):
		        if self.open and self.open[-1] == "data":
		            self.shown.append(data)
		page = Page()
		page.feed(text)
		page.close()
		assert not page.open, page.open
		assert not re.search(r"https?://|url\(|@import", text)
		report = json.load(open("report.json"))
		assert len(page.figures) == len(page.shown) > 40
		for figure, shown in zip(page.figures, page.shown):
		    node = report
		    for part in figure["data-key"].split("."):
		        node = node[int(part) if part.isdigit() else part]
		    assert float(figure["value"]) == node, (figure, node)
		    assert abs(float(shown.replace(",", "")) - node) <= 0.00501 * abs(node), (figure, shown)
		assert {"total.energy_kwh", "total.emissions_kg", "total.credit_kg"} <= {figure["data-key"] for figure in page.figures}
		assert len(re.findall('<svg[^>]*role="img" aria-labelledby="(\\S+) (\\S+)">\\n<title id="\\1">[^<]+</title>\\n<desc id="\\2">[^<]+</desc>', text)) == text.count("<svg") == 2
	END
}

@test "-o puts the file into place, or leaves what was there" {
	fill
	echo old >report.txt
	run -0 report --month 2024-05 -o report.txt
	[ -z "$output" ]
	grep -q '^Carbon report for 2024-05' report.txt
	fails 1 "carbonctl report: no run that ended in 2024-04 is in the ledger (carbonctl settle --since 2024-04-01T00:00Z reads them from Slurm)" \
		report --month 2024-04 -o report.txt
	grep -q '^Carbon report for 2024-05' report.txt
	run -1 report --month 2024-05 -o missing/report.txt
	[[ $output = *missing/report.txt* ]]
}

@test "a month or a line that is none" {
	fill
	fails 2 'carbonctl report: --month "2024-13" is no month (such as 2026-10) (see carbonctl report --help)' \
		report --month 2024-13
	fails 2 'carbonctl report: --month "May" is no month (such as 2026-10) (see carbonctl report --help)' \
		report --month May
	fails 2 'carbonctl report: --by "moon" unknown (known: user, account, partition, zone, qos, day, job) (see carbonctl report --help)' \
		report --by moon
	run -1 report --month 2099-11
	[[ $output = *"month 2099-11 has not begun"* ]]
}

@test "no ledger, a damaged one, one of a newer version, one of somebody else" {
	run -1 report --month 2024-05
	[[ $output = *"state/carbon.db: No such file"*"carbonctl settle"* ]]
	head -c 8192 /dev/zero | tr '\0' x >state/carbon.db
	run -1 report --month 2024-05
	[[ $output = *"state/carbon.db: damaged"*"settle --since"* ]]
	rm state/carbon.db*
	python3 -c 'import sqlite3; sqlite3.connect("state/carbon.db").execute("CREATE TABLE theirs (x)")'
	run -1 report --month 2024-05
	[[ $output = *"another program"* ]]
	rm state/carbon.db*
	fill
	python3 -c 'import sqlite3; sqlite3.connect("state/carbon.db").execute("PRAGMA user_version = 99")'
	run -1 report --month 2024-05
	[[ $output = *"version 99"* ]]
}

@test "a ledger that is damaged inside is named too, whatever reads it, and nothing is put into place" {
	"$CARBON_BUILD/tests/browser/fill_month" state/carbon.db
	size=$(stat -c %s state/carbon.db)
	[ "$size" -gt 400000 ]
	python3 -c '
import sys
with open("state/carbon.db", "r+b") as file:
    for page in range(20, int(sys.argv[1]) // 4096):
        file.seek(page * 4096)
        file.write(b"\xa5" * 64)' "$size"
	rm -f state/carbon.db-*
	write_conf <<<'account "physics" { allowance_kg = 1 }'
	for command in "report --month 2024-05 -o report.html -f html" "budget --month 2024-05" "cite --account physics"; do
		# shellcheck disable=SC2086
		run -1 carbonctl -c carbon.conf $command
		[[ $output = *"state/carbon.db: damaged"*"settle --since"* ]]
	done
	[ ! -e report.html ]
}

@test "a ledger of an older version is not read before settle has migrated it" {
	fill

	sqlite3 state/carbon.db "PRAGMA user_version = 1"
	run -1 report --month 2024-05
	[[ $output = *"its tables are version 1, this program needs"*"carbonctl settle"* ]]
	[ ! -e state/carbon.db.v1.bak ]
}

@test "the documented view and example work on the file" {
	fill
	[ "$(python3 -c '
import sqlite3
db = sqlite3.connect("state/carbon.db")
print(db.execute("SELECT Account, sum(energy_kwh), round(sum(mass_g) / 1000, 6) FROM jobs WHERE End >= ? AND End < ? GROUP BY Account", ("2024-05-01", "2024-06-01")).fetchall())
columns = [row[1] for row in db.execute("PRAGMA table_info(jobs)")]
manual = open(__import__("os").environ["CARBON_SRC"] + "/doc/carbon-ledger.5").read().replace("\\-", "-")
missing = [c for c in columns if c not in manual]
assert not missing, missing')" = "[('science', 4.0, 0.3)]" ]
}
