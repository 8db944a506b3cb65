# SPDX-License-Identifier: Apache-2.0
"""The manual pages are well formed, and every verb and program answers --help and --version."""

import glob
import os
import subprocess
import unittest

import siaga_e2e
import taskforce
from siaga_e2e import TOP


class Manual(unittest.TestCase):
    def run_quietly(self, *argv):
        return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=30)

    def test_pages_pass_mandoc(self):
        pages = sorted(glob.glob(os.path.join(TOP, "doc", "man", "*.[1-8]")))
        self.assertGreaterEqual(len(pages), 5)
        for page in pages:
            done = self.run_quietly("mandoc", "-Tlint", "-Wstyle", page)
            noise = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line and "mandoc.db" not in line]
            self.assertEqual(noise, [])

    def test_help(self):
        for name in ("siaga", "siaga-agent", "siaga-hub"):
            for option in ("--help", "--version"):
                done = self.run_quietly(taskforce.program(name), option)
                self.assertEqual(done.returncode, 0, done.stdout)
        for verb in ("keygen", "card", "roster", "send", "watch", "log", "show", "open", "ack", "take",
                     "assist", "handover", "comment", "resolve", "reopen", "update", "cancel", "verify", "export",
                     "playbook", "report", "drill", "rollcall", "status", "doctor"):
            done = self.run_quietly(taskforce.program("siaga"), verb, "--help")
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("Usage: siaga %s" % verb, done.stdout)
            with open(os.path.join(TOP, "doc", "man", "siaga.1")) as page:
                self.assertIn(verb, page.read())
        self.assertEqual(self.run_quietly(taskforce.program("siaga"), "nonsense").returncode, 64)


if __name__ == "__main__":
    siaga_e2e.main()
