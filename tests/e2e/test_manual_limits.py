# SPDX-License-Identifier: Apache-2.0
"""The limits that siaga-hub(8) and siaga-protocol(7) tell are those of the headers."""

import os
import re
import unittest

import siaga_e2e

UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "s": 1000, "min": 60000}


def read(*parts):
    with open(os.path.join(siaga_e2e.TOP, *parts), encoding="utf-8") as file:
        return file.read()


class Limits(unittest.TestCase):
    def setUp(self):
        text = read("include", "siaga", "limits.h") + read("hub", "hub_limits.h")
        text = re.sub(r"/\*.*?\*/", "", text.replace("\\\n", " "), flags=re.S)
        self.defined = dict(re.findall(r"^#define ([A-Z][A-Z0-9_]*)\s+(\S.*?)\s*$", text, re.M))

    def value(self, name):
        text = re.sub(r"\b[A-Z][A-Z0-9_]+\b", lambda match: str(self.value(match.group(0))), self.defined[name])
        return eval(re.sub(r"(\d)UL?\b", r"\1", text), {"__builtins__": {}})  # a constant expression of ours

    def told(self, words):
        number, _, unit = words.partition(" ")
        return float(number.replace(",", "")) * UNITS.get(unit, 1)

    def check(self, page, least):
        rows = re.findall(r'^\.\\" ([A-Z0-9_]+)\n\.It (.*?) Ta ', read("doc", "man", page), re.M)
        self.assertGreaterEqual(len(rows), least)
        for name, words in rows:
            self.assertEqual(self.told(words), self.value(name), "%s: %s" % (page, name))

    def test_limits_of_the_hub_are_told_as_they_are(self):
        self.check("siaga-hub.8", 25)

    def test_limits_of_the_protocol_are_told_as_they_are(self):
        self.check("siaga-protocol.7", 10)


if __name__ == "__main__":
    siaga_e2e.main()
