# SPDX-License-Identifier: Apache-2.0
"""Links that are cut, slow, deaf on one side or spoil a byte (our proxy), and a network that loses packets (nftables)."""

import subprocess

from crew import AGENTS
from nemesis import Nemesis, needs

TABLE = "siaga_chaos"


class Links(Nemesis):
    KIND = "links"
    FAULTS = {"cut_link": 3, "stall_link": 3, "one_way_link": 3, "slow_link": 3, "spoil_byte": 2}

    def set(self, rng, mode, seconds, delay=0.0):
        link = rng.choice(AGENTS + ["people"])
        self.crew.links.set(link, mode, delay)
        self.later(seconds, lambda: self.crew.links.set(link))

    def cut_link(self, rng):
        self.set(rng, "cut", rng.choice((0.0, 0.5, 2.0)))

    def stall_link(self, rng):
        self.set(rng, "stall", rng.choice((0.3, 1.0, 4.0)))

    def one_way_link(self, rng):
        self.set(rng, rng.choice(("oneway-up", "oneway-down")), rng.choice((0.5, 2.0, 4.0)))

    def slow_link(self, rng):
        self.set(rng, "delay", rng.choice((1.0, 3.0)), rng.choice((0.02, 0.2, 0.8)))

    def spoil_byte(self, rng):
        self.set(rng, "flip", 1.0)


class Loss(Nemesis):
    """In a network of our own, where the rules are nobody else's."""

    KIND = "packet loss"
    FAULTS = {"lose_packets": 3}

    def __init__(self, crew, workload, eras, alone):
        super().__init__(crew, workload, eras)
        self.why = needs("nft") or (None if alone else "no network namespace of our own here")
        if not self.why and not self.nft("add table inet %s; add chain inet %s in { type filter hook input priority 0; }" % (
                TABLE, TABLE)):
            self.why = "nft is refused here"
        if not self.why and not self.rule(10):
            self.why = "the kernel has no numgen"
        if not self.why:
            self.clear()

    def missing(self):
        return self.why

    def nft(self, text):
        return subprocess.run(["nft", "-f", "-"], input=text.replace("; add", "\nadd") + "\n", text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def rule(self, percent):
        return all(self.nft("add rule inet %s in tcp %s %d numgen random mod 100 < %d drop" % (
            TABLE, side, self.crew.force.hub_port, percent)) for side in ("dport", "sport"))

    def clear(self):
        return self.nft("flush chain inet %s in" % TABLE)

    def lose_packets(self, rng):
        self.rule(rng.choice((2, 10, 30, 100)))
        self.later(rng.choice((0.5, 1.5, 3.0)), self.clear)
