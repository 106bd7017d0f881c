# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong with any provider: answers before the provider is asked, and ways to send one."""
import gzip
import time
from email.utils import formatdate

HTML = "<!DOCTYPE html><html><head><title>Just a moment</title></head><body>Checking your browser</body></html>"
STALL_SECONDS = 30


def limited(request, reply, retry_after):
    headers = {"Retry-After": retry_after} if retry_after else {}
    return reply(429, {"error": "Too many requests"}, headers=headers)


def before(request, reply):
    """The answer that takes the place of the provider's, or None."""
    calls = request.state.count("calls " + request.path)
    if request.has("error500"):
        return reply(500, {"status": "error", "message": "Unknown error occured"})
    if request.has("flaky") and calls <= 2:
        return reply(503, "")
    if request.has("limit"):
        return limited(request, reply, None)
    if request.has("limit-hour"):
        return limited(request, reply, "3600")
    if request.has("limit-once") and calls == 1:
        return limited(request, reply, "1")
    if request.has("limit-once-date") and calls == 1:
        return limited(request, reply, formatdate(time.time() + 2, usegmt=True))
    for mode in request.modes:
        if mode.startswith("status"):
            return reply(int(mode[6:]), {"error": "as asked for"})
    if request.has("html"):
        return reply(200, HTML, "text/html; charset=utf-8")
    if request.has("html403"):
        return reply(403, HTML, "text/html")
    if request.has("nothing"):
        return reply(200, "")
    if request.has("braces"):
        return reply(200, "{}")
    if request.has("error200"):
        return reply(200, {"error": "No recent data for zone \"%s\"" % request.query.get("zone", "?")})
    if request.has("redirect"):
        return reply(302, "", headers={"Location": "http://localhost:9/stolen"})
    if request.has("junk"):
        return reply(200, b"[" + b"0," * (5 << 20) + b"0]")
    if request.has("text"):
        return reply(200, "upstream connect error", "text/plain")
    return None


def send_head(handler, request, reply, date, length):
    handler.send_response_only(reply.status)
    handler.send_header("Date", date)
    handler.send_header("Content-Type", reply.content_type)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    if length is None:
        handler.send_header("Transfer-Encoding", "chunked")
    else:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()


def send_chunked(handler, body):
    for start in range(0, len(body), 1000):
        piece = body[start:start + 1000]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    handler.wfile.write(b"0\r\n\r\n")


def send_slowly(handler, body):
    begin = time.monotonic()
    for byte in body:
        if time.monotonic() - begin > STALL_SECONDS:
            break
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)
    handler.close_connection = True


def send(handler, request, reply, date):
    body = reply.body
    if request.has("truncated"):
        body = body[:len(body) // 2]
    if request.has("gzip") and "gzip" in (request.headers.get("Accept-Encoding") or ""):
        body = gzip.compress(body)
        reply.headers["Content-Encoding"] = "gzip"
    if request.has("stall"):
        time.sleep(STALL_SECONDS)
        handler.close_connection = True
        return
    if request.has("drop"):
        send_head(handler, request, reply, date, len(body))
        handler.wfile.write(body[:len(body) // 2])
        handler.close_connection = True
        return
    send_head(handler, request, reply, date, None if request.has("chunked") else len(body))
    if request.has("chunked"):
        send_chunked(handler, body)
    elif request.has("slow"):
        send_slowly(handler, body)
    else:
        handler.wfile.write(body)
