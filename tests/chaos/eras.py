# SPDX-License-Identifier: Apache-2.0
"""The hub's log as it was at each time its disk went back, and every checkpoint that was seen: what readers were given and
what the hub signed is compared with it. All hashes are computed here, from RFC 6962 and the C2SP formats."""

import contextlib
import hashlib
import sqlite3

import journal_rows
import outsider

HASH_BYTES = 32
TILE_LEAVES = 256


def open_journal(path):
    return contextlib.closing(journal_rows.connect(path))


class Roots:
    """The roots of all the prefixes of a log, each computed once (RFC 6962 section 2.1)."""

    def __init__(self, leaves):
        self.leaves = leaves
        self.known = {}

    def subtree(self, start, count):
        """Of complete subtrees, which do not change; recursion is as deep as the tree."""
        if count == 1:
            return self.leaves[start]
        if (start, count) not in self.known:
            half = count // 2
            self.known[start, count] = outsider.node(self.subtree(start, half), self.subtree(start + half, half))
        return self.known[start, count]

    def root(self, size):
        if size == 0:
            return hashlib.sha256(b"").digest()
        start, parts = 0, []
        while start < size:
            count = 1 << (size - start).bit_length() - 1
            parts.append(self.subtree(start, count))
            start += count
        found = parts.pop()
        while parts:
            found = outsider.node(parts.pop(), found)
        return found


class Log:
    """What the hub's journal held at one time, before its disk went back (or at the end)."""

    def __init__(self, log_id, leaves, ids):
        self.id, self.roots, self.ids = log_id, Roots(leaves), ids

    def has(self, alert):
        """At its number, under its mark (which is of the entry before the reader's next)?"""
        log_id, through, mark = alert["cursor"].split(":")
        number, through = alert["number"], int(through)
        return log_id == alert["log_id"] == self.id.hex() and number < through <= len(self.ids) and self.ids[
            number].hex() == alert["id"].replace("-", "") and self.roots.leaves[through - 1].hex() == mark


def read_log(path):
    """Leaf hashes by the stored tiles. check_leaves() of the last log computes them from the entries."""
    with open_journal(path) as journal:
        ids = [row[0] for row in journal.execute("SELECT id FROM entry ORDER BY number")]
        log_id = journal.execute("SELECT value FROM meta WHERE key = 'log-id'").fetchone()[0]
        head = journal.execute("SELECT coalesce (max (number) + 1, 0) FROM entry").fetchone()[0]
        tiles = dict(journal.execute("SELECT place, hashes FROM tile WHERE place < 1 << 56"))
        leaves = []
        for place in range((head + TILE_LEAVES - 1) // TILE_LEAVES):
            hashes = tiles[place]
            leaves += [hashes[at:at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    return Log(log_id, leaves[:head], ids)


class Eras:
    def __init__(self, crew):
        self.crew = crew
        self.logs = []  # Log
        self.notes = {}  # text -> how many eras were closed when it was seen first
        self.last = None

    def path(self):
        return self.crew.path("hub", "state", "journal.db")

    def close(self):
        """The hub is dead, and its disk about to go back."""
        self.look()
        with contextlib.suppress(sqlite3.Error):  # nothing was there yet
            self.logs.append(read_log(self.path()))

    def look(self):
        """Takes note of the checkpoint that the hub tells now."""
        with contextlib.suppress(FileNotFoundError, UnicodeDecodeError):
            with open(self.crew.checkpoint_path, encoding="utf-8") as file:
                note = file.read()
            if note != self.last and note.endswith("\n"):
                self.last = note
                self.notes.setdefault(note, len(self.logs))

    # ---- promises ----

    def hub_key(self):
        return outsider.Card(self.crew.force.card("kpu/hub")).sign

    def check_notes(self, is_apart):
        """Every checkpoint is of one of the logs, and of two of one log the smaller is a prefix of the larger. Where the
        hub's checkpoint goes back with its journal, it cannot know: then only within an era."""
        wrong, opened = [], []
        for note, era in self.notes.items():
            try:
                log_id, size, root = outsider.open_checkpoint(note, self.crew.force.network, [self.hub_key()])
            except outsider.Bad as bad:
                wrong.append("a checkpoint that is none (%s): %r" % (bad, note))
                continue
            opened.append((log_id, 0 if is_apart else era, size, root))
            if not self.holder(log_id, size, root):
                wrong.append("the checkpoint of %d entries of log %s is of no log there ever was" % (size, log_id.hex()))
        for log_id, era in sorted({it[:2] for it in opened}):
            mine = sorted(it[2:] for it in opened if it[:2] == (log_id, era))
            largest = self.holder(log_id, *mine[-1])
            wrong += ["two checkpoints of log %s contradict each other: of %d and of %d entries" % (
                log_id.hex(), size, mine[-1][0]) for size, root in mine if largest and largest.root(size) != root]
        return len(self.notes), wrong

    def holder(self, log_id, size, root):
        for log in reversed(self.logs):
            if log.id == log_id and size <= len(log.ids) and log.roots.root(size) == root:
                return log.roots
        return None

    def check_leaves(self):
        """The last log's leaves from its entries' own bytes: batches, their roots, what was accepted when."""
        roots = self.logs[-1].roots
        with open_journal(self.path()) as journal:
            for number, count, accepted, data in journal.execute(
                    "SELECT number, count, accepted, bytes FROM batch ORDER BY number"):
                head, hashes = open_batch(data)
                if len(hashes) != count or outsider.tree_root(hashes) != head[7]:
                    return number, ["the batch at %d is not what its head says" % number]
                made = [outsider.log_leaf(accepted, one) for one in hashes]
                if made != roots.leaves[number:number + count]:
                    return number, ["the leaves of the batch at %d are not those in the tree" % number]
        return len(roots.leaves), []

    def check_numbers(self, alerts):
        """What a reader has is what a log had at that number, and so the same to all."""
        by_id = {}
        for log in self.logs:
            by_id.setdefault(log.id.hex(), []).append(log)
        return ["%s is not number %d of log %s" % (alert["id"], alert["number"], alert["log_id"]) for alert in alerts
                if not any(log.has(alert) for log in by_id.get(alert["log_id"], []))]


def open_batch(data):
    """(head, leaf hashes) of a full batch in the journal, where every entry is present."""
    batch = outsider.decode(data)
    return outsider.decode(batch[1]), [outsider.leaf_hash(slot) for slot in batch[3]]
