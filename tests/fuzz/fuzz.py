#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fuzzes the targets of tests/fuzz with libFuzzer under ASan and UBSan, one process at a time.

    ./dev fuzz [--minutes N | --total N] [TARGET...]
    ./dev fuzz --merge [TARGET...]     the working corpus, minimised, into tests/fuzz/corpus
    ./dev fuzz --ledger                what was spent so far

Minutes are CPU-minutes, as the kernel counts them for the fuzzing process. --minutes N (default 1) spends that much on
each target; --total N brings each up to N in the ledger, so that interrupted runs and several sessions add up. Whoever
has least goes first, in slices of half a minute; each is written to tests/fuzz/LEDGER as it ends. The working corpus stays in
build-fuzz/corpus, findings in build-fuzz/findings; a target with a finding is not run on. Exits with 1 after a finding."""

import argparse
import datetime
import os
import re
import resource
import shutil
import signal
import subprocess
import sys

from ledger import Ledger

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(TOP, "build-fuzz")
SLICE_S = 30
INPUT_TIMEOUT_S = 25  # of one input, by the wall clock of a machine that has other work
MEMORY_MIB = 2048
MALLOC_MIB = 256
LONGEST = {"hub_core": 8192, "hub_dialogue": 1024, "roster": 16384, "bundle": 16384, "agent_rules": 8192}
LONGEST_OTHER = 4096  # bytes of an input
# What several targets read alike.
DICTIONARIES = {"agent_eve": "sensors", "agent_wazuh": "sensors", "agent_zeek": "sensors", "alert_json": "alert",
                "agent_lines": "syslog", "agent_syslog": "syslog", "agent_rules": "conf", "roster": "conf",
                "cli_scenario": "conf", "hub_control": "alert", "agent_status": "sensors"}
MERGED_FILES = 48
MERGED_BYTES = 2048  # of one file


def targets():
    names = [name[5:-2] for name in sorted(os.listdir(HERE)) if name.startswith("fuzz_") and name.endswith(".c")]
    return [name for name in names if os.path.exists(program(name))]


def program(name):
    return os.path.join(BUILD, "tests", "fuzz", "fuzz_" + name)


def directory(*parts):
    path = os.path.join(*parts)
    os.makedirs(path, exist_ok=True)
    return path


def commit():
    """The short name of what was built, with a + where files differ from it."""
    def git(*words):
        return subprocess.run(["git", "-c", "safe.directory=" + TOP, *words], cwd=TOP, check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()
    try:
        sources = ("proto", "common", "hub", "agent", "cli", "include")
        return git("rev-parse", "--short=7", "HEAD") + ("+" if git("status", "--porcelain", "--", *sources) else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def options(name):
    found = ["-max_len=%d" % LONGEST.get(name, LONGEST_OTHER), "-timeout=%d" % INPUT_TIMEOUT_S,
             "-rss_limit_mb=%d" % MEMORY_MIB, "-malloc_limit_mb=%d" % MALLOC_MIB, "-print_final_stats=1"]
    dictionary = os.path.join(HERE, "dict", DICTIONARIES.get(name, name) + ".dict")
    return found + ["-dict=" + dictionary] if os.path.exists(dictionary) else found


def environment():
    symbolizer = shutil.which("llvm-symbolizer-14") or ""
    return dict(os.environ, ASAN_SYMBOLIZER_PATH=symbolizer, UBSAN_OPTIONS="print_stacktrace=1",
                ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1:symbolize=1")


def own_commands():
    """A fuzzer that is told to stop shall not stop this."""
    os.setpgid(0, 0)
    os.nice(10)


def run_slice(name, seconds):
    """Returns (CPU-seconds, executions, path of what was found or None)."""
    corpus, findings = directory(BUILD, "corpus", name), directory(BUILD, "findings", name)
    seeds = [path for path in [os.path.join(HERE, "corpus", name)] if os.path.isdir(path)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    known = set(os.listdir(findings))
    process = subprocess.Popen(
        [program(name), "-max_total_time=%d" % seconds, "-artifact_prefix=" + findings + "/", *options(name), corpus,
         *seeds], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", env=environment(),
        preexec_fn=own_commands, cwd=BUILD)
    try:
        words = process.communicate()[1]
    except BaseException:
        process.send_signal(signal.SIGKILL)
        process.wait()
        raise
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    done = re.search(r"stat::number_of_executed_units:\s*(\d+)", words)
    if process.returncode == 0:
        return spent, int(done.group(1)) if done else 0, None
    new = sorted(set(os.listdir(findings)) - known)
    path = os.path.join(findings, new[0] if new else "no-input")
    with open(path + ".txt", "w", encoding="utf-8") as file:
        file.write(words)
    return spent, int(done.group(1)) if done else 0, path


def fuzz(names, minutes, total):
    ledger, spent = Ledger(os.path.join(HERE, "LEDGER")), {name: 0.0 for name in names}
    found, version = [], commit()
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    while True:
        ledger.read()  # others may have written meanwhile
        have = {name: ledger.minutes(name) if total else spent[name] for name in names}
        left = [name for name in names if have[name] < (total or minutes) and name not in [n for n, _ in found]]
        if not left:
            break
        name = min(left, key=lambda each: have[each])
        wanted = min(SLICE_S, max(2, round(((total or minutes) - have[name]) * 60)))
        seconds, runs, path = run_slice(name, wanted)
        spent[name] += seconds / 60
        ledger.add(name, version, date, seconds / 60, runs, 1 if path else 0)
        print("fuzz: %-14s %6.1f CPU-s %10d inputs%s" % (name, seconds, runs, "  FOUND " + path if path else ""),
              flush=True)
        if path:
            found.append((name, path))
    for name, path in found:
        print("fuzz: %s: %s.txt says what; again: %s %s" % (name, path, program(name), path))
    print("fuzz: %d targets, %.1f CPU-minutes, %d findings" % (len(names), sum(spent.values()), len(found)))
    return 1 if found else 0


def merge(name):
    """Small inputs of the working corpus that reach an edge which the tree's seeds do not."""
    work, tree = os.path.join(BUILD, "corpus", name), directory(HERE, "corpus", name)
    if not os.path.isdir(work):
        return
    small, out = os.path.join(BUILD, "merge", name, "in"), os.path.join(BUILD, "merge", name, "out")
    shutil.rmtree(os.path.dirname(small), ignore_errors=True)
    directory(small), directory(out)
    for seed in os.listdir(tree):
        shutil.copy(os.path.join(tree, seed), os.path.join(out, seed))
    seeds = set(os.listdir(out))
    for file in os.listdir(work):
        if os.path.getsize(os.path.join(work, file)) <= MERGED_BYTES:
            shutil.copy(os.path.join(work, file), os.path.join(small, file))
    subprocess.run([program(name), "-merge=1", "-use_counters=0", *options(name), out, small], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), cwd=BUILD)
    new = sorted(set(os.listdir(out)) - seeds, key=lambda file: os.path.getsize(os.path.join(out, file)))
    room = max(0, MERGED_FILES - len(seeds))
    for file in new[:room]:
        shutil.copy(os.path.join(out, file), os.path.join(tree, file[:12]))
    print("fuzz: %-14s %d seeds, %d of %d merged" % (name, len(seeds), min(room, len(new)), len(new)), flush=True)


def main():
    parser = argparse.ArgumentParser(prog="dev fuzz", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--total", type=float)
    parser.add_argument("--merge", action="store_true")
    parser.add_argument("--ledger", action="store_true")
    parser.add_argument("target", nargs="*")
    arguments = parser.parse_args()
    names = targets()
    if arguments.ledger:
        print(Ledger(os.path.join(HERE, "LEDGER")).table(), end="")
        return 0
    for name in arguments.target:
        if name not in names:
            parser.error("no target %s; there are: %s" % (name, " ".join(names)))
    names = arguments.target or names
    if not names:
        parser.error("nothing is built in " + BUILD)
    if arguments.merge:
        for name in names:
            merge(name)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    try:
        return fuzz(names, arguments.minutes, arguments.total)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
