# SPDX-License-Identifier: Apache-2.0
"""Everything an enrolled publisher may forge is refused with its own reason, and the hub lives on."""

import subprocess

import siaga_e2e
from siaga_e2e import BUILD, TaskForceCase

WANTED = {
    "flip-bits-untouched": "taken",
    "another-principals-batch": "signer",
    "another-principals-key": "unknown",
    "unrostered-key": "unknown",
    "another-network": "network",
    "hole": "hole",
    "hole-expected": "1",
    "replayed": "taken",
    "replayed-number-same": "1",
    "conflict": "conflict",
    "entry-of-another-origin": "origin",
    "system-entry": "role",
    "update-of-nothing": "ref",
    "first-use-of-an-id": "taken",
    "id-used-again": "known",
    "bad-in-the-middle": "malformed 1 1",
    "hello-replayed": "replay",
    "hello-as-another": "unknown",
    "hello-for-another-network": "network",
    "beyond-its-role": "role",
    "unrostered-transport": "silence",
    "honest-to-the-end": "taken",
}


class Forger(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.force.principals = self.force.principals + [("bin/looker", ["read"])]
        self.force.write_roster()
        self.force.card("bin/ghost")

    def test_every_forgery_has_its_own_refusal(self):
        self.force.start_hub()
        before = self.find_children(self.force.hub, "siaga-core") + self.find_children(self.force.hub, "siaga-gate")
        forger = subprocess.run([BUILD + "/tests/peers/forger", self.path("roster.conf"),
                                 *(self.force.identity(p) for p in ("bin/soc-1", "polri/soc-1", "bin/ghost", "bin/looker"))],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        self.assertEqual(forger.returncode, 0, forger.stdout + self.force.hub.tail())
        said = dict(line.split(" ", 1) for line in forger.stdout.splitlines())
        self.assertTrue(said.pop("flip-bits").startswith("refused "), forger.stdout)
        self.assertEqual(said, WANTED)
        after = self.find_children(self.force.hub, "siaga-core") + self.find_children(self.force.hub, "siaga-gate")
        self.assertEqual(before, after, "a process of the hub was restarted")
        # Nothing forged is in the log.
        titles = {alert["title"] for alert in self.log("polri/dewi", "--kind", "alert")}
        self.assertEqual(titles, {"honest", "flipped", "forged"})
        forged = [a for a in self.log("polri/dewi", "--kind", "alert") if a["title"] == "forged"]
        self.assertEqual(len(forged), 1)  # the first use of an id


if __name__ == "__main__":
    siaga_e2e.main()
