# SPDX-License-Identifier: Apache-2.0
"""instructions: what one alert costs each process, by callgrind. Counted in two storms of different size, whose
difference leaves out starting and stopping; the batches form as they do, so it is not exact to the last digit."""

import glob
import os
import re
import shutil

import bench_force
from bench_force import AGENT, READERS

UNITS = {"agent": "instr", "core": "instr", "gate": "instr", "reader": "instr"}


class Watched(bench_force.Force):
    """Every program runs under callgrind."""

    def start(self, argv, log, **options):
        out = self.path("callgrind.%p.out")
        watched = ["valgrind", "--tool=callgrind", "--trace-children=yes", "--callgrind-out-file=" + out, *argv]
        return super().start(watched, log, **options)


def total(force, pid):
    with open(force.path("callgrind.%d.out" % pid)) as file:
        found = re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M)
    return int(found.group(1))


def counts(force, count):
    """Instructions of each process in a storm of so many."""
    force.fill(count)
    force.renew()
    force.start_hub()
    reader = force.start_reader(READERS[0], count)
    agent = force.start_agent(AGENT)
    pids = dict(force.hub_children(), agent=agent.pid, reader=reader.pid)
    force.wait_reader(reader)
    force.stop()
    found = {name: total(force, pid) for name, pid in pids.items()}
    for path in glob.glob(force.path("callgrind.*")) + list(force.outboxes.values()):
        os.unlink(path)
    return found


def instructions(count):
    with bench_force.new_force(Watched) as force:
        few, many = counts(force, count // 4), counts(force, count)
    return {name: (many[name] - few[name]) / (count - count // 4) for name in UNITS}


def measure(count, runs):
    if not shutil.which("valgrind"):
        raise bench_force.Failed("needs valgrind")
    return [instructions(count) for _ in range(runs)]
