# SPDX-License-Identifier: GPL-2.0-or-later
"""Great Britain's Carbon Intensity API.

Modes: arraydata, nulls, empty, badslot.
"""
import re
import time

from grid_numbers import parse

SLOT = 1800


def stamp(at):
    return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(at))


def slot(request, at, regional):
    value = request.state.numbers.value("GB", at)
    intensity = {"forecast": value, "index": "moderate"}
    if not regional:
        intensity["actual"] = value + 3 if at + SLOT <= request.now - SLOT else None
    if request.has("nulls") and at // SLOT % 7 == 0:
        intensity["forecast"] = None
        if not regional:
            intensity["actual"] = None
    return {"from": stamp(at), "to": stamp(at if request.has("badslot") else at + SLOT), "intensity": intensity}


def error(reply, text):
    return reply(400, {"error": {"code": "400 Bad Request", "message": text}})


def span(start, which):
    if which == "pt24h":
        return start - 86400, start
    return start, start + int(which[2:4]) * 3600


def wrap(request, rows, area):
    if request.has("empty"):
        rows = []
    if not area:
        return {"data": rows}
    region = {"regionid": 12, "dnoregion": "SSE South", "shortname": "South England", "data": rows}
    return {"data": [region] if request.has("arraydata") else region}


def answer(request, reply):
    match = re.fullmatch(r"/uk(/regional)?/intensity/([^/]+)/(fw24h|fw48h|pt24h|[^/]+Z)(?:/(regionid|postcode)/(\w+))?",
                         request.path)
    if not match:
        return reply(500, {"error": {"code": "500 Internal Server Error", "message": "Requested resource not found."}})
    when = parse(match.group(2))
    if not when:
        return error(reply, "Please enter a valid start and end datetime in ISO8601 format")
    if match.group(4) == "postcode" and match.group(5) not in ("RG10", "SW1"):
        return error(reply, "No postcode match can be found.") if len(match.group(5)) == 1 else reply(200, "")
    if match.group(3).endswith("Z"):
        until = parse(match.group(3))
        if not until or until[0] <= when[0]:
            return error(reply, "The start datetime should be less than the end datetime")
        if until[0] - when[0] > 14 * 86400:
            return error(reply, "The maximum duration is 14 days")
        begin, end = when[0], until[0]
    else:
        begin, end = span(when[0], match.group(3))
    first = begin // SLOT * SLOT
    if begin % SLOT == 0:
        first -= SLOT  # what a start on a boundary brings
    rows = [slot(request, at, bool(match.group(1))) for at in range(first, end, SLOT)]
    return reply(200, wrap(request, rows, match.group(4)))
