# SPDX-License-Identifier: Apache-2.0
"""What is open and whose it is; the story and its times as people read them; only for those who may see it."""

import json
import subprocess

import siaga_e2e
import taskforce
import test_respond
from siaga_e2e import TaskForceCase


class Open(TaskForceCase):
    send = test_respond.Respond.send
    act = test_respond.Respond.act
    handle = staticmethod(test_respond.Respond.handle)

    def open(self, person, *more):
        done = self.force.siaga(person, "open", "--format", "json", *more, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def titles(self, person, *more):
        return [alert["title"] for alert in self.open(person, *more)]

    def test_open_is_what_is_not_over(self):
        self.force.start_hub()
        low, _, _ = self.send("low", "--severity", "low", "--category", "availability/dos", "--system", "web")
        high, _, handle = self.send("high", "--severity", "high", "--category", "intrusions/application-compromise")
        done, _, _ = self.send("done", "--severity", "critical")
        gone, _, _ = self.send("gone", "--severity", "critical")
        secret, _, _ = self.send("secret", "--tlp", "red", "--audience", "polri")
        self.assertEqual(self.titles("bssn/ani"), ["done", "gone", "high", "secret", "low"])
        self.act("polri/dewi", "take", done)
        self.act("polri/dewi", "resolve", done, "--outcome", "false-positive")
        self.act("bssn/ani", "cancel", gone)
        self.act("polri/dewi", "take", high)
        self.act("brin/rina", "assist", high)
        self.act("polri/dewi", "take", secret)
        self.act("bssn/ani", "update", low, "--severity", "critical")

        alerts = self.open("bssn/ani")
        self.assertEqual([(a["title"], a["severity"], a["life"]["state"], a["life"].get("person")) for a in alerts],
                         [("low", "critical", "new", None), ("high", "high", "in progress", "polri/dewi"),
                          ("secret", "medium", "in progress", "polri/dewi")])
        self.assertEqual((alerts[1]["handle"], str(alerts[1]["number"]), alerts[1]["lead"]), (handle, high, "bssn"))
        self.assertTrue(alerts[1]["accepted"].endswith("Z"))
        # Whose: polri leads one that the playbook gives to bssn; kpu should lead what nobody has.
        self.assertEqual(self.titles("polri/dewi", "--mine"), ["high", "secret"])
        self.assertEqual(self.titles("brin/rina", "--mine"), ["high"])
        self.assertEqual(self.titles("kpu/sari", "--mine"), ["low"])
        self.assertEqual(self.titles("bssn/ani", "--mine"), [])
        # The severity that counts is the alert's of today, and answers do not get lost by a filter.
        self.assertEqual(self.titles("bssn/ani", "--min-severity", "critical"), ["low"])
        self.assertEqual(self.titles("bssn/ani", "--from", "bssn", "--system", "web"), ["low"])
        # Who may not see an alert sees nothing of its story.
        self.assertEqual(self.titles("brin/rina"), ["low", "high"])
        self.assertNotIn("secret", json.dumps(self.log("brin/rina", "--kind", "all")))
        self.assertEqual([e["action"] for e in self.log("brin/rina", "--kind", "response")],
                         ["take", "resolve", "take", "assist"])

        text = self.force.siaga("bssn/ani", "open", "--format", "text", check=True).stdout.splitlines()
        self.assertRegex(text[0], r"^#%s +\S+ +\S+ \S+ WIB  critical  new           \(kpu\) +web +low$" % low)
        self.assertRegex(text[1], r"^#%s +%s +\S+ \S+ WIB  high      in progress   polri/dewi +- +high$" % (high, handle))

    def test_people_read_names_and_their_own_time(self):
        self.force.start_hub()
        number, id, handle = self.send("Halaman depan diubah")
        self.act("polri/dewi", "take", number, "-m", "Mulai")
        log = self.force.siaga("kpu/sari", "log", "--format", "text", "--kind", "alert,response", check=True).stdout
        self.assertIn("Halaman depan diubah  TLP:AMBER  %s\n" % handle, log)
        self.assertIn("took %s (Halaman depan diubah): Mulai" % handle, log)
        watch = self.force.siaga("kpu/sari", "watch", "--since", number, "--count", "2", "--format", "text", check=True).stdout
        self.assertIn("took %s (Halaman depan diubah): Mulai" % handle, watch)
        # The zone by the configuration, and by TZ where that says "system".
        for zone, name in (("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT")):
            self.force.write_person_conf("kpu/sari", timezone='"system"')
            env = dict(self.force.env("kpu/sari"), TZ=zone)
            shown = self.siaga_env(env, "show", "--format", "text", handle)
            self.assertRegex(shown, r"(?m)^accepted      \d{4}-\d\d-\d\d \d\d:\d\d:\d\d %s$" % name)
            self.assertRegex(shown, r"(?m)^handle        %s\nstate         in progress since \S+ \S+ %s; polri/dewi leads since "
                             % (handle, name))
            self.assertRegex(shown, r"(?m)^#\d+ +\S+ \S+ %s +polri/dewi +took it\n +Mulai$" % name)
        shown = self.force.siaga("kpu/sari", "show", "--format", "json", id, check=True).stdout.splitlines()[0]
        self.assertRegex(json.loads(shown)["life"]["since"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")

    def siaga_env(self, env, *args):
        return subprocess.run([taskforce.program("siaga"), *args], env=env, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, timeout=60, check=True).stdout


if __name__ == "__main__":
    siaga_e2e.main()
