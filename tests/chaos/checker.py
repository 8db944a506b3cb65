# SPDX-License-Identifier: Apache-2.0
"""Believes nothing: what readers have, what the hub's log holds and how programs ended, against what was promised."""

import re
import signal
from collections import Counter

from crew import LINES_MAX, READERS
from eras import open_journal
from siaga_e2e import read_json_lines
from workload import SENT_BASE, number_of

SHOWN = 5  # examples of what is broken

DISK_WORDS = (r"(?i)no space left|disk is full|disk full|no disk space left|disk I/O error|input/output error|"
              r"input or output failed|short write|cannot be (written|read)")
ROSTER_WORDS = "this key of|retired or no longer trusted|does not let|not in the roster"


class Promises:
    """What was checked, in the order of the table: name -> [how many, what is broken]."""

    def __init__(self):
        self.kept = {}

    def tell(self, name, count, broken=()):
        one = self.kept.setdefault(name, [0, []])
        one[0] += count
        one[1] += broken

    def add(self, other):
        for name, (count, broken) in other.kept.items():
            self.tell(name, count, broken)

    def broken(self):
        return ["%s: %s" % (name, what) for name, (_, broken) in self.kept.items() for what in broken]


def some(numbers, words):
    """One line about a set of numbers, or nothing when it is empty."""
    numbers = sorted(numbers)
    if not numbers:
        return []
    return ["%s %d: %s%s" % (words, len(numbers), ", ".join(map(str, numbers[:SHOWN])),
                             ", …" if len(numbers) > SHOWN else "")]


class Checker:
    def __init__(self, crew, workload, eras):
        self.crew, self.workload, self.eras = crew, workload, eras
        self.promises = Promises()
        self.alerts = {}

    def check_readers(self):
        for reader in READERS:
            alerts = self.alerts[reader] = read_json_lines(self.crew.out(reader))
            times = Counter(map(number_of, alerts))
            must, may = self.workload.expected(reader)
            tell = self.promises.tell
            tell("no acknowledged entry is missing at a reader", len(must), some(must - set(times), "%s lacks" % reader))
            tell("none is doubled", len(alerts), some((n for n, count in times.items() if count > 1),
                                                      "%s has more than once" % reader))
            tell("no id is doubled", len(alerts), [] if len({a["id"] for a in alerts}) == len(alerts) else [
                "%s has an id twice" % reader])
            tell("no reader sees what it may not", len(alerts), some(set(times) - may, "%s got what is not for it," % reader))
            tell("all are signed and verified", len(alerts), some(
                (number_of(a) for a in alerts if not a["verified"]), "%s has unverified" % reader))

    def check_numbers(self):
        for reader, alerts in self.alerts.items():
            wrong = self.eras.check_numbers(alerts)
            self.promises.tell("a log number is the same entry to all", len(alerts),
                               ["%s: %s" % (reader, one) for one in wrong[:SHOWN]])

    def check_order(self):
        """Of one source and one severity: as it was written, but for what waits again since a disk went back."""
        checked, wrong = 0, []
        for reader, alerts in self.alerts.items():
            last = {}
            for alert in alerts:
                number = number_of(alert)
                lane = (number // LINES_MAX, alert["severity"])
                if number >= SENT_BASE or number % LINES_MAX <= self.workload.again[number // LINES_MAX - 1]:
                    continue
                checked += 1
                if number < last.get(lane, 0):
                    wrong.append("%s: %d came after %d" % (reader, number, last[lane]))
                last[lane] = number
        self.promises.tell("each origin's of one severity are in order", checked, wrong[:SHOWN])

    # ---- the log itself ----

    def check_journal(self):
        tell = self.promises.tell
        with open_journal(self.eras.path()) as journal:
            count, last, ids = journal.execute(
                "SELECT count (*), max (number), count (DISTINCT id) FROM entry").fetchone()
            tell("log numbers are dense", count, [] if last == count - 1 else ["%d entries up to number %d" % (count, last)])
            tell("no id is doubled", count, [] if ids == count else ["%d entries, %d ids in the log" % (count, ids)])
            lanes, holes, unsorted, batches = {}, [], [], 0
            for origin, epoch, first, entries, number in journal.execute(
                    "SELECT origin, epoch, first_oseq, count, number FROM batch ORDER BY number"):
                batches += 1
                if first != lanes.get((origin, epoch), 0) + 1:
                    holes.append("%s at number %d" % (origin, number))
                lanes[origin, epoch] = first + entries - 1
                severities = [row[0] for row in journal.execute(
                    "SELECT severity FROM entry WHERE batch = ? AND kind = 0 ORDER BY number", (number,))]
                if severities != sorted(severities, reverse=True):
                    unsorted.append("the batch at %d is not by severity" % number)
            tell("no hole and no overlap in an epoch", batches, holes[:SHOWN])
            tell("each origin's of one severity are in order", batches, unsorted[:SHOWN])
            alerts = journal.execute("SELECT count (*) FROM entry WHERE kind = 0").fetchone()[0]
        low = self.workload.lines() + len(self.workload.acknowledged)
        high = self.workload.lines() + self.workload.sent
        tell("the log holds every line once", alerts, [] if low <= alerts <= high else [
            "%d alerts in the log, %d to %d were told" % (alerts, low, high)])
        return alerts, len(lanes)

    def check_log(self, is_apart):
        self.promises.tell("checkpoints are consistent with each other", *self.eras.check_notes(is_apart))
        self.promises.tell("the tree is made of the entries' own bytes", *self.eras.check_leaves())

    # ---- how programs ended ----

    def check_ends(self):
        count, wrong = 0, []
        for it in self.crew.everybody:
            for status, tail in it.ends:
                count += 1
                if status not in statuses(tail):
                    wrong.append("%s ended with %s: %s" % (it.name, status, tail))
        with open(self.crew.path("hub", "log"), encoding="utf-8", errors="replace") as log:
            died = re.findall(r"child-died: (.*)", log.read())
        wrong += ["hub: " + how for how in died if not re.fullmatch(r"\w+: (killed by signal 9|exit status 7[148])", how)]
        self.promises.tell("nothing ends but by what was done to it", count + len(died), wrong)


def statuses(tail):
    """How a program may end that says this last: killed, stopped (perhaps before it minds signals), or by what was done to
    its disk and its key. Anything else is a mistake of its own."""
    found = {-signal.SIGKILL, -signal.SIGTERM, 0, 71, 75}
    if re.search(DISK_WORDS, tail):
        found |= {73, 74}
    if re.search(ROSTER_WORDS, tail):
        found |= {1, 77}
    return found
