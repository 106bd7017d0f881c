# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For the tests of carbon-forecaster against the server that imitates data providers: a folder, the
# server and a configuration per test, and questions about the outlook. Never talks to a real provider.

# shellcheck disable=SC2034 # used by the tests
GRID_SRC=${CARBON_SRC:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
GRID_BUILD=${CARBON_BUILD:-$GRID_SRC}
GRID_FORECASTER=$GRID_BUILD/forecaster/carbon-forecaster
GRID_NOW=2026-03-05T17:34:00Z
GRID_TOKEN=secret-token-of-the-test

grid_setup() {
	unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
	dir=$(mktemp -d)
	mkdir -m 755 "$dir/etc"
	printf '%s\n' "$GRID_TOKEN" >"$dir/token"
	chmod 600 "$dir/token"
	conf=$dir/carbon.conf
	outlook=$dir/run/outlook
	requests=$dir/requests
	: >"$requests"
}

grid_teardown() {
	grid_stop_server
	rm -rf "$dir"
}

# Waits until FILE is there (five seconds at most).
grid_wait_for() {
	local tries=0
	until [ -s "$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 250 ] || return 1
		read -r -t 0.02 <> <(:) || true
	done
}

# grid_start_server [OPTION...]: sets $port. The clock is frozen unless GRID_NOW is empty.
grid_start_server() {
	python3 "$GRID_SRC/tests/fakes/grid_server.py" ${GRID_NOW:+--now "$GRID_NOW"} --seconds 300 \
		--port-file "$dir/port" --pid-file "$dir/server.pid" --requests "$requests" \
		--control "$dir/control" --token "$GRID_TOKEN" "$@" 2>"$dir/server.err" 3>&- &
	grid_wait_for "$dir/port" || { cat "$dir/server.err"; return 1; }
	port=$(cat "$dir/port")
}

grid_stop_server() {
	[ ! -f "$dir/server.pid" ] || kill "$(cat "$dir/server.pid")" 2>/dev/null || true
	rm -f "$dir/server.pid" "$dir/port"
}

# Faults by path: grid_modes REGEX MODE[,MODE]...; replaces earlier ones.
grid_modes() {
	local rules='' modes
	while [ $# -ge 2 ]; do
		modes=\"${2//,/\",\"}\"
		rules+="{\"match\":\"$1\",\"modes\":[$modes]},"
		shift 2
	done
	printf '[%s]' "${rules%,}" >"$dir/control.new"
	mv "$dir/control.new" "$dir/control"
}

# grid_conf [LINE...]: folders and an Electricity Maps source of the server; LINEs are the zones.
grid_conf() {
	cat >"$conf" <<-EOF
		run_dir = "$dir/run"
		state_dir = "$dir/state"
		source "electricitymaps" {
			url = "${url:-http://127.0.0.1:$port/em/v3}"
			token_file = "$dir/token"
			timeout = ${timeout:-5s}
		}
	EOF
	printf '%s\n' "$@" >>"$conf"
}

# The forecaster at the frozen time, asking whatever an earlier run has learned; further options are passed on.
grid_forecast() {
	"$GRID_FORECASTER" -c "$conf" --now "$GRID_NOW" --fresh "$@"
}

# The forecaster as a timer runs it: grid_run TIME [OPTION...]
grid_run() {
	"$GRID_FORECASTER" -c "$conf" --now "$@"
}

# The parts of a zone: "kind source points" each.
grid_parts() {
	awk -v zone="$1" '$1 == "zone" { here = $2 == zone }
		here && $1 == "part" { split($5, points, "="); print $2, $3, points[2] }' "$outlook"
}

# The mean of point N (from 1) of a zone.
grid_point() {
	awk -v zone="$1" -v n="$2" '$1 == "zone" { here = $2 == zone }
		here && /^[0-9]/ && ++seen == n { print $1; exit }' "$outlook"
}

grid_requests() {
	grep -c "$1" "$requests" || true
}
