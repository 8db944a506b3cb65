# SPDX-License-Identifier: Apache-2.0
"""`siaga watch` and `siaga log`: filters, files, cursors, and what is shown."""

import json
import os

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines


class Watch(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.force.start_hub()

    def test_filters_agree_with_what_was_sent(self):
        for title, more in (("a", ("--severity", "low", "--system", "sipol", "--category", "availability/dos")),
                            ("b", ("--severity", "high", "--system", "web", "--category", "fraud/phishing")),
                            ("c", ("--severity", "critical", "--system", "web", "--category", "availability/ddos",
                                   "--status", "exercise"))):
            self.force.siaga("bssn/ani", "send", "--title", title, *more, check=True)
        self.force.siaga("kpu/sari", "send", "--title", "d", "--severity", "info", check=True)
        titles = lambda *more: "".join(a["title"] for a in self.log("polri/dewi", *more))
        self.assertEqual(titles("--kind", "alert"), "abcd")
        self.assertEqual(titles("--min-severity", "high"), "bc")
        self.assertEqual(titles("--category", "availability"), "ac")
        self.assertEqual(titles("--category", "availability/ddos", "--category", "fraud"), "bc")
        self.assertEqual(titles("--system", "web"), "bc")
        self.assertEqual(titles("--from", "kpu", "--kind", "alert"), "d")
        self.assertEqual(titles("--from", "bssn/ani", "--status", "exercise"), "c")
        self.assertEqual(titles("--from", "bssn/soc-1"), "")
        self.assertEqual(titles("--since", "1h", "--kind", "alert"), "abcd")

    def test_out_cuts_a_half_line_and_refuses_rubbish(self):
        eve, _ = self.eve_agent()
        self.append(eve, [eve_alert(n) for n in range(1, 11)])
        out, reader = self.watch_out("polri/dewi", 10)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        with open(out, "rb+") as file:
            file.truncate(os.path.getsize(out) - 40)  # a torn last line
        out, reader = self.watch_out("polri/dewi", 1, out)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual(numbers_of(read_json_lines(out)), list(range(1, 11)))
        with open(out, "a") as file:
            file.write("this is not ours\n")
        size = os.path.getsize(out)
        out, reader = self.watch_out("polri/dewi", 1, out)
        self.assertNotEqual(reader.wait(30), 0)
        self.assertTrue(reader.find(r"polri-dewi\.jsonl:11"), reader.tail())
        self.assertEqual(os.path.getsize(out), size)

    def test_two_readers_of_one_file_are_told(self):
        out, reader = self.watch_out("polri/dewi", 1)
        reader.wait_line("watching")
        _, second = self.watch_out("polri/dewi", 1, out)
        self.assertNotEqual(second.wait(30), 0)
        self.assertTrue(second.find(r"another process writes this file"), second.tail())

    def test_cursor_file_goes_on_where_it_stopped(self):
        cursor = self.path("cursor")
        for round_titles in (("a", "b"), ("c",)):
            for title in round_titles:
                self.force.siaga("bssn/ani", "send", "--title", title, check=True)
            done = self.force.siaga("polri/dewi", "watch", "--since", "0", "--kind", "alert", "--cursor", cursor,
                                    "--count", str(len(round_titles)), check=True)
            self.assertEqual([json.loads(line)["title"] for line in done.stdout.splitlines()], list(round_titles))

    def test_text_from_outside_cannot_drive_a_terminal(self):
        self.force.siaga("bssn/ani", "send", "--title", "evil \x1b[2J\u202e\x07 title", check=True)
        done = self.force.siaga("polri/dewi", "log", "--since", "0", "--format", "text", check=True)
        self.assertIn("evil", done.stdout)
        for bad in ("\x1b", "\u202e", "\x07"):
            self.assertNotIn(bad, done.stdout)

    def test_exercises_are_unmistakable(self):
        self.force.siaga("bssn/ani", "send", "--title", "drill", "--status", "exercise", check=True)
        done = self.force.siaga("polri/dewi", "log", "--since", "0", "--format", "text", check=True)
        self.assertIn("EXERCISE", done.stdout)
        self.assertIs(self.log("polri/dewi", "--kind", "alert")[0]["exercise"], True)

    def test_show_and_status(self):
        done = self.force.siaga("bssn/ani", "send", "--title", "whole", "--description", "the story", "--format", "json", check=True)
        sent = json.loads(done.stdout)
        for name in (str(sent["number"]), sent["id"], sent["id"].upper()):
            done = self.force.siaga("polri/dewi", "show", name, check=True)
            self.assertIn("the story", done.stdout)
        status = json.loads(self.force.siaga("kpu/sari", "status", "--format", "json", check=True).stdout)
        self.assertEqual(status["hub"]["head"], sent["number"] + 1)

    def test_a_closed_pipe_ends_quietly(self):
        import subprocess
        import taskforce
        self.force.siaga("bssn/ani", "send", "--title", "x", check=True)
        done = subprocess.run("'%s' log --since 0 | head -n 0" % taskforce.program("siaga"), shell=True,
                              env=self.force.env("polri/dewi"), stderr=subprocess.PIPE, text=True, timeout=30)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    siaga_e2e.main()
