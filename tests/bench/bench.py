#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks, prints one table, and writes bench.json.

    ./dev bench [NAME...] [--peers] [--readme] [--entries N] [--runs N] [--out FILE] [--rows FILE]

Names, without --entries as in the table below:
    storm.1, storm.8    one agent's full outbox to 1 and to 8 verified readers; storm.4x4: four agents' to four
    storm.file          the same into a reader's file (siaga watch --out)
    calm.1000, calm.10  so many alerts a second, one by one, from the line in eve.json to the reader
    replay              a new reader catches up; replay.filtered: on a hundredth; replay.50: fifty at once
    crowd.1000, .5000   so many sessions: their memory, an alert to all, all reset and back
    laggard             what 200 slow readers cost 20 fast ones
    growth              the cost of an alert in a long journal (--entries 10000000 for a longer one)
    agent               at rest, and reading a busy log
    outbox              one agent's outbox alone, emptied into nothing
    instructions        callgrind's count of an alert in each process
    peer                others in turns with Siaga: part of all only with --peers, which also installs them
Real processes over CURVE on loopback, real files and fsync, 400-byte alerts made from Suricata events; a reader is a
process that verifies every entry. Each value is the median of the runs. SIAGA_BUILD_DIR names the build."""

import argparse
import json
import os
import sys
import time
import traceback

import bench_agent
import bench_calm
import bench_crowd
import bench_force
import bench_growth
import bench_instructions
import bench_laggard
import bench_outbox
import bench_peer
import bench_plot
import bench_readme
import bench_replay
import bench_storm

# Each: the module, what its measure () takes before the number of entries, that number, and how many runs.
BENCHMARKS = {
    "storm.1": (bench_storm, [1, 1], 300000, 3),
    "storm.8": (bench_storm, [1, 8], 150000, 3),
    "storm.4x4": (bench_storm, [4, 4], 200000, 3),
    "storm.file": (bench_storm, [1, bench_storm.FILE], 200000, 3),
    "calm.1000": (bench_calm, [1000], 5000, 3),
    "calm.10": (bench_calm, [10], 100, 3),
    "replay": (bench_replay, [1], 1000000, 3),
    "replay.filtered": (bench_replay, ["filtered"], 1000000, 3),
    "replay.50": (bench_replay, [50], 50000, 3),
    "crowd.1000": (bench_crowd, [], 1000, 1),
    "crowd.5000": (bench_crowd, [], 5000, 1),
    "laggard": (bench_laggard, [200], 1000, 7),
    "growth": (bench_growth, [], 1000000, 3),
    "agent": (bench_agent, [], 200000, 1),
    "outbox": (bench_outbox, [], 300000, 3),
    "instructions": (bench_instructions, [], 8000, 1),
    "peer": (bench_peer, [], 200000, 3),
}
OPTIONAL = ["peer"]


def run(name, args):
    module, before, entries, runs = BENCHMARKS[name]
    entries, runs = args.entries or entries, args.runs or runs
    print("bench: %s, %d entries, %d runs" % (name, entries, runs), file=sys.stderr, flush=True)
    command = "./dev bench %s --entries %d --runs %d" % (name, entries, runs)
    began_s = time.monotonic()
    results = module.measure(*before, entries, runs)
    print("bench: %s took %.0f s" % (name, time.monotonic() - began_s), file=sys.stderr, flush=True)
    return bench_force.collect(name, results, module.UNITS, command)


def names_of(args):
    return args.names or [name for name in BENCHMARKS if name not in OPTIONAL or args.peers]


def run_all(args):
    """The rows, and the names that failed: the others are worth having."""
    rows, failed = [], []
    for name in names_of(args):
        try:
            rows += run(name, args)
        except bench_force.Failed as error:
            print("bench: %s: %s" % (name, error), file=sys.stderr)
            failed.append(name)
        except Exception:  # whatever it was
            traceback.print_exc()
            failed.append(name)
    return rows, failed


def show(rows):
    width = max([len(row["name"]) for row in rows], default=0)
    print("%-*s %12s %12s %12s  %-8s %s" % (width, "", "median", "min", "max", "unit", "runs"))
    for row in rows:
        print("%-*s %12.2f %12.2f %12.2f  %-8s %d" % (width, row["name"], row["value"], row["min"], row["max"],
                                                     row["unit"], row["n"]))


def read_rows(path):
    with open(path) as file:
        return json.load(file)


def publish(rows, args):
    """The table, bench.json with the plots beside it, and the README."""
    show(rows)
    print("\n".join(["", *bench_readme.peer_table({row["name"]: row for row in rows})]))
    directory = os.path.dirname(os.path.realpath(args.out))
    os.makedirs(directory, exist_ok=True)
    with open(args.out, "w") as file:
        json.dump(rows, file, indent=1)
        file.write("\n")
    bench_plot.draw(rows, directory)
    if args.readme:
        plots = bench_plot.draw(rows, os.path.join(args.tree, bench_readme.PLOTS))
        bench_readme.write(rows, "./dev bench" + (" --peers" if args.peers else "") + " --readme", plots,
                           os.path.join(args.tree, "README.md"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; without: all")
    parser.add_argument("--peers", action="store_true", help="the peers too")
    parser.add_argument("--entries", type=int, help="instead of each benchmark's own number")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--out", default=os.path.join(bench_force.TOP, "build", "bench.json"))
    parser.add_argument("--readme", action="store_true", help="rewrite README.md's table and doc/bench/*.svg")
    parser.add_argument("--tree", default=bench_force.TOP, help="where README.md and doc/ are")
    parser.add_argument("--rows", metavar="FILE", help="measure nothing: what a former run wrote")
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in BENCHMARKS]
    if unknown:
        parser.error("no benchmark %s: there are %s" % (unknown[0], ", ".join(BENCHMARKS)))
    return args


def main():
    args = arguments()
    rows, failed = run_all(args) if not args.rows else (read_rows(args.rows), [])
    publish(rows, args)
    for name in failed:
        print("bench: %s failed" % name, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
