# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: a task force with a load, what its processes cost, and the rows that come of it."""

import contextlib
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))
sys.path[:0] = [os.path.join(TOP, "doc", "demo"), os.path.join(TOP, "tests", "e2e")]
sys.dont_write_bytecode = True
import taskforce  # noqa: E402

PIPE = subprocess.PIPE
TICK = os.sysconf("SC_CLK_TCK")
AGENT = "bssn/soc-1"
AGENTS = [AGENT, "polri/soc-1", "kpu/soc-1", "bin/soc-1"]
READERS = ["polri/dewi", "kpu/sari", "bin/budi", "bssn/ani", "polri/soc-1", "kpu/soc-1", "bin/soc-1", "bssn/soc-1"]


class Failed(Exception):
    """A benchmark that cannot say anything."""


def program(name):
    """One of tests/bench, as it was built."""
    return os.path.join(taskforce.BUILD, "tests", "bench", name)


def row(name, values, unit, command):
    """What stands in bench.json: the median of the runs."""
    return {"name": name, "value": statistics.median(values), "unit": unit, "n": len(values), "min": min(values),
            "max": max(values), "command": command}


def collect(name, results, units, command):
    """Rows from several runs' {part: value}, in the order of `units`, {part: unit}; a part that no run could tell is
    left out."""
    found = []
    for part, unit in units.items():
        values = [result[part] for result in results if part in result]
        if values:
            found.append(row("%s.%s" % (name, part), values, unit, command))
    return found


def span_s(told):
    """From the first that came to any of the readers to the last, of what they printed; never 0."""
    return max(max(t["last_us"] for t in told) - min(t["first_us"] for t in told), 1) / 1e6


def cpu_s(pid):
    """Seconds of CPU a process had so far, with all its threads."""
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_mib(pid, key="VmHWM"):
    with open("/proc/%d/status" % pid) as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


class Force(taskforce.TaskForce):
    """A task force for one run."""

    def __init__(self, directory):
        super().__init__(directory)
        self.outboxes = {}  # of each agent, once filled: each run begins with a copy
        self.journal = None  # the same for the hub

    @property
    def outbox(self):
        return self.outboxes.get(AGENT)

    def agent_state(self, agent=AGENT):
        return self.path("agents", agent.replace("/", "-"), "state")

    def write_agent(self, agent=AGENT):
        """An agent's configuration over an eve.json, which it returns; each alert by itself."""
        eve = self.path("agents", agent.replace("/", "-") + ".json")
        open(eve, "ab").close()
        self.write_agent_conf(agent, '{ name = "eve"; type = "eve"; path = "%s"; from = "start"; }' % eve,
                              'damper = { enabled = false; };\noutbox = { max_size = "4G"; };\n')
        return eve

    def run(self, name, *args):
        """One of our programs, to its end."""
        done = subprocess.run([program(name), *map(str, args)], stdout=PIPE, text=True)
        if done.returncode != 0:
            raise Failed("%s ended with %d" % (name, done.returncode))
        return done.stdout

    def fill(self, count, agents=(AGENT,)):
        """Makes the outboxes that agents of later runs begin with: so many in all, new ones each time."""
        self.outboxes = {}
        for agent in agents:
            self.outboxes[agent] = self.path(agent.replace("/", "-") + ".outbox.db")
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.outboxes[agent])
            self.run("fill_outbox", self.outboxes[agent], self.network, self.identity(agent), count // len(agents))

    def fill_journal(self, count, name="journal.db"):
        """Makes the journal that hubs of later runs begin with; the hub itself begins it."""
        self.journal = None
        self.renew()
        self.start_hub()
        self.stop()
        self.journal = self.path(name)
        shutil.move(self.path("hub", "state", "journal.db"), self.journal)
        self.run("fill_journal", self.journal, self.network, self.identity(AGENT), count)

    def renew(self):
        """Back to before anything was published: a hub with no journal or that one, full outboxes."""
        self.stop()
        shutil.rmtree(self.path("hub", "state"), ignore_errors=True)
        if self.journal:
            os.makedirs(self.path("hub", "state"), mode=0o700)
            shutil.copy(self.journal, self.path("hub", "state", "journal.db"))
        shutil.rmtree(self.agent_state(), ignore_errors=True)
        self.write_agent()
        for agent, outbox in self.outboxes.items():
            shutil.rmtree(self.agent_state(agent), ignore_errors=True)
            self.write_agent(agent)
            os.makedirs(self.agent_state(agent), mode=0o700)
            shutil.copy(outbox, os.path.join(self.agent_state(agent), "outbox.db"))
        os.sync()

    def hub_children(self):
        """{"core": pid, "gate": pid}"""
        found = {}
        with open("/proc/%d/task/%d/children" % (self.hub.pid, self.hub.pid)) as file:
            for pid in file.read().split():
                with open("/proc/%s/comm" % pid) as comm:
                    found[comm.read().strip().replace("siaga-", "")] = int(pid)
        return found

    def start_reader(self, person, count, *more, wait=True):
        """A reader that is subscribed when this returns, or soon."""
        conf = self.path("people", person, "siaga.conf")
        reader = self.start([program("read_log"), str(count), "-c", conf, "--kind", "alert", *more],
                            "people/%s/log" % person, env=self.env(person), stdout=subprocess.PIPE)
        if wait:
            reader.wait_line("watching")
        return reader

    def wait_reader(self, reader, seconds=240):
        """What it printed."""
        try:
            status = reader.wait(seconds)
        except AssertionError as error:
            raise Failed(str(error)) from error
        with reader.popen.stdout as stdout:
            out = stdout.read()
        if status != 0 or not out:
            raise Failed("the reader ended with %d: %s" % (status, reader.tail()))
        return json.loads(out)

    def batches(self):
        """How many batches the journal has, and how many entries."""
        journal = sqlite3.connect(self.path("hub", "state", "journal.db"))
        try:
            return journal.execute("SELECT count (*), total (count) FROM batch").fetchone()
        finally:
            journal.close()


@contextlib.contextmanager
def new_directory():
    """A temporary one; where SIAGA_BENCH_DIR says, as the disk is part of what is measured."""
    with tempfile.TemporaryDirectory(prefix="siaga-bench-", dir=os.environ.get("SIAGA_BENCH_DIR")) as directory:
        yield directory


@contextlib.contextmanager
def new_force(kind=Force):
    with new_directory() as directory:
        force = kind(directory)
        try:
            force.prepare()
            yield force
        finally:
            force.stop()
