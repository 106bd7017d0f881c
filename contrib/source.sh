#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A copy of this source tree without anything that was built in it, ready for configure; sourced by
# contrib/check and contrib/demo, so that neither leaves a trace in the checkout.

source_copy() { # FROM TO
	mkdir -p "$2"
	if git -C "$1" rev-parse --git-dir >/dev/null 2>&1; then
		# Tracked and new files; one that was deleted but not committed is passed over.
		# shellcheck disable=SC2016
		git -C "$1" ls-files -z --cached --others --exclude-standard |
			(cd "$1" && xargs -0 sh -c 'for f; do [ -e "$f" ] && printf "%s\0" "$f"; done' sh) |
			tar -C "$1" --null -T - -cf - | tar -C "$2" -xf -
	else
		tar -C "$1" -cf - . | tar -C "$2" -xf -
	fi
	(cd "$2" && ./autogen.sh)
}
