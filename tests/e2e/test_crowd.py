# SPDX-License-Identifier: Apache-2.0
"""Hundreds of sessions, a storm of reconnects, and readers that do not read: all others get everything, once."""

import os
import signal
import tempfile
import unittest

import crowd_peer
import siaga_e2e

READERS = 300
LAGGARDS = 100  # of each kind
SESSION_KIB_MAX = 100  # of gate and core together; measured: 41
GROWTH_KIB_MAX = 4096  # of the gate, while what laggards have not read grows by far more


class CrowdCase(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="siaga-crowd-")
        self.force = crowd_peer.prepare(self.directory.name, READERS)
        self.force.start_hub()
        self.crowd = crowd_peer.Crowd(self.force, READERS)

    def tearDown(self):
        self.crowd.stop()
        self.force.stop()
        self.directory.cleanup()

    def weigh(self):
        return sum(crowd_peer.memory_kib(self.force).values())

    def test_a_crowd_gets_everything_once_through_a_storm_of_reconnects(self):
        before = self.weigh()
        self.crowd.say("open", READERS)
        if not crowd_peer.is_sanitized(self.force):
            self.assertLess(self.weigh() - before, READERS * SESSION_KIB_MAX)
        self.crowd.say("publish", 20, 1000)
        for _ in range(3):
            self.crowd.say("cut", READERS)
            self.crowd.say("publish", 5, 1000)
        # The peer itself fails when an entry comes twice, out of order, or not at all.
        self.assertIn("lost 0", self.crowd.say("wait"))
        self.assertEqual(set(crowd_peer.hub_children(self.force)), {"siaga-gate", "siaga-core"})
        self.assertIsNone(self.force.hub.find("child-died"))

    def test_a_gate_that_dies_finds_its_crowd_again(self):
        self.crowd.say("open", READERS)
        self.crowd.say("publish", 5, 1000)
        self.crowd.say("wait")
        self.crowd.say("brace")
        start = len(self.force.hub.lines)
        os.kill(crowd_peer.hub_children(self.force)["siaga-gate"], signal.SIGKILL)
        self.force.hub.wait_line(r"\bready\b", start=start)
        self.crowd.say("back")
        self.crowd.say("publish", 5, 1000)
        answer = self.crowd.say("wait")
        self.assertEqual(self.crowd.number("lost", answer), READERS)

    def test_readers_that_do_not_read_cost_nobody_anything(self):
        self.crowd.say("open", 20)
        self.crowd.say("flood", 500, 3500)
        self.crowd.say("lag", LAGGARDS)
        self.crowd.say("slow", LAGGARDS)
        self.crowd.say("publish", 10, 3500)
        self.crowd.say("wait")
        before = crowd_peer.memory_kib(self.force)["gate"]
        self.crowd.say("flood", 1000, 3500)  # 3.5 MB, for each of 200
        self.assertIn("lost 0", self.crowd.say("wait"))
        if not crowd_peer.is_sanitized(self.force):
            self.assertLess(crowd_peer.memory_kib(self.force)["gate"] - before, GROWTH_KIB_MAX)
        self.assertIsNone(self.force.hub.find("child-died|peer-cut"))


if __name__ == "__main__":
    siaga_e2e.main()
