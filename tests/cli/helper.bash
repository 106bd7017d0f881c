# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every command-line test starts with: the program of the build tree, a folder per test, and a
# carbon.conf whose files lie in there. Nothing outside BATS_TEST_TMPDIR is ever written.

bats_require_minimum_version 1.8.0

: "${CARBON_BUILD:?is the build folder; make check sets it}"
: "${CARBON_SRC:?is the source folder; make check sets it}"

carbon_setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	umask 022
	unset LC_ALL LANGUAGE
	export LANG=C TZ=UTC
}

carbonctl() {
	"$CARBON_BUILD/tools/carbonctl" "$@"
}

# carbon.conf from stdin, after the folders that this test owns.
write_conf() {
	{
		cat
		printf 'state_dir = "%s/state"\nrun_dir = "%s/run"\n' "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR"
	} >carbon.conf
}

# A site and an outlook of zone DE: dirty now, clean after three hours, for a day (see write_files.c).
write_run_files() {
	mkdir -p run
	"$CARBON_BUILD/tests/controller/write_files" run "$@"
}

# fails CODE "TEXT" CMD...: CMD exits with CODE, prints nothing on stdout, and TEXT is the last line on stderr
fails() {
	local code=$1 text=$2
	shift 2
	run -"$code" --separate-stderr "$@"
	[ -z "$output" ] || {
		echo "stdout is not empty: $output"
		return 1
	}
	# shellcheck disable=SC2154
	[ "${stderr_lines[-1]}" = "$text" ] || {
		printf 'stderr is:  %s\nand not:    %s\n' "${stderr_lines[-1]}" "$text"
		return 1
	}
}

json() { # json FILE EXPRESSION: the value in FILE as Python sees it, d being the document
	python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"
}
