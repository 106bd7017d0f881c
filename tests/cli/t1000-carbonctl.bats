#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The frame of carbonctl: help, version, wrong usage, and where data and words go.

load helper

setup() {
	carbon_setup
}

@test "--help names every command, and each command's --help its options" {
	run -0 --separate-stderr carbonctl --help
	[ -z "$stderr" ]
	commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$output")
	[ "$(wc -l <<<"$commands")" -ge 4 ]
	for command in $commands; do
		run -0 --separate-stderr carbonctl "$command" --help
		[ -z "$stderr" ]
		[[ ${lines[0]} = "Usage: carbonctl $command"* ]]
		grep -q "^\.SS $command" "$CARBON_SRC/doc/carbonctl.1" || {
			echo "carbonctl.1 has no section for $command"
			return 1
		}
	done
}

@test "the manual names every option of every command, and none that is not there" {
	for command in $(carbonctl --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
		carbonctl "$command" --help | grep -oE -- '--[a-z-]+' | sort -u >in-help
		sed -n "/^\.SS $command\$/,/^\.S[SH] /{/^\.SS $command\$/b;/^\.S[SH] /b;p}" "$CARBON_SRC/doc/carbonctl.1" |
			grep -E '^\.(BR?|BI) .*\\-\\-' | grep -oE '\\-\\-[a-z\\-]+' | sed 's/\\//g' | sort -u >in-manual
		diff in-help in-manual || {
			echo "carbonctl.1 and carbonctl $command --help differ"
			return 1
		}
	done
}

@test "--version is the version" {
	run -0 carbonctl --version
	[[ $output =~ ^carbonctl\ [0-9]+\.[0-9]+\.[0-9]+ ]]
}

@test "what is not understood ends with 2 and one sentence on stderr" {
	fails 2 "carbonctl: a command is missing (see carbonctl --help)" carbonctl
	fails 2 'carbonctl: command "chek" unknown (see carbonctl --help)' carbonctl chek
	fails 2 "carbonctl check: option --fast unknown (see carbonctl check --help)" carbonctl check --fast
	fails 2 "carbonctl check: option -x unknown (see carbonctl check --help)" carbonctl check -x
	fails 2 "carbonctl: option -x unknown (see carbonctl --help)" carbonctl -x check
	fails 2 "carbonctl check: --config needs a value: --config=FILE (see carbonctl check --help)" carbonctl check -c
	fails 2 "carbonctl apply: --offline takes no value (see carbonctl apply --help)" carbonctl apply --offline=1
	fails 2 'carbonctl check: "now" is out of place: only options are taken (see carbonctl check --help)' \
		carbonctl check now
	fails 2 'carbonctl check: format "xml" unknown here (known: text json) (see carbonctl check --help)' \
		carbonctl -f xml check
}

@test "-c and -f are taken before and after the command" {
	write_conf <<<'level = "off"'
	for arguments in "-c carbon.conf -f json check" "check -c carbon.conf -f json" \
		"--config=carbon.conf check --format=json"; do
		# shellcheck disable=SC2086
		carbonctl $arguments >out
		[ "$(json out 'd["level"]')" = off ]
	done
}

@test "output that cannot be written is an error" {
	[ -e /dev/full ] || skip "this machine has no /dev/full"
	run -1 --separate-stderr sh -c "'$CARBON_BUILD/tools/carbonctl' check >/dev/full"
	[ "$stderr" = "carbonctl check: the output could not be written" ] ||
		[ "$stderr" = "carbonctl: the output could not be written" ]
}
