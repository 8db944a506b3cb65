# SPDX-License-Identifier: Apache-2.0
"""The demonstration's arguments and exit statuses: what it is told wrongly, and what does not arrive."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import siaga_e2e
from siaga_e2e import TOP

DEMO = os.path.join(TOP, "doc", "demo", "demo.py")
# The same with less patience.
HASTY = ["-c", "import sys; sys.path.insert(0, sys.argv[1]); import demo; demo.ONCE_WITHIN_S = 3; "
               "sys.exit(demo.main(sys.argv[2:]))", os.path.dirname(DEMO)]


class DemoArguments(unittest.TestCase):
    def setUp(self):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="siaga-e2e-"))
        shutil.copyfile(os.path.join(TOP, "doc", "demo", "eve.json"), self.path("eve.json"))
        with open(self.path("eve.json"), "rb") as file:
            self.alerts = [line for line in file if json.loads(line)["event_type"] == "alert"]

    def tearDown(self):
        shutil.rmtree(self.dir)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def write(self, name, *lines):
        with open(self.path(name), "wb") as file:
            file.writelines(lines)

    def demo(self, *args, program=(DEMO,)):
        """Runs it in our directory; nothing but what was there before and --out may be left."""
        os.mkdir(self.path("tmp"))
        done = subprocess.run([sys.executable, *program, *args], cwd=self.dir, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, TMPDIR=self.path("tmp")))
        self.assertEqual(os.listdir(self.path("tmp")), [])
        os.rmdir(self.path("tmp"))
        return done

    def arrived(self, name="out.json"):
        return siaga_e2e.read_json_lines(self.path(name))

    def test_paths_are_relative_to_the_caller_and_out_is_replaced(self):
        self.write("out.json", b"something of yesterday\n")
        done = self.demo("--once", "--eve", "eve.json", "--out", "out.json")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("%d alerts" % len(self.alerts), done.stdout)
        self.assertEqual(len(self.arrived()), len(self.alerts))
        self.assertEqual(sorted(os.listdir(self.dir)), ["eve.json", "out.json"])

    def test_a_last_line_without_its_newline_arrives(self):
        self.write("short.json", self.alerts[0], self.alerts[1].rstrip(b"\n"))
        done = self.demo("--once", "--eve", "short.json", "--out", "out.json")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(len(self.arrived()), 2)

    def test_without_alerts_there_is_nothing_to_wait_for(self):
        self.write("quiet.json", b'{"event_type":"flow"}\n', b"not json\n")
        done = self.demo("--once", "--eve", "quiet.json", "--out", "out.json")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("no alerts in quiet.json", done.stdout)
        self.assertEqual(self.arrived(), [])

    def test_what_does_not_arrive_in_time_fails_with_the_reason(self):
        self.write("bad.json", self.alerts[0], b'{"event_type":"alert"}\n')
        done = self.demo("--once", "--eve", "bad.json", "--out", "out.json", program=HASTY)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("only 1 of 2 alerts arrived within 3 s", done.stdout)
        self.assertIn("an alert without signature", done.stdout)
        self.assertEqual(len(self.arrived()), 1)

    def test_an_out_that_cannot_be_written_fails_at_once(self):
        for out, reason in (("nowhere/out.json", "No such file or directory"), (".", "Is a directory")):
            done = self.demo("--once", "--out", out)
            self.assertEqual((done.returncode, done.stdout), (1, "demo: --out %s: %s\n" % (out, reason)))

    def test_wrong_arguments(self):
        os.mkdir(self.path("full"))
        self.write("full/something", b"")
        for words, reason in (
                (["--bogus"], "unrecognized arguments"),
                (["--once"], "--once needs --out"),
                (["--out", "x"], "--out goes with --once"),
                (["--eve", "nowhere"], "--eve nowhere: no such file"),
                (["--once", "--eve", "eve.json", "--out", "./eve.json"], "that is what --eve reads"),
                (["--dir", "full"], "--dir full: not empty"),
                (["--dir", "eve.json"], "--dir eve.json: not a directory"),
                (["--dir", "d" * 99], "too long"),
                (["--dir", 'a"b'], "no quotes")):
            done = self.demo(*words)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(reason, done.stdout)
            self.assertFalse(os.path.exists(self.path("x")))
        with open(self.path("eve.json"), "rb") as file:
            self.assertEqual([line for line in file if b'"event_type": "alert"' in line or b'"event_type":"alert"' in line],
                             self.alerts)


if __name__ == "__main__":
    siaga_e2e.main()
