#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes one allocation after the other fail, from a program's start to the end of one publish or reading.

    ./dev alloc [SCENARIO...] [--sample N] [--seed S] [--times K] [--place WORD]

Scenarios: send, watch, agent, core, gate, parent. A scenario first runs once and counts its places: where an allocation is
asked for, by the module that asks and the program's own frames below (in a first run, and in another that finds what it left). Then each place fails, once at its first and
once at its last allocation, in a run of its own (with --sample only N of them; --place only those with this function or key; --times K: the K allocations from there on).
Each time the program must go on or end with an error and words, and at the end nothing acknowledged is lost
and nothing came twice. Libraries that end the process themselves are counted apart (THEIRS). Exits with 1 when a promise is broken."""

import argparse
import collections
import os
import random
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "doc", "demo"))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
sys.path.insert(0, HERE)
import taskforce  # noqa: E402
import scenarios  # noqa: E402
from promises import Broken  # noqa: E402

SHIM = os.path.join(taskforce.BUILD, "tests", "alloc", "fail_alloc.so")
HEADER, PLACE, PLACES = "<4Q", "<8Q40s", 8192
# These end the process when they get no memory: by an assertion, a null pointer, freeing twice (libseccomp).
THEIRS = ("libzmq.so.5", "libczmq.so.4", "libconfig.so.9", "libseccomp.so.2", "libpgm-5.3.so.0")

Place = collections.namedtuple("Place", "key count frames module")


class State:
    """The file that the shim shares with us."""

    def __init__(self, path):
        self.path = path
        self.clear()

    def clear(self):
        with open(self.path, "wb") as file:
            file.truncate(struct.calcsize(HEADER) + PLACES * struct.calcsize(PLACE))

    def read(self):
        with open(self.path, "rb") as file:
            data = file.read()
        self.fired, _, self.allocations, full = struct.unpack_from(HEADER, data)
        if full:
            raise SystemExit("alloc: more than %d places" % PLACES)
        self.places = []
        for number in range(PLACES):
            row = struct.unpack_from(PLACE, data, struct.calcsize(HEADER) + number * struct.calcsize(PLACE))
            if row[0]:
                self.places.append(Place(row[0], row[1], [at for at in row[2:8] if at],
                                         row[8].rstrip(b"\0").decode()))
        return self


def environment(state, role, place=None, which=1, times=1):
    """What makes a program fail there; libraries that look at them get no other words."""
    extra = {"LD_PRELOAD": SHIM, "SIAGA_ALLOC_STATE": state.path, "SIAGA_ALLOC_ROLE": role}
    if place:
        extra.update(SIAGA_ALLOC_PLACE="%x" % place.key, SIAGA_ALLOC_WHICH=str(which), SIAGA_ALLOC_TIMES=str(times))
    return extra


def where(binary, place):
    """The place in words: file and line of the program's own frames."""
    if not place.frames:
        return "place %x: %s, in a thread of its own" % (place.key, place.module)
    done = subprocess.run(["addr2line", "-s", "-i", "-f", "-e", binary] + [hex(at - 1) for at in place.frames[:4]],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines = done.stdout.split("\n")
    return "place %x: %s, %s" % (place.key, place.module, " < ".join("%s %s" % pair for pair in zip(lines[0::2], lines[1::2])))


class Report:
    def __init__(self, name):
        self.name = name
        self.counts = collections.Counter()
        self.theirs = collections.Counter()
        self.broken = []

    def add(self, result, place, binary):
        if result.startswith("killed"):
            if place.module in THEIRS:
                self.theirs[place.module] += 1
                return
            self.broken.append("%s: %s" % (result, where(binary, place)))
        self.counts[result] += 1

    def text(self):
        words = ["%d %s" % (count, result) for result, count in sorted(self.counts.items())]
        words += ["%d ended by %s" % (count, name) for name, count in sorted(self.theirs.items())]
        return "alloc: %-6s %s; %d promises broken" % (self.name, ", ".join(words) or "nothing", len(self.broken))


def chosen(places, sample, rng):
    """(place, which) for each place, the last allocation of it too where it has several."""
    pairs = [(place, which) for place in places for which in sorted({1, place.count})]
    pairs.sort(key=lambda pair: (pair[0].key, pair[1]))
    return sorted(rng.sample(pairs, min(sample, len(pairs))), key=pairs.index) if sample else pairs


def count_places(scenario, state):
    """Where the scenario allocates, at first and again."""
    found, allocations = {}, 0
    for number in (0, 1):
        state.clear()
        result = scenario.step(environment(state, scenario.role), number)
        if result != "went on":
            raise SystemExit("alloc: %s: nothing failed, and it was: %s" % (scenario.name, result))
        allocations = max(allocations, state.read().allocations)
        for place in state.places:
            found[place.key] = max(found.get(place.key, place), place, key=lambda each: each.count)
    return list(found.values()), allocations


def run_scenario(scenario, sample=0, seed=1, times=1, only="", tell=print):
    """Returns the report of a scenario of scenarios.py; `only`: at places that have this in their words."""
    report, rng = Report(scenario.name), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="siaga-alloc-") as directory:
        force = taskforce.TaskForce(os.path.join(directory, "force"))
        force.prepare()
        try:
            scenario.begin(force)
            state = State(os.path.join(directory, "state"))
            places, allocations = count_places(scenario, state)
            pairs = chosen([place for place in places if not only or only in where(scenario.binary, place)], sample,
                           rng)
            tell("alloc: %s: %d allocations at %d places, %d to fail" % (scenario.name, allocations, len(places),
                                                                      len(pairs)))
            for number, (place, which) in enumerate(pairs, 2):
                state.clear()
                try:
                    result = scenario.step(environment(state, scenario.role, place, which, times), number)
                    report.add(result if state.read().fired else "not reached", place, scenario.binary)
                except (Broken, AssertionError) as error:
                    scenario.clear()
                    words = "%s: allocation %d of %s" % (error, which, where(scenario.binary, place))
                    report.broken.append(words)
                    tell("alloc: %s: %s" % (scenario.name, words))
            try:
                scenario.end()
            except Broken as error:
                report.broken.append(str(error))
        finally:
            force.stop()
    return report


def main():
    parser = argparse.ArgumentParser(prog="dev alloc", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="*")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--place", default="")
    arguments = parser.parse_args()
    for name in arguments.scenario:
        if name not in scenarios.SCENARIOS:
            parser.error("no scenario %s; there are: %s" % (name, " ".join(scenarios.SCENARIOS)))
    broken = 0
    for name in arguments.scenario or scenarios.SCENARIOS:
        report = run_scenario(scenarios.SCENARIOS[name](), arguments.sample, arguments.seed, arguments.times,
                              arguments.place, lambda words: print(words, flush=True))
        print(report.text(), flush=True)
        for words in report.broken:
            print("alloc: %s: %s" % (name, words), flush=True)
        broken += len(report.broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
