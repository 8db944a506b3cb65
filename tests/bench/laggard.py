#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What do readers that do not read cost those that do?

    tests/bench/laggard.py [--laggards N] [--rounds N] [--turns N] [--json]

The time from PUBLISH to each of 20 readers, in turns without and with N laggards (200: half have stopped reading, half
take a message a second; all asked for the whole log), who are a process of their own; and the hub's memory with them.
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
SIZE = 3500
SETTLE_S = 2


def measure(peer, rounds, found, which):
    answer = peer.say("measure", rounds)
    for word in ("median", "p99"):
        found["%s_%s_us" % (which, word)] = peer.number(word, answer)


def turn(force, peer, laggards, rounds):
    found = {"fast": FAST, "laggards": laggards, "rounds": rounds}
    measure(peer, rounds, found, "without")
    slow = crowd_peer.Crowd(force, laggards, publisher="polri/soc-1", after=FAST)
    slow.say("lag", laggards // 2)
    slow.say("slow", laggards - laggards // 2)
    peer.say("idle", SETTLE_S)
    measure(peer, rounds, found, "with")
    found["hub_kib"] = sum(crowd_peer.memory_kib(force).values())
    slow.stop()
    peer.say("idle", SETTLE_S)
    for word in ("median", "p99"):
        found["ratio_" + word] = round(found["with_%s_us" % word] / max(found["without_%s_us" % word], 1), 3)
    return found


def run(force, laggards, rounds, turns, warm=WARM):
    """What each turn found."""
    peer = crowd_peer.Crowd(force, FAST)
    peer.say("open", FAST)
    peer.say("flood", warm, SIZE)
    peer.say("wait")
    found = [turn(force, peer, laggards, rounds) for _ in range(turns)]
    peer.stop()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--laggards", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="siaga-laggard-") as directory:
        force = crowd_peer.prepare(directory, FAST + options.laggards)
        try:
            force.start_hub()
            found = run(force, options.laggards, options.rounds, options.turns)
        finally:
            force.stop()
    if options.json:
        print(json.dumps(found))
    for name in () if options.json else found[0]:
        values = sorted(told[name] for told in found)
        print("%-24s %10g (%g - %g)" % (name, values[len(values) // 2], values[0], values[-1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
