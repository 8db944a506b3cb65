# SPDX-License-Identifier: Apache-2.0
"""A clock that is wrong, or is set while the agent runs, stops nothing and is reported once (libfaketime)."""

import glob
import os
import sys

import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase, eve_alert

LIBRARY = (glob.glob("/usr/lib/*/faketime/libfaketime.so.1") or [None])[0]


class Clock(TaskForceCase):
    def setUp(self):
        if not LIBRARY:
            print("skipped: needs libfaketime (apt-get install faketime)")
            sys.exit(siaga_e2e.SKIPPED)
        with open(taskforce.program("siaga-agent"), "rb") as program:
            if b"__asan_init" in program.read():
                print("skipped: libfaketime and AddressSanitizer cannot be loaded together")
                sys.exit(siaga_e2e.SKIPPED)
        super().setUp()
        self.time = self.path("faketime")

    def set_clock(self, offset):
        with open(self.time + ".new", "w") as file:
            file.write(offset + "\n")
        os.rename(self.time + ".new", self.time)

    def start(self, offset):
        """An agent under a clock of ours; only what it asks for as the time of day is changed."""
        self.set_clock(offset)
        eve, _ = self.eve_agent(start=False)
        env = dict(os.environ, LD_PRELOAD=LIBRARY, FAKETIME_TIMESTAMP_FILE=self.time, FAKETIME_NO_CACHE="1",
                   DONT_FAKE_MONOTONIC="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
        return eve, self.force.start_agent("bssn/soc-1", env=env)

    def arrives(self, eve, agent, first, last):
        self.append(eve, [eve_alert(number) for number in range(first, last + 1)])
        out, reader = self.watch_out("polri/dewi", last, self.path("out-%d" % last))
        self.assertEqual(reader.wait(40), 0, reader.tail() + agent.tail())

    def count(self, agent, pattern):
        import re
        return sum(1 for line in agent.lines if line and re.search(pattern, line))

    def test_steps_are_reported_and_stop_nothing(self):
        self.force.start_hub()
        eve, agent = self.start("+0")
        agent.wait_line("uplink-open")
        self.arrives(eve, agent, 1, 5)
        self.set_clock("+3d")
        agent.wait_line(r"clock-step.*\+2592\d\d\.\d s", timeout=30)
        agent.wait_line("clock-wrong.*ahead of the hub", timeout=30)
        self.arrives(eve, agent, 6, 10)
        self.set_clock("-2d")
        agent.wait_line(r"clock-step.*-43200\d\.\d s", timeout=30)
        self.arrives(eve, agent, 11, 15)
        self.set_clock("+0")
        agent.wait_line("clock-right", timeout=30)
        status = self.wait_status(agent, lambda s: s["clock"]["steps"] == 3)
        self.assertEqual(self.count(agent, "clock-step"), 3)
        self.assertEqual(self.count(agent, "clock-wrong"), 1)
        self.assertEqual(self.count(agent, "uplink-down"), 0)
        self.assertTrue(agent.alive())
        self.assertIsNotNone(status["clock"]["hub_ahead_seconds"])

    def test_a_wrong_clock_does_not_keep_an_agent_from_starting(self):
        self.force.start_hub()
        eve, agent = self.start("+0")
        agent.wait_line("uplink-open")
        self.arrives(eve, agent, 1, 2)
        agent.stop()
        # Years after the roster expired, by its own clock: it is the one in use.
        eve, agent = self.start("+20y")
        agent.wait_line("roster-expired")
        self.arrives(eve, agent, 3, 5)
        agent.stop()
        eve, agent = self.start("-20y")
        self.arrives(eve, agent, 6, 8)
        self.assertEqual(agent.stop(), 0)


if __name__ == "__main__":
    siaga_e2e.main()
