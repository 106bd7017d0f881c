# SPDX-License-Identifier: GPL-2.0-or-later
"""WattTime v3.

Modes: badlogin, noperiod, empty, nulls, huge, warnings, units, otherregion, aoer, expired, free, maxed.
"""
import base64

from grid_numbers import HOUR, iso_offset, parse

STEP = 300
LIFE = 30 * 60
LB_PER_G = 1 / 0.45359237


def login(request, reply):
    count = request.state.count("watttime logins")
    expected = base64.b64encode(request.state.options.token.encode()).decode()
    if count > 100 or request.has("maxed"):
        return reply(429, "slow down", "text/plain")
    if request.headers.get("Authorization") != "Basic " + expected or request.has("badlogin"):
        return reply(403, {"error": "INVALID_CREDENTIALS", "message": "Login refused"})
    token = "wt-%d-%d" % (request.now, count)
    request.state.tokens[token] = request.now
    return reply(200, {"token": token})


def meta(request, **more):
    region = request.query.get("region")
    out = {
        "data_point_period_seconds": STEP, "region": "PJM_DC" if request.has("otherregion") else region,
        "warnings": [{"type": "EXAMPLE", "message": "only an example"}] if request.has("warnings") else [],
        "signal_type": "co2_aoer" if request.has("aoer") else "co2_moer", "model": {"date": "2023-03-01"},
        "units": "lbs_co2_per_kwh" if request.has("units") else "lbs_co2_per_mwh",
    }
    if request.has("noperiod"):
        del out["data_point_period_seconds"]
    out.update(more)
    return out


def point(request, at):
    value = request.state.numbers.value(request.query.get("region", ""), at // HOUR * HOUR) * LB_PER_G
    return {"point_time": iso_offset(at), "value": round(value, 3)}


def disturb(request, rows):
    if request.has("nulls") and rows:
        rows[len(rows) // 2]["value"] = None
    if request.has("huge") and rows:
        rows[len(rows) // 2]["value"] = 90000
    return [] if request.has("empty") else rows


def forecast(request, reply):
    hours = request.query.get("horizon_hours", "24")
    if not hours.isdigit() or int(hours) > 72:
        return reply(422, {"detail": [{"loc": ["query", "horizon_hours"], "msg": "at most 72", "type": "value_error"}]})
    first = request.now // STEP * STEP
    count = max(1, int(hours) * HOUR // STEP)
    rows = disturb(request, [point(request, first + i * STEP) for i in range(count)])
    return reply(200, {"data": rows, "meta": meta(request, generated_at_period_seconds=300,
                                                   generated_at=iso_offset(first))})


def historical(request, reply):
    times = [parse(request.query.get(name, "")) for name in ("start", "end")]
    if None in times or not (times[0][1] and times[1][1]):
        return reply(422, {"error": "INVALID_QUERY_PARAMS", "msg": "start and end need a time zone"})
    start, end = times[0][0], times[1][0]
    if end - start > 32 * 86400:
        return reply(400, {"error": "INVALID_QUERY_PARAMS", "message": "at most 32 days"})
    rows = []
    for at in range(-(-start // STEP) * STEP, min(end, request.now) + 1, STEP):
        row = point(request, at)
        row["last_updated"] = iso_offset(request.now - 60)
        if request.query.get("include_imputed_marker") == "true":
            row["imputed_data_used"] = at > request.now - HOUR
        rows.append(row)
    return reply(200, {"data": disturb(request, rows), "meta": meta(request)})


def answer(request, reply):
    path = request.path[len("/wt"):]
    if path == "/login":
        return login(request, reply)
    token = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
    born = request.state.tokens.get(token)
    if born is None or request.now - born > LIFE or request.has("expired"):
        return reply(401, {"error": "INVALID_TOKEN", "message": "Token expired"})
    if request.has("free") and request.query.get("region") != "CAISO_NORTH":
        return reply(403, {"error": "INVALID_SCOPE", "message": "Your plan does not hold this region"})
    table = {"/v3/forecast": forecast, "/v3/historical": historical}
    return table[path](request, reply) if path in table else reply(404, {"detail": "Not Found"})
