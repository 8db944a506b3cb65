# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: a task force of real processes in a temporary directory."""

import ctypes
import json
import os
import select
import shutil
import sys
import tempfile
import unittest

TOP = os.environ.get("SIAGA_SOURCE_DIR", os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "doc", "demo"))
sys.dont_write_bytecode = True
import taskforce  # noqa: E402

SHARED = os.environ.get("SIAGA_SHARED", os.path.join(TOP, "..", "shared"))
BUILD = taskforce.BUILD
SKIPPED = 77


def shared(path):
    """External data, or the whole test is skipped, saying so."""
    full = os.path.join(SHARED, path)
    if not os.path.exists(full):
        print("skipped: needs %s (SIAGA_SHARED)" % full)
        sys.exit(SKIPPED)
    return full


def read_json_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def eve_alert(number, severity=2, signature="TEST event", **extra):
    """One Suricata alert line, told apart by its signature id."""
    event = {"timestamp": "2026-11-24T08:%02d:%02d.%06d+0700" % (number // 60000 % 60, number // 1000 % 60, number % 1000),
             "flow_id": 1000 + number, "event_type": "alert", "src_ip": "10.0.%d.%d" % (number // 250 % 250, number % 250),
             "src_port": 1024 + number % 60000, "dest_ip": "10.47.3.7", "dest_port": 443, "proto": "TCP",
             "alert": {"action": "allowed", "gid": 1, "signature_id": number, "rev": 1,
                       "signature": "%s %d" % (signature, number), "category": "Web Application Attack",
                       "severity": severity}}
    event.update(extra)
    return json.dumps(event) + "\n"


def numbers_of(alerts):
    """The signature ids of delivered alerts, in the order they came."""
    return [int(alert["detector"]["rule_id"].split(":")[1]) for alert in alerts]


class Changes:
    """Waits for a change in some directories (inotify), so that nothing has to sleep to see one."""

    EVENTS = 0x2 | 0x8 | 0x80 | 0x100  # IN_MODIFY, IN_CLOSE_WRITE, IN_MOVED_TO, IN_CREATE

    def __init__(self, *directories):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for directory in directories:
            if libc.inotify_add_watch(self.fd, os.fsencode(directory), self.EVENTS) < 0:
                raise OSError(ctypes.get_errno(), "inotify", directory)

    def wait(self, timeout):
        """True when something changed since the last call, or does within `timeout` seconds."""
        if not select.select([self.fd], [], [], max(timeout, 0))[0]:
            return False
        os.read(self.fd, 65536)
        return True

    def close(self):
        os.close(self.fd)


class TaskForceCase(unittest.TestCase):
    """Each test gets a prepared task force in self.force; nothing is started yet."""

    maxDiff = None

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="siaga-e2e-")
        self.force = taskforce.TaskForce(self.dir)
        self.force.prepare()

    def tearDown(self):
        self.force.stop()
        if os.environ.get("SIAGA_KEEP"):
            print("kept: %s" % self.dir)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def eve_agent(self, principal="bssn/soc-1", start=True, extra="", source_extra=""):
        """An agent over an empty eve.json; returns (its file, its process or None). Without a damper of its own it
        sends every alert by itself: these tests count them."""
        if "damper" not in extra:
            extra += "damper = { enabled = false; };\n"
        eve = self.path("agents", principal.replace("/", "-"), "eve.json")
        self.force.write_agent_conf(principal, '{ name = "suricata"; type = "eve"; path = "%s"; from = "start"; %s }'
                                    % (eve, source_extra), extra)
        open(eve, "ab").close()
        return eve, self.force.start_agent(principal) if start else None

    def agent_status(self, principal="bssn/soc-1"):
        """What `siaga-agent --status` says, as an object; None while it does not answer."""
        import subprocess
        conf = self.path("agents", principal.replace("/", "-"), "agent.conf")
        done = subprocess.run([taskforce.program("siaga-agent"), "--status", "--format", "json", "-c", conf],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def wait_status(self, agent, condition, principal="bssn/soc-1", seconds=60):
        """The first status for which the condition holds."""
        import time
        deadline = time.monotonic() + seconds
        while True:
            status = self.agent_status(principal)
            if status and condition(status):
                return status
            self.assertLess(time.monotonic(), deadline, "%s\n%s" % (json.dumps(status, indent=1), agent.tail()))
            time.sleep(0.2)

    def append(self, path, lines):
        with open(path, "ab") as file:
            for line in lines:
                file.write(line if isinstance(line, bytes) else line.encode())

    def watch_out(self, person, count, out=None, *more):
        """Starts a subscriber that writes `count` alerts from the beginning to a file and ends."""
        out = out or self.path(person.replace("/", "-") + ".jsonl")
        return out, self.force.start_siaga(person, "watch", "--since", "0", "--kind", "alert", "--count", str(count),
                                           "--out", out, *more)

    def log(self, person, *args):
        """What `siaga log` shows that person, as JSON objects."""
        done = self.force.siaga(person, "log", "--since", "0", "--format", "json", *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def hub_tool(self, *args):
        """siaga-hub --verify and its like: the finished process."""
        import subprocess
        return subprocess.run([taskforce.program("siaga-hub"), "-c", self.path("hub", "hub.conf"), *args],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)

    def wait_checkpoint(self, size, seconds=120):
        """Until the hub has signed a checkpoint of at least `size` entries: its size and log id."""
        import time
        changes = Changes(self.path("hub", "state"))
        deadline = time.monotonic() + seconds
        told = 0
        try:
            while True:
                try:
                    with open(self.path("hub", "state", "checkpoint")) as file:
                        origin, told, _ = file.read().split("\n", 2)
                except FileNotFoundError:
                    pass
                if int(told) >= size:
                    return int(told), origin.split("/")[2]
                self.assertTrue(changes.wait(deadline - time.monotonic()), "only %s of %d" % (told, size))
        finally:
            changes.close()

    def find_children(self, process, name):
        """The pids of a process's children whose command name is `name`."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid) as file:
                    stat = file.read()
            except OSError:
                continue
            comm = stat[stat.index("(") + 1:stat.rindex(")")]
            parent = int(stat[stat.rindex(")") + 2:].split()[1])
            if parent == process.pid and comm == name:
                found.append(int(pid))
        return found

    def kill_child(self, name):
        """kill -9 of the hub's gate or core; waits until the hub says it is ready again."""
        import signal
        start = len(self.force.hub.lines)
        pids = self.find_children(self.force.hub, name)
        self.assertEqual(len(pids), 1, "children called %s" % name)
        os.kill(pids[0], signal.SIGKILL)
        self.force.hub.wait_line(r"\bready\b", start=start)


main = unittest.main
