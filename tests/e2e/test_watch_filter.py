# SPDX-License-Identifier: Apache-2.0
"""Filters by words of the title, and filters that have a name in the configuration."""

import json

import siaga_e2e
from siaga_e2e import TaskForceCase

FILTERS = """filters = (
  { name = "night"; min_severity = "high"; category = [ "fraud", "availability/ddos" ]; kind = "alert"; },
  { name = "web"; system = "web"; from = [ "bssn" ]; status = [ "actual" ]; text = "LOGIN"; },
  { name = "twice"; }, { name = "twice"; }
);
"""


class WatchFilter(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.force.start_hub()
        for title, person, *more in (
                ("Fake login page", "bssn/ani", "high", "web", "fraud/phishing"),
                ("Flood of SIPOL", "bssn/ani", "critical", "sipol", "availability/ddos"),
                ("A login that failed", "kpu/sari", "low", "web", "intrusion-attempts/brute-force")):
            severity, system, category = more
            self.force.siaga(person, "send", "--title", title, "--severity", severity, "--system", system,
                             "--category", category, check=True)

    def configure(self, text):
        path = self.force.write_person_conf("polri/dewi")
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)

    def titles(self, *more):
        return [entry["title"].split()[0] for entry in self.log("polri/dewi", "--kind", "alert", *more)]

    def test_text_is_found_in_titles_whatever_its_case(self):
        self.assertEqual(self.titles("--text", "LoGiN"), ["Fake", "A"])
        self.assertEqual(self.titles("--text", "login p"), ["Fake"])
        self.assertEqual(self.titles("--text", "login", "--min-severity", "high"), ["Fake"])
        self.assertEqual(self.titles("--text", "logins"), [])
        self.assertEqual(self.titles("--text", ""), ["Fake", "Flood", "A"])

    def test_a_named_filter_is_as_good_as_its_options(self):
        self.configure(FILTERS)
        self.assertEqual(self.titles("--filter", "night"), ["Fake", "Flood"])
        self.assertEqual(self.titles("--filter", "web"), ["Fake"])

    def test_what_the_command_line_says_takes_the_place_of_it(self):
        self.configure(FILTERS)
        self.assertEqual(self.titles("--filter", "night", "--category", "fraud"), ["Fake"])
        self.assertEqual(self.titles("--filter", "night", "--min-severity", "critical"), ["Flood"])
        self.assertEqual(self.titles("--filter", "web", "--from", "kpu"), ["A"])
        self.assertEqual(self.titles("--filter", "web", "--from", "kpu", "--text", "flood"), [])

    def test_watch_takes_them_too(self):
        self.configure(FILTERS)
        done = self.force.siaga("polri/dewi", "watch", "--since", "0", "--filter", "night", "--text", "flood",
                                "--count", "1", check=True)
        self.assertEqual(json.loads(done.stdout)["title"], "Flood of SIPOL")

    def test_a_name_that_is_not_there_or_twice_is_refused(self):
        self.configure(FILTERS)
        done = self.force.siaga("polri/dewi", "log", "--filter", "nigth")
        self.assertEqual(done.returncode, 64)
        self.assertIn("nigth", done.stderr)
        done = self.force.siaga("polri/dewi", "log", "--filter", "twice")
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"lines \d+ and \d+")

    def test_what_is_wrong_in_it_is_named_with_its_line(self):
        for key, word in (('category = [ "fruad" ]', "category"), ('min_severity = "urgent"', "min_severity"),
                          ('from = "KPU"', "from"), ('kind = "alerts"', "kind"), ('sytem = "web"', "sytem")):
            self.configure('filters = (\n  { name = "x"; %s; } );\n' % key)
            done = self.force.siaga("polri/dewi", "log")
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertRegex(done.stderr, r"siaga\.conf:\d+: filters\[0\].*" + word)


if __name__ == "__main__":
    siaga_e2e.main()
