#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl import --meter: readings are kept once, a bad row leaves nothing of its file, and is named.

load helper

setup() {
	carbon_setup
	write_conf </dev/null
}

meters() { # rows of the documented view
	python3 -c '
import sqlite3
db = sqlite3.connect("file:state/carbon.db?mode=ro", uri=True)
for row in db.execute("SELECT * FROM meters ORDER BY meter, 4"):
    print(*row, sep="|")'
}

refused() { # ROW ERROR
	printf '%s\n' meter,scope,from,to,energy_kwh good,rack,2026-09-01T00:00Z,2026-09-01T01:00Z,5 "$1" >bad.csv
	fails 1 "carbonctl import: bad.csv:3: $2" carbonctl -c carbon.conf import --meter bad.csv
}

@test "readings are loaded, and again changes nothing" {
	cat >meter.csv <<-END
		meter,scope,covers,from,to,energy_kwh
		hall 1,site,,2026-10-01T00:00:00+02:00,2026-10-01T01:00:00+02:00,812.5
		hall 1,site,,2026-09-30T23:00Z,2026-10-01T00:00Z,799
		"rack, left",rack,alpha/gpu,2026-10-01T00:00Z,2026-10-02T00:00Z,300
	END
	run -0 carbonctl -c carbon.conf import --meter meter.csv
	[ "$output" = 'meter.csv: meter readings: 3 new, 0 revised, 0 known already' ]
	[ "$(meters)" = 'hall 1|site||2026-09-30T22:00:00Z|2026-09-30T23:00:00Z|812.5
hall 1|site||2026-09-30T23:00:00Z|2026-10-01T00:00:00Z|799.0
rack, left|rack|alpha/gpu|2026-10-01T00:00:00Z|2026-10-02T00:00:00Z|300.0' ]
	sed -i 's/,799$/,800/' meter.csv
	run -0 carbonctl -c carbon.conf -f json import --meter meter.csv
	echo "$output" >import.json
	[ "$(json import.json 'd[0]["new"], d[0]["revised"], d[0]["known"]')" = '(0, 1, 2)' ]
}

@test "a bad row is named, and nothing of its file is kept" {
	refused 'm,rack,2026-09-01 00:00,2026-09-01T01:00Z,5' \
		'"2026-09-01 00:00" has no zone (such as 2026-10-01T00:00:00Z or ...+02:00)'
	refused 'm,rack,yesterday,2026-09-01T01:00Z,5' '"yesterday" is no time (such as 2026-10-01T00:00:00+02:00)'
	refused 'm,floor,2026-09-01T00:00Z,2026-09-01T01:00Z,5' 'scope "floor" unknown (known: rack, room, site)'
	refused 'm,rack,2026-09-01T02:00Z,2026-09-01T01:00Z,5' 'it ends at "2026-09-01T01:00Z", which is not after its begin'
	refused 'm,rack,2026-09-01T00:00Z,2026-09-01T01:00Z,-5' 'energy_kwh "-5" is no number from 0 to 1e+09'
	refused ',rack,2026-09-01T00:00Z,2026-09-01T01:00Z,5' 'no name of a meter'
	refused 'good,rack,2026-09-01T00:30Z,2026-09-01T01:30Z,5' \
		'overlaps the reading of meter "good" from 2026-09-01T00:00:00Z to 2026-09-01T01:00:00Z'
	[ -z "$(meters)" ]
}

@test "a file without the columns, and options that do not go together" {
	echo a,b,c >other.csv
	fails 1 'carbonctl import: other.csv:1: no column "meter" (right are meter, scope, from, to, energy_kwh and, if wanted, covers)' \
		carbonctl -c carbon.conf import --meter other.csv
	fails 2 'carbonctl import: --meter takes no --zone (see carbonctl import --help)' \
		carbonctl -c carbon.conf import --meter --zone DE other.csv
}
