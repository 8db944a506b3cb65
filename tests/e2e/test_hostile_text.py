# SPDX-License-Identifier: Apache-2.0
"""Alerts and greetings with terminal escapes, bidirectional controls and forged lines reach nobody's terminal and no log: what
is accepted is shown escaped."""

import json
import re
import unittest

import hostile
import siaga_e2e

OPERATOR = "kpu/sari"  # sees everybody's sessions
HOSTILE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Text(siaga_e2e.TaskForceCase):
    def hostile(self, program, scenario):
        peer = hostile.Hostile([siaga_e2e.BUILD + "/tests/peers/" + program, self.path("roster.conf"),
                                self.force.identity("bin/soc-1"), scenario, "1"])
        self.addCleanup(peer.kill)
        return peer

    def assert_clean(self, what, text):
        self.assertIsNone(HOSTILE.search(text), "%s: %r" % (what, text))

    def test_escapes_reach_no_screen(self):
        self.force.start_hub(True, "-v")
        self.assertIn("title-escapes ACK open", self.hostile("batches", "entry").end())
        self.assertIn("software-with-escapes WELCOME open", self.hostile("greetings", "hello").end())
        alerts = [one for one in self.log(OPERATOR, "--kind", "alert") if one["title"].startswith("hostile")]
        self.assertEqual(len(alerts), 4)
        # They are there as they were signed.
        self.assertTrue(any("\x1b[2J" in one["title"] for one in alerts) and any("\u202e" in one["title"] for one in alerts))
        for args in (["log", "--since", "0", "--format", "text"], ["log", "--since", "0", "--format", "json"],
                     ["open"], ["status"], ["watch", "--since", "0", "--count", "4", "--format", "text"],
                     *(["show", one["id"]] for one in alerts), *(["report", one["id"]] for one in alerts)):
            done = self.force.siaga(OPERATOR, *args)
            self.assertEqual(done.returncode, 0, "%s: %s" % (args, done.stderr))
            self.assert_clean(args, done.stdout + done.stderr)
        text = self.force.siaga(OPERATOR, "log", "--since", "0", "--format", "text").stdout
        self.assertNotRegex(text, r"(?m)^#1  CRITICAL")  # a line that an alert's title made
        for line in self.force.hub.lines:
            self.assert_clean("the hub's log", line)

    def test_a_session_with_escapes_is_shown_escaped(self):
        self.force.start_hub(True, "-v")
        peer = self.hostile("greetings", "stay")
        self.assertEqual(peer.line(), "stay 1")
        done = self.force.siaga(OPERATOR, "status", "--format", "json")
        self.assertIn("owned", json.dumps(json.loads(done.stdout)))
        for args in (["status"], ["status", "--format", "json"], ["status", "--format", "prometheus"]):
            self.assert_clean(args, self.force.siaga(OPERATOR, *args).stdout)
        self.assert_clean("--status", self.hub_tool("--status").stdout)
        peer.end()


if __name__ == "__main__":
    unittest.main()
