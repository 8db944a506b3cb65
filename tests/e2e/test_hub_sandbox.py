# SPDX-License-Identifier: Apache-2.0
"""The hub's two processes are shut in, and do all their work there."""

import os
import shutil
import subprocess

import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase


class Sandbox(TaskForceCase):
    def write_conf(self, sandbox, *listen):
        path = self.path("hub", "hub.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.force.trust_conf("kpu/hub") + 'state = "%s";\nlisten = %s;\nsandbox = "%s";\n' % (
                self.path("hub", "state"), taskforce.strings(listen), sandbox))

    def start_required(self, *listen):
        """A hub that must be shut in; where it cannot be here, it must say so and end with 71."""
        self.write_conf("required", *listen)
        hub = self.force.start_hub(wait=False)
        try:
            hub.wait_line(r"\bready\b")
        except AssertionError:
            line = hub.find('no .* here, and sandbox = "required"')
            self.assertTrue(line, hub.tail())
            self.assertEqual(hub.wait(20), 71)
            self.skipTest(line)
        return hub

    def assert_shut_in(self, name):
        pids = self.find_children(self.force.hub, name)
        self.assertEqual(len(pids), 1)
        with open("/proc/%d/status" % pids[0], encoding="utf-8") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"), name)
        for thread in os.listdir("/proc/%d/task" % pids[0]):
            with open("/proc/%d/task/%s/status" % (pids[0], thread), encoding="utf-8") as file:
                self.assertIn("Seccomp:\t2", file.read())

    def work(self, title):
        self.force.siaga("bssn/ani", "send", "--title", title, check=True)
        self.assertIn(title, [entry.get("title") for entry in self.log("polri/dewi")])

    def test_shut_in_processes_do_their_work_and_so_do_new_ones(self):
        self.start_required("tcp://lo:%d" % self.force.port)  # an interface has to be looked up
        for name in ("siaga-gate", "siaga-core"):
            self.assert_shut_in(name)
        self.work("before")
        for name in ("siaga-gate", "siaga-core"):
            self.kill_child(name)
            self.assert_shut_in(name)
        self.work("after")
        self.assertEqual(self.force.hub.stop(), 0)

    def test_every_kind_of_address_can_be_listened_on(self):
        self.start_required("tcp://*:%d" % self.force.port, "tcp://[::1]:%d" % taskforce.free_port())
        self.work("any address")

    def test_no_privileges_are_needed(self):
        """As its unit runs it: a user of its own, no capabilities, none to be had."""
        bare = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--no-new-privs",
                taskforce.program("siaga-hub")]
        if os.geteuid() != 0 or not shutil.which("setpriv") or subprocess.run(
                [*bare, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest("needs root, setpriv, and programs that everybody may run")
        self.write_conf("auto", "tcp://127.0.0.1:%d" % self.force.port)
        for directory, _, files in os.walk(self.dir):
            for path in (directory, *(os.path.join(directory, name) for name in files)):
                os.chown(path, 65534, 65534)
        self.force.hub = self.force.start([*bare, "-d", "-c", self.path("hub", "hub.conf")], "hub/log")
        self.force.hub.wait_line(r"\bready\b")
        self.work("bare")
        self.assertEqual(self.force.hub.stop(), 0)

    def test_off_says_so(self):
        self.write_conf("off", "tcp://127.0.0.1:%d" % self.force.port)
        self.force.start_hub()
        self.force.hub.wait_line("siaga-gate.*sandbox: off, as configured")
        self.work("off")

    def test_an_unknown_mode_is_refused(self):
        self.write_conf("maybe", "tcp://127.0.0.1:%d" % self.force.port)
        hub = self.force.start_hub(wait=False)
        self.assertEqual(hub.wait(20), 78)
        self.assertTrue(hub.find(r'hub\.conf:\d+: sandbox: .*auto.*required.*off'), hub.tail())


if __name__ == "__main__":
    siaga_e2e.main()
