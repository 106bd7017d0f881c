#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs a command in a chroot of a newer Debian with its newer Slurm, to build the
# plugins there and drive them in that slurmctld. Mounts live in a mount namespace
# of their own and end with it; nothing but the given directory is written.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
# The one that this machine's apt uses, unless another is named; security has suites of its own.
# shellcheck disable=SC2016
mirror=${NEWER_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' | grep -v -- '-security' | head -n 1)}

usage() {
	cat <<-'END'
		Usage: newer.sh RELEASE DIR [CMD...]

		Makes DIR/RELEASE (trixie: Slurm 24.11; sid: the newest) unless it is there, then
		runs CMD in it as root, with the source tree at /src (read-only), an empty /tmp,
		and /build, which stays in DIR. Example:

		  newer.sh trixie /var/cache/newer sh -c 'cd /build && /src/configure && make -j2'

		Needs root, debootstrap and about 1.2 GB. NEWER_MIRROR names another mirror than apt's,
		NEWER_OPTIONS more options for debootstrap. With a mirror of Ubuntu's and
		"--components=main,universe --keyring=FILE" its releases do as well (noble: Slurm 23.11).
	END
}

fail() {
	printf 'newer.sh: %s\n' "$*" >&2
	exit 1
}

# The same list as for the host, but only what building and slurmctld alone need;
# clang's runtime has another name in every release.
packages() {
	awk '$1 == "build" { print $2 }' "$here/packages"
	printf '%s\n' slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge \
		bats libcmocka-dev python3 jq sqlite3 hostname procps
}

# In a namespace of its own, so that nothing stays mounted whatever happens.
inside() { # ROOT CMD...
	# shellcheck disable=SC2016
	unshare --mount --propagation private bash -euc '
		root=$1 source_dir=$2
		shift 2
		mkdir -p "$root/src" "$root/build"
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount --bind "$source_dir" "$root/src"
		mount -o remount,bind,ro "$root/src"
		mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
		exec chroot "$root" env -u LD_PRELOAD LC_ALL=C.UTF-8 HOME=/root \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
	' newer.sh "$1" "$source_dir" "${@:2}"
}

make_root() { # RELEASE ROOT: under another name until it is whole
	local list options script=/usr/share/debootstrap/scripts/$1
	command -v debootstrap >/dev/null || fail 'debootstrap is not installed'
	mapfile -t list < <(packages)
	rm -rf "$2.part"
	mkdir -p "$2.part"
	read -ra options <<<"${NEWER_OPTIONS:-}"
	# A release that this debootstrap is too old to know is made as the ones before it.
	[ -e "$script" ] || script=${script%/*}/$([[ $mirror = *ubuntu* ]] && echo jammy || echo sid)
	debootstrap --variant=minbase "${options[@]}" "$1" "$2.part" "$mirror" "$script"
	cp /etc/resolv.conf "$2.part/etc/"
	printf '127.0.0.1 localhost %s\n' "$(hostname -s)" >"$2.part/etc/hosts"
	printf '#!/bin/sh\nexit 101\n' >"$2.part/usr/sbin/policy-rc.d"
	chmod 755 "$2.part/usr/sbin/policy-rc.d"
	inside "$2.part" env DEBIAN_FRONTEND=noninteractive \
		apt-get -qy --no-install-recommends install "${list[@]}"
	rm -rf "$2.part/var/cache/apt/archives"/*.deb
	mv "$2.part" "$2"
}

main() {
	case ${1:-} in
	-h | --help) usage && return 0 ;;
	esac
	[ "$#" -ge 2 ] || { usage >&2 && return 2; }
	[ "$(id -u)" -eq 0 ] || fail 'must run as root'
	local release=$1 dir
	mkdir -p "$2"
	dir=$(cd "$2" && pwd)
	shift 2
	[ -d "$dir/$release" ] || make_root "$release" "$dir/$release" >&2
	[ "$#" -eq 0 ] || inside "$dir/$release" "$@"
}

main "$@"
