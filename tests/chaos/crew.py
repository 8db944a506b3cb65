# SPDX-License-Identifier: Apache-2.0
"""The task force under chaos: two agents, a hub, three readers with different clearances, and somebody who sends by hand;
each behind a link that can fail, each with a disk and a clock of its own, each started again whenever it has ended."""

import os
import signal
import subprocess
import time

import proxy
import shim
import taskforce

LINES_MAX = 1000000  # of one source: its line n is alert LINES_MAX * (source + 1) + n

# agent, severities of Suricata it writes, settings of the source, members that may see it besides the origin's own
SOURCES = [
    ("bssn/soc-1", (1, 2, 3), 'tlp = "green";', ("bin", "brin", "kominfo")),
    ("bssn/soc-1", (3,), 'tlp = "red";', ("bin",)),
    ("polri/soc-1", (2, 3), 'tlp = "amber";', ("bin", "brin")),
    ("polri/soc-1", (1, 2), 'tlp = "green"; audience = ["kominfo"];', ("kominfo",)),
]
AGENTS = sorted({source[0] for source in SOURCES})
READERS = ["bin/budi", "brin/rina", "kominfo/koko"]  # cleared for red, amber, green
SENDER = "bssn/ani"
QUOTA = 'quota = { principal = { entries = 400; burst = "5s"; }; };\n'


def flat(principal):
    return principal.replace("/", "-")


class Force(taskforce.TaskForce):
    """The roster's address, which people use, is the proxy's; an agent's own configuration names its own link."""

    hub_port = None
    hub_extra = ""

    def write_hub_conf(self, **changes):
        self.hub_port = self.hub_port or taskforce.free_port()
        changes.setdefault("reserve", '"1M"')
        people, self.port = self.port, self.hub_port
        path = super().write_hub_conf(**changes)
        self.port = people
        with open(path, "a") as file:
            file.write(QUOTA + self.hub_extra)
        return path


RESTART_S = 0.3


class Watched:
    """A program that is to run, like a service manager has it: soon after its end it is started again."""

    def __init__(self, name, start, shim_):
        self.name, self.start, self.shim = name, start, shim_
        self.process = start()
        self.ended = None
        self.ends = []

    def tend(self):
        if self.process.alive():
            return
        if self.ended is None:
            self.ended = time.monotonic()
            self.ends.append((self.process.wait(), self.process.tail(8)))
        if time.monotonic() - self.ended >= RESTART_S:
            self.ended = None
            self.process = self.start()

    def kill(self):
        self.process.kill()

    def pids(self):
        return [self.process.pid] if self.process.alive() else []


class Crew:
    def __init__(self, directory, checkpoint_apart):
        self.dir = directory
        principals = taskforce.PRINCIPALS + [("kominfo/koko", ["read"])]
        members = [member if member[0] != "kominfo" else (*member[:2], "green") for member in taskforce.MEMBERS]
        self.force = Force(directory, principals, members)
        self.checkpoint_path = self.path("hub", "state-checkpoint" if checkpoint_apart else "state/checkpoint")
        self.force.hub_extra = 'checkpoint = "%s";\n' % self.checkpoint_path
        self.force.prepare()
        self.links = proxy.Links()
        self.links.add("people", self.force.port, self.force.hub_port)
        self.shims = {}
        self.everybody = []

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def eve(self, source):
        return self.path("agents", flat(SOURCES[source][0]), "eve-%d.json" % source)

    def out(self, reader):
        return self.path("out", flat(reader), "alerts.jsonl")

    def state_of(self, agent):
        return self.path("agents", flat(agent), "state")

    def shim(self, name, watched):
        self.shims[name] = shim.Shim(self.path("shim", flat(name)), watched)
        return self.shims[name]

    # ---- starting ----

    def start_hub(self):
        self.force.hub = self.force.start(
            [taskforce.program("siaga-hub"), "-d", "-c", self.path("hub", "hub.conf")], "hub/log",
            env=dict(os.environ, **self.shims["hub"].env()))
        return self.force.hub

    def start_watch(self, reader):
        env = dict(self.force.env(reader), **self.shims[reader].env())
        return self.force.start([taskforce.program("siaga"), "watch", "-q", "--since", "0", "--kind", "alert", "--out",
                                 self.out(reader)], "people/%s/log" % reader, env=env)

    def start_agent(self, agent):
        return self.force.start_agent(agent, env=dict(os.environ, **self.shims[agent].env()))

    def write_agent(self, agent):
        mine = [n for n, source in enumerate(SOURCES) if source[0] == agent]
        conf = ", ".join('{ name = "eve-%d"; type = "eve"; path = "%s"; from = "start"; keep_raw = false; %s }' % (
            n, self.eve(n), SOURCES[n][2]) for n in mine)
        port = taskforce.free_port()
        self.links.add(agent, port, self.force.hub_port)
        self.force.write_agent_conf(agent, conf, 'damper = { enabled = false; };\nhub = "tcp://127.0.0.1:%d";\n' % port)
        for n in mine:
            open(self.eve(n), "ab").close()

    def watched(self, name, start, *beginnings):
        return Watched(name, start, self.shim(name, beginnings))

    def start_all(self):
        self.hub = self.watched("hub", self.start_hub, self.path("hub", "state"))
        self.hub.process.wait_line(r"\bready\b", timeout=120)
        self.agents, self.readers = {}, {}
        for agent in AGENTS:
            self.write_agent(agent)
            self.agents[agent] = self.watched(agent, lambda agent=agent: self.start_agent(agent),
                                              self.state_of(agent), self.path("agents", flat(agent), "eve"))
        for reader in READERS:
            os.makedirs(os.path.dirname(self.out(reader)), exist_ok=True)
            self.readers[reader] = self.watched(reader, lambda reader=reader: self.start_watch(reader),
                                                os.path.join(os.path.dirname(self.out(reader)), ""))
        self.everybody = [self.hub, *self.agents.values(), *self.readers.values()]

    def tend(self):
        for it in self.everybody:
            it.tend()

    # ---- the hub's processes ----

    def children(self, name=None):
        """The hub's gate and core by pid; those of a hub that has just died count."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid) as file:
                    comm, rest = file.read().split("(", 1)[1].rsplit(")", 1)
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    ours = self.dir.encode() in file.read()
            except OSError:
                continue
            if comm in ("siaga-gate", "siaga-core") and (name is None or comm == name) and (
                    ours or int(rest.split()[1]) == self.hub.process.pid):
                found[int(pid)] = comm
        return found

    def hub_pids(self):
        return self.hub.pids() + sorted(self.children())

    def stop_hub(self):
        """All of it dies at once, and is gone when this returns."""
        gone = []
        for pid in self.hub_pids():
            try:
                gone.append(os.pidfd_open(pid))
            except ProcessLookupError:
                continue
            send(pid, signal.SIGKILL)
        self.hub.process.wait()
        for fd in gone:
            proxy.select.select([fd], [], [], 60)
            os.close(fd)

    def hub_tool(self, *args):
        return subprocess.run([taskforce.program("siaga-hub"), "-c", self.path("hub", "hub.conf"), *args],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)

    # ---- the roster ----

    def write_roster(self):
        """The pair is put in place by rename, the signature last."""
        self.force.serial += 1
        self.force.write_roster(path=self.path("roster.new"))
        for name in ("", ".minisig"):
            os.rename(self.path("roster.new" + name), self.path("roster.conf" + name))

    def stop(self):
        self.force.stop()
        self.links.close()
        for one in self.shims.values():
            one.close()


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
