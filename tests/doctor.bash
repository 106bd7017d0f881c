# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests of carbonctl doctor: finds one line in the text that `run` has taken. To be loaded by bats.

found() { # CHECK GRADE "GLOB": such a line is in $output
	local line
	# shellcheck disable=SC2154 # of run
	while IFS= read -r line; do
		# shellcheck disable=SC2053 # a pattern
		[[ $line != $(printf '%-8s' "$2")" $1: "$3 ]] || return 0
	done <<<"$output"
	printf 'no line "%s %s: %s" in:\n%s\n' "$2" "$1" "$3" "$output"
	return 1
}
