# SPDX-License-Identifier: GPL-2.0-or-later
"""Energy-Charts' co2eq: parallel lists in quarter hours.

Modes: nulls, unequal, pastonly.
"""
STEP = 900


def answer(request, reply):
    country = request.query.get("country", "de").upper()
    if request.path != "/ec/co2eq" or len(country) != 2:
        return reply(404, {"detail": "Not Found"})
    start = int(request.query.get("start", request.now // 86400 * 86400))
    end = int(request.query.get("end", start + 86400))
    ends = min(end, request.now + 24 * 3600)
    if request.has("pastonly"):
        ends = min(ends, request.now)
    seconds = list(range(-(-start // STEP) * STEP, ends + 1, STEP))
    values = [request.state.numbers.value(country, at) + 0.5 if at <= request.now - 3600 else None for at in seconds]
    guesses = [request.state.numbers.value(country, at) + 1.5 if at > request.now - 6 * 3600 else None
               for at in seconds]
    if request.has("nulls"):
        values[5] = guesses[5] = None
    if request.has("unequal"):
        values.pop()
    return reply(200, {"unix_seconds": seconds, "co2eq": values, "co2eq_forecast": guesses, "deprecated": False})
