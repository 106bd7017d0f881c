# SPDX-License-Identifier: GPL-2.0-or-later
"""habits.py FILE CLUSTER HABIT...: writes a habits file as doc/carbon-habits.5 describes it.

HABIT is UID:NAME:RUNS:MEDIAN:WATTS, of a user's jobs of one (normalised) name; NAME "" is all of the user's.
Written from the manual alone, so that a change of the format or of the keys that the manual does not tell is
seen. Must never import anything of the project."""
import re
import sys
import time
import zlib

MASK = (1 << 64) - 1


def key(parts):
    value = 0xCBF29CE484222325
    for part in parts:
        for byte in part.to_bytes(4, "little") if isinstance(part, int) else part.encode():
            value = (value ^ byte) * 0x100000001B3 & MASK
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor & MASK
    return value ^ value >> 33


def main(path, cluster, habits):
    now = int(time.time())
    rows = []
    for habit in habits:
        uid, name, runs, median, watts = habit.split(":")
        name = re.sub("[0-9]+", "#", name.lower())
        parts = [0, int(uid), name] if name else [1, int(uid)]
        rows.append((key(parts), int(uid), runs, median, watts))
    text = f"carbon-habits 1\nwritten {now}\ncluster {cluster}\n"
    for number, uid, runs, median, watts in sorted(rows):
        text += f"habit {number:016x} {uid} {runs} {median} {median} {watts} {now}\n"
    text += f"crc32 {zlib.crc32(text.encode()):08x}\n"
    with open(path, "w") as out:
        out.write(text)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
