#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# contrib/lint-layers passes on this tree and names each planted violation. Every test plants its own in a
# temporary tree; must never write into the source tree.

setup() {
	lint=$CARBON_SRC/contrib/lint-layers
	cd "$BATS_TEST_TMPDIR" || return
}

# plant FILE: its content from stdin.
plant() {
	mkdir -p "${1%/*}"
	cat >"$1"
}

# names FILE:LINE TEXT: the lint fails with that line alone.
names() {
	run "$lint" .
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "${lines[0]}" == "$1: "*"$2"* ]]
}

# refuses FILE HEADER / allows FILE HEADER: one include, alone in its tree.
refuses() {
	rm -rf ./*
	printf '#include <%s>\n' "$2" | plant "$1"
	names "$1:1" "may not include $2"
}

allows() {
	rm -rf ./*
	printf '#include "%s"\n' "$2" | plant "$1"
	"$lint" .
}

bans() {
	rm -rf ./*
	printf 'int f(void)\n{\n\treturn %s;\n}\n' "$2" | plant "$1"
	names "$1:3" "is banned"
}

@test "this tree keeps its rooms" {
	"$lint" "$CARBON_SRC"
}

@test "an empty tree is an error and no pass" {
	run "$lint" .
	[ "$status" -eq 2 ]
}

@test "lib includes libc alone" {
	refuses lib/a.c slurm/slurm.h
	refuses lib/a.h policies/decide.h
	refuses lib/a.c config.h
	refuses lib/a.c curl/curl.h
	refuses lib/a.c confuse.h
	allows lib/a.c sys/stat.h
	allows lib/a.c lib/err.h
}

@test "policies include lib" {
	refuses policies/a.c config/config.h
	refuses policies/a.c slurm/slurm.h
	allows policies/a.c lib/curve.h
}

@test "the plugin includes lib, policies and Slurm" {
	refuses plugin/a.c config/config.h
	refuses plugin/a.c confuse.h
	refuses plugin/a.c sqlite3.h
	refuses plugin/a.c cluster/cluster.h
	refuses plugin/a.c accounting/store.h
	allows plugin/a.c slurm/spank.h
	allows plugin/a.c policies/decide.h
	allows plugin/a.c config.h
}

@test "the forecaster keeps curl in one file and the store in two" {
	refuses forecaster/source.c curl/curl.h
	refuses forecaster/http.h curl/curl.h
	refuses forecaster/source.c accounting/store.h
	refuses forecaster/source.c config/config.h
	refuses forecaster/run.c accounting/ledger.h
	refuses forecaster/run.c sqlite3.h
	refuses forecaster/run.c policies/decide.h
	allows forecaster/http.c curl/curl.h
	allows forecaster/run.c accounting/store.h
	allows forecaster/main.c config/config.h
	allows forecaster/body.c cjson/cJSON.h
}

@test "config, accounting, cluster, simulator and tools keep theirs" {
	refuses config/a.c slurm/slurm.h
	refuses config/a.c policies/policy.h
	allows config/a.c confuse.h
	refuses accounting/a.c slurm/slurmdb.h
	refuses accounting/a.c cluster/cluster.h
	allows accounting/a.c sqlite3.h
	refuses cluster/a.c sqlite3.h
	refuses cluster/a.c config/config.h
	allows cluster/a.c slurm/slurmdb.h
	refuses simulator/a.c forecaster/http.h
	allows simulator/a.c forecaster/model_band.h
	refuses tools/a.c plugin/decode.h
	refuses tools/a.c slurm/slurm.h
	allows tools/a.c cluster/cluster.h
}

@test "an unknown room is named" {
	echo 'int a;' | plant daemon/a.c
	names daemon/a.c:1 "no room"
}

@test "an include through a macro is named" {
	printf '#define H <stdio.h>\n#include H\n' | plant tools/a.c
	names tools/a.c:2 "through a macro"
}

@test "banned functions are named" {
	bans tools/a.c 'strcpy(a, b)'
	bans forecaster/a.c 'atoi (a)'
	bans accounting/a.c 'sprintf(a, "x")'
	bans cluster/a.c 'strtok(a, b)'
	bans config/a.c 'alloca(3)'
	bans tools/a.c 'mktime(&tm)'
	bans lib/when.c 'mktime(&tm)'
	bans tools/a.c 'localtime(&at)'
	bans tools/a.c 'localtime_r(&at, &tm)'
	bans tools/cmd.c 'exit(1)'
}

@test "lib and policies know no clock, no printing, no environment and no exit; policies no heap" {
	for call in 'time(NULL)' 'clock_gettime(0, &t)' 'getenv("X")' 'printf("x")' 'fprintf(stderr, "x")' '_exit(1)' 'abort()'; do
		bans lib/a.c "$call"
		bans policies/a.c "$call"
	done
	bans policies/a.c 'malloc(1)'
	bans policies/a.c 'free(a)'
}

@test "what only looks like a call or stands in a comment is fine" {
	plant lib/a.c <<-'END'
		/* Never mktime(), nor
		 * exit(1). */
		int snprintf_time(int); // time(NULL)
		const char *text = "exit(1) \" time(NULL)";
		char quote = '"'; int a = carbon_time(b) + clock_time(c) + x.time(d) + y->time(e);
	END
	"$lint" .
	printf 'int main(void)\n{\n\texit(1);\n}\n' | plant tools/main.c
	"$lint" .
}
