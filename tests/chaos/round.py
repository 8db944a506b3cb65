# SPDX-License-Identifier: Apache-2.0
"""One round of chaos: a fresh task force, its faults by the plan, peace, and the judgement."""

import contextlib
import os
import random
import shutil
import sqlite3
import tempfile
import threading
import time

import checker
import crew
import eras
import growth
import nemesis
import nemesis_disk
import nemesis_network
import nemesis_people
import nemesis_process
import plan
import siaga_e2e
import workload

SETTLE_S = 600  # the end of patience, not a bound on anything
TURN_S = 0.05
SEND_EVERY_S = 3


class Round:
    def __init__(self, seed, seconds, alone, only=None):
        """`alone`: in a network and a mount namespace of our own."""
        self.seed, self.seconds, self.only = seed, seconds, only
        rng = random.Random("round %s" % seed)
        self.apart = rng.random() < 0.7
        self.dir = tempfile.mkdtemp(prefix="siaga-chaos-")
        self.crew = crew.Crew(self.dir, self.apart)
        self.workload = workload.Workload(self.crew, rng)
        self.eras = eras.Eras(self.crew)
        self.checker = checker.Checker(self.crew, self.workload, self.eras)
        self.moment = threading.Event()
        self.nemeses = nemesis.Nemeses(self.make(alone))

    def make(self, alone):
        common = (self.crew, self.workload, self.eras)
        full = nemesis_disk.FullDisks(*common, megabytes=96 + int(self.seconds / 5))
        self.power, self.bad = nemesis_disk.PowerCuts(*common), nemesis_disk.BadDisks(*common)
        return [nemesis_process.Processes(*common), full, self.bad, self.power, nemesis_disk.BackInTime(*common, full),
                nemesis_network.Links(*common), nemesis_network.Loss(*common, alone), nemesis_people.Rosters(*common),
                nemesis_people.Storms(*common), nemesis_people.Clocks(*common)]

    # ---- war ----

    def torture(self):
        weights = {name: weight for name, weight in self.nemeses.weights().items() if not self.only or name in self.only}
        todo = plan.make(self.seed, self.seconds, weights, nemesis_disk.BackInTime.FAULTS)
        start, next_send = time.monotonic(), 0
        while todo or time.monotonic() < start + self.seconds:
            self.workload.write_some()
            self.moment.wait(TURN_S)  # the faults must hit something under way
            if time.monotonic() >= next_send:
                self.workload.send()
                next_send = time.monotonic() + SEND_EVERY_S
            if todo and todo[0][0] <= time.monotonic() - start:
                _, name, number = todo.pop(0)
                self.nemeses.strike(name, number)
            self.turn()

    def turn(self):
        self.nemeses.tend()
        self.workload.look()
        self.eras.look()
        self.crew.tend()

    # ---- peace ----

    def logged(self):
        """How many alerts the hub's log holds: after it went back, agents send again what every reader has."""
        try:
            with eras.open_journal(self.eras.path()) as journal:
                return journal.execute("SELECT count (*) FROM entry WHERE kind = 0").fetchone()[0]
        except sqlite3.Error:
            return 0

    def arrived(self, reader):
        try:
            with open(self.crew.out(reader), "rb") as file:
                return file.read().count(b"\n")
        except FileNotFoundError:
            return 0

    def all_there(self):
        return not self.workload.queued and not self.workload.sending and all(
            self.arrived(reader) >= self.workload.count_for(reader) for reader in crew.READERS) and \
            self.logged() >= self.workload.lines() + len(self.workload.acknowledged)

    def wait_all(self):
        """Nothing is broken any more: everything arrives."""
        deadline = time.monotonic() + SETTLE_S
        changes = siaga_e2e.Changes(*(os.path.dirname(self.crew.out(reader)) for reader in crew.READERS))
        with contextlib.closing(changes):
            while not self.all_there():
                if time.monotonic() > deadline:
                    return False
                self.turn()
                if self.workload.queued and not self.workload.sending:
                    self.workload.send()
                changes.wait(0.5)  # the dead are tended meanwhile
        return True

    def settle(self):
        self.nemeses.tend(everything=True)
        start = time.monotonic()
        if self.wait_all():
            growth.check(self.crew, self.workload, self.wait_all, self.checker.promises)
        print("settled in %.0f s" % (time.monotonic() - start))

    def judge(self):
        for reader in crew.READERS:
            self.crew.readers[reader].process.stop(60)
        for agent in crew.AGENTS:
            self.crew.agents[agent].process.stop(60)
        self.crew.hub.process.stop(60)
        self.eras.close()
        self.checker.check_readers()
        self.checker.check_numbers()
        self.checker.check_order()
        alerts, epochs = self.checker.check_journal()
        self.checker.check_log(self.apart)
        self.checker.check_ends()
        print("log: %d alerts of %d lines and %d sent by hand, %d epochs, %d histories, %d checkpoints" % (
            alerts, self.workload.lines(), self.workload.sent, epochs, len(self.eras.logs), len(self.eras.notes)))
        return alerts

    def run(self):
        """How many alerts were acknowledged."""
        self.crew.start_all()
        try:
            self.torture()
            self.settle()
            return self.judge()
        except (AssertionError, OSError, sqlite3.Error) as error:
            self.checker.promises.tell("the run itself goes on", 1, ["%s: %s" % (type(error).__name__, error)])
            return 0

    def finish(self, keep=None):
        """With `keep`, a directory that does not exist yet, everything is copied there."""
        self.nemeses.tend(everything=True)
        self.crew.stop()
        if keep:
            shutil.copytree(self.dir, keep, ignore=shutil.ignore_patterns("*.sock"), symlinks=True)
        self.nemeses.close()
        shutil.rmtree(self.dir, ignore_errors=True)
