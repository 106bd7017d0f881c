#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The HTML report in a real Chromium: what is shown is what the JSON says, nothing overflows on a telephone, a screen or
# A4, nothing is asked of anybody, and no name of a job does anything. A missing Chromium is a failure.

load ../cli/helper

setup_file() {
	export LANG=C TZ=UTC
	cd "$BATS_FILE_TMPDIR" || return 1
	mkdir state
	"$CARBON_BUILD/tests/browser/fill_month" state/carbon.db
	# What settling a live cluster adds: how full places were, nodes without work, the cluster effect.
	sqlite3 state/carbon.db <<-'END'
		INSERT INTO place SELECT 1, c.id, p.id FROM name c, name p WHERE c.text = 'alpha' AND p.text = 'batch';
		WITH RECURSIVE t(at) AS (VALUES (1714521600) UNION ALL SELECT at + 300 FROM t WHERE at + 300 < 1717200000)
			INSERT INTO occupancy SELECT 1, at, 4000, 0, 3000, 0, 0, at / 300 % 4 = 0, 40, 0, 0, 3000, 0 FROM t;
		INSERT INTO node_day SELECT 1, 1714521600, 86400, 240, 36, 12, 0, 3, 1.35, 33.5, 1, 0.5, z.id, 0, 4, 12000, 9600, 1717200000
			FROM name z WHERE z.text = 'DE';
		INSERT INTO effect SELECT c.id, 1714521600, m, 1717200000, 1500, 500, 0, 3600000, 86000, 51000, 121000, 0.042, 5400, 5300,
			1717300000 FROM name c, (SELECT 0 AS m UNION SELECT 1) WHERE c.text = 'alpha';
		INSERT INTO name (text) VALUES ('room 1');
		INSERT INTO meter SELECT m.id, 1, c.id, 1714521600, 1717200000, 9000, 1717300000 FROM name m, name c
			WHERE m.text = 'room 1' AND c.text = 'alpha/batch' OR m.text = 'room 1' AND c.text = '' LIMIT 1;
	END
	printf 'state_dir = "%s/state"\nrun_dir = "%s/run"\n' "$PWD" "$PWD" >carbon.conf
	chmod 644 carbon.conf
	for format in html json; do
		"$CARBON_BUILD/tools/carbonctl" -c carbon.conf report --month 2024-05 -f "$format" -o "report.$format"
	done
	for width in 360 1280; do
		"$CARBON_SRC/tests/browser/browse.py" report.html "$width" >"$width.json"
	done
	# What is left of A4 between margins of 14 mm, at 96 pixels an inch.
	"$CARBON_SRC/tests/browser/browse.py" report.html 688 print >688.json
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return 1
}

look() { # look FILE STATEMENTS: with d being what the browser saw, and report the JSON
	python3 - "$1" "$2" <<-'END'
		import json, sys
		d, report = json.load(open(sys.argv[1])), json.load(open("report.json"))
		def find(path):
		    node = report
		    for part in path.split("."):
		        node = node[int(part) if part.isdigit() else part]
		    return node
		exec(sys.argv[2])
	END
}

@test "every figure on the page is the JSON's, as it is shown and as it is carried" {
	look 1280.json '
assert len(d["figures"]) > 150, len(d["figures"])
for figure in d["figures"]:
    value = find(figure["key"])
    assert float(figure["value"]) == value, (figure, value)
    assert abs(float(figure["shown"].replace(",", "")) - value) <= 0.00501 * abs(value), (figure, value)
    assert figure["visible"], figure
keys = {figure["key"] for figure in d["figures"]}
missing = {"total.jobs", "total.energy_kwh", "total.emissions_kg", "total.credit_kg", "lines.0.energy_kwh",
           "places.list.0.pue", "changes.list.0.energy_change_percent", "rates.g_per_gpu_hour",
           "promises.kept_kg", "effect.list.0.saved_kg", "effect.list.1.low_kg", "effect.saved_kg", "balance.list.0.rest_kwh", "cost.waiting_idle_node_hours",
           "saturation.list.0.full_percent", "nodes.idle_kwh", "scope2.location_kg", "scope2.market_kg", "sci.g_per_job_hour",
           "apart.water_l", "quality.measured_percent", "equivalents.car_lives"} - keys
assert not missing, missing'
}

