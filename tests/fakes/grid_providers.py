# SPDX-License-Identifier: GPL-2.0-or-later
"""Which provider answers which path."""
import grid_electricitymaps

PREFIXES = {
    "/em/": grid_electricitymaps.answer,
}


def answer(request, reply):
    for prefix, provider in PREFIXES.items():
        if request.path.startswith(prefix):
            return provider(request, reply)
    return reply(404, "no provider at " + request.path, "text/plain")
