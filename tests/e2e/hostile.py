# SPDX-License-Identifier: Apache-2.0
"""A hub under attack: hostile programs (tests/peers), an honest agent and reader beside them all the time, and what the
attack cost. Used by test_hostile_*.py with the acts of hostile_acts.py, and by tests/chaos/hostile.py."""

import glob
import json
import os
import re
import subprocess
import threading
import time
from collections import namedtuple

import crowd_peer
import siaga_e2e
from siaga_e2e import BUILD, eve_alert, taskforce

PATIENCE_S = 120  # for a hostile program to do its worst, and for an honest alert to arrive at all
DELAY_MAX_S = 1.0  # of an honest alert: the bound
INTERVAL_S = 0.05  # between honest alerts
SEEN_MIN = 10  # honest alerts that pass while an attack is in place
TRIES = 3  # a delay that does not come again was the machine's
SETTLED = 30  # alerts, longer than the hub waits for calm before it gives memory back (hub/slack.h)
SETTLE_S = 30  # at most, for that to happen
# Resident, whoever does what. The gate holds 256 MiB of messages at most, which are four times that in memory when they are
# of a few bytes (hub/hub_limits.h, GATE_HELD_BYTES).
PEAK_MAX_MIB = {"gate": 1200, "core": 300}
IS_SANITIZED = "log_path" in os.environ.get("ASAN_OPTIONS", "")  # memory and time are not the programs' own then

HOSTILE = "bin/h-%d"  # each of them a rostered publisher and reader, all of one agency
GHOST = "bin/ghost"  # has keys and stands in no roster


def prepare(directory, hostile):
    """A task force with so many hostile principals in it."""
    more = [(HOSTILE % number, ["publish", "read"]) for number in range(hostile)]
    force = taskforce.TaskForce(directory, principals=taskforce.PRINCIPALS + more)
    force.prepare()
    force.card(GHOST)
    return force


