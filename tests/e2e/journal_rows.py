# SPDX-License-Identifier: Apache-2.0
"""The hub's journal as rows: a connection to it with a temporary table `entry` (number, batch, id, kind, severity) of what
the stored batches say themselves. Only as much CBOR is read as the protocol uses (proto/siaga.cddl)."""

import sqlite3


def item(data, at):
    """One data item and where it ends; no floats, no tags, nothing of indefinite length."""
    major, more = data[at] >> 5, data[at] & 31
    at += 1
    if more >= 24:
        width = 1 << (more - 24)
        more, at = int.from_bytes(data[at:at + width], "big"), at + width
    if major == 0:
        return more, at
    if major in (2, 3):
        return data[at:at + more], at + more
    if major == 4:
        found = []
        for _ in range(more):
            value, at = item(data, at)
            found.append(value)
        return found, at
    if major == 5:
        found = {}
        for _ in range(more):
            key, at = item(data, at)
            found[key], at = item(data, at)
        return found, at
    if major == 7 and more in (20, 21):
        return more == 21, at
    raise ValueError("major type %d, %d at %d" % (major, more, at))


def headers(number, data):
    """The number and the header of each entry of a batch in full form."""
    for index, entry in enumerate(item(data, 0)[0][3]):
        yield number + index, item(entry, 0)[0][0]


def rows(first, data):
    """What a batch adds to the table."""
    for number, header in headers(first, data):
        yield number, first, header[1], header[3], header[10]


def connect(path):
    """Changes nothing in the journal, which a hub may be writing."""
    journal = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=60)
    journal.execute("CREATE TEMP TABLE entry (number INTEGER PRIMARY KEY, batch INTEGER, id BLOB, kind INTEGER,"
                    " severity INTEGER)")
    for number, data in journal.execute("SELECT number, bytes FROM batch ORDER BY number"):
        journal.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", rows(number, data))
    journal.execute("CREATE INDEX entry_batch ON entry (batch)")
    return journal
