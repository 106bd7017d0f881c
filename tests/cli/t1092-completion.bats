#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The completion for bash: what it offers is what the programs have.

load helper

setup() {
	carbon_setup
	PATH=$CARBON_BUILD/tools:$CARBON_BUILD/forecaster:$PATH
	# shellcheck source=contrib/completions/carbonctl
	. "$CARBON_SRC/contrib/completions/carbonctl"
}

offers() { # WORD...: what is offered for the last one
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_carbonctl
	printf '%s\n' "${COMPREPLY[@]}"
}

@test "commands come first, and once one is there its own options" {
	[ "$(offers carbonctl doc)" = doctor ]
	[ "$(offers carbonctl "" | wc -l)" = "$(command carbonctl --help | grep -c '^  [a-z]')" ]
	[ "$(offers carbonctl -f json re | paste -sd ' ')" = "release replan report" ]
	[ "$(offers carbonctl doctor --off)" = --offline ]
	[ "$(offers carbonctl replan --ev)" = --every= ]
	[ "$(offers carbonctl check doc)" = "" ]
}

@test "formats are the command's, and a file is left to the shell" {
	[ "$(offers carbonctl doctor -f "" | paste -sd ' ')" = "text json" ]
	[ "$(offers carbonctl report -f h)" = html ]
	[ "$(offers carbonctl -c ca)" = "" ]
}

@test "carbon-forecaster has options alone" {
	[ "$(offers carbon-forecaster --fre)" = --fresh ]
	[ "$(offers carbon-forecaster a)" = "" ]
}

@test "every option of every command is offered" {
	for command in $(command carbonctl --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
		command carbonctl "$command" --help | sed -n 's/^ *\(-., \)\{0,1\} *--\([a-z-]*\).*/\2/p' | sort >has
		offers carbonctl "$command" -- | sed 's/^--//; s/=$//; /^$/d' | sort >offered
		diff has offered
	done
}
