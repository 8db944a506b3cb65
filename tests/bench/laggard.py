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
SETTLE_S = 1


def measure(peer, rounds):
    """(median, p99) in microseconds."""
    answer = peer.say("measure", rounds)
    return peer.number("median", answer), peer.number("p99", answer)


def measure_with(force, peer, laggards, rounds):
    """The same while laggards are there, and the hub's memory."""
    slow = crowd_peer.Crowd(force, laggards, publisher="polri/soc-1", after=FAST)
    slow.say("lag", laggards // 2)
    slow.say("slow", laggards - laggards // 2)
    peer.say("idle", SETTLE_S)
    found = measure(peer, rounds)
    hub_kib = sum(crowd_peer.memory_kib(force).values())
    slow.stop()
    peer.say("idle", SETTLE_S)
    return found, hub_kib


def turn(laggards, rounds, without, found):
    """What stands in the table: with laggards, and the mean of what was before them and after."""
    (with_us, hub_kib), told = found, {"fast": FAST, "laggards": laggards, "rounds": rounds}
    for index, word in enumerate(("median", "p99")):
        before_us, after_us = (values[index] for values in without)
        told["without_%s_us" % word] = (before_us + after_us) / 2
        told["with_%s_us" % word] = with_us[index]
        told["ratio_" + word] = round(2 * with_us[index] / max(before_us + after_us, 1), 3)
    return dict(told, hub_kib=hub_kib)


def run(force, laggards, rounds, turns, warm=WARM):
    """What each turn found: they come and go in one run, for the machine has other moods than the hub's."""
    peer = crowd_peer.Crowd(force, FAST)
    peer.say("open", FAST)
    peer.say("flood", warm, SIZE)
    peer.say("wait")
    measure(peer, rounds)  # the first is always another one
    without, found = [measure(peer, rounds)], []
    for _ in range(turns):
        found.append(measure_with(force, peer, laggards, rounds))
        without.append(measure(peer, rounds))
    peer.stop()
    return [turn(laggards, rounds, without[index:index + 2], found[index]) for index in range(turns)]


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
