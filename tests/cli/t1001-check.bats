#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# carbonctl check: errors with file and line, and what a valid file means.

load helper

setup() {
	carbon_setup
}

bad() { # bad "SENTENCE" <<<CONTENT
	cat >carbon.conf
	fails 1 "carbonctl check: $1" carbonctl -c carbon.conf check
}

# The kinds of sources that carbon.conf(5) names are the ones that there are.
known_types() {
	sed -n '/^.BI "type = "/,/^Where/p' "$CARBON_SRC/doc/carbon.conf.5" |
		sed -n 's/^\.BR\{0,1\} \([a-z-]*\).*/\1/p' | paste -sd, | sed 's/,/, /g'
}

@test "a policy that does not exist is named with those that do" {
	printf '\n\npolicy = "greedy2"\n' >carbon.conf
	run -1 --separate-stderr carbonctl -c carbon.conf check
	[[ $stderr = 'carbonctl check: carbon.conf:3: policy "greedy2" unknown (known: immediate, lowest-window'*')' ]]
}

@test "each mistake is told with its line and what would be right" {
	bad 'carbon.conf:2: level "on" unknown (known: off, observe, opt-in, default)' <<<'
level = "on"'
	bad 'carbon.conf:3: "default_dealy" is no option (did you mean default_delay?)' <<<'/* two
lines */
default_dealy = "2h"'
	bad 'carbon.conf:1: max_delay "12 parsecs" is no duration (such as 90m, 12h, 2-00:00:00)' \
		<<<'max_delay = "12 parsecs"'
	bad 'carbon.conf:1: partition "*" takes neither exclude, delay, minimum saving nor share (set them outside of the blocks)' \
		<<<'partition "*" { delay = "1h" }'
	bad 'carbon.conf:1: user "nobody-here-has-this-name" unknown on this machine' \
		<<<'user "nobody-here-has-this-name" { exclude = true }'
	bad "carbon.conf:1: this '{' is never closed" <<<'zone "DE" {'
	bad 'carbon.conf:2: source "em": type "em" unknown (known: '"$(known_types)"')' <<<'
source "em" { timeout = "5s" }'
	bad 'carbon.conf:1: source "tibber" of zone DE has no block' <<<'zone "DE" { sources = {"tibber"} }'
}

@test "a file that is missing, a folder, too large or not text is refused" {
	fails 1 "carbonctl check: nowhere.conf: No such file or directory" carbonctl -c nowhere.conf check
	mkdir folder
	run -1 --separate-stderr carbonctl -c folder check
	[[ $stderr = "carbonctl check: folder"*"regular file"* ]]
	head -c 1100000 /dev/zero | tr '\0' '#' >carbon.conf
	run -1 --separate-stderr carbonctl -c carbon.conf check
	[[ $stderr = "carbonctl check: carbon.conf"*"1048576"* ]]
	printf 'level = "off"\0\n' >carbon.conf
	fails 1 "carbonctl check: carbon.conf: not a text file (a zero byte in it)" carbonctl -c carbon.conf check
	mkfifo pipe
	run -1 timeout 10 "$CARBON_BUILD/tools/carbonctl" -c pipe check
}

@test "a file that others may write to is refused" {
	echo 'level = "off"' >carbon.conf
	chmod 666 carbon.conf
	run -1 --separate-stderr carbonctl -c carbon.conf check
	[[ $stderr = "carbonctl check: carbon.conf"*"writ"* ]]
}

@test "no file at all means the defaults, and says that every job is left alone" {
	[ ! -e "$(carbonctl --help | sed -n 's/.*default: \(.*carbon.conf\)).*/\1/p')" ] ||
		skip "this machine has a carbon.conf in the default place"
	run -0 --separate-stderr carbonctl check
	[ -z "$stderr" ]
	[[ ${lines[0]} = "There is no "*"/carbon.conf; these are the defaults." ]]
	[ "${lines[1]}" = "Level observe: every job is decided and recorded, and none is changed." ]
	[[ ${lines[2]} = "Note: no partition has a zone"* ]]
}

@test "a valid file is told in words" {
	write_conf <<'EOF'
level = "opt-in"
source "electricitymaps" { token_file = "/etc/token" }
partition "*" { zone = "DE" pue = 1.2 }
partition "gpu" { gpus = {"a100:390"} exclude = true }
qos "long" { delay = "36h" }
EOF
	run -0 --separate-stderr carbonctl -c carbon.conf check
	[ -z "$stderr" ]
	[ "${lines[0]}" = "carbon.conf is valid." ]
	[ "${lines[1]}" = "Level opt-in: only jobs that ask for it with a --carbon option may be delayed." ]
	grep -q '^  max_delay  *7d  *longest delay that a job may ask for$' <<<"$output"
	grep -q '^  DE  *from electricitymaps, else profile$' <<<"$output"
	grep -q '^  gpu  *zone DE, pue 1.2, .*gpus a100:390' <<<"$output"
	grep -q '^  all others  *zone DE, pue 1.2' <<<"$output"
	grep -q '^  partition gpu  *its jobs are left alone$' <<<"$output"
	grep -q '^  qos long  *its default delay is 36h$' <<<"$output"
}

@test "as JSON every option is there under its own name" {
	write_conf <<'EOF'
min_saving_percent = 2.5
max_waiting = 7
partition "*" { zone = "FR" }
partition "gpu" { pue = 1.1 exclude = true }
user "0" { delay = "0s" }
EOF
	carbonctl -c carbon.conf -f json check >out
	[ "$(json out 'd["min_saving_percent"], d["max_waiting"], d["max_delay"]')" = "(2.5, 7, '7d')" ]
	[ "$(json out '[(p["name"], p["zone"], p["pue"], p["exclude"]) for p in d["partitions"]]')" = \
		"[('gpu', 'FR', 1.1, True), ('*', 'FR', 1.58, False)]" ]
	[ "$(json out '[(r["kind"], r["name"], r["delay"]) for r in d["rules"] if r["kind"] == "uid"]')" = \
		"[('uid', '0', '0s')]" ]
	[ "$(json out '[(z["name"], z["sources"]) for z in d["zones"]]')" = "[('FR', 'profile')]" ]
	[ "$(json out 'len(d["notes"])')" = 1 ]
}

@test "the shipped example is valid" {
	carbonctl -c "$CARBON_SRC/contrib/carbon.conf.example" check >out
	grep -q "is valid" out
}

@test "a zone of which nobody knows anything is told" {
	write_conf <<'EOF2'
partition "south" { zone = "DE" }
partition "north" { zone = "SE-SE33" }
EOF2
	run -0 carbonctl -c carbon.conf check --offline
	grep -q '^Note: nobody knows anything of some of the zones' <<<"$output"
	grep -q '^  SE-SE33  *from profile, which has none for it: nobody knows anything of this zone$' <<<"$output"
	grep -q '^  DE  *from profile$' <<<"$output"
}
