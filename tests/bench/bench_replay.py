# SPDX-License-Identifier: Apache-2.0
"""replay: a new reader catches up on a log that is there already; one whose filter lets a hundredth through (its rate
is that of what was passed over); and many at once."""

import time

import bench_force
from bench_force import AGENT, READERS

UNITS = {"entries_per_s": "1/s", "delivered_per_s": "1/s", "hub_mib": "MiB"}
ONE_IN = 100  # of fill_outbox's entries are about sirekap
PATIENCE_S = 600


def fill_log(force, count):
    """Entries in the hub's journal, and no agent any more."""
    force.fill(count)
    force.renew()
    force.start_hub()
    agent = force.start_agent(AGENT)
    deadline = time.monotonic() + PATIENCE_S
    while force.batches()[1] < count:
        if time.monotonic() > deadline:
            raise bench_force.Failed("the hub did not take the outbox: %s" % agent.tail())
        time.sleep(0.1)
    agent.stop()


def replay(force, count, part=1, *more):
    """One reader that wants one in `part` of them."""
    reader = force.start_reader(READERS[0], count // part, "--since", "0", *more)
    told = force.wait_reader(reader)
    return {"entries_per_s": count * 1e6 / (told["last_us"] - told["first_us"])}


def replay_to(force, readers, count):
    """So many at once, each of whom gets all."""
    reading = [force.start_reader(READERS[i % len(READERS)], count, "--since", "0", wait=False) for i in range(readers)]
    told = [force.wait_reader(reader) for reader in reading]
    seconds = (max(t["last_us"] for t in told) - min(t["first_us"] for t in told)) / 1e6
    return {"delivered_per_s": readers * count / seconds,
            "hub_mib": sum(bench_force.memory_mib(pid) for pid in force.hub_children().values())}


def measure(kind, count, runs):
    with bench_force.new_force() as force:
        fill_log(force, count)
        if kind == "filtered":
            return [replay(force, count, ONE_IN, "--system", "sirekap") for _ in range(runs)]
        return [replay(force, count) if kind == 1 else replay_to(force, kind, count) for _ in range(runs)]
