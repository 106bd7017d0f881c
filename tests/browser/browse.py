#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Shows a page in a real Chromium and tells what became of it, as JSON: browse.py PAGE WIDTH [print].
The page lies in a frame of WIDTH pixels on a server of its own at 127.0.0.1; nothing else is asked for, and what
the page does ask for is told. With "print" its rules for paper hold instead of those for a screen.
"""
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

# Of the frame's document, once it has been laid out.
MEASURE = """
<script>
function look() {
  const frame = document.querySelector("iframe"), page = frame.contentDocument, width = frame.clientWidth;
  const inside = (node) => { for (; node; node = node.parentElement) if (node.classList.contains("wide")) return true; };
  const name = (node) => node.tagName.toLowerCase() + ": " + node.textContent.trim().slice(0, 40);
  const nodes = [...page.body.querySelectorAll("*")];
  const cut = nodes.filter((node) => !node.closest("svg") && !inside(node) && node.getBoundingClientRect().right > width + 0.5);
  const charts = [...page.querySelectorAll("svg")].map((svg) => ({
    width: svg.getBoundingClientRect().width, height: svg.getBoundingClientRect().height,
    title: svg.querySelector("title").textContent, text: svg.querySelector("desc").textContent,
    outside: [...svg.querySelectorAll("rect,circle,text,path")].filter((node) => {
      const box = node.getBBox(); return box.x < -0.5 || box.y < -0.5 || box.x + box.width > 760.5 || box.y + box.height > 260.5;
    }).map(name),
  }));
  const result = {
    width: width, scroll: page.documentElement.scrollWidth, cut: cut.map(name), charts: charts,
    scripts: page.scripts.length, fired: !!window.fired || !!frame.contentWindow.fired,
    wide: [...page.querySelectorAll(".wide")].map((node) => ({client: node.clientWidth, scroll: node.scrollWidth})),
    headings: [...page.querySelectorAll("h1,h2")].map((node) => node.textContent),
    text: page.body.innerText,
    figures: [...page.querySelectorAll("data")].map((node) => ({
      key: node.dataset.key, value: node.value, shown: node.textContent, visible: node.getClientRects().length > 0})),
  };
  document.body.innerHTML = "";
  const out = document.createElement("pre");
  out.textContent = JSON.stringify(result);
  document.body.append(out);
}
</script>
"""


def serve(page, width, asked):
    wrapper = "<!DOCTYPE html><title>measure</title>%s<iframe src=/page.html onload=look() style='border:0;width:%dpx;height:9000px'></iframe>" % (MEASURE, width)
    bodies = {"/": wrapper, "/page.html": page}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = bodies.get(self.path, "").encode("utf-8", "surrogateescape")
            self.send_response(200 if self.path in bodies else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def browse(url, *options):
    chromium = shutil.which("chromium")
    if not chromium:
        sys.exit("browse.py: chromium is missing (contrib/install-packages.sh installs it)")
    home = tempfile.mkdtemp(prefix="carbon-browser.")
    command = [chromium, "--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
               "--disable-extensions", "--disable-background-networking", "--disable-dev-shm-usage",
               "--user-data-dir=" + home, "--window-size=1400,9100", "--virtual-time-budget=10000", *options, url]
    if os.getuid() == 0:
        command.insert(1, "--no-sandbox")
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              env={**os.environ, "HOME": home})
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return done


def main():
    path, width = sys.argv[1], int(sys.argv[2])
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        page = file.read()
    if sys.argv[3:] == ["print"]:
        page = page.replace("@media print", "@media all").replace("@media(max-width:40rem)", "@media not all")
    asked = []
    server = serve(page, width, asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = browse("http://127.0.0.1:%d/" % server.server_port, "--dump-dom")
    server.shutdown()
    found = re.search(r"<pre>(.*)</pre>", done.stdout.decode("utf-8", "replace"), re.S)
    if not found:
        sys.exit("browse.py: the page was not laid out: " + done.stderr.decode("utf-8", "replace")[-2000:])
    text = found.group(1)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u00a0"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    result = json.loads(text)
    result["asked"] = sorted(set(asked) - {"/favicon.ico"})
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
