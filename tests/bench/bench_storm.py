# SPDX-License-Identifier: Apache-2.0
"""storm: agents with a full outbox, the hub, and verified readers who watch. The clock runs from the first alert
at a reader to the last one; CPU is counted per alert, the agents' from their start. With FILE for a reader it is
`siaga watch --out`, and the clock runs from the first line's acceptance until the whole file is safe."""

import datetime
import json
import os
import threading
import time

import bench_force
from bench_force import AGENTS, READERS, cpu_s, memory_mib

UNITS = {"alerts_per_s": "1/s", "delivered_per_s": "1/s", "batch_entries": "entries", "cpu_agent_us": "us",
         "cpu_core_us": "us", "cpu_gate_us": "us", "cpu_reader_us": "us", "hub_mib": "MiB"}


def cpu_now(force, readers):
    hub = force.hub_children()
    return {"core": cpu_s(hub["core"]), "gate": cpu_s(hub["gate"]),
            "reader": sum(cpu_s(reader.pid) for reader in readers) / len(readers)}


FILE = 0  # instead of a number of readers


def start_file(force, count):
    """`siaga watch --out` as the reader, which prints nothing."""
    out = force.path("out.jsonl")
    for path in (out, out + ".cursor"):
        if os.path.exists(path):
            os.unlink(path)
    reader = force.start_siaga(READERS[0], "watch", "--kind", "alert", "--count", str(count), "--out", out,
                               stdout=bench_force.PIPE)
    reader.wait_line("watching")
    return reader


def told_by_file(force):
    with open(force.path("out.jsonl")) as file:
        accepted = json.loads(file.readline())["accepted"]
    return {"first_us": datetime.datetime.fromisoformat(accepted).timestamp() * 1e6, "last_us": time.time() * 1e6}


def listen(watching, seconds=240):
    """What the readers print, to their ends. One that has ended is a zombie until it is waited for: what it used can
    still be read."""
    patience = threading.Timer(seconds, lambda: [reader.popen.kill() for reader in watching])
    patience.start()
    told = [reader.popen.stdout.read() for reader in watching]
    patience.cancel()
    return told


def storm(force, readers, count):
    """One run in a force that is filled, with all agents that have an outbox: {name: value}."""
    force.renew()
    force.start_hub()
    if readers == FILE:
        watching = [start_file(force, count)]
    else:
        watching = [force.start_reader(person, count) for person in READERS[:readers]]
    before = dict(cpu_now(force, watching), agent=0)
    agents = [force.start_agent(agent) for agent in force.outboxes]
    told = listen(watching)
    if readers == FILE:
        told = [json.dumps(told_by_file(force))]
    after = dict(cpu_now(force, watching), agent=sum(cpu_s(agent.pid) for agent in agents))
    memory = sum(memory_mib(pid) for pid in force.hub_children().values())
    force.stop()
    if not all(told):
        raise bench_force.Failed("a reader ended before it had all: %s" % watching[told.index(b"")].tail())
    told = [json.loads(text) for text in told]
    seconds = bench_force.span_s(told)
    batches, entries = force.batches()
    result = {"alerts_per_s": count / seconds, "delivered_per_s": len(watching) * count / seconds,
              "batch_entries": entries / batches, "hub_mib": memory}
    for name, used in before.items():
        result["cpu_%s_us" % name] = (after[name] - used) * 1e6 / count
    return result


def measure(agents, readers, count, runs):
    """The results of several runs."""
    with bench_force.new_force() as force:
        force.fill(count, AGENTS[:agents])
        return [storm(force, readers, count) for _ in range(runs)]