@test "at 360 pixels nothing overflows, and tables and charts scroll by themselves" {
	look 360.json '
assert d["width"] == 360, d["width"]
assert d["scroll"] <= 360, d["scroll"]
assert not d["cut"], d["cut"]
assert any(box["scroll"] > box["client"] for box in d["wide"])
assert all(box["client"] <= 360 for box in d["wide"]), d["wide"]'
}

@test "at 1280 pixels nothing overflows and nothing has to scroll" {
	look 1280.json '
assert d["width"] == 1280 and d["scroll"] <= 1280 and not d["cut"], (d["scroll"], d["cut"])
assert all(box["scroll"] <= box["client"] for box in d["wide"]), d["wide"]'
}

@test "charts are drawn inside their frame and say in words what they show" {
	look 1280.json '
assert len(d["charts"]) == 2, len(d["charts"])
for chart in d["charts"]:
    assert chart["width"] > 700 and chart["height"] > 200, chart
    assert not chart["outside"], chart["outside"]
    assert len(chart["title"]) > 20 and len(chart["text"]) > 60, chart'
}

@test "nothing runs, nothing is fetched, and hostile names are text" {
	for width in 360 1280; do
		look "$width.json" '
assert d["asked"] == ["/", "/page.html"], d["asked"]
assert d["scripts"] == 0 and not d["fired"]
assert "<script>alert(1)</script>" in d["text"] and "=HYPERLINK(" in d["text"] and "<b>bold</b>" in d["text"]
assert "j\u00fcrgen" in d["text"] and "\ufffd" in d["text"]'
	done
}

@test "as it is printed, it fits the width of A4" {
	look 688.json '
assert d["width"] == 688 and d["scroll"] <= 688 and not d["cut"], (d["scroll"], d["cut"])
assert all(box["scroll"] <= box["client"] for box in d["wide"]), d["wide"]'
}

@test "printed by the browser, every figure is on A4 and inside the margins" {
	local user=()
	[ "$(id -u)" -ne 0 ] || user=(--no-sandbox)
	HOME=$BATS_TEST_TMPDIR timeout 120 chromium --headless=new "${user[@]}" --disable-gpu --no-first-run \
		--disable-background-networking --disable-dev-shm-usage --user-data-dir="$BATS_TEST_TMPDIR/profile" \
		--no-pdf-header-footer --print-to-pdf="$BATS_TEST_TMPDIR/report.pdf" "file://$PWD/report.html" 2>/dev/null
	pdfinfo "$BATS_TEST_TMPDIR/report.pdf" | grep -q '(A4)'
	pdftotext -bbox "$BATS_TEST_TMPDIR/report.pdf" "$BATS_TEST_TMPDIR/words.html"
	look 1280.json '
import os, re
text = open(os.environ["BATS_TEST_TMPDIR"] + "/words.html", encoding="utf-8", errors="replace").read()
words = re.findall(r"<word xMin=\"([\d.]+)\" yMin=\"([\d.]+)\" xMax=\"([\d.]+)\" yMax=\"([\d.]+)\">(.*?)</word>", text)
margin, width, height = 14 * 72 / 25.4, 595.3, 841.9
assert len(words) > 800, len(words)
bad = [word for word in words if float(word[0]) < margin - 1 or float(word[2]) > width - margin + 1 or float(word[3]) > height - margin + 2]
assert not bad, bad[:5]
shown = {word[4] for word in words}
missing = [figure for figure in d["figures"] if figure["shown"] not in shown and not any(figure["shown"] in word for word in shown)]
assert not missing, missing[:5]'
}

@test "a month that is not over, and one of a single job, are pages too" {
	cd "$BATS_TEST_TMPDIR"
	mkdir state
	"$CARBON_BUILD/tests/cli/fill_ledger" state/carbon.db
	printf 'state_dir = "%s/state"\nrun_dir = "%s/run"\n' "$PWD" "$PWD" >carbon.conf
	carbonctl -c carbon.conf report --month 2024-05 --by day -f html -o small.html
	"$CARBON_SRC/tests/browser/browse.py" small.html 360 >small.json
	cp "$BATS_FILE_TMPDIR/report.json" report.json
	look small.json 'assert d["scroll"] <= 360 and not d["cut"] and "By day" in d["headings"], d["headings"]'
}
