#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Which lines the tests reach (gcov), as a table of directories and files.

    ./dev coverage [--e2e [REGEX]] [--more REGEX] [--again] [--all] [FILE...]

Builds the preset coverage and runs the unit tests and the fuzz corpora; --e2e the end-to-end tests too, all or those with such
names. The hub's processes are not shut in there, since they could write no counts then: sandbox*.c is not reached. --more adds
tests to the last run's counts, --again shows them. Files under 90 % are listed, with --all every file; for a named FILE its lines that were not reached."""

import argparse
import collections
import gzip
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.path.join(TOP, "build-coverage")
DIRECTORIES = ("proto", "common", "hub", "agent", "cli")
AIM = 90.0  # percent


def counted():
    """Every object with counts."""
    for root, _, files in os.walk(BUILD):
        for name in files:
            if name.endswith(".gcda"):
                yield os.path.join(root, name)


def forget():
    for path in counted():
        os.unlink(path)


def run(*which):
    return subprocess.run(["ctest", "--preset", "coverage", *which], cwd=TOP, stdin=subprocess.DEVNULL).returncode


def gather(paths):
    """{file: {line: how often}} of the project's own sources."""
    lines = collections.defaultdict(dict)
    with tempfile.TemporaryDirectory(prefix="siaga-coverage-") as directory:
        for start in range(0, len(paths), 100):
            subprocess.run(["gcov", "--json-format", "--preserve-paths", "--hash-filenames", *paths[start:start + 100]],
                           cwd=directory, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for name in os.listdir(directory):
            with gzip.open(os.path.join(directory, name)) as file:
                report = json.load(file)
            for source in report["files"]:
                full = os.path.join(report["current_working_directory"], source["file"])
                path = os.path.relpath(os.path.realpath(full), TOP)
                if path.split(os.sep)[0] not in DIRECTORIES or not path.endswith(".c"):
                    continue
                for line in source["lines"]:
                    at = lines[path]
                    at[line["line_number"]] = at.get(line["line_number"], 0) + line["count"]
    return lines


def unreached(lines):
    """"3-5, 9": the lines that nothing reached."""
    words, numbers = [], sorted(lines)
    start = last = None
    for number in numbers + [None]:
        if number is not None and lines[number] == 0:
            start, last = (number, number) if start is None else (start, number)
        elif start is not None:
            words.append(str(start) if start == last else "%d-%d" % (start, last))
            start = None
    return ", ".join(words)


def share(parts):
    """(lines reached, lines, percent) of several files."""
    reached = sum(1 for lines in parts for count in lines.values() if count)
    total = sum(len(lines) for lines in parts)
    return reached, total, 100.0 * reached / total if total else 100.0


def table(lines, show_all):
    text = "%-34s %8s %8s %7s\n" % ("", "lines", "reached", "%")
    for directory in DIRECTORIES:
        own = {path: lines[path] for path in sorted(lines) if path.startswith(directory + os.sep)}
        text += "%-34s %8d %8d %7.1f\n" % (directory + "/", *reversed(share(own.values())[:2]), share(own.values())[2])
        for path, at in sorted(own.items(), key=lambda pair: share([pair[1]])[2]):
            reached, total, percent = share([at])
            if show_all or percent < AIM:
                text += "    %-30s %8d %8d %7.1f\n" % (path, total, reached, percent)
    parts = [at for path, at in lines.items() if not path.startswith("cli" + os.sep)]
    reached, total, percent = share(parts)
    return text + "%-34s %8d %8d %7.1f\n" % ("proto, common, hub and agent", total, reached, percent)


def main():
    parser = argparse.ArgumentParser(prog="dev coverage", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--e2e", nargs="?", const=".")
    parser.add_argument("--more")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("file", nargs="*")
    arguments = parser.parse_args()
    status = 0
    if not arguments.again and not arguments.more:
        forget()
        status = run("-L", "^(unit|fuzz)$")
    if arguments.e2e or arguments.more:
        status = run("-R", "^e2e/.*(%s)" % (arguments.e2e or arguments.more)) or status
    lines = gather(list(counted()))
    if not lines:
        parser.error("nothing was counted in " + BUILD)
    for path in arguments.file:
        if path not in lines:
            parser.error("no counts of %s" % path)
        print("%s: %s" % (path, unreached(lines[path]) or "all reached"))
    if not arguments.file:
        print(table(lines, arguments.all), end="")
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
