# SPDX-License-Identifier: Apache-2.0
"""`siaga doctor` finds what is broken between a configuration and the hub, and says what to do."""

import json
import os
import subprocess
import time

import siaga_e2e
from siaga_e2e import TaskForceCase


class Doctor(TaskForceCase):
    AGENT = "bssn/soc-1"

    def setUp(self):
        super().setUp()
        self.eve, _ = self.eve_agent(start=False)
        self.conf = self.path("agents", "bssn-soc-1", "agent.conf")
        self.state = self.path("agents", "bssn-soc-1", "state")
        os.makedirs(self.state, mode=0o700)

    def doctor(self, conf=None, *more):
        done = self.force.siaga("bssn/ani", "doctor", "-c", conf or self.conf, "--format", "json", "--timeout", "5s", *more)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode == 0, all(line["state"] == "ok" for line in lines), done.stdout)
        for line in lines:
            self.assertEqual("advice" in line, line["state"] != "ok", line)
        return {line["step"]: line for line in lines}

    def expect(self, steps, step, state, words="."):
        self.assertIn(step, steps)
        self.assertEqual(steps[step]["state"], state, steps[step])
        self.assertRegex(steps[step]["words"], words)

    def test_all_is_well_for_agent_and_person(self):
        self.force.start_hub()
        steps = self.doctor()
        for step in ("config", "identity", "roster", "principal", "state", "disk", "outbox", "clock", "source", "name",
                     "tcp", "hub", "serial", "log", "hub-clock"):
            self.expect(steps, step, "ok")
        self.expect(self.doctor(self.path("people", "bssn/ani", "siaga.conf")), "hub", "ok")
        agent = self.force.start_agent(self.AGENT)
        agent.wait_line("uplink-open")
        start = len(agent.lines)
        self.expect(self.doctor(), "outbox", "ok", "at work")
        self.assertIsNone(agent.find("uplink-down", start))
        done = self.force.siaga("bssn/ani", "doctor", "-c", self.conf, "--format", "text")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("all is well", done.stdout)

    def test_configuration(self):
        with open(self.conf, "a") as file:
            file.write("nonsense {\n")
        self.expect(self.doctor(), "config", "fail", "agent.conf:")
        self.expect(self.doctor("/nonexistent"), "config", "fail")

    def test_identity(self):
        path = self.force.identity(self.AGENT)
        os.chmod(path, 0o644)
        self.expect(self.doctor(), "identity", "fail")
        os.chmod(path, 0o600)
        with open(path, "r+") as file:
            file.truncate(100)
        self.expect(self.doctor(), "identity", "fail")
        os.unlink(path)
        self.expect(self.doctor(), "identity", "fail")

    def test_roster(self):
        self.force.start_hub()
        os.unlink(self.path("roster.conf.minisig"))
        self.expect(self.doctor(), "roster", "fail")
        self.force.serial = 2
        self.force.write_roster(self.force.roster_text(expires_s=86400))
        steps = self.doctor()
        self.expect(steps, "roster", "warn", "expires")
        self.expect(steps, "serial", "warn", "2 here, 1 at the hub")
        self.force.write_roster(self.force.roster_text(expires_s=-30, grace="1h"))
        self.expect(self.doctor(), "roster", "fail", "expired")
        self.force.principals = [p for p in self.force.principals if p[0] != self.AGENT]
        self.force.write_roster()
        self.expect(self.doctor(), "principal", "fail", "not in the roster")
        os.unlink(self.path("roster.conf"))
        self.expect(self.doctor(), "roster", "fail")

    def test_state_and_outbox(self):
        os.rmdir(self.state)
        self.expect(self.doctor(), "state", "fail")
        agent = self.force.start_agent(self.AGENT)
        agent.wait_line("start:")
        self.expect(self.doctor(), "outbox", "ok", "at work")
        agent.stop()
        self.expect(self.doctor(), "outbox", "ok", "nobody")
        database = os.path.join(self.state, "outbox.db")
        with open(database, "r+b") as file:
            file.write(b"nonsense" * 20)
        self.expect(self.doctor(), "outbox", "fail")

    def test_disk(self):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", self.state], stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            self.skipTest("cannot mount a small file system here")
        try:
            self.expect(self.doctor(), "disk", "fail", "KiB")
        finally:
            subprocess.run(["umount", "-l", self.state])

    def test_clock_and_sources(self):
        future = time.time() + 86400
        os.utime(self.eve, (future, future))
        self.expect(self.doctor(), "clock", "warn", "eve.json")
        os.unlink(self.eve)
        self.expect(self.doctor(), "source", "warn", "eve.json")

    def test_name_and_connection(self):
        self.expect(self.doctor(), "tcp", "fail", "refused")
        self.expect(self.doctor(None, "--hub", "tcp://nowhere.invalid:7766"), "name", "fail", "nowhere.invalid")

    def test_the_hub_does_not_admit_the_key(self):
        self.force.start_hub()
        # A roster of ours that the hub does not have yet: it knows another key of the agent.
        os.unlink(self.force.identity(self.AGENT))
        self.force.serial = 2
        self.force.write_roster()
        self.expect(self.doctor(), "hub", "fail", "not in its roster")

    def test_something_else_answers(self):
        import socket
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            steps = self.doctor(None, "--hub", "tcp://127.0.0.1:%d" % server.getsockname()[1])
            self.expect(steps, "tcp", "ok")
            self.expect(steps, "hub", "fail")

    def test_help(self):
        done = self.force.siaga("bssn/ani", "doctor", "--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("Usage: siaga doctor", done.stdout)


if __name__ == "__main__":
    siaga_e2e.main()
