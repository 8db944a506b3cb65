# SPDX-License-Identifier: Apache-2.0
"""A smoke run of a benchmark with few entries. The figures mean nothing then; that they are there does. Shared by
test_bench*.py."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import siaga_e2e

BENCH = os.path.join(siaga_e2e.TOP, "tests", "bench", "bench.py")


class BenchCase(unittest.TestCase):
    def run_bench(self, name, entries):
        """{name: row} of bench.json."""
        with tempfile.TemporaryDirectory(prefix="siaga-e2e-") as directory:
            out = os.path.join(directory, "bench.json")
            done = subprocess.run([sys.executable, BENCH, name, "--entries", str(entries), "--runs", "1", "--out", out],
                                  env=dict(os.environ, SIAGA_BUILD_DIR=siaga_e2e.BUILD), timeout=170, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(out) as file:
                rows = json.load(file)
        for row in rows:
            self.assertEqual(sorted(row), ["command", "max", "min", "n", "name", "unit", "value"])
            self.assertTrue(row["min"] <= row["value"] <= row["max"])
        return {row["name"]: row for row in rows}

    def check_positive(self, rows, *names):
        for name in names:
            self.assertGreater(rows[name]["value"], 0, name)
