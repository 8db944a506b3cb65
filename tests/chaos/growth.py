# SPDX-License-Identifier: Apache-2.0
"""Nothing goes on growing: the memory of its own, the descriptors and the WAL of everybody, between equal amounts of work."""

import os

import shim
from crew import AGENTS, SOURCES

ROUNDS = 3
LINES = 150  # of each source in a round
FDS_MORE = 6  # a reconnect holds two sockets for a moment
ANON_MORE_KIB = 6144  # an allocator's arenas; a leak of a hundred bytes an entry is found by long runs
WAL_MAX_BYTES = 80 << 20  # HUB_WAL_PAGES_MAX pages and what one commit may add


def anon_kib(pid):
    with open("/proc/%d/status" % pid) as file:
        return next((int(line.split()[1]) for line in file if line.startswith("RssAnon:")), 0)


def look(crew):
    """pid -> (name, KiB, descriptors)"""
    found = {}
    pids = [(it.name, pid) for it in crew.everybody for pid in it.pids()]
    pids += [(name, pid) for pid, name in crew.children().items()]
    for name, pid in pids:
        try:
            found[pid] = (name, anon_kib(pid), len(os.listdir("/proc/%d/fd" % pid)))
        except OSError:
            continue
    return found


def check(crew, workload, wait_all, promises):
    """`wait_all` returns when everything has arrived that was told, or False when it does not."""
    looks = []
    for _ in range(ROUNDS):
        for source in range(len(SOURCES)):
            workload.append(source, LINES)
        if not wait_all():
            return
        looks.append(look(crew))
    wrong, rows = [], []
    for pid, (name, kib, fds) in looks[0].items():
        if not all(pid in one for one in looks):
            continue
        _, kib_last, fds_last = looks[-1][pid]
        rows.append((name, kib_last, fds_last))
        if fds_last > fds + FDS_MORE:
            wrong.append("%s: %d descriptors, then %d" % (name, fds, fds_last))
        if not shim.SANITIZED and kib_last > kib + ANON_MORE_KIB:
            wrong.append("%s: %d KiB, then %d" % (name, kib, kib_last))
    wals = [crew.path("hub", "state", "journal.db-wal")] + [os.path.join(crew.state_of(agent), "outbox.db-wal")
                                                            for agent in AGENTS]
    wrong += ["%s: %d bytes" % (wal, os.path.getsize(wal)) for wal in wals
              if os.path.exists(wal) and os.path.getsize(wal) > WAL_MAX_BYTES]
    promises.tell("nothing still grows (memory, descriptors, WAL)", len(rows) + len(wals), wrong)
