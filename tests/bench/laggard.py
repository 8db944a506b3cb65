#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What do readers that do not read cost those that do?

    tests/bench/laggard.py [--laggards N] [--rounds N] [--json]

The time from PUBLISH to each of 20 readers, without and with N laggards (200: half have stopped reading, half take a
message a second; all asked for the whole log), in one run; and the hub's memory while the log grows under them.
SIAGA_BUILD_DIR names the build (build/)."""

import argparse
import json
import os
import sys
import tempfile

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))
sys.path[:0] = [os.path.join(TOP, "tests", "e2e"), os.path.join(TOP, "doc", "demo")]
sys.dont_write_bytecode = True
import crowd_peer  # noqa: E402

FAST = 20
WARM = 9000  # alerts: until SQLite's caches in the core are as large as they get
FLOOD = 3000
SIZE = 3500


def measure(peer, rounds, found, which):
    answer = peer.say("measure", rounds)
    for word in ("median", "p99"):
        found["%s_%s_us" % (which, word)] = peer.number(word, answer)


def weigh(force, found, which):
    for name, kib in crowd_peer.memory_kib(force).items():
        found["%s_%s_kib" % (which, name)] = kib


def run(force, laggards, rounds):
    peer = crowd_peer.Crowd(force, FAST + laggards)
    found = {"fast": FAST, "laggards": laggards, "rounds": rounds}
    peer.say("open", FAST)
    peer.say("flood", WARM, SIZE)
    peer.say("wait")
    measure(peer, rounds, found, "without")
    peer.say("lag", laggards // 2)
    peer.say("slow", laggards - laggards // 2)
    peer.say("idle", 2)
    weigh(force, found, "before")
    measure(peer, rounds, found, "with")
    peer.say("flood", FLOOD, SIZE)
    found["lost"] = peer.number("lost", peer.say("wait"))
    weigh(force, found, "after")
    peer.stop()
    for word in ("median", "p99"):
        found["ratio_" + word] = round(found["with_%s_us" % word] / found["without_%s_us" % word], 2)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--laggards", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="siaga-laggard-") as directory:
        force = crowd_peer.prepare(directory, FAST + options.laggards)
        try:
            force.start_hub()
            found = run(force, options.laggards, options.rounds)
        finally:
            force.stop()
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print("%-24s %s" % (name, value))
    return 0


if __name__ == "__main__":
    sys.exit(main())
