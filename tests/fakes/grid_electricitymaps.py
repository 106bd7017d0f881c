# SPDX-License-Identifier: GPL-2.0-or-later
"""Electricity Maps, v3 and v4.

Modes: unentitled, unentitled-forecast, nodata, empty, nulls, lastnull, duplicates, unsorted, huge, allhuge, future,
jump, sandbox, y2024, noupdated, floats, revision, coarse, otherzone, contradict, hours24, lifecycle-echo. What the key may, for
the list of zones and for what it asks alike: history-only, latest-only, no-past, only-fr; zones-plain is a list without rights.
"""
from grid_numbers import HOUR, iso, parse

ZONES = ("DE", "FR", "GB", "ES", "PL", "SE-SE3", "US-CAL-CISO", "US-TEX-ERCO", "DK-DK2", "ZA", "XX-NODATA")
STEPS = {"5_minutes": 300, "15_minutes": 900, "hourly": HOUR}
NAMES = {60: "1_minute", 300: "5_minutes", 900: "15_minutes", HOUR: "hourly"}
UNENTITLED = {
    "error": "Request unauthorized for zoneKey=%s,requestType=%s,dataType=carbon-intensity.",
    "message": "You do not have access to this specific endpoint for this specific zone.",
}


def unentitled(request, reply, zone, temporality):
    body = dict(UNENTITLED)
    body["error"] %= (zone, temporality)
    return reply(401, body)


def number(request, zone, at):
    value = request.state.numbers.value(zone, at)
    if request.query.get("emissionFactorType") == "direct":
        value = round(value * 0.8)
    return value + 0.25 if request.has("floats") else value


def factors(request):
    return "lifecycle" if request.has("lifecycle-echo") else request.query.get("emissionFactorType", "lifecycle")


def row(request, zone, at, newest):
    """One row of the past; the two newest hours are estimates."""
    revised = request.has("revision") and request.state.counts.get("calls " + request.path, 1) > 1
    recent = at > newest - 2 * HOUR
    value = number(request, zone, at)
    if revised and at > newest - 3 * HOUR:
        value += 7
        recent = False
    out = {
        "zone": zone, "carbonIntensity": value, "datetime": iso(at), "updatedAt": iso(request.now - 600),
        "createdAt": iso(at - 3 * 86400), "emissionFactorType": factors(request),
        "flowTraced": True, "isEstimated": recent, "estimationMethod": "FORECASTS_HIERARCHY" if recent else None,
    }
    if request.has("sandbox"):
        out["isEstimated"] = True
        out["estimationMethod"] = "SANDBOX_MODE_DATA"
    if request.has("y2024"):
        del out["flowTraced"]
    return out


