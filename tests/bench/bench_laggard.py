# SPDX-License-Identifier: Apache-2.0
"""laggard: what slow readers cost the fast ones; laggard.py has the whole story. Each run is a turn without them and
one with them."""

import bench_force
import crowd_peer
import laggard

UNITS = {"without_p50_ms": "ms", "without_p99_ms": "ms", "with_p50_ms": "ms", "with_p99_ms": "ms", "p50_ratio": "",
         "p99_ratio": "", "hub_mib": "MiB"}


def row(told):
    return {"without_p50_ms": told["without_median_us"] / 1000, "without_p99_ms": told["without_p99_us"] / 1000,
            "with_p50_ms": told["with_median_us"] / 1000, "with_p99_ms": told["with_p99_us"] / 1000,
            "p50_ratio": told["ratio_median"], "p99_ratio": told["ratio_p99"], "hub_mib": told["hub_kib"] / 1024}


def measure(laggards, rounds, runs):
    laggards, warm = min(laggards, rounds), min(laggard.WARM, rounds * 10)
    with bench_force.new_directory() as directory:
        force = crowd_peer.prepare(directory, laggard.FAST + laggards)
        try:
            force.start_hub()
            return [row(told) for told in laggard.run(force, laggards, rounds, runs, warm)]
        finally:
            force.stop()
