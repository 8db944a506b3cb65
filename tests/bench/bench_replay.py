# SPDX-License-Identifier: Apache-2.0
"""replay: a new reader catches up on a log that is there already."""

import time

import bench_force
from bench_force import AGENT, READERS

UNITS = {"entries_per_s": "1/s"}
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


def replay(force, count):
    reader = force.start_reader(READERS[0], count, "--since", "0")
    told = force.wait_reader(reader)
    return {"entries_per_s": told["n"] * 1e6 / (told["last_us"] - told["first_us"])}


def measure(count, runs):
    with bench_force.new_force() as force:
        fill_log(force, count)
        return [replay(force, count) for _ in range(runs)]
