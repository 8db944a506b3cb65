# SPDX-License-Identifier: Apache-2.0
"""What is told: lines of Suricata's log, each with its own number, and now and then an alert that a person sends by hand."""

import os

import taskforce
from crew import LINES_MAX, SENDER, SOURCES
from siaga_e2e import eve_alert

SENT_BASE = LINES_MAX * (len(SOURCES) + 1)  # numbers of what is sent by hand
SENT_MEMBERS = ("bin", "brin", "kominfo")
ACKNOWLEDGED, QUEUED = 0, 75


def number_of(alert):
    """The number of a delivered alert, by its rule or its title."""
    rule = alert.get("detector", {}).get("rule_id")
    return int(rule.split(":")[1]) if rule else int(alert["title"].rsplit(" ", 1)[1])


class Workload:
    def __init__(self, crew, rng):
        self.crew, self.rng = crew, rng
        self.written = [0] * len(SOURCES)
        self.again = [0] * len(SOURCES)  # up to there lines may come again: a disk went back since they were written
        self.rotated = 0
        self.sent = 0
        self.acknowledged, self.queued = set(), set()  # numbers that a person was told are safe, or will go
        self.sending = None

    def append(self, source, count):
        first = self.written[source] + 1
        self.written[source] += count
        with open(self.crew.eve(source), "ab") as file:
            for n in range(first, first + count):
                severity = self.rng.choice(SOURCES[source][1])
                file.write(eve_alert(LINES_MAX * (source + 1) + n, severity=severity).encode())

    def write_some(self):
        self.append(self.rng.randrange(len(SOURCES)), self.rng.choice((0, 0, 0, 1, 2, 5, 12, 40)))

    def storm(self, source, count):
        self.append(source, count)

    def rotate(self, source):
        self.rotated += 1
        eve = self.crew.eve(source)
        os.rename(eve, "%s.%06d" % (eve, self.rotated))
        open(eve, "ab").close()

    def went_back(self, agent=None):
        """The disk of that agent, or the hub's."""
        for n, source in enumerate(SOURCES):
            if agent in (None, source[0]):
                self.again[n] = self.written[n]

    # ---- by hand ----

    def send(self):
        """Begins to send one, unless the last is still on its way."""
        if self.look():
            return False
        self.sent += 1
        number = SENT_BASE + self.sent
        process = self.crew.force.start(
            [taskforce.program("siaga"), "send", "--title", "by hand %d" % number, "--tlp", "green", "--category",
             "other/other"], "people/%s/log" % SENDER, env=self.crew.force.env(SENDER))
        self.sending = (number, process)
        return True

    def look(self):
        """True while one is on its way. What it ended with is what the person was promised."""
        if self.sending and not self.sending[1].alive():
            number, process = self.sending
            status = process.wait()
            self.sending = None
            if status == ACKNOWLEDGED:
                self.acknowledged.add(number)
                self.acknowledged |= self.queued  # it sends all that waits, in order
                self.queued.clear()
            elif status == QUEUED:
                self.queued.add(number)
            else:
                print("send: ended with %d: %s" % (status, process.tail(3)))
        return self.sending is not None

    # ---- what is promised ----

    def lines(self):
        return sum(self.written)

    def lines_for(self, member):
        return {LINES_MAX * (n + 1) + i for n, source in enumerate(SOURCES) if member in source[3]
                for i in range(1, self.written[n] + 1)}

    def expected(self, reader):
        """What must be at that reader, and what may be."""
        member = reader.split("/")[0]
        must = self.lines_for(member)
        if member not in SENT_MEMBERS:
            return must, must
        return must | self.acknowledged, must | {SENT_BASE + n for n in range(1, self.sent + 1)}

    def count_for(self, reader):
        member = reader.split("/")[0]
        return sum(self.written[n] for n, source in enumerate(SOURCES) if member in source[3]) + (
            len(self.acknowledged) if member in SENT_MEMBERS else 0)
