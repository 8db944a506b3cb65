#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every hostile act (tests/e2e/hostile_acts.py) against one hub, one after the other, with an honest agent and reader
beside it: the table of what each cost. --long adds each by 24 principals with 60 sessions each, and 10,000 half
handshakes. Ends with one line; exit 1 when something was not as it has to be."""

import argparse
import os
import resource
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "e2e"))
import hostile  # noqa: E402
import hostile_acts  # noqa: E402

WARMTH = 200  # batches of a thousand entries: caches are full before memory is measured


def mib(row, which):
    return " ".join("%.0f" % (getattr(row, which).get(name, 0) / 1024) for name in ("gate", "core"))


def print_row(row, markdown):
    if not markdown:
        print(hostile.show(row), flush=True)
        return
    print("| %s | %d | %.0f | %s | %s | %s | %s |" % (
        row.act.name, row.count, 1000 * row.delay_s, mib(row, "memory_before"), mib(row, "memory"),
        mib(row, "memory_peak"), " ".join("%.1f" % row.cpu.get(name, 0) for name in ("gate", "core"))), flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="each act by thousands too")
    parser.add_argument("--markdown", action="store_true", help="the table for the README")
    parser.add_argument("groups", nargs="*", help="only these: wire train ids greedy flood words")
    return parser.parse_args()


def scales(act, long):
    return act.scales + ((hostile_acts.LONG,) if long and hostile_acts.MANY in act.scales else ())


def play_all(stage, arguments):
    """The rows, and what was wrong."""
    rows, found = [], []
    for act in hostile_acts.ACTS:
        if arguments.groups and act.group not in arguments.groups:
            continue
        for scale in scales(act, arguments.long):
            rows.append(stage.run(act, scale))
            print_row(rows[-1], arguments.markdown)
            found += hostile.problems(rows[-1])
    return rows, found


def main():
    arguments = parse()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    directory = tempfile.mkdtemp(prefix="siaga-hostile-")
    stage = None
    try:
        stage = hostile.Stage(hostile.prepare(directory, hostile_acts.LONG.processes))
        stage.peer("flooder", ["brin/soc-1"], "fill", WARMTH, 1024, 0).end()
        before = stage.settled_kib()
        if arguments.markdown:
            print("| act | connections | longest honest delay, ms | MiB before: gate core | after | most | CPU, s: gate core |\n"
                  "|---|---|---|---|---|---|---|")
        rows, found = play_all(stage, arguments)
        after = stage.settled_kib(before)
        found += hostile.has_grown(before, after)
        honest = stage.honest.last()
    finally:
        if stage:
            stage.stop()
        shutil.rmtree(directory, ignore_errors=True)
    print("\n".join(found))
    print("hostile: %d acts, %d honest alerts, the longest took %.0f ms; resident %d KiB before, %d after; %d promises broken" % (
        len(rows), honest, 1000 * max(row.delay_s for row in rows), sum(before.values()), sum(after.values()), len(found)))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
