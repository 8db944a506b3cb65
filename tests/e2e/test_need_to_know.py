# SPDX-License-Identifier: Apache-2.0
"""A red alert for polri reaches polri's reader and not brin's, live and in replay; to brin it never was."""

import siaga_e2e
from siaga_e2e import TaskForceCase, read_json_lines


class NeedToKnow(TaskForceCase):
    def send(self, title, *more):
        done = self.force.siaga("bssn/ani", "send", "--title", title, "--format", "json", *more, check=True)
        import json
        return json.loads(done.stdout)

    def test_red_for_polri(self):
        self.force.start_hub()
        readers = {}
        for person in ("polri/dewi", "brin/rina", "bin/budi"):
            out = self.path(person.replace("/", "-"))
            readers[person] = (out, self.force.start_siaga(person, "watch", "--since", "0", "--kind", "alert",
                                                           "--count", "2", "--out", out))
        secret = self.send("for polri alone", "--tlp", "red", "--audience", "polri")
        self.send("for everybody", "--tlp", "green")
        self.send("and again", "--tlp", "green")

        seen = {}
        for person, (out, reader) in readers.items():
            self.assertEqual(reader.wait(30), 0, reader.tail())
            seen[person] = [alert["title"] for alert in read_json_lines(out)]
        self.assertEqual(seen["polri/dewi"], ["for polri alone", "for everybody"])
        self.assertEqual(seen["brin/rina"], ["for everybody", "and again"])
        # Cleared for red, but not in the audience.
        self.assertEqual(seen["bin/budi"], ["for everybody", "and again"])

        titles = lambda person: [a["title"] for a in self.log(person, "--kind", "alert")]
        self.assertEqual(titles("polri/dewi"), ["for polri alone", "for everybody", "and again"])
        self.assertEqual(titles("brin/rina"), ["for everybody", "and again"])
        # The origin's own member sees what it said.
        self.assertEqual(titles("bssn/ani"), ["for polri alone", "for everybody", "and again"])

        never = "019ab3f0-0000-7000-8000-00000000beef"
        for asked, unknown in ((str(secret["number"]), "999999"), (secret["id"], never)):
            self.assertEqual(self.force.siaga("polri/dewi", "show", asked).returncode, 0)
            hidden = self.force.siaga("brin/rina", "show", asked)
            absent = self.force.siaga("brin/rina", "show", unknown)
            self.assertEqual(hidden.returncode, 1)
            self.assertEqual((hidden.returncode, hidden.stdout, hidden.stderr.replace(asked, "ID")),
                             (absent.returncode, absent.stdout, absent.stderr.replace(unknown, "ID")))

    def test_clearance_bounds_what_is_for_everybody(self):
        self.force.start_hub()
        for tlp in ("clear", "green", "amber", "amber+strict", "red"):
            self.send(tlp, "--tlp", tlp)
        tlps = lambda person: [a["tlp"] for a in self.log(person, "--kind", "alert")]
        self.assertEqual(tlps("bin/budi"), ["clear", "green", "amber", "amber+strict", "red"])
        self.assertEqual(tlps("brin/rina"), ["clear", "green", "amber"])


if __name__ == "__main__":
    siaga_e2e.main()
