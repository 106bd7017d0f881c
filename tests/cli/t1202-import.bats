#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl import: what a file brings, what is left out, and that it may be repeated.

load helper

setup() {
	carbon_setup
	write_conf </dev/null
}

import() {
	carbonctl -c carbon.conf import "$@"
}

history() {
	python3 -c '
import sqlite3
db = sqlite3.connect("state/carbon.db")
for row in db.execute("SELECT zone, signal, source, count(*), sum(g_kwh) FROM intensity GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"):
    print(*row, sep="|")'
}

@test "every zone and signal of a file, once, and revisions beside it" {
	cat >grid.csv <<-END
		time,zone,intensity_lifecycle,intensity_direct,estimated
		2024-05-01T00:00:00Z,DE,400,350.5,false
		2024-05-01T01:00:00Z,DE,410,,true
		2024-05-01T00:00:00Z,FR,50,20,false
		2024-05-01T01:00:00Z,FR,40000,20,false
		soon,FR,50,20,false
	END
	run -0 --separate-stderr import grid.csv
	[ "${lines[0]}" = "grid.csv: DE average-lifecycle from 2024-05-01T00:00:00Z to 2024-05-01T01:00:00Z: 2 new, 0 revised, 0 known already" ]
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr = *"average-lifecycle: left out of 5 rows: "*"1 implausible"* ]]
	before=$(history)
	[ "$before" = "$(printf '%s\n' 'DE|average-direct|import|1|350.5' 'DE|average-lifecycle|import|2|810.0' \
		'FR|average-direct|import|2|40.0' 'FR|average-lifecycle|import|1|50.0')" ]
	import grid.csv >again 2>/dev/null
	grep -q 'DE average-lifecycle.*: 0 new, 0 revised, 2 known already' again
	[ "$(history)" = "$before" ]
	sed -i 's/DE,400/DE,401/' grid.csv
	import -f json grid.csv >revised.json 2>/dev/null
	[ "$(json revised.json 'd[0]["zone"], d[0]["new"], d[0]["revised"], d[0]["known"]')" = "('DE', 0, 1, 1)" ]
}

@test "a file without zones needs one, and with --zone others' rows are left" {
	printf 'time,intensity\n2024-05-01T00:00Z,400\n' >plain.csv
	fails 1 "carbonctl import: plain.csv: line 2: no zone in this file: name it with --zone" import plain.csv
	[ -z "$(history)" ]
	run -0 import --zone SE-SE3 plain.csv
	[ "$(history)" = "SE-SE3|average-lifecycle|import|1|400.0" ]
}

@test "a bad file changes nothing, and the others are still read" {
	printf 'time,intensity,zone\n2024-05-01T00:00Z,400,DE\n2024-05-01T01:00Z,400,D E\n' >bad.csv
	printf 'time,intensity,zone\n2024-05-01T00:00Z,100,FR\n' >good.csv
	: >empty.csv
	printf 'a,b\n1,2\n' >foreign.csv
	printf '<html>\n' >page.csv
	run -1 --separate-stderr import bad.csv missing.csv empty.csv foreign.csv page.csv /dev/zero good.csv
	[ "$(history)" = "FR|average-lifecycle|import|1|100.0" ]
	[[ $stderr = *'bad.csv: line 3: zone "D E" is no zone'* ]]
	[[ $stderr = *"missing.csv: No such file"* ]]
	[[ $stderr = *"empty.csv: empty"* ]]
	[[ $stderr = *"foreign.csv: line 1: no column of times"* ]]
	[[ $stderr = *"page.csv: line 1: "* ]]
	[[ $stderr = *"/dev/zero: not a regular file"* ]]
	fails 2 'carbonctl import: which files? (see carbonctl import --help)' import
	fails 2 'carbonctl import: --zone "D E" is no zone'"'"'s name (such as DE) (see carbonctl import --help)' \
		import --zone 'D E' good.csv
}

@test "three years of a zone from downloaded data" {
	file=$CARBON_DATA/intensity/DE.csv
	[ -e "$file" ] || skip "CARBON_DATA ($CARBON_DATA) has no intensity/DE.csv: set it to the folder of the data sets"
	run -0 import --zone DE "$file"
	[[ ${lines[0]} = *"26280 new, 0 revised, 0 known already" ]]
	[ "$(stat -c %s state/carbon.db)" -lt 2000000 ]
}
