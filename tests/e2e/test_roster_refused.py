# SPDX-License-Identifier: Apache-2.0
"""An unsigned, tampered, expired, foreign or rolled-back roster is refused by agent, hub and command line, each saying why."""

import os
import subprocess

import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase


class RosterRefused(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.eve_agent(start=False)

    def say(self, *argv, env=None):
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=60, env=env)
        return done.returncode, done.stdout

    def everybody(self):
        """(status, words) of each program as it meets the roster."""
        return {
            "hub -n": self.say(taskforce.program("siaga-hub"), "-n", "-c", self.path("hub", "hub.conf")),
            "hub": self.say("timeout", "20", taskforce.program("siaga-hub"), "-d", "-c", self.path("hub", "hub.conf")),
            "agent -n": self.say(taskforce.program("siaga-agent"), "-n", "-c", self.path("agents", "bssn-soc-1", "agent.conf")),
            "agent": self.say("timeout", "20", taskforce.program("siaga-agent"), "-d", "-c",
                              self.path("agents", "bssn-soc-1", "agent.conf")),
            "siaga": self.say(taskforce.program("siaga"), "status", env=self.force.env("polri/dewi")),
        }

    def refused(self, pattern):
        for who, (status, words) in self.everybody().items():
            self.assertNotIn(status, (0, 75, 124), "%s: %s" % (who, words))
            self.assertRegex(words, pattern, who)
            self.assertIn("roster.conf", words, who)

    def test_a_good_one_is_taken(self):
        for who in ("hub -n", "agent -n"):
            status, words = self.everybody_n(who)
            self.assertEqual(status, 0, words)

    def everybody_n(self, who):
        if who == "hub -n":
            return self.say(taskforce.program("siaga-hub"), "-n", "-c", self.path("hub", "hub.conf"))
        return self.say(taskforce.program("siaga-agent"), "-n", "-c", self.path("agents", "bssn-soc-1", "agent.conf"))

    def test_minisign_accepts_ours_and_we_accept_both_kinds(self):
        for legacy in (False, True):
            self.force.write_roster(legacy=legacy)
            done = subprocess.run(["minisign", "-V", "-p", self.path("root", "root.pub"), "-m", self.path("roster.conf")],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.test_a_good_one_is_taken()

    def test_unsigned(self):
        os.unlink(self.path("roster.conf.minisig"))
        self.refused(r"(?i)sign")

    def test_signed_by_another_root(self):
        self.force.make_root("other")
        self.force.write_roster(root="other")
        self.refused(r"(?i)sign")

    def test_tampered(self):
        with open(self.path("roster.conf"), "r+") as file:
            text = file.read()
            self.assertIn('clearance = "amber"', text)
            text = text.replace('clearance = "amber"', 'clearance = "red"  ')
            file.seek(0)
            file.write(text)
        self.refused(r"(?i)sign")

    def test_trusted_comment_for_another_network(self):
        self.force.write_roster(comment="siaga roster network=other-2026 serial=1")
        self.refused(r"(?i)network|comment")

    def test_expired(self):
        self.force.write_roster(self.force.roster_text(issued=taskforce.now_text(-9 * 86400), expires_s=-8 * 86400, grace="1d"))
        self.refused(r"(?i)expired")

    def test_rolled_back(self):
        self.force.start_hub()
        self.force.serial = 5
        self.force.write_roster()
        self.force.stop()
        self.force.start_hub()
        agent = self.force.start_agent("bssn/soc-1")
        agent.wait_line(r"(?i)\bopen\b|welcome|session")
        self.assertEqual(self.force.siaga("polri/dewi", "status").returncode, 0)
        self.force.stop()
        self.force.serial = 4
        self.force.write_roster()
        self.refused(r"(?i)roll|older|serial")

    def test_below_the_pinned_serial(self):
        self.force.write_hub_conf(min_serial="3")
        self.force.write_person_conf("polri/dewi", min_serial="3")
        self.force.write_agent_conf("bssn/soc-1", '{ type = "stdin"; }', min_serial="3")
        self.refused(r"(?i)roll|older|serial")

    def test_check_names_file_line_and_reason(self):
        text = self.force.roster_text().replace('"brin/soc-1"; roles = ["publish", "read"]',
                                                '"brin/soc-1"; roles = ["publish", "rule"]')
        line = 1 + text[:text.index('"rule"')].count("\n")
        self.force.write_roster(text)
        status, words = self.say(taskforce.program("siaga"), "roster", "check", self.path("roster.conf"))
        self.assertEqual(status, 1, words)
        self.assertRegex(words, r"roster\.conf:%d: .*rule" % line)


if __name__ == "__main__":
    siaga_e2e.main()
