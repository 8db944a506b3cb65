# SPDX-License-Identifier: Apache-2.0
"""kill -9 of agent, gate, core, parent and subscriber at random moments: every alert still arrives exactly once.

SIAGA_SEED repeats a run; it is printed."""

import os
import random
import signal
import threading
import time

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines

TOTAL = 207
ROUNDS = 12
SEED = int(os.environ.get("SIAGA_SEED", time.time_ns() % 1000000))


class Kill9(TaskForceCase):
    def setUp(self):
        super().setUp()
        print("SIAGA_SEED=%d" % SEED)
        self.random = random.Random(SEED)
        self.moment = threading.Event()

    def a_random_moment(self):
        """Lets the task force run for a random while, so that the kill hits anything at all."""
        self.moment.wait(self.random.random() * 0.25)

    def start_reader(self):
        """For what is still missing; --count counts from where the file goes on."""
        whole = 0
        if os.path.exists(self.out):
            with open(self.out, "rb") as file:
                whole = file.read().count(b"\n")
        if whole < TOTAL:
            self.reader = self.watch_out("polri/dewi", TOTAL - whole, self.out)[1]

    def kill_agent(self):
        self.agent.kill()
        self.agent = self.force.start_agent("bssn/soc-1")

    def kill_gate(self):
        self.kill_child("siaga-gate")

    def kill_core(self):
        self.kill_child("siaga-core")

    def kill_hub(self):
        self.force.hub.kill()
        self.force.start_hub()

    def kill_reader(self):
        if self.reader.alive():
            self.reader.kill()
        if self.reader.popen.returncode != 0:
            self.start_reader()

    def torture(self, *killers):
        self.out = self.path("out.jsonl")
        self.force.start_hub()
        eve, self.agent = self.eve_agent()
        self.start_reader()
        lines = [eve_alert(number, severity=1 + number % 3) for number in range(1, TOTAL + 1)]
        rounds = ROUNDS * len(killers)
        for number in range(rounds):
            self.append(eve, lines[TOTAL * number // rounds:TOTAL * (number + 1) // rounds])
            self.a_random_moment()
            self.random.choice(killers)()
        status = self.reader.wait(60)
        self.assertEqual(status, 0, self.reader.tail())
        alerts = read_json_lines(self.out)
        self.assertEqual(sorted(numbers_of(alerts)), list(range(1, TOTAL + 1)))
        self.assertEqual(len({alert["id"] for alert in alerts}), TOTAL)
        # Nothing more is in the log either: another reader sees the same, once.
        self.assertEqual([a["number"] for a in self.log("bin/budi", "--kind", "alert")],
                         [a["number"] for a in alerts])

    def test_agent(self):
        self.torture(self.kill_agent)

    def test_gate(self):
        self.torture(self.kill_gate)

    def test_core(self):
        self.torture(self.kill_core)

    def test_parent(self):
        self.torture(self.kill_hub)

    def test_subscriber(self):
        self.torture(self.kill_reader)

    def test_all_of_them(self):
        self.torture(self.kill_agent, self.kill_gate, self.kill_core, self.kill_hub, self.kill_reader)


class Restart(TaskForceCase):
    def test_a_killed_gate_is_back_within_a_second(self):
        self.force.start_hub()
        began = time.monotonic()
        self.kill_child("siaga-gate")
        self.assertLess(time.monotonic() - began, 1.0 if not os.environ.get("ASAN_OPTIONS", "").count("log_path") else 5)

    def test_children_end_with_a_killed_parent(self):
        self.force.start_hub()
        children = self.find_children(self.force.hub, "siaga-gate") + self.find_children(self.force.hub, "siaga-core")
        self.assertEqual(len(children), 2)
        watched = [os.pidfd_open(pid) for pid in children]
        os.kill(self.force.hub.pid, signal.SIGKILL)
        import select
        for fd in watched:
            self.assertTrue(select.select([fd], [], [], 10)[0], "a child outlives its parent")
            os.close(fd)


if __name__ == "__main__":
    siaga_e2e.main()
