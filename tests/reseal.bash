# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests that need a file of ours to say what no writer would write. To be loaded by bats.

# reseal FILE SED: changed, and with the checksum that belongs to it
reseal() {
	sed -i '$d' "$1"
	sed -i "$2" "$1"
	python3 -c 'import sys, zlib
f = open(sys.argv[1], "r+b"); f.write(b"crc32 %08x\n" % zlib.crc32(f.read()))' "$1"
}
