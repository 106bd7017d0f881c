#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A real HTTP(S) server on the loopback that answers as grid data providers do, faults included.

Path prefixes: /em/v3, /em/v4 (Electricity Maps), /wt (WattTime), /uk (Carbon Intensity), /casdk (Carbon
Aware SDK), /ec (Energy-Charts). Made-up numbers; nothing here asks anybody, and it ends by itself
after --seconds. Faults are chosen per path (/mode=empty,floats/em/v3/...) or by --control, a JSON list
of {"match": REGEX of path and query, "modes": [...]} that is read again for each request.
"""
import argparse
import http.server
import json
import os
import re
import signal
import socket
import ssl
import sys
import threading
import time
from email.utils import formatdate
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import grid_faults  # noqa: E402
import grid_numbers  # noqa: E402
import grid_providers  # noqa: E402


class Request:
    """What a provider sees of a request."""

    def __init__(self, method, target, headers, state):
        self.method = method
        parts = urlsplit(target)
        self.path = parts.path
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.pairs = parse_qsl(parts.query, keep_blank_values=True)
        self.headers = headers
        self.modes = set()
        self.state = state
        self.now = state.now()

    def has(self, mode):
        return mode in self.modes


class Reply:
    def __init__(self, status=200, body=None, content_type="application/json; charset=utf-8", headers=None):
        if isinstance(body, (dict, list)):
            body = json.dumps(body, separators=(",", ":"))
        self.status = status
        self.body = (body or "").encode() if not isinstance(body, bytes) else body
        self.content_type = content_type
        self.headers = headers or {}


class State:
    """What outlives a request: the clock, counters, the control file, the numbers."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.counts = {}
        self.tokens = {}
        self.started = int(time.time())
        self.numbers = grid_numbers.Numbers(options, self.started)

    def now(self):
        return self.options.now if self.options.now is not None else int(time.time())

    def count(self, key):
        with self.lock:
            self.counts[key] = self.counts.get(key, 0) + 1
            return self.counts[key]

    def control(self):
        if not self.options.control:
            return []
        try:
            with open(self.options.control, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return []

    def record(self, entry):
        if self.options.requests:
            with self.lock, open(self.options.requests, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer("GET")

    def do_POST(self):
        self.answer("POST")

    def choose_modes(self, target):
        match = re.match(r"/mode=([^/]*)(/.*)", target)
        modes = set(match.group(1).split(",")) if match else set()
        target = match.group(2) if match else target
        for rule in self.state.control():
            if re.search(rule.get("match", ""), target):
                modes.update(rule.get("modes", []))
        return modes, target

    def answer(self, method):
        modes, target = self.choose_modes(self.path)
        request = Request(method, target, self.headers, self.state)
        request.modes = modes
        self.state.record({"at": time.time(), "method": method, "path": request.path, "query": request.query,
                           "headers": {name.lower(): value for name, value in self.headers.items()}})
        reply = grid_faults.before(request, Reply) or grid_providers.answer(request, Reply)
        grid_faults.send(self, request, reply, self.date())

    def date(self):
        return formatdate(self.state.now(), usegmt=True)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    address_family = socket.AF_INET

    def handle_error(self, request, client_address):
        pass  # a client that breaks off is what some tests are about


def parse_time(text):
    import calendar
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?Z?", text)
    if not match:
        raise argparse.ArgumentTypeError("not a time such as 2026-03-05T17:34Z: " + text)
    return calendar.timegm(tuple(int(part or 0) for part in match.groups()) + (0, 0, 0))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--now", type=parse_time, help="freeze the clock at this time")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--port-file", help="written once the server listens")
    parser.add_argument("--pid-file")
    parser.add_argument("--requests", help="append every request to this file, one JSON object a line")
    parser.add_argument("--control", help="JSON list of faults")
    parser.add_argument("--token", default="secret-token-of-the-test")
    parser.add_argument("--seconds", type=int, default=600, help="end by itself after this long")
    parser.add_argument("--cert", help="PEM with certificate and key: speak TLS")
    parser.add_argument("--step", type=int, default=3600, help="seconds between points (60, 300, 900, 3600)")
    parser.add_argument("--clean-in", type=int, help="a clean window begins this many seconds after the start")
    parser.add_argument("--clean-for", type=int, default=7200, help="length of that window in seconds")
    return parser.parse_args()


def write_file(path, text):
    if path:
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.rename(path + ".new", path)


def main():
    options = parse_options()
    Handler.state = State(options)
    server = Server(("127.0.0.1", options.port), Handler)
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    life = threading.Timer(options.seconds, lambda: os._exit(0))
    life.daemon = True
    life.start()
    write_file(options.pid_file, str(os.getpid()))
    write_file(options.port_file, str(server.server_address[1]))
    server.serve_forever()


if __name__ == "__main__":
    main()