class Hostile:
    """A hostile program. Those that keep their attack up print a line when it is in place, and end with their input.
    They are nice: what they cost themselves must not be taken for what they cost the hub."""

    def __init__(self, argv):
        self.popen = subprocess.Popen(["nice", "-n", "10", *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True)

    def line(self):
        return self.popen.stdout.readline().rstrip("\n")

    def tell(self, line):
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def end(self):
        """What else it printed."""
        said, _ = self.popen.communicate(timeout=PATIENCE_S)
        assert self.popen.returncode == 0, "%s: %s" % (" ".join(map(str, self.popen.args)), said)
        return said.splitlines()

    def kill(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.communicate()


class Honest:
    """bssn/soc-1's agent and polri/dewi's reader: how long each alert takes from the log line to the reader."""

    def __init__(self, force):
        self.lock = threading.Condition()
        self.sent, self.seen, self.ended = {}, {}, False
        self.eve = force.path("agents", "bssn-soc-1", "eve.json")
        force.write_agent_conf("bssn/soc-1", '{ name = "suricata"; type = "eve"; path = "%s"; from = "start"; }' % self.eve,
                               "damper = { enabled = false; };\n")
        self.file = open(self.eve, "ab")
        self.reader = force.start_siaga("polri/dewi", "watch", "--format", "json", "--kind", "alert", "--from", "bssn",
                                        "--since", "0", stdout=subprocess.PIPE)
        self.agent = force.start_agent("bssn/soc-1")
        self.threads = [threading.Thread(target=run, daemon=True) for run in (self._write, self._read)]
        for thread in self.threads:
            thread.start()
        self.wait_more(3)

    def _write(self):
        number = 0
        with self.lock:
            while not self.ended:
                number += 1
                self.file.write(eve_alert(number).encode())
                self.file.flush()
                self.sent[number] = time.monotonic()
                self.lock.wait_for(lambda: self.ended, INTERVAL_S)

    def _read(self):
        for line in self.reader.popen.stdout:
            now, number = time.monotonic(), int(json.loads(line)["detector"]["rule_id"].split(":")[1])
            with self.lock:
                assert number not in self.seen, "alert %d came twice" % number
                self.seen[number] = now
                self.lock.notify_all()

    def last(self):
        with self.lock:
            return len(self.sent)

    def wait_seen(self, number):
        with self.lock:
            there = self.lock.wait_for(lambda: number in self.seen, PATIENCE_S)
        assert there, "alert %d did not arrive\n%s\n%s" % (number, self.agent.tail(), self.reader.tail())

    def wait_more(self, count):
        """Until so many more have been written, and have arrived."""
        self.wait_seen(self.last() + count)

    def delays_s(self, first, last):
        """Of the alerts from first to last, all of which arrive."""
        self.wait_seen(last)
        with self.lock:
            missing = [number for number in range(first, last + 1) if number not in self.seen]
            assert not missing, "alerts %s were passed over" % missing
            return [self.seen[number] - self.sent[number] for number in range(first, last + 1)]

    def stop(self):
        with self.lock:
            self.ended = True
            self.lock.notify_all()
        self.threads[0].join()
        self.file.close()


def waited_s(pids):
    """Seconds that threads of these processes were ready to run and had no processor: on a busy machine a delay is mostly
    this."""
    total = 0
    for path in (path for pid in pids for path in glob.glob("/proc/%d/task/*/schedstat" % pid)):
        try:
            with open(path) as file:
                total += int(file.read().split()[1])
        except OSError:
            pass  # it ended
    return total / 1e9


Row = namedtuple("Row", "act scale count said delay_s memory_before memory memory_peak cpu waited_s died")


class Stage:
    """A hub, honest peers, and one act after the other. Memory is of gate and core, in KiB that are their own."""

    def __init__(self, force):
        self.force, self.hostiles = force, []
        force.start_hub()
        self.children = crowd_peer.hub_children(force)
        self.honest = Honest(force)

    def peer(self, program, identities, *args):
        """Starts tests/peers/PROGRAM ROSTER IDENTITY… ARG…"""
        hostile = Hostile([os.path.join(BUILD, "tests", "peers", program), self.force.path("roster.conf"),
                           *map(self.force.identity, identities), *map(str, args)])
        self.hostiles.append(hostile)
        return hostile

    def start(self, act, scale):
        """Its processes, each of another principal, or of those that the act names."""
        first = act.identities or [[HOSTILE % number] for number in range(scale.processes)]
        return [self.peer(act.program, one, *act.arguments(scale, self.force)) for one in first]

    def play(self, act, scale):
        """What all of them said, while honest alerts went by."""
        started = self.start(act, scale)
        said = [one.line() for one in started] if act.is_held else []
        self.honest.wait_more(SEEN_MIN)
        for one in started:
            said += one.end()
            self.hostiles.remove(one)
        return said

    def reset_peaks(self):
        for pid in crowd_peer.hub_children(self.force).values():
            with open("/proc/%d/clear_refs" % pid, "w") as file:
                file.write("5\n")

    def peaks_kib(self):
        """The most that each had resident since, files and all."""
        found = {}
        for name, pid in crowd_peer.hub_children(self.force).items():
            with open("/proc/%d/status" % pid) as file:
                found[name[6:]] = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
        return found

    def settled_kib(self, before=None):
        """What is resident once what was needed is given back: when it falls no more and, where there is a before, is no
        more than that; or what there is after a while."""
        deadline, last = time.monotonic() + SETTLE_S, None
        self.honest.wait_more(SETTLED)
        while True:
            now = crowd_peer.memory_kib(self.force)
            falls = last is None or sum(now.values()) < 0.99 * sum(last.values())
            if not falls and not (before and has_grown(before, now)) or time.monotonic() > deadline:
                return now
            last = now
            self.honest.wait_more(SEEN_MIN)

    def run(self, act, scale):
        """Plays the act and measures; again, when an alert was late, for it may have been the machine."""
        for _ in range(TRIES):
            row = self.run_once(act, scale)
            if not is_late(row):
                break
            print("%s: an honest alert took %.2f s; once more" % (act.name, row.delay_s))
        return row

    def run_once(self, act, scale):
        before, cpu = crowd_peer.memory_kib(self.force), crowd_peer.cpu_s(self.force)
        waited = waited_s(crowd_peer.hub_children(self.force).values())
        self.reset_peaks()
        children, first = crowd_peer.hub_children(self.force), self.honest.last() + 1
        said = self.play(act, scale)
        delay_s = max(self.honest.delays_s(first, self.honest.last()))
        after = crowd_peer.cpu_s(self.force)
        waited = waited_s(crowd_peer.hub_children(self.force).values()) - waited
        return Row(act, scale, scale.processes * scale.sessions, said, delay_s, before, crowd_peer.memory_kib(self.force),
                   self.peaks_kib(), {name: after[name] - cpu[name] for name in after if name in cpu}, waited,
                   children != crowd_peer.hub_children(self.force))

    def stop(self):
        self.honest.stop()
        for hostile in self.hostiles:
            hostile.kill()
        self.force.stop()
        self.honest.threads[1].join()
        self.honest.reader.popen.stdout.close()


def is_late(row):
    """Did an alert take longer than it may, and than other programs kept gate and core from running?"""
    return row.delay_s > DELAY_MAX_S + row.waited_s and not IS_SANITIZED


# What thousands at once may be told besides: to come back, or nothing, for they do not read in time.
BUSY = r"\S+ (?:silence cut|(?:\w+,)*(?:quota|later)(?:,\w+)* open)"


def odd_words(row):
    """What was said that should not have been, or else, in words."""
    wants = row.act.wants(row.scale)
    if re.fullmatch(wants, "\n".join(row.said)):
        return []
    odd = [line for line in row.said if not any(re.fullmatch(want, line) for want in wants.split("\n"))]
    if row.scale.name == "long" and row.act.group == "words" and all(re.fullmatch(BUSY, line) for line in odd):
        return []
    return ["said %s" % odd if odd else "said %s, not %s" % (row.said, wants)]


def problems(row):
    """What of a row is not as it has to be, in words."""
    found = odd_words(row)
    if row.died:
        found.append("a process of the hub died")
    for name, peak in row.memory_peak.items():
        if peak > PEAK_MAX_MIB[name] * 1024 and not IS_SANITIZED:
            found.append("%s had %d MiB" % (name, peak / 1024))
    if is_late(row):
        found.append("an honest alert took %.2f s, %d times" % (row.delay_s, TRIES))
    return ["%s, %s: %s" % (row.act.name, row.scale.name, words) for words in found]


def has_grown(before, after):
    """Is more resident than a tenth over what was, in words; gate and core together, as the issue has it."""
    total = [sum(one.values()) for one in (before, after)]
    if total[1] <= total[0] * 1.1 or IS_SANITIZED:
        return []
    return ["resident memory went from %s to %s KiB" % (before, after)]


def show(row):
    """One line of the table."""
    mib = " ".join("%s %.1f>%.1f(%.0f)" % (name, row.memory_before.get(name, 0) / 1024, row.memory.get(name, 0) / 1024,
                                           row.memory_peak.get(name, 0) / 1024) for name in ("gate", "core"))
    return "%-34s %-5s %5d  %5.0f ms  %s MiB  cpu %s, waited for it %.2f" % (
        row.act.name, row.scale.name, row.count, 1000 * row.delay_s, mib,
        " ".join("%s %.2f" % item for item in sorted(row.cpu.items())), row.waited_s)
