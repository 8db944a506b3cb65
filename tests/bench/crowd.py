#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many sessions does one hub hold, and what does each weigh?

    tests/bench/crowd.py [--sessions N] [--json]

N readers (5,000) in one process; memory of gate and core for each; alerts to all of them; 1,000 of them reset at
once and back at once; then all, who come back a thousand at a time (storm_again: attempts that came to nothing);
each time alerts to all. SIAGA_BUILD_DIR names the build (build/). Gate and crowd need a descriptor for each
session (ulimit -n)."""

import argparse
import json
import os
import resource
import sys
import tempfile

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))
sys.path[:0] = [os.path.join(TOP, "tests", "e2e"), os.path.join(TOP, "doc", "demo")]
sys.dont_write_bytecode = True
import crowd_peer  # noqa: E402

BURST = 1000
ALERTS = 20


def run(force, sessions):
    before = crowd_peer.memory_kib(force)
    peer = crowd_peer.Crowd(force, sessions)
    say = lambda *command: peer.number("in", peer.say(*command))
    found = {"sessions": sessions, "open_ms": say("open", sessions)}
    after = crowd_peer.memory_kib(force)
    for name in before:
        found[name + "_kib_each"] = round((after[name] - before[name]) / sessions, 2)
    idle = crowd_peer.cpu_s(force)
    say("idle", 5)
    for name, used in crowd_peer.cpu_s(force).items():
        found[name + "_idle_percent"] = round((used - idle[name]) / 5 * 100, 1)
    found["alerts"] = ALERTS
    found["alerts_to_all_ms"] = say("publish", ALERTS, 200) + say("wait")
    burst = min(BURST, sessions)
    found["burst"] = burst
    found["burst_ms"] = say("cut", burst)
    found["alerts_after_burst_ms"] = say("publish", ALERTS, 200) + say("wait")
    before = peer.number("again", peer.say("wait"))
    found["storm_ms"] = say("cut", sessions)
    found["storm_again"] = peer.number("again", peer.say("publish", ALERTS, 200)) - before
    answer = peer.say("wait")
    found["lost"] = peer.number("lost", answer)
    found["gate_kib_in_the_end"] = crowd_peer.memory_kib(force)["gate"]
    found["core_kib_in_the_end"] = crowd_peer.memory_kib(force)["core"]
    peer.stop()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with tempfile.TemporaryDirectory(prefix="siaga-crowd-") as directory:
        force = crowd_peer.prepare(directory, options.sessions)
        try:
            force.start_hub()
            found = run(force, options.sessions)
        finally:
            force.stop()
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print("%-24s %s" % (name, value))
    return 0 if found["lost"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
