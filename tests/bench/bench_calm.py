# SPDX-License-Identifier: Apache-2.0
"""calm: alerts one by one at an even rate; how long each takes from its line in eve.json to a verified reader."""

import bench_force
from bench_force import AGENT, READERS

UNITS = {"p50_ms": "ms", "p99_ms": "ms", "p999_ms": "ms", "max_ms": "ms"}


def follow(force, rate, count):
    """What the reader told."""
    force.renew()
    eve = force.write_agent()
    open(eve, "wb").close()
    force.start_hub()
    reader = force.start_reader(READERS[0], count)
    agent = force.start_agent(AGENT)
    agent.wait_line("uplink-open")
    writer = force.start([bench_force.program("write_eve"), eve, str(count), str(rate)], "writer.log")
    told = force.wait_reader(reader, 60 + 2 * count / rate)
    if writer.wait() != 0:
        raise bench_force.Failed("write_eve: %s" % writer.tail())
    return told


def calm(force, rate, count):
    told = follow(force, rate, count)
    return {name: told[name.replace("_ms", "_us")] / 1000 for name in UNITS}


def measure(rate, count, runs):
    with bench_force.new_force() as force:
        return [calm(force, rate, count) for _ in range(runs)]
