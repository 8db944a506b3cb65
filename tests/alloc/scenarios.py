# SPDX-License-Identifier: Apache-2.0
"""What is run while an allocation fails, and what must hold then (alloc.py)."""

import collections
import json
import os
import re
import subprocess
import time

import taskforce
from promises import Broken, outcome

PATIENCE_S = 60  # for what comes within seconds on a machine that has nothing else to do


def run(force, person, extra, *words):
    """A verb of `siaga` under the shim: (outcome, finished process)."""
    try:
        done = subprocess.run([taskforce.program("siaga"), *words], env=dict(force.env(person), **extra),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise Broken("hangs")
    return outcome(done.returncode, done.stderr), done


def titles(force):
    """How often each alert stands in the log, by its title."""
    done = force.siaga("bin/budi", "log", "--since", "0", "--kind", "alert", "--format", "json", check=True)
    return collections.Counter(json.loads(line)["title"] for line in done.stdout.splitlines())


class Scenario:
    role = binary = None

    def begin(self, force):
        self.force = force
        self.sure = set()  # titles that were acknowledged, or queued
        self.refused = set()  # titles that can never come
        force.start_hub()

    def clear(self):
        """Nothing of a step that broke a promise is in the way of the next."""

    def end(self):
        """Nothing that was promised is lost, nothing came twice."""
        self.force.siaga("bssn/ani", "send", "--title", "the last one", check=True)
        found = titles(self.force)
        lost = sorted(self.sure - set(found))
        twice = sorted(title for title, count in found.items() if count > 1)
        refused = sorted(self.refused & set(found))
        if lost or twice or refused:
            raise Broken("lost: %s; twice: %s; refused, and there: %s" % (lost, twice, refused))


class Send(Scenario):
    name = "send"
    role = "siaga"
    binary = taskforce.program("siaga")

    def step(self, extra, number):
        title = "send %d" % number
        result, done = run(self.force, "bssn/ani", extra, "send", "--title", title, "--timeout", "10s")
        if done.returncode in (0, 75):
            self.sure.add(title)
        elif done.returncode == 1:
            self.refused.add(title)
        return result


class Watch(Scenario):
    name = "watch"
    role = "siaga"
    binary = taskforce.program("siaga")

    def begin(self, force):
        super().begin(force)
        for number in range(3):
            force.siaga("bssn/ani", "send", "--title", "shown %d" % number, check=True)

    def step(self, extra, number):
        result, done = run(self.force, "polri/dewi", extra, "watch", "--since", "0", "--kind", "alert", "--count", "3",
                           "--format", "json")
        if done.returncode == 0:
            seen = [json.loads(line)["title"] for line in done.stdout.splitlines()]
            if seen != ["shown 0", "shown 1", "shown 2"]:
                raise Broken("ends well, and showed %r" % seen)
        return result


class Agent(Scenario):
    """A line that the agent reads while an allocation fails: another start of it, at the latest, delivers it."""
    name = "agent"
    role = "siaga-agent"
    binary = taskforce.program("siaga-agent")

    def begin(self, force):
        import siaga_e2e
        super().begin(force)
        self.eve_alert = siaga_e2e.eve_alert
        self.eve = force.path("agents", "bssn-soc-1", "eve.json")
        force.write_agent_conf("bssn/soc-1", '{ name = "ids"; type = "eve"; path = "%s"; from = "start"; }' % self.eve,
                               "damper = { enabled = false; };\n")
        self.out = force.path("seen.jsonl")
        open(self.eve, "w").close()
        open(self.out, "w").close()
        self.changes = siaga_e2e.Changes(os.path.dirname(self.out))
        self.reader = force.start_siaga("polri/dewi", "watch", "--since", "0", "--kind", "alert", "--out", self.out)

    def numbers(self):
        with open(self.out) as file:
            return [int(json.loads(line)["detector"]["rule_id"].split(":")[1])
                    for line in file.read().split("\n")[:-1]]

    def wait(self, number, agent):
        """True when it was delivered; False when the agent ended before."""
        deadline = time.monotonic() + PATIENCE_S
        while number not in self.numbers():
            if not agent.alive() and not self.changes.wait(0.5):
                return number in self.numbers()
            if time.monotonic() > deadline:
                raise Broken("the alert does not come; the agent's log ends:\n" + agent.tail(5))
            self.changes.wait(0.2)
        return True

    def step(self, extra, number):
        with open(self.eve, "a") as file:
            file.write(self.eve_alert(number + 1))
        agent = self.agent = self.force.start_agent("bssn/soc-1", env=dict(os.environ, **extra))
        came = self.wait(number + 1, agent)
        status = agent.stop(PATIENCE_S)
        result = outcome(status, agent.tail())
        if not came:
            again = self.agent = self.force.start_agent("bssn/soc-1")
            if not self.wait(number + 1, again):
                raise Broken("the next start of the agent fails: " + again.tail(3))
            again.stop(PATIENCE_S)
        return result

    def clear(self):
        self.agent.kill()

    def end(self):
        twice = [number for number, count in collections.Counter(self.numbers()).items() if count > 1]
        if twice:
            raise Broken("delivered twice: %r" % twice)


class Hub(Scenario):
    """A hub whose child fails: what a publisher was told is in the log, and the hub is back."""
    binary = taskforce.program("siaga-hub")

    def begin(self, force):
        self.force = force
        self.sure, self.refused = set(), set()

    def clear(self):
        self.force.hub.kill()

    def died(self, hub):
        """How a child ended that nobody stopped, as the parent says."""
        said = [re.search(r"child-died: \w+: (.*)", line) for line in hub.lines if line]
        said = [match.group(1) for match in said if match]
        for words in said:
            killed = re.search(r"killed by signal (\d+)", words)
            if killed:
                return outcome(-int(killed.group(1)), "")
        if said and not re.search(r"exit status \d+", said[0]):
            raise Broken("a child ended: " + said[0])
        return "child ended and came back" if said else None

    def ready(self, hub):
        try:
            hub.wait_line(r"\bready\b", PATIENCE_S)
        except AssertionError:
            if hub.lines[-1] is not None:  # its log goes on
                raise Broken("the hub does not get ready: " + hub.tail(5))
            return False
        return True

    def step(self, extra, number):
        title = "%s %d" % (self.name, number)
        hub = self.force.hub = self.force.start([taskforce.program("siaga-hub"), "-d", "-c",
                                               self.force.path("hub", "hub.conf")], "hub/log",
                                              env=dict(os.environ, **extra))
        if self.ready(hub):
            done = self.force.siaga("bssn/ani", "send", "--title", title, "--timeout", "30s")
            if done.returncode not in (0, 75):
                raise Broken("a publisher was told: " + done.stderr)
            self.sure.add(title)
        status = hub.stop(PATIENCE_S)
        return self.died(hub) or outcome(status, hub.tail())

    def end(self):
        self.force.start_hub()
        super().end()
        self.force.hub.stop(PATIENCE_S)
        done = subprocess.run([self.binary, "-c", self.force.path("hub", "hub.conf"), "--verify"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Broken("siaga-hub --verify: " + done.stdout)


class Core(Hub):
    name = "core"
    role = "siaga-core"


class Gate(Hub):
    name = "gate"
    role = "siaga-gate"


class Parent(Hub):
    name = "parent"
    role = "siaga-hub"


SCENARIOS = {each.name: each for each in (Send, Watch, Agent, Core, Gate, Parent)}
