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
sys.path.insert(0, os.path.join(TOP, "doc", "demo"))
sys.dont_write_bytecode = True
import taskforce  # noqa: E402

PIPE = subprocess.PIPE
TICK = os.sysconf("SC_CLK_TCK")
AGENT = "bssn/soc-1"
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

    outbox = None  # of the agent, once filled: each run begins with a copy

    def agent_state(self):
        return self.path("agents", AGENT.replace("/", "-"), "state")

    def write_agent(self):
        """The agent's configuration over an eve.json, which it returns; each alert by itself."""
        eve = self.path("agents", "eve.json")
        open(eve, "ab").close()
        self.write_agent_conf(AGENT, '{ name = "eve"; type = "eve"; path = "%s"; from = "start"; }' % eve,
                              'damper = { enabled = false; };\noutbox = { max_size = "4G"; };\n')
        return eve

    def fill(self, count):
        """Makes the outbox that agents of later runs begin with."""
        self.outbox = self.path("outbox.db")
        done = subprocess.run([program("fill_outbox"), self.outbox, self.network, self.identity(AGENT), str(count)],
                              stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Failed("fill_outbox ended with %d" % done.returncode)

    def renew(self):
        """Back to before anything was published: an empty hub, a full outbox."""
        self.stop()
        for directory in (self.path("hub", "state"), self.agent_state()):
            shutil.rmtree(directory, ignore_errors=True)
        self.write_agent()
        if self.outbox:
            os.makedirs(self.agent_state(), mode=0o700)
            shutil.copy(self.outbox, os.path.join(self.agent_state(), "outbox.db"))
            os.sync()

    def hub_children(self):
        """{"core": pid, "gate": pid}"""
        found = {}
        with open("/proc/%d/task/%d/children" % (self.hub.pid, self.hub.pid)) as file:
            for pid in file.read().split():
                with open("/proc/%s/comm" % pid) as comm:
                    found[comm.read().strip().replace("siaga-", "")] = int(pid)
        return found

    def start_reader(self, person, count, *more):
        """A reader that is subscribed when this returns."""
        conf = self.path("people", person, "siaga.conf")
        reader = self.start([program("read_log"), str(count), "-c", conf, "--kind", "alert", *more],
                            "people/%s/log" % person, env=self.env(person), stdout=subprocess.PIPE)
        reader.wait_line("watching")
        return reader

    def wait_reader(self, reader, seconds=600):
        """What it printed."""
        out = reader.popen.stdout.read()
        status = reader.wait(seconds)
        reader.popen.stdout.close()
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
