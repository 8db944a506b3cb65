# SPDX-License-Identifier: Apache-2.0
"""growth: what an alert of a storm costs the hub when its journal is short and when it is long: growth.ENTRIES.hub_us
is CPU of core and gate together; ratio the longest's to the shortest's, of the same turn."""

import bench_force
import bench_storm

SIZES = (10000, 1000000, 10000000)
STORM = 100000
UNITS = {"%d.%s" % (size, name): unit for size in SIZES
         for name, unit in (("alerts_per_s", "1/s"), ("hub_us", "us"))}
UNITS["ratio"] = ""


def storm(force, journal, alerts):
    force.journal = journal
    force.fill(alerts)  # others than the turn before
    told = bench_storm.storm(force, 1, alerts)
    return {"alerts_per_s": told["alerts_per_s"], "hub_us": told["cpu_core_us"] + told["cpu_gate_us"]}


def turn(force, journals, alerts):
    found, cost = {}, {}
    for size, journal in journals.items():
        told = storm(force, journal, alerts)
        cost[size] = told["hub_us"]
        found.update({"%d.%s" % (size, name): value for name, value in told.items()})
    found["ratio"] = cost[max(cost)] / max(cost[min(cost)], 1e-9)
    return found


def measure(longest, runs):
    sizes = [size for size in SIZES if size <= longest] or [longest]
    if len(sizes) == 1:
        sizes = [longest // 10, longest]
    with bench_force.new_force() as force:
        journals = {}
        for size in sizes:
            force.fill_journal(size, "journal.%d.db" % size)
            journals[size] = force.journal
        return [turn(force, journals, min(STORM, longest)) for _ in range(runs)]
