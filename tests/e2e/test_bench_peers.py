# SPDX-License-Identifier: Apache-2.0
"""The peers of the benchmark still work, as far as they are installed; raw libzmq always is."""

import os
import sys

import bench_smoke
import siaga_e2e

sys.path.append(os.path.dirname(bench_smoke.BENCH))
import peer_systems  # noqa: E402


class BenchPeers(bench_smoke.BenchCase):
    def test_storms_and_latencies_of_each_beside_siaga(self):
        rows = self.run_bench("peer", 100)
        for name in [peer.name for peer in peer_systems.PEERS if peer.is_installed()]:
            self.check_positive(rows, *("peer.%s.%s" % (name, part) for part in (
                "1.alerts_per_s", "1.ratio", "8.delivered_per_s", "calm.1000.p50_ms", "calm.1000.p99_ms")))


if __name__ == "__main__":
    siaga_e2e.main()
