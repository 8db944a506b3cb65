# SPDX-License-Identifier: Apache-2.0
"""An allocation that fails, in `siaga` or the hub's parent (test_alloc_daemons.py has the others): it goes on or says why
it ends, and nothing acknowledged is lost. A sample of the places; `./dev alloc` tries them all. SIAGA_SEED chooses another
sample."""

import os
import sys
import unittest

import siaga_e2e

sys.path.insert(0, os.path.join(siaga_e2e.TOP, "tests", "alloc"))
import alloc  # noqa: E402
import promises  # noqa: E402
import scenarios  # noqa: E402

SEED = int(os.environ.get("SIAGA_SEED", "1"))
SAMPLE = 3


class Sample(unittest.TestCase):
    def check(self, scenario, sample=SAMPLE, only=""):
        report = alloc.run_scenario(scenario(), sample, SEED, only=only)
        print(report.text())
        self.assertEqual(report.broken, [])
        self.assertGreater(sum(report.counts.values()) + sum(report.theirs.values()), 0)


class Alloc(Sample):
    def test_send(self):
        self.check(scenarios.Send, 8)

    def test_an_alert_whose_fate_cannot_be_looked_up_is_not_refused(self):
        self.check(scenarios.Send, 2, "outbox_find ")

    def test_watch(self):
        self.check(scenarios.Watch, 8)

    def test_parent(self):
        self.check(scenarios.Parent)


class Promises(unittest.TestCase):
    """The checks themselves can fail."""

    def test_an_error_without_words_breaks_one(self):
        self.assertEqual(promises.outcome(70, "siaga: out of memory\n"), "error 70")
        with self.assertRaises(promises.Broken):
            promises.outcome(70, " \n")

    def test_a_crash_in_code_of_ours_breaks_one(self):
        report = alloc.Report("x")
        report.add("killed by SIGSEGV", alloc.Place(1, 1, [], "libczmq.so.4"), scenarios.Send.binary)
        self.assertEqual(report.broken, [])
        report.add("killed by SIGSEGV", alloc.Place(1, 1, [], "program"), scenarios.Send.binary)
        self.assertEqual(len(report.broken), 1)


def main():
    if os.environ.get("SIAGA_SANITIZED") or not os.path.exists(alloc.SHIM):
        print("skipped: sanitizers bring an allocator of their own")
        sys.exit(siaga_e2e.SKIPPED)
    siaga_e2e.main()


if __name__ == "__main__":
    main()
