# SPDX-License-Identifier: Apache-2.0
"""Every benchmark still works: a smoke run with few entries. The figures mean nothing here; that they are there does."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import siaga_e2e

BENCH = os.path.join(siaga_e2e.TOP, "tests", "bench", "bench.py")


class Bench(unittest.TestCase):
    def run_bench(self, name, entries):
        """{name: row} of bench.json."""
        with tempfile.TemporaryDirectory(prefix="siaga-e2e-") as directory:
            out = os.path.join(directory, "bench.json")
            done = subprocess.run([sys.executable, BENCH, name, "--entries", str(entries), "--runs", "1", "--out", out],
                                  env=dict(os.environ, SIAGA_BUILD_DIR=siaga_e2e.BUILD), timeout=150, text=True,
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

    def test_storm_with_one_reader(self):
        rows = self.run_bench("storm.1", 1000)
        self.check_positive(rows, "storm.1.alerts_per_s", "storm.1.batch_entries", "storm.1.hub_mib")

    def test_storm_with_eight_readers_delivers_to_all(self):
        rows = self.run_bench("storm.8", 300)
        self.assertAlmostEqual(rows["storm.8.delivered_per_s"]["value"], 8 * rows["storm.8.alerts_per_s"]["value"],
                               delta=1)

    def test_storm_into_a_file(self):
        self.check_positive(self.run_bench("storm.file", 500), "storm.file.alerts_per_s")

    def test_calm(self):
        rows = self.run_bench("calm.1000", 50)
        self.check_positive(rows, "calm.1000.p50_ms", "calm.1000.p99_ms")

    def test_replay(self):
        self.check_positive(self.run_bench("replay", 1000), "replay.entries_per_s")

    def test_peers(self):
        self.check_positive(self.run_bench("peer", 1000), "peer.zmq.1.alerts_per_s", "peer.zmq.1.ratio")

    def test_agent(self):
        rows = self.run_bench("agent", 500)
        self.assertIn("agent.idle_anon_mib", rows)

    def test_an_unknown_name_is_said(self):
        done = subprocess.run([sys.executable, BENCH, "strom"], stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("strom", done.stderr)

    @unittest.skipIf(os.environ.get("SIAGA_SANITIZED") or not shutil.which("valgrind"),
                     "needs valgrind, which does not go together with the sanitizers")
    def test_instructions(self):
        rows = self.run_bench("instructions", 200)
        self.check_positive(rows, *("instructions." + name for name in ("agent", "core", "gate", "reader")))


if __name__ == "__main__":
    siaga_e2e.main()
