# SPDX-License-Identifier: Apache-2.0
"""The ledger of ./dev fuzz adds up over sessions and forgets what was spent before a finding; every dictionary that a
target names is there. The fuzzing itself needs clang and time, and is not run here."""

import os
import sys
import tempfile
import unittest

import siaga_e2e

FUZZ = os.path.join(siaga_e2e.TOP, "tests", "fuzz")
sys.path.insert(0, FUZZ)
import fuzz  # noqa: E402
from ledger import Ledger  # noqa: E402


class FuzzLedger(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="siaga-e2e-")
        self.addCleanup(self.dir.cleanup)
        self.path = os.path.join(self.dir.name, "LEDGER")

    def add(self, *row):
        Ledger(self.path).add(*row)

    def test_sessions_of_one_commit_add_up_in_one_line(self):
        self.add("card", "abc", "2026-11-24", 1.5, 100, 0)
        self.add("card", "abc", "2026-11-25", 2.5, 50, 0)
        with open(self.path) as file:
            self.assertEqual([line for line in file if line[0] != "#"], ["card abc 2026-11-25 4.00 150 0\n"])

    def test_commits_add_up_for_their_target(self):
        self.add("card", "abc", "2026-11-24", 1.5, 1, 0)
        self.add("entry", "abc", "2026-11-24", 9, 1, 0)
        self.add("card", "def", "2026-11-24", 2, 1, 0)
        self.assertAlmostEqual(Ledger(self.path).minutes("card"), 3.5)

    def test_a_finding_begins_the_count_anew(self):
        self.add("card", "abc", "2026-11-24", 1.5, 1, 1)
        self.add("card", "def", "2026-11-24", 2, 1, 0)
        ledger = Ledger(self.path)
        self.assertAlmostEqual(ledger.minutes("card"), 2)
        self.assertIn("3.5", ledger.table())

    def test_a_broken_line_is_named(self):
        with open(self.path, "w") as file:
            file.write("# words\ncard abc\n")
        with self.assertRaisesRegex(SystemExit, "LEDGER:2: "):
            Ledger(self.path)


class FuzzTree(unittest.TestCase):
    def test_the_ledger_in_the_tree_is_whole(self):
        names = {file[5:-2] for file in os.listdir(FUZZ) if file.startswith("fuzz_") and file.endswith(".c")}
        for row in Ledger(os.path.join(FUZZ, "LEDGER")).rows:
            self.assertIn(row[0], names)

    def test_named_dictionaries_are_there(self):
        for target, name in fuzz.DICTIONARIES.items():
            self.assertTrue(os.path.exists(os.path.join(FUZZ, "fuzz_%s.c" % target)), target)
            self.assertTrue(os.path.exists(os.path.join(FUZZ, "dict", name + ".dict")), name)


if __name__ == "__main__":
    unittest.main()
