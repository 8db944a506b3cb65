# SPDX-License-Identifier: Apache-2.0
"""replay: a new reader catches up on a log that is there already; one whose filter lets a hundredth through (its rate
is that of what was passed over); and many at once."""

import bench_force
from bench_force import READERS

UNITS = {"entries_per_s": "1/s", "delivered_per_s": "1/s", "hub_mib": "MiB"}
ONE_IN = 100  # of fill_journal's entries are about sirekap


def replay(force, count, part=1, *more):
    """One reader that wants one in `part` of them."""
    reader = force.start_reader(READERS[0], count // part, "--since", "0", *more)
    told = force.wait_reader(reader)
    return {"entries_per_s": count / bench_force.span_s([told])}


def replay_to(force, readers, count):
    """So many at once, each of whom gets all."""
    reading = [force.start_reader(READERS[i % len(READERS)], count, "--since", "0", wait=False) for i in range(readers)]
    told = [force.wait_reader(reader) for reader in reading]
    return {"delivered_per_s": readers * count / bench_force.span_s(told),
            "hub_mib": sum(bench_force.memory_mib(pid) for pid in force.hub_children().values())}


def measure(kind, count, runs):
    with bench_force.new_force() as force:
        force.fill_journal(count)
        force.renew()
        force.start_hub()
        if kind == "filtered":
            return [replay(force, count, ONE_IN, "--system", "sirekap") for _ in range(runs)]
        return [replay(force, count) if kind == 1 else replay_to(force, kind, count) for _ in range(runs)]