def disturb(request, rows, key="carbonIntensity"):
    """The faults that single rows can have."""
    if request.has("nulls"):
        rows[len(rows) // 2][key] = None
    if request.has("lastnull"):
        rows[-1][key] = None
    if request.has("huge"):
        rows[len(rows) // 2][key] = 40000
    if request.has("allhuge"):
        for each in rows:
            each[key] = 40000
    if request.has("jump"):
        rows[len(rows) // 2][key] += 900
    if request.has("duplicates"):
        rows += [dict(rows[0]), dict(rows[3], **{key: rows[3][key] + 1})]
    if request.has("unsorted"):
        rows.reverse()
    if request.has("empty"):
        rows.clear()
    return rows


def frame(request, zone, name, rows, step):
    body = {"zone": "FR" if request.has("otherzone") else zone, name: rows}
    if not request.has("y2024"):
        body["temporalGranularity"] = "daily" if request.has("coarse") else NAMES[step]
    if request.has("sandbox"):
        body["_disclaimer"] = "SANDBOX MODE: this data is synthetic"
    return body


def step_of(request):
    asked = request.query.get("temporalGranularity")
    return STEPS.get(asked, 0) if asked else request.state.options.step


def history(request, reply, zone):
    step = step_of(request)
    if not step:
        return reply(400, {"status": "error", "message": "temporalGranularity is not supported here"})
    newest = request.now // step * step
    shift = 86400 if request.has("future") else 0
    rows = [row(request, zone, at + shift, newest + shift)
            for at in range(newest + step - 86400, newest + step, step)]
    return reply(200, frame(request, zone, "history", disturb(request, rows), step))


def latest(request, reply, zone):
    newest = request.now // HOUR * HOUR
    return reply(200, row(request, zone, newest, newest))


def past_range(request, reply, zone):
    times = [parse(request.query.get(name, "")) for name in ("start", "end")]
    if None in times:
        return reply(400, {"status": "error", "message": "Missing or invalid date parameter \"start\""})
    start, end = times[0][0], times[1][0]
    if end - start > 10 * 86400:
        return reply(400, {"status": "error", "message": "The range is over 10 days"})
    newest = request.now // HOUR * HOUR
    rows = [row(request, zone, at, newest) for at in range(-(-start // HOUR) * HOUR, min(end, newest + HOUR), HOUR)]
    return reply(200, frame(request, zone, "data", disturb(request, rows) if rows else rows, HOUR))


def forecast(request, reply, zone):
    hours = request.query.get("horizonHours", "24")
    if hours not in ("6", "24", "48", "72") or (request.has("hours24") and hours != "24"):
        return reply(400, {"status": "error", "message": "horizonHours must be one of 6, 24, 48, 72"})
    step = step_of(request)
    first = request.now // step * step
    count = int(hours) * HOUR // step + (0 if request.has("y2024") else 1)
    rows = [{"carbonIntensity": number(request, zone, first + i * step), "datetime": iso(first + i * step)}
            for i in range(count)]
    body = frame(request, zone, "forecast", disturb(request, rows), step)
    if request.has("contradict"):
        for each in body["forecast"]:
            each["carbonIntensity"] = 1900
    if not request.has("noupdated"):
        body["updatedAt"] = iso(request.now - 60)
    return reply(200, body)


def rights(request, zone):
    """What the key may fetch of a zone, as the list of zones says it."""
    if request.has("only-fr") and zone != "FR":
        return []
    if request.has("latest-only"):
        return ["carbon-intensity/latest", "power-breakdown/latest"]
    if request.has("history-only"):
        return ["carbon-intensity/latest", "carbon-intensity/history"]
    if request.has("no-past"):
        return ["carbon-intensity/latest", "carbon-intensity/history", "carbon-intensity/forecast"]
    return ["*"]


def may(request, zone, temporality):
    words = rights(request, zone)
    return "*" in words or "carbon-intensity/" + temporality in words


def zones(request, reply):
    with_token = request.headers.get("auth-token") == request.state.options.token
    body = {}
    for zone in ZONES:
        words = rights(request, zone)
        body[zone] = {"zoneName": zone}
        if request.path.startswith("/em/v4"):
            body[zone].update({"zoneKey": zone, "zoneParentKey": None, "isCommerciallyAvailable": True, "tier": "TIER_A"})
        if with_token and not request.has("zones-plain"):
            body[zone]["access"] = words
            if not words:
                del body[zone]
    return reply(200, body)


def check(request, reply, temporality, zone):
    """Everything that is asked before data are looked at; None where all is well."""
    if not request.headers.get("User-Agent"):
        return reply(403, "Access denied", "text/plain")
    if request.headers.get("auth-token") != request.state.options.token:
        return reply(401, {"error": "Invalid auth-token"})
    if not zone:
        return reply(400, {"status": "error", "message": "Missing zone, lat/lon or data centre"})
    if (request.has("unentitled") or (request.has("unentitled-forecast") and temporality == "forecast")
            or not may(request, zone, temporality)):
        return unentitled(request, reply, zone, temporality)
    if zone not in ZONES or zone == "XX-NODATA" or request.has("nodata"):
        return reply(404, {"error": "No recent data for zone \"%s\"" % zone})
    return None


def answer(request, reply):
    parts = request.path.strip("/").split("/")[1:]
    if parts == ["health"]:
        return reply(200, {"monitors": {"state": "ok"}, "status": "ok"})
    if parts and parts[0] in ("v3", "v4"):
        parts = parts[1:]
    if parts == ["zones"]:
        return zones(request, reply)
    if len(parts) != 2 or parts[0] != "carbon-intensity":
        return reply(404, {"error": "Not found"})
    table = {"history": history, "latest": latest, "past-range": past_range, "forecast": forecast}
    zone = request.query.get("zone") or request.query.get("zoneKey")
    refusal = check(request, reply, parts[1], zone)
    if refusal:
        return refusal
    if parts[1] not in table:
        return reply(400, {"status": "error", "message": "Expected one of latest, past, past-range"})
    return table[parts[1]](request, reply, zone)
