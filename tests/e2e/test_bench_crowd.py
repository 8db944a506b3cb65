# SPDX-License-Identifier: Apache-2.0
"""The benchmarks of a crowd, and of readers that lag in it, still work."""

import bench_smoke
import siaga_e2e


class BenchCrowd(bench_smoke.BenchCase):
    def test_crowd(self):
        rows = self.run_bench("crowd.1000", 50)
        self.check_positive(rows, "crowd.1000.kib_per_session", "crowd.1000.open_s")
        self.assertEqual(rows["crowd.1000.alerts_lost"]["value"], 0)

    def test_laggard(self):
        self.check_positive(self.run_bench("laggard", 20), "laggard.without_p99_ms", "laggard.p99_ratio")


if __name__ == "__main__":
    siaga_e2e.main()
