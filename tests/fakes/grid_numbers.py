# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up intensities: the same numbers for the same zone and time, always."""
import calendar
import math
import time
import zlib

HOUR = 3600


def iso(at):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(at))


def iso_offset(at):
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(at))


def parse(text):
    """A time as a client may send it; None where malformed; (at, zoned)."""
    import re
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+ -]\d\d:?\d\d)?", text)
    if not match:
        return None
    at = calendar.timegm(tuple(int(part or 0) for part in match.groups()[:6]) + (0, 0, 0))
    zone = match.group(7)
    if zone and zone != "Z":
        sign = -1 if zone[0] == "-" else 1
        at -= sign * (int(zone[1:3]) * HOUR + int(zone[-2:]) * 60)
    return at, zone is not None


class Numbers:
    def __init__(self, options, started):
        self.options = options
        self.started = started

    def value(self, zone, at):
        """g/kWh, a whole number, between some 30 and 800."""
        clean = self.options.clean_in
        if clean is not None:
            begin = self.started + clean
            return 60 if begin <= at < begin + self.options.clean_for else 400
        seed = zlib.crc32(zone.encode())
        base = 120 + seed % 400
        day = math.cos(2 * math.pi * (at % 86400 / 86400 - 0.8))
        noise = zlib.crc32(f"{zone}{at}".encode()) % 21 - 10
        return max(5, round(base * (1 + 0.35 * day) + noise))
