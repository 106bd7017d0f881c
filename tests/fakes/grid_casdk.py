# SPDX-License-Identifier: GPL-2.0-or-later
"""The Carbon Aware SDK's service.

Modes: nothing204, negative, descending, legacy, problem, otherlocation, rolling.
"""
from grid_numbers import HOUR, iso_offset, parse


def problem(reply, text):
    return reply(400, {"type": "https://tools.ietf.org/html/rfc7231", "title": "One or more validation errors occurred.",
                       "status": 400, "errors": {"location": [text]}}, "application/problem+json")


def emissions(request, reply, location):
    times = [parse(request.query.get(name, "")) for name in ("time", "toTime")]
    if None in times:
        return problem(reply, "time is not valid")
    rows = [{"location": location, "time": iso_offset(at), "rating": request.state.numbers.value(location, at) + 0.5,
             "duration": "01:00:00"} for at in range(-(-times[0][0] // HOUR) * HOUR, times[1][0] + 1, HOUR)]
    if request.has("negative"):
        rows[3]["rating"] = -1
    if request.has("descending"):
        rows.reverse()
    return reply(200, rows)


def forecasts(request, reply, location):
    first = request.now // HOUR * HOUR
    points = [{"location": location, "timestamp": iso_offset(first + i * HOUR), "duration": 60,
               "value": request.state.numbers.value(location, first + i * HOUR) + 0.25} for i in range(24)]
    best = min(points, key=lambda each: each["value"])
    out = {"generatedAt": iso_offset(request.now - 300), "requestedAt": iso_offset(request.now),
           "location": "elsewhere" if request.has("otherlocation") else location,
           "dataStartAt": iso_offset(first), "dataEndAt": iso_offset(first + 24 * HOUR), "windowSize": 120 if request.has("rolling") else 0,
           "forecastData": points}
    if request.has("legacy"):
        out["optimalDataPoint"] = best
    else:
        out["optimalDataPoints"] = [best]
    return reply(200, [out])


def answer(request, reply):
    location = request.query.get("location")
    if request.path == "/casdk/health":
        return reply(200, "Healthy", "text/plain")
    if not location:
        return problem(reply, "location is not set")
    if request.has("problem"):
        return problem(reply, "location unknown")
    if request.has("nothing204"):
        return reply(204, "")
    if request.path == "/casdk/emissions/bylocation":
        return emissions(request, reply, location)
    if request.path == "/casdk/emissions/forecasts/current":
        return forecasts(request, reply, location)
    return reply(501, {"title": "NotImplemented", "status": 501})
