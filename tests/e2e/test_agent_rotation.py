# SPDX-License-Identifier: Apache-2.0
"""A log under torture: thousands of lines a second, half-written ones, rotation by rename and by copytruncate at random
moments, compressed leftovers, and kill -9 of the agent; every line is in the outbox exactly once. What copytruncate
itself loses (lines written between its copy and its truncation) may be missing, and is counted apart.

SIAGA_SEED repeats a run, SIAGA_TORTURE_S is its length; both are printed."""

import gzip
import os
import random
import re
import shutil
import sqlite3
import threading
import time

import siaga_e2e
from siaga_e2e import TaskForceCase

SEED = int(os.environ.get("SIAGA_SEED", time.time_ns() % 1000000))
SECONDS = float(os.environ.get("SIAGA_TORTURE_S", 60))
LINES_PER_TURN = (1, 120)
PAUSE_S = 0.02
NUMBER = re.compile(rb"1:(\d+):1")


def line_of(number):
    return (b'{"timestamp":"2026-11-24T08:00:00.%06d+0700","event_type":"alert","src_ip":"10.0.0.1","dest_ip":"10.47.3.7",'
            b'"alert":{"gid":1,"signature_id":%d,"rev":1,"signature":"TEST %d","severity":3}}\n'
            % (number % 1000000, number, number))


class Writer(threading.Thread):
    """Writes, and rotates its own file now and then: it knows what can be lost."""

    def __init__(self, path, seed, seconds):
        super().__init__()
        self.path = path
        self.random = random.Random(seed)
        self.until = time.monotonic() + seconds
        self.moment = threading.Event()
        self.number = 0
        self.generation = 0
        self.may_miss = set()
        self.counts = {"rename": 0, "late rename": 0, "copytruncate": 0, "halves": 0}
        self.fd = self.open()

    def open(self):
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def next_line(self):
        self.number += 1
        return line_of(self.number)

    def write(self, count):
        os.write(self.fd, b"".join(self.next_line() for _ in range(count)))

    def write_half(self):
        line = self.next_line()
        at = self.random.randrange(1, len(line))
        os.write(self.fd, line[:at])
        self.counts["halves"] += 1
        return line[at:]

    def aside(self):
        self.generation += 1
        return "%s.%d" % (self.path, self.generation)

    def rename(self):
        os.rename(self.path, self.aside())
        os.close(self.fd)
        self.fd = self.open()
        self.counts["rename"] += 1

    def late_rename(self):
        """As a daemon that is told later: it goes on in the old file, and finishes a line there."""
        rest = self.write_half()
        os.rename(self.path, self.aside())
        self.moment.wait(self.random.random() * 0.05)
        os.write(self.fd, rest)
        self.write(self.random.randrange(1, 20))
        os.close(self.fd)
        self.fd = self.open()
        self.counts["late rename"] += 1

    def copytruncate(self):
        self.write(1)  # so that there is something to know the file by
        copy = self.aside()
        shutil.copy(self.path, copy)
        before = self.number
        if self.random.random() < 0.5:
            self.write(self.random.randrange(1, 5))
        self.may_miss.update(range(before + 1, self.number + 1))
        os.truncate(self.path, 0)
        self.counts["copytruncate"] += 1
        self.compress(copy)

    def compress(self, path):
        """A leftover beside the file itself: it must not be read."""
        with open(path, "rb") as file, gzip.open(path + ".gz", "wb", 1) as out:
            out.write(file.read())

    def run(self):
        while time.monotonic() < self.until:
            self.write(self.random.randrange(*LINES_PER_TURN))
            if self.random.random() < 0.2:
                rest = self.write_half()
                self.moment.wait(self.random.random() * PAUSE_S)
                os.write(self.fd, rest)
            if self.random.random() < 0.03:
                self.random.choice([self.rename, self.late_rename, self.copytruncate])()
            self.moment.wait(self.random.random() * PAUSE_S)
        os.write(self.fd, self.next_line())
        os.close(self.fd)


class Rotation(TaskForceCase):
    def setUp(self):
        super().setUp()
        print("SIAGA_SEED=%d SIAGA_TORTURE_S=%g" % (SEED, SECONDS))

    def torture(self, path_text, name, seconds, kills):
        database = self.path("agents", "bssn-soc-1", "state", "outbox.db")
        path = self.path("agents", "bssn-soc-1", name)
        self.force.write_agent_conf(
            "bssn/soc-1", '{ name = "ids"; type = "eve"; path = %s; from = "start"; keep_raw = false; }' % path_text,
            'outbox = { max_size = "4G"; };\ndamper = { enabled = false; };\n')
        writer = Writer(path, SEED, seconds)
        agent = self.force.start_agent("bssn/soc-1")
        agent.wait_line(r" start: ")
        nemesis = random.Random(SEED + 1)
        moment = threading.Event()
        killed = 0
        writer.start()
        while writer.is_alive() and kills:
            moment.wait(nemesis.random() * 3)
            agent.kill()
            killed += 1
            agent = self.force.start_agent("bssn/soc-1")
        writer.join()
        agent.wait_line(r" start: ")
        self.wait_for(database, writer.number)
        self.assertEqual(agent.stop(), 0)
        found = self.numbers(database)
        missing = set(range(1, writer.number + 1)) - set(found)
        print("%d lines, %d kills, %s; copytruncate lost %d of %d" % (
            writer.number, killed, writer.counts, len(missing & writer.may_miss), len(writer.may_miss)))
        self.assertEqual(sorted(missing - writer.may_miss)[:10], [])
        self.assertEqual(len(found), len(set(found)), "told twice: %s" % self.doubles(found))

    def wait_for(self, database, number):
        """Until the last line is in the outbox."""
        moment = threading.Event()
        deadline = time.monotonic() + 60
        last = b"1:%d:1" % number
        while time.monotonic() < deadline:
            with sqlite3.connect("file:%s?mode=ro" % database, uri=True, timeout=30) as connection:
                rows = connection.execute("SELECT entry FROM held ORDER BY turn DESC LIMIT 2000").fetchall()
            if any(last in row[0] for row in rows):
                return
            moment.wait(0.1)
        self.fail("the last line never came")

    @staticmethod
    def numbers(database):
        with sqlite3.connect("file:%s?mode=ro" % database, uri=True, timeout=30) as connection:
            return [int(NUMBER.search(row[0]).group(1)) for row in connection.execute("SELECT entry FROM held")]

    @staticmethod
    def doubles(found):
        seen, twice = set(), []
        for number in found:
            if number in seen:
                twice.append(number)
            seen.add(number)
        return sorted(twice)[:10]

    def test_one_file(self):
        path = self.path("agents", "bssn-soc-1", "eve.json")
        self.torture('"%s"' % path, "eve.json", SECONDS * 2 / 3, True)

    def test_wildcards_that_match_every_generation(self):
        path = self.path("agents", "bssn-soc-1", "eve.json")
        self.torture('[ "%s*" ]' % path, "eve.json", SECONDS / 3, True)


if __name__ == "__main__":
    siaga_e2e.main()
