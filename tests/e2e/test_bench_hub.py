# SPDX-License-Identifier: Apache-2.0
"""The benchmarks of a hub with several agents, many who catch up, and a long journal still work."""

import bench_smoke
import siaga_e2e


class BenchHub(bench_smoke.BenchCase):
    def test_four_agents_and_four_readers(self):
        rows = self.run_bench("storm.4x4", 400)
        self.assertAlmostEqual(rows["storm.4x4.delivered_per_s"]["value"],
                               4 * rows["storm.4x4.alerts_per_s"]["value"], delta=1)

    def test_replay_of_a_hundredth(self):
        self.check_positive(self.run_bench("replay.filtered", 1000), "replay.filtered.entries_per_s")

    def test_replay_to_fifty_at_once(self):
        self.check_positive(self.run_bench("replay.50", 100), "replay.50.delivered_per_s", "replay.50.hub_mib")

    def test_growth(self):
        self.assertIn("growth.ratio", self.run_bench("growth", 1000))


if __name__ == "__main__":
    siaga_e2e.main()
