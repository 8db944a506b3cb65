# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks told stands in the README, between its marks, and in two plots. Nothing is measured here."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

import bench_smoke
import siaga_e2e

FRAME = "before\n%s\nold\n%s\nafter\n" % ("<!-- ./dev bench --readme: begin -->", "<!-- ./dev bench --readme: end -->")
SVG = "{http://www.w3.org/2000/svg}"


def row(name, value, unit=""):
    return {"name": name, "value": value, "unit": unit, "n": 3, "min": value / 2, "max": value * 2, "command": "x"}


def peer_rows(name, scale):
    rows = [row("peer.%s.%d.%s" % (name, readers, what), scale * 1000 / readers)
            for readers in (1, 2, 4, 8) for what in ("alerts_per_s", "delivered_per_s")]
    return rows + [row("peer.%s.calm.%d.%s" % (name, rate, part), 0.25 * scale)
                   for rate in (100, 1000) for part in ("p50_ms", "p99_ms")]


class BenchReadme(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="siaga-e2e-")
        self.addCleanup(self.dir.cleanup)

    def path(self, *parts):
        return os.path.join(self.dir.name, *parts)

    def write(self, rows):
        """The README that comes of the rows."""
        with open(self.path("rows.json"), "w") as file:
            json.dump(rows, file)
        with open(self.path("README.md"), "w") as file:
            file.write(FRAME)
        done = subprocess.run([sys.executable, bench_smoke.BENCH, "--peers", "--readme", "--tree", self.dir.name, "--rows",
                               self.path("rows.json"), "--out", self.path("out", "bench.json")],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("README.md"), encoding="utf-8") as file:
            return file.read()

    def test_only_what_is_between_the_marks_changes(self):
        text = self.write([row("storm.file.alerts_per_s", 43210)])
        self.assertTrue(text.startswith("before\n<!--") and text.endswith("-->\nafter\n"))
        self.assertNotIn("old", text)
        self.assertIn("43,210 alerts/s", text)
        self.assertIn("`./dev bench --peers --readme`", text)

    def test_what_was_not_measured_has_no_line(self):
        text = self.write([row("storm.file.alerts_per_s", 1)])
        self.assertNotIn("replay", text)
        self.assertNotIn("8 readers", text)
        self.assertFalse(os.path.exists(self.path("doc", "bench", "readers.svg")))

    def test_peers_stand_beside_siaga_with_ratio_and_plots(self):
        text = self.write(peer_rows("siaga", 100) + peer_rows("redis", 20) + [row("peer.redis.1.ratio", 5)])
        line = next(line for line in text.splitlines() if "redis streams" in line)
        self.assertIn("20,000 (10,000 - 40,000)", line)
        self.assertIn("| 5.00 |", line)
        self.assertNotIn("mosquitto", text)
        for name in ("readers.svg", "latency.svg"):
            self.assertIn("doc/bench/" + name, text)
            curves = xml.etree.ElementTree.parse(self.path("doc", "bench", name)).findall(SVG + "polyline")
            self.assertEqual(len(curves), 4)  # two systems in two charts

    def test_all_rows_of_a_run_are_kept(self):
        rows = peer_rows("zmq", 3)
        self.write(rows)
        with open(self.path("out", "bench.json")) as file:
            self.assertEqual(json.load(file), rows)


if __name__ == "__main__":
    siaga_e2e.main()
