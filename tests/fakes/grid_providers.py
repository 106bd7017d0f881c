# SPDX-License-Identifier: GPL-2.0-or-later
"""Which provider answers which path."""
import grid_casdk
import grid_electricitymaps
import grid_energy_charts
import grid_uk
import grid_watttime

PREFIXES = {
    "/em/": grid_electricitymaps.answer,
    "/wt/": grid_watttime.answer,
    "/uk/": grid_uk.answer,
    "/casdk/": grid_casdk.answer,
    "/ec/": grid_energy_charts.answer,
}


def answer(request, reply):
    if request.path.startswith("/v3/"):  # Electricity Maps' own paths, for an address without a prefix
        request.path = "/em" + request.path
    for prefix, provider in PREFIXES.items():
        if request.path.startswith(prefix):
            return provider(request, reply)
    return reply(404, "no provider at " + request.path, "text/plain")
