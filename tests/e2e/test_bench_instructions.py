# SPDX-License-Identifier: Apache-2.0
"""Instructions are still counted, in every process."""

import os
import shutil
import unittest

import bench_smoke
import siaga_e2e


class BenchInstructions(bench_smoke.BenchCase):
    @unittest.skipIf(os.environ.get("SIAGA_SANITIZED") or not shutil.which("valgrind"),
                     "needs valgrind, which does not go together with the sanitizers")
    def test_instructions(self):
        rows = self.run_bench("instructions", 200)
        self.check_positive(rows, *("instructions." + name for name in ("agent", "core", "gate", "reader")))


if __name__ == "__main__":
    siaga_e2e.main()
