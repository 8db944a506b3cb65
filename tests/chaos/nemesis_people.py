# SPDX-License-Identifier: Apache-2.0
"""What operators and root keys do in the middle of it, storms over the quota, and clocks that jump."""

import os
import subprocess

import shim
import taskforce
from crew import AGENTS, READERS, SOURCES
from nemesis import Nemesis

ROTATIONS_MAX = 1  # of one agent in a round: a principal has at most two live keys
UNTRUSTED_S = 600  # an old key counts for so long yet: all that was under way is then long decided
STORM_LINES = 1500


class Rosters(Nemesis):
    KIND = "rosters and keys"
    FAULTS = {"revoke_reader": 2, "lower_reader": 1, "rotate_key": 2, "new_roster": 1}

    def __init__(self, *args):
        super().__init__(*args)
        self.revoked = self.lowered = None
        self.old_keys = {agent: [] for agent in AGENTS}

    def extra(self):
        """The settings of everybody's keys. An old key follows the one that its principal uses now."""
        self.crew.force.key_extra = {agent: "".join('}, { card = "%s"; %s' % key for key in keys)
                                     for agent, keys in self.old_keys.items()}
        if self.revoked:
            self.crew.force.key_extra[self.revoked] = 'untrusted_from = "%s";' % taskforce.now_text()

    def write(self):
        self.extra()
        self.crew.force.principals = [(name, [role for role in roles if name != self.lowered or role != "read"])
                                      for name, roles in self.everybody()]
        self.crew.write_roster()

    def everybody(self):
        if not hasattr(self, "principals"):
            self.principals = list(self.crew.force.principals)
        return self.principals

    def revoke_reader(self, rng):
        """Or, when one is, it is enrolled again: it has missed nothing."""
        self.revoked = None if self.revoked else rng.choice(READERS)
        self.write()

    def lower_reader(self, rng):
        """It loses the role read, or gets it back. The roster wants every principal to have a role."""
        self.lowered = None if self.lowered else rng.choice(("bin/budi", "brin/rina"))
        self.write()

    def new_roster(self, rng):
        self.write()

    def rotate_key(self, rng):
        """An agent gets a new key; its old one retires, or is soon no longer trusted."""
        agent, how = rng.choice(AGENTS), rng.choice(("until", "untrusted_from"))
        old = self.old_keys[agent]
        if len(old) >= ROTATIONS_MAX:
            return False
        path = self.crew.force.identity(agent)
        new = "%s.%d" % (path, len(old))
        subprocess.run([taskforce.program("siaga"), "keygen", agent, "--no-passphrase", "--out", new], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        old.insert(0, (self.crew.force.card(agent), '%s = "%s";' % (how, taskforce.now_text(UNTRUSTED_S))))
        os.rename(new, path)
        self.write()
        self.crew.agents[agent].kill()

    def tend(self, everything=False):
        if everything and (self.revoked or self.lowered):
            self.revoked = self.lowered = None
            self.write()


class Storms(Nemesis):
    KIND = "quota storms"
    FAULTS = {"storm": 1}

    def storm(self, rng):
        self.workload.storm(rng.randrange(len(SOURCES)), STORM_LINES)


class Clocks(Nemesis):
    KIND = "clocks"
    FAULTS = {"set_agent_clock": 2, "set_hub_clock": 2, "set_reader_clock": 1}

    def missing(self):
        return shim.missing()

    def set(self, name, seconds, rng):
        one = self.crew.shims[name]
        one.set_clock(int(rng.choice((-1, 1)) * seconds * 1e6))
        self.later(rng.choice((0.5, 2.0, 5.0)), lambda: one.set_clock(0))

    def set_agent_clock(self, rng):
        self.set(rng.choice(AGENTS), rng.choice((2, 3600, 12 * 3600)), rng)

    def set_hub_clock(self, rng):
        self.set("hub", rng.choice((2, 30, 120)), rng)

    def set_reader_clock(self, rng):
        self.set(rng.choice(READERS), rng.choice((2, 3600)), rng)
