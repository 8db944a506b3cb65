# SPDX-License-Identifier: Apache-2.0
"""Every benchmark of Siaga by itself still works."""

import os
import subprocess
import sys
import unittest

import bench_smoke
import siaga_e2e


class Bench(bench_smoke.BenchCase):
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
        self.check_positive(rows, "calm.1000.p50_ms", "calm.1000.p99_ms", "calm.1000.disk_p50_ms")

    @unittest.skipIf(os.environ.get("SIAGA_SANITIZED"), "the stopwatch does not go together with the sanitizers")
    def test_the_parts_of_calm(self):
        rows = self.run_bench("calm.10", 5)
        self.check_positive(rows, *("calm.10." + part for part in (
            "tail_ms", "outbox_commit_ms", "sign_ms", "verify_ms", "journal_commit_ms")))

    def test_replay(self):
        self.check_positive(self.run_bench("replay", 1000), "replay.entries_per_s")

    def test_agent(self):
        rows = self.run_bench("agent", 500)
        self.assertIn("agent.idle_anon_mib", rows)

    def test_outbox(self):
        self.check_positive(self.run_bench("outbox", 1000), "outbox.written_bytes")

    def test_an_unknown_name_is_said(self):
        done = subprocess.run([sys.executable, bench_smoke.BENCH, "strom"], stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("strom", done.stderr)


if __name__ == "__main__":
    siaga_e2e.main()
