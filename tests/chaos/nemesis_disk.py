# SPDX-License-Identifier: Apache-2.0
"""Disks that are full, fail, write too little, lie for a moment, lose what was not synced, or go back in time."""

import contextlib
import os
import shutil
import signal

import disks
import shim
from crew import AGENTS, READERS, flat, send
from nemesis import Nemesis


class FullDisks(Nemesis):
    KIND = "full disks"
    FAULTS = {"fill_disk": 4}

    def __init__(self, crew, workload, eras, megabytes):
        super().__init__(crew, workload, eras)
        self.disks = disks.Disks([crew.path("hub", "state")] + [crew.state_of(agent) for agent in AGENTS] +
                                 [os.path.dirname(crew.out(reader)) for reader in READERS], megabytes)

    def missing(self):
        return None if self.disks.paths else "no tmpfs can be mounted here"

    def fill_disk(self, rng):
        return self.disks.fill(rng)

    def tend(self, everything=False):
        self.disks.relieve(everything)

    def close(self):
        self.disks.unmount()


class BadDisks(Nemesis):
    """By the shim. A fault is armed for a while, and strikes some of the calls that come."""

    KIND = "failing disks"
    FAULTS = {"write_eio": 3, "write_short": 2, "write_no_space": 2, "sync_eio": 4, "read_eio": 2}

    def missing(self):
        return shim.missing()

    def arm(self, rng, fault):
        name = rng.choice(sorted(self.crew.shims))
        one = self.crew.shims[name]
        one.arm(fault, rng.choice((1024, 200, 20)), rng.choice((1, 2, 10)))
        self.later(rng.choice((0.2, 1.0, 3.0)), lambda: one.arm(0, 0, 0))

    def write_eio(self, rng):
        self.arm(rng, shim.WRITE_EIO)

    def write_short(self, rng):
        self.arm(rng, shim.WRITE_SHORT)

    def write_no_space(self, rng):
        self.arm(rng, shim.WRITE_NOSPC)

    def sync_eio(self, rng):
        self.arm(rng, shim.SYNC_EIO)

    def read_eio(self, rng):
        self.arm(rng, shim.READ_EIO)

    def struck(self):
        """How many calls failed in all."""
        return sum(one.hits() for one in self.crew.shims.values())


class PowerCuts(Nemesis):
    KIND = "power cuts"
    FAULTS = {"cut_hub": 3, "cut_agent": 3, "cut_reader": 2}

    lost_writes = 0

    def missing(self):
        return shim.missing()

    def cut(self, name, rng):
        self.lost_writes += self.crew.shims[name].cut(rng)

    def cut_hub(self, rng):
        self.crew.stop_hub()
        self.cut("hub", rng)

    def cut_agent(self, rng):
        agent = rng.choice(AGENTS)
        self.crew.agents[agent].kill()
        self.cut(agent, rng)

    def cut_reader(self, rng):
        reader = rng.choice(READERS)
        self.crew.readers[reader].kill()
        self.cut(reader, rng)


class BackInTime(Nemesis):
    """Copies of a moment are taken, and put back later in place of what there is."""

    KIND = "disks back in time"
    FAULTS = {"copy_outbox": 2, "restore_outbox": 2, "copy_journal": 2, "restore_journal": 2, "restore_both": 1,
              "copy_reader": 1, "restore_reader": 1, "make_backup": 1, "restore_backup": 1}

    def __init__(self, crew, workload, eras, full):
        super().__init__(crew, workload, eras)
        self.full = full

    def copy_of(self, name):
        return self.crew.path("copies", flat(name))

    def copy_live(self, pids, state, name):
        """What a snapshot of the disk sees at one moment: nobody writes meanwhile."""
        for pid in pids:
            send(pid, signal.SIGSTOP)
        shutil.rmtree(self.copy_of(name), ignore_errors=True)
        shutil.copytree(state, self.copy_of(name),
                        ignore=shutil.ignore_patterns("*-shm", "*.lock", "*.sock", ".filler", "*.undo-*"))
        for pid in pids:
            send(pid, signal.SIGCONT)

    def put_back(self, name, unit, state):
        if not os.path.exists(self.copy_of(name)):
            return False
        self.full.tend(everything=True)
        disks.replace_content(self.copy_of(name), state)
        self.crew.shims[unit].forget()
        return True

    def copy_outbox(self, rng):
        agent = rng.choice(AGENTS)
        self.copy_live(self.crew.agents[agent].pids(), self.crew.state_of(agent), agent)

    def restore_outbox(self, rng):
        return self.restore_agent(rng.choice(AGENTS))

    def restore_agent(self, agent):
        self.crew.agents[agent].kill()
        self.workload.went_back(agent)
        return self.put_back(agent, agent, self.crew.state_of(agent))

    def copy_journal(self, rng):
        self.copy_live(self.crew.hub_pids(), self.crew.path("hub", "state"), "hub")

    def take_journal(self):
        """The hub is dead; its log is remembered as it was, for it goes back now."""
        self.crew.stop_hub()
        self.full.tend(everything=True)
        self.eras.close()
        self.workload.went_back()

    def restore_journal(self, rng):
        self.take_journal()
        return self.put_back("hub", "hub", self.crew.path("hub", "state"))

    def restore_both(self, rng):
        agent = rng.choice(AGENTS)
        self.crew.agents[agent].kill()
        restored = self.restore_journal(rng)
        return self.restore_agent(agent) or restored

    def copy_reader(self, rng):
        reader = rng.choice(READERS)
        self.copy_live(self.crew.readers[reader].pids(), os.path.dirname(self.crew.out(reader)), reader)

    def restore_reader(self, rng):
        reader = rng.choice(READERS)
        self.crew.readers[reader].kill()
        return self.put_back(reader, reader, os.path.dirname(self.crew.out(reader)))

    def make_backup(self, rng):
        """Of a hub that goes on; only a whole one replaces the last."""
        new = self.crew.path("backup.new")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)
        if self.crew.hub_tool("--backup", new).returncode != 0:
            return False
        os.rename(new, self.crew.path("backup.db"))

    def restore_backup(self, rng):
        """The log goes on as a new one."""
        if not os.path.exists(self.crew.path("backup.db")):
            return False
        self.take_journal()
        done = self.crew.hub_tool("--restore", self.crew.path("backup.db"))
        self.crew.shims["hub"].forget()
        if done.returncode != 0:
            raise AssertionError("siaga-hub --restore ended with %d: %s" % (done.returncode, done.stderr))
