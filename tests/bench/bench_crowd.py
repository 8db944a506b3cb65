# SPDX-License-Identifier: Apache-2.0
"""crowd: many sessions at one hub; crowd.py has the whole story."""

import resource

import bench_force
import crowd
import crowd_peer

UNITS = {"kib_per_session": "KiB", "gate_kib_per_session": "KiB", "core_kib_per_session": "KiB", "open_s": "s",
         "alert_to_all_ms": "ms", "reconnect_s": "s", "alerts_lost": ""}


def measure(sessions, runs):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    return [run(sessions) for _ in range(runs)]


def run(sessions):
    with bench_force.new_directory() as directory:
        force = crowd_peer.prepare(directory, sessions)
        try:
            force.start_hub()
            told = crowd.run(force, sessions)
        finally:
            force.stop()
    return {"kib_per_session": told["gate_kib_each"] + told["core_kib_each"],
            "gate_kib_per_session": told["gate_kib_each"], "core_kib_per_session": told["core_kib_each"],
            "open_s": told["open_ms"] / 1000, "alert_to_all_ms": told["alerts_to_all_ms"] / crowd.ALERTS,
            "reconnect_s": told["storm_ms"] / 1000, "alerts_lost": told["lost"]}
