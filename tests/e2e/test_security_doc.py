# SPDX-License-Identifier: Apache-2.0
"""SECURITY.md names tests that exist."""

import os
import re
import unittest

import siaga_e2e

TESTS = os.path.join(siaga_e2e.TOP, "tests")
NAME = re.compile(r"`(e2e|chaos|unit|fuzz)/(\w+)(?::(\w+))?`")


def missing(kind, name, function):
    """What is wrong with a test's name; None when it is there."""
    path = os.path.join(TESTS, kind, name + (".py" if kind in ("e2e", "chaos") else ".c"))
    if not os.path.exists(path):
        return "no file " + os.path.relpath(path, siaga_e2e.TOP)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    shape = r"^    def %s \(|^    def %s\(|^%s \(" % ((function,) * 3) if function else ""
    return None if re.search(shape, text, re.MULTILINE) else "%s has no %s" % (name, function)


class SecurityDoc(unittest.TestCase):
    def test_named_tests_are_there(self):
        with open(os.path.join(siaga_e2e.TOP, "SECURITY.md"), encoding="utf-8") as file:
            named = NAME.findall(file.read())
        self.assertGreater(len(named), 40)
        self.assertEqual([words for words in (missing(*each) for each in named) if words], [])

    def test_a_test_that_is_not_there_is_found_out(self):
        self.assertIn("no file", missing("unit", "test_nothing", ""))
        self.assertIn("has no", missing("unit", "test_life", "test_nothing"))

    def test_who_claims_something_names_a_test(self):
        with open(os.path.join(siaga_e2e.TOP, "SECURITY.md"), encoding="utf-8") as file:
            for line in file:
                if line.startswith("| cannot"):
                    self.assertRegex(line, NAME)


if __name__ == "__main__":
    unittest.main()
