# SPDX-License-Identifier: Apache-2.0
"""From an empty file to a hub that serves, by `siaga roster enroll`; and what `siaga roster diff` says of a change."""

import re
import subprocess

import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase


class RosterVerbs(TaskForceCase):
    def roster(self, *argv):
        done = subprocess.run([taskforce.program("siaga"), "roster", *argv], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def test_a_roster_from_nothing(self):
        path = self.path("roster.conf")
        text = self.force.roster_text()
        bare = text[:text.index("principals = (")] + text[text.index("systems = ("):]
        self.force.write_roster(bare, sign=False)
        self.assertEqual(self.roster("check", path)[0], 1)
        # Whoever is first must be the hub, and nothing is written before.
        status, _, words = self.roster("enroll", "--roster", path, "--role", "read", self.force.card("polri/dewi"))
        self.assertEqual(status, 1)
        self.assertIn("there is no principal kpu/hub", words)
        with open(path) as file:
            self.assertEqual(file.read(), bare)
        for name, roles in self.force.principals:
            options = [word for role in roles for word in ("--role", role)]
            status, _, words = self.roster("enroll", "--roster", path, *options, self.force.card(name))
            self.assertEqual(status, 0, words)
            self.assertRegex(words, "enrolled %s, fingerprint" % name)
        with open(path) as file:
            self.force.write_roster(file.read())
        self.assertEqual(self.roster("check", path, "--network", self.force.network, "--root", self.force.root_pub)[0], 0)
        self.force.start_hub()
        self.assertEqual(self.force.siaga("polri/dewi", "status").returncode, 0)

    def test_diff(self):
        old, new = self.path("roster.conf"), self.path("new.conf")
        self.assertEqual(self.roster("diff", old, old)[:2], (0, "nothing changed\n"))
        self.force.serial = 2
        self.force.principals = [(name, ["read"] if name == "polri/dewi" else roles)
                                 for name, roles in self.force.principals] + [("polri/baru", ["read"])]
        self.force.key_extra["bssn/soc-1"] = 'untrusted_from = "2026-11-24T08:00:00Z";'
        self.force.write_roster(path=new, sign=False)
        status, words, _ = self.roster("diff", old, new)
        self.assertEqual(status, 0)
        for line in ("serial: 1 becomes 2", "roles: polri/dewi: may no longer publish, respond",
                     "enrolled: polri/baru: may read", "key: polri/baru: .{19} is new",
                     "key: bssn/soc-1: .{19} is revoked: untrusted from 2026-11-24T08:00:00.000000Z"):
            self.assertTrue(re.search("^%s$" % line, words, re.M), "%s\n%s" % (line, words))
        self.assertEqual(self.roster("diff", old)[0], 64)
        self.assertEqual(self.roster("diff", old, self.path("nowhere"))[0], 66)
        self.assertIn("OLD NEW", self.roster("diff", "--help")[1])


if __name__ == "__main__":
    siaga_e2e.main()
