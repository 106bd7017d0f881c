# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two zones for tests of places, DE dirty and SE-SE3 clean, and the clusters that are in them. It must never use
# an installed plugin or an installed carbon.conf.

load ../../contrib/cluster/cluster.sh
load books

: "${CARBON_BUILD:?is the build folder; make check-slurm sets it}"
unset CARBON_DATA

teardown() {
	cluster_down "$dir"
	rm -rf "$dir.carbon"
}

# $dir for a cluster, and beside it the plugin's folder, or one for each of several.
places_setup() { # [NAME...]
	export LANG=C TZ=UTC
	dir=$(cluster_make_dir)
	mkdir "$dir.carbon" "${@/#/$dir.carbon/}"
	chmod 755 "$dir.carbon" "${@/#/$dir.carbon/}"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Both plugins of the build tree.
# shellcheck disable=SC2034 # cluster.sh reads them
places_plugins() { # FOLDER: of the plugin's files, as slurmctld is told it
	CLUSTER_PLUGIN_DIR=$CARBON_BUILD/plugin/.libs
	CLUSTER_JOB_SUBMIT=carbon
	CLUSTER_SPANK="optional $CARBON_BUILD/plugin/.libs/spank_carbon.so"
	CLUSTER_CTLD_ENV="SLURM_CARBON_DIR=$1"
}

# Half-minute figures in g/kWh from two hours ago to six hours ahead: SOUTH in the one zone, in the other NORTH, and LATER
# from FLIP seconds from now on.
places_grid() { # FLIP SOUTH NORTH LATER
	python3 - "$@" <<-'END'
		import sys, time
		now = int(time.time())
		flip, south, north, later = map(int, sys.argv[1:])
		steps = range(-7200, 21600, 30)
		def write(path, points):
		    with open(path, "w") as file:
		        file.write("time,intensity\n")
		        for at, value in points:
		            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + at))
		            file.write("%s,%d\n" % (stamp, value))
		write("south.csv", [(at, south) for at in steps])
		write("north.csv", [(at, later if at >= flip else north) for at in steps])
	END
}

# One zone's file in the same steps: VALUE, and LATER from FLIP seconds from now on.
places_series() { # FILE VALUE FLIP LATER
	python3 - "$@" <<-'END'
		import sys, time
		now = int(time.time())
		value, flip, later = map(int, sys.argv[2:])
		with open(sys.argv[1], "w") as file:
		    file.write("time,intensity\n")
		    for at in range(-7200, 21600, 30):
		        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + at))
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

# The plugin looks at its files once in each second of the clock.
places_are_seen() {
	cluster_wait_until 5 _places_is_past "$(date +%s)"
}

_places_is_past() { # SECOND
	[ "$(date +%s)" -gt "$1" ]
}
