# SPDX-License-Identifier: Apache-2.0
"""A crowd of readers in one process (tests/peers/crowd), and what the hub's processes weigh meanwhile. Shared by
test_crowd.py and the benchmarks tests/bench/crowd.py and laggard.py."""

import os
import re
import subprocess

import siaga_e2e

taskforce = siaga_e2e.taskforce

SESSIONS_PER_KEY = 50  # the hub lets a principal have 64


def keys(readers):
    return -(-readers // SESSIONS_PER_KEY)


def principals(readers, after=0):
    """Enough of them for so many readers, to be added to the task force's; others than those `after` readers have."""
    return [("polri/c-%d" % (keys(after) + number), ["read"]) for number in range(keys(readers))]


def prepare(directory, readers):
    """A task force with a crowd in its roster."""
    more = principals(readers + SESSIONS_PER_KEY)  # two crowds may share them
    force = taskforce.TaskForce(directory, principals=taskforce.PRINCIPALS + more)
    force.prepare()
    return force


class Crowd:
    """The process: `say` gives it a command and returns its answer when it is done."""

    def __init__(self, force, readers, publisher="bssn/soc-1", after=0):
        self.popen = subprocess.Popen(
            [os.path.join(taskforce.BUILD, "tests", "peers", "crowd"), force.path("roster.conf"),
             force.identity(publisher), *[force.identity(name) for name, _ in principals(readers, after)]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def say(self, *command):
        self.popen.stdin.write(" ".join(map(str, command)) + "\n")
        self.popen.stdin.flush()
        answer = self.popen.stdout.readline().strip()
        if not answer:
            self.popen.wait(30)
            raise AssertionError("crowd: %s: %s" % (" ".join(map(str, command)), self.popen.stderr.read()))
        return answer

    def number(self, word, answer):
        return int(re.search(r"\b%s (\d+)" % word, answer).group(1))

    def stop(self):
        self.popen.stdin.close()
        self.popen.wait(60)
        self.popen.stdout.close()
        self.popen.stderr.close()


def hub_children(force):
    """{"siaga-gate": pid, "siaga-core": pid}"""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid, encoding="utf-8") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if int(rest.split()[1]) == force.hub.pid and name in ("siaga-gate", "siaga-core"):
            found[name] = int(pid)
    return found


def memory_kib(force):
    """What each of the hub's processes has in memory that is its own."""
    found = {}
    for name, pid in hub_children(force).items():
        with open("/proc/%d/status" % pid, encoding="utf-8") as file:
            found[name[6:]] = next(int(line.split()[1]) for line in file if line.startswith("RssAnon"))
    return found


def cpu_s(force):
    """Seconds of processor each of them has used."""
    found = {}
    for name, pid in hub_children(force).items():
        with open("/proc/%d/stat" % pid, encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        found[name[6:]] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def is_sanitized(force):
    """Built with a sanitizer, which needs memory of its own?"""
    return force.hub.find("build with a sanitizer") is not None
