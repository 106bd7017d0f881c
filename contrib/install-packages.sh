#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs what contrib/cluster/packages lists and is missing, with apt-get alone.
# Must start no service (policy-rc.d says no to all of them while it runs), remove
# or upgrade nothing by intent, and do nothing at all where nothing is missing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
list=$here/cluster/packages
policy=/usr/sbin/policy-rc.d

usage() {
	cat <<-'END'
		Usage: install-packages.sh [--missing] [GROUP...]

		Groups: build, run, check (default: these three), newer.
		--missing   only print the packages that are not installed
	END
}

wanted() { # GROUP...
	local group package
	while read -r group package _; do
		case " $* " in
		*" $group "*) printf '%s\n' "$package" ;;
		esac
	done < <(grep -v '^#' "$list")
}

is_installed() { # PACKAGE
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing() { # GROUP...
	local package
	wanted "$@" | while read -r package; do
		is_installed "$package" || printf '%s\n' "$package"
	done
}

# The file is ours only where there was none; a site's own policy stays and rules.
forbid_services() {
	[ ! -e "$policy" ] || return 0
	trap 'rm -f "$policy"' EXIT
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
}

install_all() { # PACKAGE...
	export DEBIAN_FRONTEND=noninteractive
	forbid_services
	apt-get -q update
	apt-get -qy --no-install-recommends install "$@"
	echo 'The services of these packages were not started; Debian starts them at the next boot.'
}

main() {
	local group packages only_print=no groups=()
	for group in "$@"; do
		case $group in
		--missing) only_print=yes ;;
		build | run | check | newer) groups+=("$group") ;;
		-h | --help) usage && return 0 ;;
		*) usage >&2 && return 2 ;;
		esac
	done
	[ "${#groups[@]}" -gt 0 ] || groups=(build run check)
	mapfile -t packages < <(missing "${groups[@]}")
	[ "${#packages[@]}" -gt 0 ] || return 0
	if [ "$only_print" = yes ]; then
		printf '%s\n' "${packages[@]}"
	elif [ "$(id -u)" -ne 0 ]; then
		printf 'missing packages, install them as root: apt-get install %s\n' "${packages[*]}" >&2
		return 1
	else
		install_all "${packages[@]}"
	fi
}

main "$@"
