# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two zones for tests of places: DE is dirty, SE-SE3 clean. To be loaded by bats behind cluster.sh. It must never use
# an installed plugin or an installed carbon.conf.

# Half-minute figures in g/kWh from two hours ago to six hours ahead: SOUTH in the one zone, in the other NORTH, and LATER
# from FLIP seconds from now on.
places_grid() { # FLIP SOUTH NORTH LATER
	python3 - "$@" <<-'END'
		import sys, time
		flip, south, north, later = map(int, sys.argv[1:])
		steps = range(-7200, 21600, 30)
		def write(path, points):
		    with open(path, "w") as file:
		        file.write("time,intensity\n")
		        for at, value in points:
		            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + at))
		            file.write("%s,%d\n" % (stamp, value))
		write("south.csv", [(at, south) for at in steps])
		write("north.csv", [(at, later if at >= flip else north) for at in steps])
	END
}

# One zone's file in the same steps: VALUE, and LATER from FLIP seconds from now on.
places_series() { # FILE VALUE FLIP LATER
	python3 - "$@" <<-'END'
		import sys, time
		value, flip, later = map(int, sys.argv[2:])
		with open(sys.argv[1], "w") as file:
		    file.write("time,intensity\n")
		    for at in range(-7200, 21600, 30):
		        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + at))
		        file.write("%s,%d\n" % (stamp, later if at >= flip else value))
	END
}

places_conf() { # RUN-DIR STATE-DIR PARTITION-BLOCKS: one for each zone
	cat <<-END
		state_dir = "$2"
		run_dir = "$1"
		level = "opt-in"
		min_runtime = "0s"
		min_saving_g = 0
		min_saving_percent = 0
		scheduling_slack = "5s"
		outlook_max_age = "14d"
		source "south" {
			type = "file"
			path = "$PWD/south.csv"
		}
		source "north" {
			type = "file"
			path = "$PWD/north.csv"
		}
		zone "DE" { sources = {"south"} }
		zone "SE-SE3" { sources = {"north"} }
		$3
	END
}

places_ledger() { # STATE-DIR COLUMNS [CONDITION]: rows of the documented view
	python3 -c '
import sqlite3, sys
db = sqlite3.connect("file:%s/carbon.db?mode=ro" % sys.argv[1], uri=True)
for row in db.execute("SELECT %s FROM jobs WHERE %s ORDER BY JobIDRaw, Start" % (sys.argv[2], sys.argv[3])):
    print(*row, sep="|")' "$1" "$2" "${3:-1}"
}

# The plugin looks at its files once in each second of the clock.
places_are_seen() {
	cluster_wait_until 5 _places_is_past "$(date +%s)"
}

_places_is_past() { # SECOND
	[ "$(date +%s)" -gt "$1" ]
}
