# SPDX-License-Identifier: Apache-2.0
"""The hub's control socket: status, reload, kick and drain for whoever runs the hub, and nobody else; and that both ways to
stop a hub in order lose nothing and repeat nothing."""

import json
import os
import signal
import socket
import stat
import subprocess
import threading

import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines

TOTAL = 4000


class Control(TaskForceCase):
    def ask(self, *args, status=0):
        done = subprocess.run([taskforce.program("siaga-hub"), *args, "-c", self.path("hub", "hub.conf")],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout if status == 0 else done.stderr

    def raw(self):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(20)
        client.connect(self.path("hub", "state", "control.sock"))
        return client

    def test_status_reload_and_kick(self):
        self.assertIn("no hub runs there", self.ask("--status", status=69))
        hub = self.force.start_hub()
        path = self.path("hub", "state", "control.sock")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        _, agent = self.eve_agent("bssn/soc-1")
        agent.wait_line("uplink-open")
        facts = json.loads(self.ask("--status", "--format", "json"))
        self.assertEqual((facts["pid"], facts["listening"], facts["draining"], facts["roster"]["serial"]),
                         (hub.pid, True, False, 1))
        self.assertEqual(facts["sessions"], 1)
        self.assertRegex(self.ask("--status"), r"(?m)^hub      kpu/hub in demo-2026, siaga-hub .*, pid %d," % hub.pid)
        start = len(agent.lines)
        self.assertIn("bssn/soc-1: 1 sessions ended", self.ask("--kick", "bssn/soc-1"))
        agent.wait_line("uplink-open", start=start)  # it may come back
        self.assertIn("roster 1 is still in force", self.ask("--reload"))
        self.force.serial = 2
        self.force.write_roster()
        self.assertIn("roster 2 is in force now", self.ask("--reload"))
        self.assertIn("no such principal", self.ask("--kick", "bssn/nobody", status=65))
        self.ask("--format", "xml", "--status", status=64)
        self.assertEqual(hub.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_lines_carry_the_journals_priorities(self):
        """Standard error is taken for the journal's stream where JOURNAL_STREAM names it (systemd.exec(5))."""
        changes = siaga_e2e.Changes(self.dir)
        with open(self.path("stream"), "wb") as stream:
            status = os.fstat(stream.fileno())
            env = dict(os.environ, JOURNAL_STREAM="%d:%d" % (status.st_dev, status.st_ino))
            hub = subprocess.Popen([taskforce.program("siaga-hub"), "-c", self.path("hub", "hub.conf")], env=env,
                                   stdin=subprocess.DEVNULL, stderr=stream)
        self.addCleanup(hub.kill)
        while b" ready: " not in self.stream():
            self.assertTrue(changes.wait(30), self.stream())
        changes.close()
        hub.terminate()
        self.assertEqual(hub.wait(30), 0)
        lines = self.stream().decode().splitlines()
        for name in ("siaga-hub", "siaga-core", "siaga-gate"):
            self.assertTrue([line for line in lines if name in line], lines)
        for line in lines:  # warn, info: 4, 6 of syslog(3); then a stable id
            self.assertRegex(line, r"^<[46]>siaga-(hub|core|gate)\[\d+\] (warn|info) [a-z-]+: ")

    def stream(self):
        with open(self.path("stream"), "rb") as file:
            return file.read()

    def test_noise_and_silence_hold_nobody_up(self):
        self.force.start_hub()
        for noise in (b"\n", b"[]\n", b'{"verb": 7}\n', b'{"verb": "halt"}\n', b'{"verb": "status", "verb": "drain"}\n',
                      b"\xff\xfe\n", b"[" * 1000 + b"\n"):
            with self.raw() as client:
                client.sendall(noise)
                self.assertFalse(json.loads(client.makefile().readline())["ok"], noise)
        with self.raw() as client:  # longer than any request
            try:
                client.sendall(b"x" * 100000)
                self.assertEqual(client.recv(1), b"")
            except (BrokenPipeError, ConnectionResetError):
                pass
        idle = [self.raw() for _ in range(4)]  # all there is room for, until they are cut
        for client in idle:
            self.assertEqual(client.recv(1), b"")
            client.close()
        self.ask("--status")

    def end_in_order(self, end):
        """An agent and a reader at work; the hub ends, and starts again. Every alert comes once."""
        hub = self.force.start_hub()
        eve, agent = self.eve_agent("bssn/soc-1")
        out, reader = self.watch_out("polri/dewi", TOTAL)
        reached = threading.Event()

        def write():
            for number in range(1, TOTAL + 1, 20):
                self.append(eve, [eve_alert(n) for n in range(number, number + 20)])
                if number > TOTAL // 3:
                    reached.set()

        agent.wait_line("uplink-open")
        writer = threading.Thread(target=write)
        writer.start()
        reached.wait(30)
        end(hub)
        self.assertEqual(hub.wait(), 0)
        self.assertIsNone(hub.find("child-died|child-killed"))
        self.assertIsNone(agent.find("aside"))
        self.force.start_hub()
        writer.join()
        self.assertEqual(reader.wait(120), 0)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, TOTAL + 1)))
        self.assertEqual(len(self.log("polri/dewi", "--kind", "alert")), TOTAL)

    def test_drain_loses_nothing_and_repeats_nothing(self):
        self.end_in_order(lambda hub: self.assertIn("drained", self.ask("--drain")))

    def test_sigterm_loses_nothing_and_repeats_nothing(self):
        self.end_in_order(lambda hub: hub.popen.send_signal(signal.SIGTERM))


if __name__ == "__main__":
    siaga_e2e.main()
