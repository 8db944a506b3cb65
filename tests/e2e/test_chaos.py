# SPDX-License-Identifier: Apache-2.0
"""Chaos: two agents, a hub and three readers while everything is killed, frozen, rotated, drained, revoked, out of disk and
put back to older copies and backups at random. In the end every line of every log is exactly once with each reader that may
see it, and with no other.

SIAGA_SEED repeats the choices of a run (not its timing); SIAGA_CHAOS_SECONDS makes it longer."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
from collections import Counter

import chaos_faults
import journal_rows
import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines

SECONDS = float(os.environ.get("SIAGA_CHAOS_SECONDS", "30"))
SETTLE_SECONDS = 70 + SECONDS
SEED = int(os.environ.get("SIAGA_SEED", time.time_ns() % 1000000))
LINES_MAX = 100000  # of one source: its line n is alert LINES_MAX * (source + 1) + n

# agent, severities of Suricata it writes, settings of the source, members that may see it besides the origin's own
SOURCES = [
    ("bssn/soc-1", (1, 2, 3), 'tlp = "green";', ("bin", "brin", "kominfo")),
    ("bssn/soc-1", (3,), 'tlp = "red";', ("bin",)),
    ("polri/soc-1", (2, 3), 'tlp = "amber";', ("bin", "brin")),
    ("polri/soc-1", (1, 2), 'tlp = "green"; audience = ["kominfo"];', ("kominfo",)),
]
READERS = ["bin/budi", "brin/rina", "kominfo/koko"]  # cleared for red, amber, green


class Watched:
    """A program that is to run, like a service manager has it: it is started again whenever it has ended."""

    def __init__(self, name, start):
        self.name = name
        self.start = start
        self.process = start()
        self.ends = []

    def tend(self):
        if not self.process.alive():
            self.ends.append((self.process.wait(), self.process.tail(6)))
            self.process = self.start()

    def kill(self):
        self.process.kill()


class Chaos(chaos_faults.OperatorFaults, TaskForceCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="siaga-e2e-")
        principals = taskforce.PRINCIPALS + [("kominfo/koko", ["read"])]
        members = [member if member[0] != "kominfo" else (*member[:2], "green") for member in taskforce.MEMBERS]
        self.force = taskforce.TaskForce(self.dir, principals, members)
        self.force.prepare()
        self.force.write_hub_conf(reserve='"1M"')
        self.disks = chaos_faults.Disks(self.path("hub", "state"), self.path("out"), *(
            self.path("agents", agent.replace("/", "-"), "state") for agent in {source[0] for source in SOURCES}))
        print("SIAGA_SEED=%d" % SEED)
        self.random = random.Random(SEED)
        self.moment = threading.Event()
        self.faults = Counter()
        self.frozen = []  # (until, pid)
        self.written = [0] * len(SOURCES)
        self.rotated = 0

    def tearDown(self):
        self.force.stop()
        self.disks.unmount()
        super().tearDown()

    # ---- the programs ----

    def eve(self, source):
        return self.path("agents", SOURCES[source][0].replace("/", "-"), "eve-%d.json" % source)

    def out(self, reader):
        return self.path("out", reader.replace("/", "-"), "alerts.jsonl")

    def start_watch(self, reader):
        return self.force.start_siaga(reader, "watch", "-q", "--since", "0", "--kind", "alert", "--out", self.out(reader))

    def start_all(self):
        self.hub = Watched("hub", lambda: self.force.start_hub(wait=False))
        self.hub.process.wait_line(r"\bready\b")
        self.agents = {}
        for agent in sorted({source[0] for source in SOURCES}):
            conf = ", ".join('{ name = "eve-%d"; type = "eve"; path = "%s"; from = "start"; %s }' % (
                n, self.eve(n), source[2]) for n, source in enumerate(SOURCES) if source[0] == agent)
            self.force.write_agent_conf(agent, conf, "damper = { enabled = false; };\n")
            for n, source in enumerate(SOURCES):
                if source[0] == agent:
                    open(self.eve(n), "ab").close()
            self.agents[agent] = Watched(agent, lambda agent=agent: self.force.start_agent(agent))
        self.readers = {}
        for reader in READERS:
            os.makedirs(os.path.dirname(self.out(reader)))
            self.readers[reader] = Watched(reader, lambda reader=reader: self.start_watch(reader))

    def everybody(self):
        return [self.hub, *self.agents.values(), *self.readers.values()]

    def hub_pids(self):
        """The hub's processes; children of a hub that has died count."""
        marks = ("siaga-gate", "siaga-core")
        found = [self.hub.process.pid] if self.hub.process.alive() else []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid) as file:
                    name = file.read().split("(", 1)[1].rsplit(")", 1)[0]
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    ours = self.dir.encode() in file.read()
            except OSError:
                continue
            if name in marks and (ours or int(pid) in self.find_children(self.hub.process, name)):
                found.append(int(pid))
        return found

    @staticmethod
    def signal(pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    def stop_hub(self):
        pids = self.hub_pids()
        watched = []
        for pid in pids:
            try:
                watched.append(os.pidfd_open(pid))
            except ProcessLookupError:
                pass
            self.signal(pid, signal.SIGKILL)
        self.hub.process.wait()
        import select
        for fd in watched:
            select.select([fd], [], [], 10)
            os.close(fd)

    # ---- faults ----

    def freeze(self, pid):
        self.signal(pid, signal.SIGSTOP)
        self.frozen.append((time.monotonic() + self.random.choice((0.05, 0.3, 1.5)), pid))

    def thaw(self, everything=False):
        now = time.monotonic()
        for until, pid in self.frozen:
            if everything or until <= now:
                self.signal(pid, signal.SIGCONT)
        self.frozen = [] if everything else [it for it in self.frozen if it[0] > now]

    def any_agent(self):
        return self.agents[self.random.choice(sorted(self.agents))]

    def state_of(self, agent):
        return self.path("agents", agent.name.replace("/", "-"), "state")

    def copy_live(self, pids, state, copy):
        """What a snapshot of the disk sees at one moment: nobody writes meanwhile."""
        for pid in pids:
            self.signal(pid, signal.SIGSTOP)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(state, copy, ignore=shutil.ignore_patterns("*-shm", "*.lock", "*.sock", ".filler"))
        for pid in pids:
            self.signal(pid, signal.SIGCONT)

    def put_back(self, copy, state):
        if not os.path.exists(copy):
            return False
        self.disks.relieve(everything=True)
        chaos_faults.replace_content(copy, state)
        return True

    def kill_agent(self):
        self.any_agent().kill()

    def kill_reader(self):
        self.readers[self.random.choice(READERS)].kill()

    def kill_child(self, name):
        for pid in self.find_children(self.hub.process, name):
            self.signal(pid, signal.SIGKILL)

    def kill_gate(self):
        self.kill_child("siaga-gate")

    def kill_core(self):
        self.kill_child("siaga-core")

    def kill_hub(self):
        self.hub.kill()

    def freeze_one(self):
        pids = self.hub_pids() + [it.process.pid for it in self.everybody() if it.process.alive()]
        self.freeze(self.random.choice(sorted(set(pids))))

    def rotate(self):
        source = self.random.randrange(len(SOURCES))
        self.rotated += 1
        os.rename(self.eve(source), "%s.%06d" % (self.eve(source), self.rotated))
        open(self.eve(source), "ab").close()

    def snapshot_outbox(self):
        agent = self.any_agent()
        pids = [agent.process.pid] if agent.process.alive() else []
        self.copy_live(pids, self.state_of(agent), self.path("copy-" + os.path.basename(agent.name) + agent.name[:3]))

    def restore_outbox(self, agent=None):
        agent = agent or self.any_agent()
        agent.kill()
        return self.put_back(self.path("copy-" + os.path.basename(agent.name) + agent.name[:3]), self.state_of(agent))

    def snapshot_journal(self):
        self.copy_live(self.hub_pids(), self.path("hub", "state"), self.path("copy-hub"))

    def restore_journal(self):
        self.stop_hub()
        return self.put_back(self.path("copy-hub"), self.path("hub", "state"))

    def restore_both(self):
        agent = self.any_agent()
        agent.kill()
        restored = self.restore_journal()
        return self.restore_outbox(agent) or restored

    def snapshot_reader(self):
        reader = self.random.choice(READERS)
        process = self.readers[reader].process
        self.copy_live([process.pid] if process.alive() else [], os.path.dirname(self.out(reader)),
                       self.path("copy-" + os.path.basename(reader)))

    def restore_reader(self):
        reader = self.random.choice(READERS)
        self.readers[reader].kill()
        return self.put_back(self.path("copy-" + os.path.basename(reader)), os.path.dirname(self.out(reader)))

    FAULTS = [(4, kill_agent), (3, kill_reader), (3, kill_gate), (3, kill_core), (2, kill_hub), (6, freeze_one), (3, rotate),
              (2, snapshot_outbox), (2, restore_outbox), (2, snapshot_journal), (2, restore_journal), (1, restore_both),
              (1, snapshot_reader), (1, restore_reader), (2, chaos_faults.OperatorFaults.drain_hub),
              (1, chaos_faults.OperatorFaults.make_backup), (1, chaos_faults.OperatorFaults.restore_backup),
              (2, chaos_faults.OperatorFaults.revoke_reader), (3, chaos_faults.OperatorFaults.fill_disk)]

    def fault(self):
        weights = [weight for weight, _ in self.FAULTS]
        fault = self.random.choices([fault for _, fault in self.FAULTS], weights)[0]
        if fault(self) is not False:
            self.faults[fault.__name__] += 1

    # ---- a run ----

    def write_lines(self):
        source = self.random.randrange(len(SOURCES))
        count = self.random.choice((1, 2, 5, 20, 120))
        first = self.written[source] + 1
        self.written[source] += count
        self.append(self.eve(source), [
            eve_alert(LINES_MAX * (source + 1) + n, severity=self.random.choice(SOURCES[source][1]))
            for n in range(first, first + count)])

    def torture(self):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self.write_lines()
            self.moment.wait(self.random.choice((0.0, 0.02, 0.1, 0.2)))  # the faults must hit something under way
            if self.random.random() < 0.5:
                self.fault()
            self.thaw()
            self.disks.relieve()
            for it in self.everybody():
                it.tend()

    def expected(self, reader):
        member = reader.split("/")[0]
        return {LINES_MAX * (n + 1) + i for n, source in enumerate(SOURCES) for i in range(1, self.written[n] + 1)
                if member in source[3]}

    def arrived(self, reader):
        try:
            with open(self.out(reader), "rb") as file:
                return file.read().count(b"\n")
        except FileNotFoundError:
            return 0

    def logged(self):
        """How many alerts the hub's log holds: after it went back, agents send again what every reader has."""
        try:
            with contextlib.closing(journal_rows.connect(self.path("hub", "state", "journal.db"))) as journal:
                return journal.execute("SELECT count (*) FROM entry WHERE kind = 0").fetchone()[0]
        except sqlite3.Error:
            return 0

    def settle(self):
        """Nothing is broken any more: everything arrives."""
        self.thaw(everything=True)
        self.disks.relieve(everything=True)
        self.enroll_again()
        deadline = time.monotonic() + SETTLE_SECONDS
        changes = siaga_e2e.Changes(*(os.path.dirname(self.out(reader)) for reader in READERS))
        self.addCleanup(changes.close)
        while self.logged() < sum(self.written) or any(
                self.arrived(reader) < len(self.expected(reader)) for reader in READERS):
            if time.monotonic() > deadline:
                break
            for it in self.everybody():
                it.tend()
            changes.wait(0.5)  # the dead are tended meanwhile
        for reader in READERS:
            self.readers[reader].process.stop()

    def report(self):
        print("%d lines in %.0f s; %s" % (sum(self.written), SECONDS, ", ".join(
            "%s %d" % (name, count) for name, count in sorted(self.faults.items()))))
        print("%-16s %8s %8s" % ("reader", "promised", "written"))
        for reader in READERS:
            print("%-16s %8d %8d" % (reader, len(self.expected(reader)), self.arrived(reader)))

    # ---- promises ----

    def check_reader(self, reader):
        alerts = read_json_lines(self.out(reader))
        times = Counter(numbers_of(alerts))
        expected = self.expected(reader)
        self.assertEqual(sorted(set(times) - expected), [], "%s got what is not for it" % reader)
        lost = sorted(expected - set(times))
        self.assertEqual(lost, [], "%s lacks %d of %d" % (reader, len(lost), len(expected)))
        double = sorted(n for n, count in times.items() if count > 1)
        self.assertEqual(double, [], "%s got %d twice" % (reader, len(double)))
        self.assertEqual(len({alert["id"] for alert in alerts}), len(alerts))

    def check_agreement(self):
        """A number of one history of the log (told by the time of acceptance) means one entry to everybody."""
        meaning = {}
        for reader in READERS:
            for alert in read_json_lines(self.out(reader)):
                place = (alert["number"], alert["accepted"])
                self.assertEqual(meaning.setdefault(place, alert["id"]), alert["id"], place)

    def check_journal(self):
        self.hub.process.stop()
        journal = journal_rows.connect(self.path("hub", "state", "journal.db"))
        count, last, ids = journal.execute("SELECT count (*), max (number), count (DISTINCT id) FROM entry").fetchone()
        self.assertEqual(last, count - 1, "log numbers are not dense")
        self.assertEqual(ids, count, "an id stands twice in the log")
        lanes = {}
        for origin, epoch, first, entries, number in journal.execute(
                "SELECT origin, epoch, first_oseq, count, number FROM batch ORDER BY number"):
            self.assertEqual(first, lanes.get((origin, epoch), 0) + 1, "%s: a hole or an overlap" % origin)
            lanes[origin, epoch] = first + entries - 1
            severities = [row[0] for row in journal.execute(
                "SELECT severity FROM entry WHERE batch = ? AND kind = 0 ORDER BY number", (number,))]
            self.assertEqual(severities, sorted(severities, reverse=True), "a batch is not cut by severity")
        alerts = journal.execute("SELECT count (*) FROM entry WHERE kind = 0").fetchone()[0]
        print("log: %d entries, %d alerts, %d epochs" % (count, alerts, len(lanes)))
        self.assertEqual(alerts, sum(self.written))

    def check_ends(self):
        """What ended by itself: nothing may, but what lost its journal, and never by a mistake of its own."""
        for it in self.everybody():
            for status, tail in it.ends:
                self.assertIn(status, chaos_faults.ends(tail), "%s ended with %s: %s" % (it.name, status, tail))

        with open(self.path("hub", "log"), encoding="utf-8", errors="replace") as log:
            self.assertEqual(chaos_faults.crashes(log.read()), [])

    def test_everything_arrives_exactly_once(self):
        self.start_all()
        try:
            self.torture()
        finally:
            self.thaw(everything=True)
        self.settle()
        self.report()
        self.check_ends()
        for reader in READERS:
            self.check_reader(reader)
        self.check_agreement()
        self.check_journal()


if __name__ == "__main__":
    siaga_e2e.main()
