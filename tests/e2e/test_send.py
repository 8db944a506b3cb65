# SPDX-License-Identifier: Apache-2.0
"""`siaga send`: an acknowledged alert has a log number; without a hub it waits in the person's own outbox."""

import json

import siaga_e2e
from siaga_e2e import TaskForceCase


class Send(TaskForceCase):
    def test_from_flags_and_from_json(self):
        self.force.start_hub()
        done = self.force.siaga("bssn/ani", "send", "--title", "Defaced page", "--category",
                                "intrusions/application-compromise", "--severity", "critical", "--system", "web",
                                "--format", "json", check=True)
        first = json.loads(done.stdout)
        done = self.force.siaga("polri/dewi", "send", "--format", "json",
                                input='{"title":"Phishing site","category":"fraud/phishing",'
                                      '"target":[{"url":"https://kpu.example"}]}\n', check=True)
        second = json.loads(done.stdout)
        self.assertGreater(second["number"], first["number"])
        alerts = self.log("bin/budi", "--kind", "alert")
        self.assertEqual([(a["title"], a["origin"], a["number"]) for a in alerts],
                         [("Defaced page", "bssn/ani", first["number"]), ("Phishing site", "polri/dewi", second["number"])])
        self.assertEqual((alerts[0]["severity"], alerts[0]["system"]), ("critical", "web"))
        self.assertEqual(alerts[1]["target"], [{"url": "https://kpu.example"}])

    def test_without_a_hub_it_is_queued_and_goes_with_the_next_command(self):
        done = self.force.siaga("bssn/ani", "send", "--title", "first", "--timeout", "1s")
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("queued, goes with your next command", done.stderr)
        done = self.force.siaga("bssn/ani", "send", "--title", "gone", "--no-queue", "--timeout", "1s")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.force.start_hub()
        self.force.siaga("bssn/ani", "send", "--title", "second", check=True)
        self.assertEqual([a["title"] for a in self.log("bin/budi", "--kind", "alert")], ["first", "second"])

    def test_a_reader_may_not_send(self):
        self.force.principals = self.force.principals + [("bin/looker", ["read"])]
        self.force.write_roster()
        self.force.write_person_conf("bin/looker")
        self.force.start_hub()
        done = self.force.siaga("bin/looker", "send", "--title", "no")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("publish", done.stderr)

    def test_bad_input_names_the_field(self):
        for flags, name in ((("--severity", "terrible"), "severity"), (("--category", "x/y"), "category"),
                            (("--tlp", "pink"), "tlp"), (("--system", "no such"), "system")):
            done = self.force.siaga("bssn/ani", "send", "--title", "t", *flags)
            self.assertIn(done.returncode, (64, 65), done.stderr)
            self.assertIn(name, done.stderr)


if __name__ == "__main__":
    siaga_e2e.main()
