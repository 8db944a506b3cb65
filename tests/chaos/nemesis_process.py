# SPDX-License-Identifier: Apache-2.0
"""Processes that die or stand still, a hub that is drained, and a log file that is rotated under load."""

import signal

from crew import AGENTS, READERS, SOURCES, send
from nemesis import Nemesis


class Processes(Nemesis):
    KIND = "processes"
    FAULTS = {"kill_agent": 4, "kill_reader": 3, "kill_gate": 3, "kill_core": 3, "kill_hub": 2, "freeze": 6, "drain_hub": 2,
              "rotate_log": 3}

    def kill_agent(self, rng):
        self.crew.agents[rng.choice(AGENTS)].kill()

    def kill_reader(self, rng):
        self.crew.readers[rng.choice(READERS)].kill()

    def kill_child(self, name):
        pids = self.crew.children(name)
        for pid in pids:
            send(pid, signal.SIGKILL)
        return bool(pids)

    def kill_gate(self, rng):
        return self.kill_child("siaga-gate")

    def kill_core(self, rng):
        return self.kill_child("siaga-core")

    def kill_hub(self, rng):
        self.crew.hub.kill()

    def freeze(self, rng):
        units = sorted(it.name for it in self.crew.everybody)
        which, seconds, place = rng.choice(units + ["hub"] * 3), rng.choice((0.05, 0.3, 1.5)), rng.random()
        pids = self.crew.hub_pids() if which == "hub" else next(
            it.pids() for it in self.crew.everybody if it.name == which)
        if not pids:
            return False
        pid = pids[int(place * len(pids))]
        send(pid, signal.SIGSTOP)
        self.later(seconds, lambda: send(pid, signal.SIGCONT))

    def drain_hub(self, rng):
        if not self.crew.hub.process.alive():
            return False
        send(self.crew.hub.process.pid, signal.SIGTERM)

    def rotate_log(self, rng):
        self.workload.rotate(rng.randrange(len(SOURCES)))
