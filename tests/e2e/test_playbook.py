# SPDX-License-Identifier: Apache-2.0
"""Who does what: the shipped playbook is whole, the pages show it as it is, and it answers when the hub does not."""

import json
import os
import re
import subprocess

import siaga_e2e
import taskforce
from siaga_e2e import TOP, TaskForceCase

SYSTEMS = ["sipol", "silon", "sidalih", "sidapil", "simpaw", "sirekap", "web"]
CLASSES = ["abusive-content", "malicious-code", "information-gathering", "intrusion-attempts", "intrusions", "availability",
           "information-content-security", "fraud", "vulnerable", "other"]
SEVERITIES = ["info", "low", "medium", "high", "critical"]
DESK = r"kpu, \+62 21 5550 0101, siaga@kpu\.example$"


def read(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


class Example(TaskForceCase):
    """doc/examples/roster.conf.example with a card in it."""

    def setUp(self):
        super().setUp()
        self.roster = self.write("roster.example", read("doc", "examples", "roster.conf.example"))

    def write(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("THE CARD OF kpu/hub", self.force.card("kpu/hub")))
        return path

    def siaga(self, *args):
        env = {key: value for key, value in os.environ.items() if key != "SIAGA_CONF"}
        return subprocess.run([taskforce.program("siaga"), *args], env=env, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)

    def ask(self, *args):
        done = self.siaga("playbook", "--roster", self.roster, "--format", "json", *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_the_example_has_nothing_to_find(self):
        done = self.siaga("roster", "check", self.roster)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("good", done.stdout)

    def test_it_answers_every_system_and_class(self):
        for tlp in ("amber", "red"):
            lines = self.ask("--table", "--tlp", tlp)
            seen = set()
            for line in lines:
                self.assertTrue(line["lead"] and line["contact"], line)
                self.assertEqual("acknowledge_within_s" in line, line["min_severity"] not in ("info", "low"), line)
                low, high = (SEVERITIES.index(line[key]) for key in ("min_severity", "max_severity"))
                seen.update((line["system"], line["category"].split("/")[0], SEVERITIES[i]) for i in range(low, high + 1))
                if tlp == "red":
                    self.assertIn(line["lead"], ("kpu", "bssn"), line)  # the others are not cleared for it
            wanted = {(system, name, severity) for system in SYSTEMS + [""] for name in CLASSES + ["test"]
                      for severity in SEVERITIES}
            self.assertEqual(seen, wanted)

    def test_every_agency_leads_something(self):
        self.assertEqual({line["lead"] for line in self.ask("--table")}, {"kpu", "bssn", "polri", "bin", "brin", "kominfo"})

    def test_the_phase_changes_deadlines_and_chain(self):
        (quiet,) = self.ask("web", "malicious-code/c2-server", "--at", "2026-10-01T00:00:00Z")
        (polling,) = self.ask("web", "other/other", "--at", "2027-02-14T08:00:00+07:00")
        self.assertNotIn("phase", quiet)
        self.assertEqual((quiet["acknowledge_within_s"], quiet["take_within_s"]), (900, 3600))
        self.assertEqual([step["to"] for step in quiet["escalation"]], ["kpu", "everyone"])
        self.assertEqual((polling["phase"], polling["acknowledge_within_s"]), ("polling-day", 300))
        self.assertEqual(polling["escalation"], [{"to": "everyone", "after_s": 300}])

    def test_text_says_whom_to_call_and_what_to_do(self):
        done = self.siaga("playbook", "--roster", self.roster, "--format", "text", "sirekap", "availability/ddos",
                          "--severity", "high", "--at", "2026-10-01T00:00:00Z")
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in (r"^lead +kpu +\+62 21 5550 0101, siaga@kpu\.example$", r"^support +bssn +\+62 21 5550 0202",
                     r"^ +kominfo +\+62", r"^inform +polri", r"^acknowledge +within 5m$", r"^resolve +within 4h$",
                     r"^escalation +bssn +after 5m", r"^ +everyone +after 10m", r"^first steps +kpu +Switch to the second site"):
            self.assertRegex(done.stdout, "(?m)" + line)
        done = self.siaga("playbook", "--roster", self.roster, "--format", "text", "web", "fraud/phishing", "--tlp", "red")
        self.assertRegex(done.stdout, r"(?m)^lead +kpu ")
        self.assertNotIn("may not see it", done.stdout)
        done = self.siaga("playbook", "--roster", self.roster, "--format", "text", "web", "vulnerable", "--tlp", "red")
        self.assertRegex(done.stdout, r"(?m)^support +brin +\+62.*  \(may not see it\)$")

    def test_wrong_questions(self):
        for args, words in ((("sipl", "fraud"), "did you mean sipol"), (("web", "fraud/fishing"), "no such category"),
                            (("web", "fraudulent"), "no such category"), (("web",), "a SYSTEM and a CATEGORY"),
                            (("--table", "web", "fraud"), "or --table"), (("--table", "--severity", "low"), "leave out"),
                            (("web", "fraud", "--format", "markdown"), "for --table"), (("web", "fraud", "--tlp", "pink"), "pink"),
                            (("web", "fraud", "--at", "noon"), "not a time")):
            done = self.siaga("playbook", "--roster", self.roster, *args)
            self.assertEqual((done.returncode, done.stdout), (64, ""), done.stderr)
            self.assertIn(words, done.stderr)
        one = self.write("one", re.sub(r"(?s)\nplaybook = .*", '\nplaybook = ( { system = "web"; lead = "kpu"; } );\n',
                                       read("doc", "examples", "roster.conf.example")))
        done = self.siaga("playbook", "--roster", one, "sipol", "fraud")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("nobody leads", done.stderr)
        self.assertEqual(self.siaga("playbook", "--roster", self.path("none"), "--table").returncode, 66)

    def test_the_readmes_table_is_the_examples(self):
        done = self.siaga("playbook", "--roster", self.roster, "--table", "--format", "markdown")
        self.assertEqual(done.returncode, 0, done.stderr)
        section = read("README.md").split("## Who does what\n")[1]
        table = "".join(line + "\n" for line in section.split("\n") if line.startswith("|"))
        self.assertTrue(table.startswith(done.stdout), "README.md has an older table; it is to be:\n" + done.stdout)

    def test_the_manuals_example(self):
        page = read("doc", "man", "siaga-playbook.5")
        blocks = re.findall(r"(?ms)^\.Bd -literal -offset indent\n(.*?)^\.Ed$", page)
        body = next(block for block in blocks if block.startswith("phases = ("))
        head = read("doc", "examples", "roster.conf.example").split("phases = (")[0]
        self.write("roster.conf", head + body)
        commands = [line[2:].split() for block in blocks for line in block.splitlines() if line.startswith("$ ")]
        self.assertEqual(len(commands), 3)
        for words in commands:
            words = [self.path(word) if word == "roster.conf" else word for word in words]
            done = self.siaga(*words[1:])
            self.assertEqual(done.returncode, 0, "%s\n%s" % (words, done.stderr))
            self.assertTrue(done.stdout)


class NoHub(TaskForceCase):
    def test_it_answers_without_a_hub_and_without_a_passphrase(self):
        done = self.force.siaga("polri/dewi", "playbook", "sirekap", "availability/ddos", "--severity", "high")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["lead"], "kpu")
        # The secret half is not even read: only the card stands in the clear.
        identity = self.force.identity("polri/dewi")
        with open(identity) as file:
            lines = file.read().splitlines(keepends=True)
        with open(identity, "w") as file:
            file.writelines(line for line in lines if not line.startswith("secret"))
        done = self.force.siaga("polri/dewi", "playbook", "--table")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_verbs_examples_in_the_manual(self):
        commands = re.findall(r"(?m)^\$ siaga (playbook .*)$", read("doc", "man", "siaga.1"))
        self.assertEqual(len(commands), 2)
        for words in commands:
            done = self.force.siaga("polri/dewi", *words.split())
            self.assertEqual((done.returncode, done.stderr), (0, ""), words)

    def test_an_unsigned_roster_is_not_believed(self):
        os.unlink(self.path("roster.conf.minisig"))
        done = self.force.siaga("polri/dewi", "playbook", "--table")
        self.assertEqual((done.returncode, done.stdout), (78, ""))
        self.assertRegex(done.stderr, "sign")

    def test_every_word_about_it_ends_with_the_duty_phone(self):
        for verb in (("log",), ("show", "1"), ("status",), ("watch",), ("send", "--title", "x"),
                     ("send", "--title", "x", "--no-queue"), ("send", "--flush")):
            done = self.force.siaga("polri/dewi", *verb, "--timeout", "1s")
            self.assertIn(done.returncode, (69, 75), (verb, done.stderr))
            lines = [line for line in done.stderr.splitlines() if not re.search("another siaga", line)]
            self.assertTrue(lines, verb)
            for line in lines:
                self.assertRegex(line, DESK, verb)
        done = self.force.siaga("polri/dewi", "doctor", "--timeout", "1s", "--format", "json")
        self.assertEqual(done.returncode, 1)
        failed = [step for step in map(json.loads, done.stdout.splitlines()) if step["state"] == "fail"]
        self.assertEqual([step["step"] for step in failed], ["tcp"])
        self.assertRegex(failed[0]["advice"], DESK)


class Shown(TaskForceCase):
    RULES = """
phases = ( { name = "always"; from = "2020-01-01T00:00:00Z"; until = "2099-01-01T00:00:00Z"; } );
playbook_defaults = { acknowledge_within = "10m"; during = ( { phase = "always"; take_within = "1h"; } ); };
playbook = ( { system = "web"; lead = "brin"; support = ["bssn"]; inform = ["bin"]; first_action = "Look first."; },
             { lead = "kpu"; } );
"""

    def test_each_alert_says_who_does_what_by_when(self):
        self.force.playbook = self.RULES
        self.force.write_roster()
        self.force.start_hub()
        self.force.siaga("bssn/ani", "send", "--title", "a", "--system", "web", "--tlp", "amber", check=True)
        self.force.siaga("bssn/ani", "send", "--title", "b", "--system", "web", "--tlp", "red", check=True)
        amber, red = self.log("polri/dewi")
        self.assertEqual([amber.get(key) for key in ("lead", "support", "inform", "first_action", "contact", "phase")],
                         ["brin", ["bssn"], ["bin"], "Look first.", "brin, +62 21 5550 0505, siaga@brin.example", "always"])
        self.assertNotIn("unseen_by", amber)
        self.assertNotIn("resolve_by", amber)
        self.assertEqual(red["unseen_by"], ["brin"])
        minutes = [(self.seconds(amber[key]) - self.seconds(amber["accepted"])) / 60 for key in ("ack_by", "take_by")]
        self.assertEqual(minutes, [10, 60])
        shown = self.force.siaga("polri/dewi", "show", "1", "--format", "text", check=True).stdout
        self.assertRegex(shown, r"(?m)^lead +brin$")
        self.assertRegex(shown, r"(?m)^first_action +Look first\.$")
        self.assertRegex(shown, r"(?m)^ack_by +20")
        text = self.force.siaga("polri/dewi", "log", "--format", "text", check=True).stdout
        self.assertRegex(text, r"(?m)^ +lead: brin  support: bssn  acknowledge by .* WIB  first: Look first\.$")
        self.assertIn("lead: brin (may not see it)", text)

    @staticmethod
    def seconds(text):
        import calendar
        import time
        return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


if __name__ == "__main__":
    siaga_e2e.main()
