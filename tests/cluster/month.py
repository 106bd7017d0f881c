#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The month before this one on a small cluster, for t4230: rows for slurmdbd's table (month.sql), the grid (grid.csv) and
# what must come of them (expected.json). Each day has two jobs of two hours that may wait, submitted at 9:00, and two of an hour
# at 13:00 that may not; on days with delays the first two begin at 21:00. Every other one of a pair of two-day blocks is without
# delays, by the schedule of carbon.conf's holdout. Must never ask the programs that it tests.
import datetime
import json

DAY, HOUR, BLOCK_DAYS, SEED = 86400, 3600, 2, 1
POWER_KW = 0.4  # four cores of 100 W


def month_start(at, months):
    date = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
    count = date.year * 12 + date.month - 1 + months
    return int(datetime.datetime(count // 12, count % 12 + 1, 1, tzinfo=datetime.timezone.utc).timestamp())


def is_without(day):
    """carbon.conf(5): blocks begin at midnight UTC, and of each pair the seed chooses one (splitmix64)."""
    block = day // (DAY * BLOCK_DAYS)
    mask = 2**64 - 1
    z = ((SEED << 32) ^ (block // 2)) + 0x9E3779B97F4A7C15 & mask
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
    return (z ^ z >> 31) & 1 == block & 1


def g_kwh(zone, at):
    return 50 if zone == "SE" else 400 if 8 <= at // HOUR % 24 < 20 else 100


class Month:
    def __init__(self, now):
        self.start, self.end = month_start(now, -1), month_start(now, 0)
        self.last = min(self.end + 4 * DAY, now // DAY * DAY)
        self.rows, self.number, self.kwh, self.kg = [], 1000, 0, 0

    def add(self, template, when, **columns):
        """A copy of a row that slurmdbd wrote itself; submitted, eligible, started and ended."""
        self.number += 1
        columns = {"job_db_inx": self.number, "id_job": self.number, "state": 3, "timelimit": 180, "time_submit": when[0],
                   "time_eligible": when[1], "time_start": when[2], "time_end": when[3],
                   "admin_comment": columns.pop("comment", ""), **columns}
        values = ", ".join("`%s` = %s" % (key, value if isinstance(value, int) else "'%s'" % value)
                           for key, value in columns.items())
        self.rows.append("INSERT INTO row SELECT * FROM throwaway_job_table WHERE id_job = %d;"
                         "UPDATE row SET %s; INSERT INTO throwaway_job_table SELECT * FROM row; DELETE FROM row;" %
                         (template, values))
        if self.start <= when[3] < self.end and when[2]:
            self.kwh += POWER_KW * (when[3] - when[2]) / HOUR
            zone = "SE" if columns.get("partition") == "north" else "DE"
            self.kg += POWER_KW * sum(g_kwh(zone, at) for at in range(when[2], when[3], HOUR)) / 1000

    def add_day(self, day):
        submitted, begin = day + 9 * HOUR, day + 21 * HOUR
        for i in range(2):
            if is_without(day):
                self.add(1, [submitted, submitted, submitted, submitted + 2 * HOUR],
                         comment=record(submitted, submitted, delayed=0))
            else:
                self.add(1, [submitted, begin, begin, begin + 2 * HOUR], comment=record(submitted, begin))
        for i in range(2):
            at = day + 13 * HOUR
            self.add(2, [at, at, at, at + HOUR], comment="[carbon-off/1]" if i else "")

    def find_quiet_day(self):
        """The first day of a block without delays: no figure of the blocks is made of it."""
        for day in range(self.start, self.end, DAY):
            if is_without(day) and (day // DAY) % BLOCK_DAYS == 0:
                return day
        raise SystemExit("no such day")


def record(at, begin, delayed=1, latest=0, part="batch", zone="DE", more=""):
    return ("note [carbon/1 at=%d level=default delayed=%d base=%d begin=%d latest=%d run=7200 runby=limit w=400 g=80 baseg=320 "
            "highg=90 signal=average-lifecycle kind=forecast issued=%d source=import zone=%s part=%s policy=lowest-window%s]" %
            (at, delayed, at, begin, latest or begin + HOUR, at - HOUR, zone, part, more))


def main():
    now = int(datetime.datetime.now().timestamp())
    month = Month(now)
    first = month.start - 8 * DAY
    for day in range(first, month.last, DAY):
        month.add_day(day)
    days = [day for day in range(month.start, month.end, DAY) if not is_without(day)]

    # One job of a day with delays was promised to have ended by 22:30, and could have begun at 20:00 at the latest.
    late = [row for row in month.rows if "`time_start` = %d," % (days[0] + 21 * HOUR) in row][0]
    month.rows[month.rows.index(late)] = late.replace("latest=%d" % (days[0] + 22 * HOUR), "latest=%d" % (days[0] + 20 * HOUR)) \
        .replace("policy=lowest-window]", "policy=lowest-window finish=%d]" % (days[0] + 22 * HOUR + HOUR // 2))
    quiet = month.find_quiet_day()
    at, begin = quiet + 16 * HOUR, quiet + 23 * HOUR
    # Moved to a cleaner place, at once; taken back by its user; and cancelled at its deadline before it ran.
    month.add(1, [at, at, at, at + 2 * HOUR], partition="north",
              comment=record(at, at, delayed=0, part="north", zone="SE", more=" home=batch homezone=DE homew=400 homerun=7200"))
    month.add(1, [at, at, at, at + HOUR], comment=record(at - HOUR, begin))
    month.add(1, [at, begin, 0, begin + HOUR], state=10, tres_alloc="", nodes_alloc=0,
              comment=record(at, begin, more=" finish=%d" % (begin + HOUR)))

    with open("month.sql", "w") as out:
        out.write("CREATE TEMPORARY TABLE row AS SELECT * FROM throwaway_job_table WHERE 0;\n" + "\n".join(month.rows) + "\n")
    with open("grid.csv", "w") as out:
        out.write("time,zone,intensity_lifecycle\n")
        for at in range(first - 2 * DAY, now, HOUR):
            for zone in ("DE", "SE"):
                out.write("%s,%s,%d\n" % (datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
                                          .strftime("%FT%TZ"), zone, g_kwh(zone, at)))
    with open("expected.json", "w") as out:
        json.dump({"month": datetime.datetime.fromtimestamp(month.start, datetime.timezone.utc).strftime("%Y-%m"),
                   "since": first, "days": (month.end - month.start) // DAY, "delayed_days": len(days),
                   "energy_kwh": month.kwh, "emissions_kg": month.kg}, out)


main()
