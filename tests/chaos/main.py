# SPDX-License-Identifier: Apache-2.0
"""./dev chaos: attacks a small task force for as long as you like, and says in its last line whether a promise broke."""

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.join(HERE, "..", "..")
sys.dont_write_bytecode = True
sys.path[1:1] = [os.path.join(TOP, "tests", "e2e"), os.path.join(TOP, "doc", "demo")]

import report  # noqa: E402
import taskforce  # noqa: E402

try:
    import checker  # noqa: E402
    import round as one_round  # noqa: E402
except ImportError as missing:
    checker, one_round = missing, None
from crew import READERS  # noqa: E402

SKIPPED = 77

ROUND_S = 300
ALONE = "SIAGA_CHAOS_ALONE"
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def parse():
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="of faults; the peace after each round comes on top (1)")
    parser.add_argument("--seed", help="makes the plan of faults; the same one, the same plan (by default another each time)")
    parser.add_argument("--only", help="names of faults, with commas between: no others")
    return parser.parse_args()


def enter_namespaces():
    """A network and mounts of our own, which vanish with us whatever happens; without, some nemeses are missing."""
    if os.environ.get(ALONE) is not None:
        return os.environ[ALONE] == "1"
    flags = ["-n", "-m"] if os.geteuid() == 0 else ["-r", "-n", "-m"]
    works = shutil.which("unshare") and subprocess.run(["unshare", *flags, "true"], stderr=subprocess.DEVNULL).returncode == 0
    os.environ[ALONE] = "1" if works else "0"
    if works:
        os.execvp("unshare", ["unshare", *flags, sys.executable, *sys.argv])
    return False


def raise_loopback():
    with socket.socket() as any_socket:
        name = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, name))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


class Run:
    """Rounds of at most five minutes; how far a long one got stands in the build directory, and it goes on from there."""

    def __init__(self, args):
        self.seed, self.seconds, self.only = args.seed, 60 * args.minutes, args.only and args.only.split(",")
        self.rounds = max(1, round(self.seconds / ROUND_S))
        self.done, self.entries = 0, 0
        self.faults, self.absent, self.promises = {}, {}, checker.Promises()
        directory = os.path.join(taskforce.BUILD, "chaos")
        os.makedirs(directory, exist_ok=True)
        self.base = os.path.join(directory, "seed-%s-minutes-%g%s" % (args.seed, args.minutes, "-only" if args.only else ""))

    @property
    def progress(self):
        return self.base + ".progress"

    def load(self):
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
            with open(self.progress) as file:
                held = json.load(file)
            self.promises.kept = held["promises"]
            self.done, self.entries, self.faults, self.absent = (
                held[key] for key in ("done", "entries", "faults", "absent"))
            print("goes on behind round %d of %d (%s)" % (self.done, self.rounds, self.progress))

    def save(self):
        with open(self.progress + ".new", "w") as file:
            json.dump({"done": self.done, "entries": self.entries, "faults": self.faults, "absent": self.absent,
                       "promises": self.promises.kept}, file)
        os.rename(self.progress + ".new", self.progress)

    def add(self, it):
        for kind, faults in it.nemeses.done.items():
            mine = self.faults.setdefault(kind, {})
            for name, count in faults.items():
                mine[name] = mine.get(name, 0) + count
        self.absent.update(it.nemeses.absent)
        self.promises.add(it.checker.promises)

    def round(self, alone):
        seed = "%s/%d" % (self.seed, self.done)
        print("round %d of %d" % (self.done + 1, self.rounds))
        it = one_round.Round(seed, self.seconds / self.rounds, alone, self.only)
        keep = None
        try:
            self.entries += it.run()
            broken = it.checker.promises.broken()
            for line in broken:
                print("broken: " + line)
            if broken:
                keep = "%s-round-%d-%d" % (self.base, self.done + 1, time.time())
                print("kept: " + keep)
        finally:
            it.finish(keep)
        self.add(it)
        self.done += 1
        if self.rounds > 1:
            self.save()

    def run(self, alone):
        if self.rounds > 1:
            self.load()
        while self.done < self.rounds:
            self.round(alone)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.progress)
        return report.finish(self.faults, self.absent, self.promises, self.entries, len(READERS))


def main():
    args = parse()
    if one_round is None:
        print("skipped: %s (apt-get install python3-nacl python3-zmq)" % checker)
        return SKIPPED
    if args.seed is None:
        args.seed = str(time.time_ns() % 1000000)
        sys.argv += ["--seed", args.seed]
    alone = enter_namespaces()
    if alone:
        raise_loopback()
    print("chaos: --minutes %g --seed %s" % (args.minutes, args.seed))
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: nothing outlives who started us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return Run(args).run(alone)


if __name__ == "__main__":
    sys.exit(main())
