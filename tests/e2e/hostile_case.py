# SPDX-License-Identifier: Apache-2.0
"""The base of test_hostile_*.py: a group of acts against one hub, one after the other, by one and by many."""

import shutil
import tempfile
import unittest

import crowd_peer
import hostile
import hostile_acts


class HostileCase(unittest.TestCase):
    maxDiff = None
    WARMTH = 200  # batches of a thousand entries: caches are full before memory is measured

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="siaga-e2e-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.force = hostile.prepare(self.dir, hostile_acts.MANY.processes)
        self.stage = hostile.Stage(self.force)
        self.addCleanup(self.stage.stop)

    def warm_up(self):
        self.stage.peer("flooder", ["brin/soc-1"], "fill", self.WARMTH, 1024, 0).end()
        return self.stage.settled_kib()

    def suffer(self, *groups):
        """All acts of the groups; what they did wrong is told together, with the table."""
        before, found = self.warm_up(), []
        for act in hostile_acts.of_group(*groups):
            for scale in act.scales:
                row = self.stage.run(act, scale)
                print(hostile.show(row), flush=True)
                found += hostile.problems(row)
        after = self.stage.settled_kib(before)
        print("resident before %s, after %s KiB" % (before, after))
        found += hostile.has_grown(before, after)
        self.assertEqual(crowd_peer.hub_children(self.force), self.stage.children, self.force.hub.tail(20))
        self.assertTrue(self.stage.honest.agent.alive() and self.stage.honest.reader.alive())
        self.assertEqual(found, [], self.force.hub.tail(20))


main = unittest.main
