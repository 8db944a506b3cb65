# SPDX-License-Identifier: Apache-2.0
"""The driver's half of shim_io.c: one unit's (an agent's, the hub's, a reader's) disk and clock, and its power."""

import os
import struct

import taskforce

LIBRARY = os.path.join(taskforce.BUILD, "tests", "chaos", "chaos_shim.so")
SANITIZED = bool(os.environ.get("SIAGA_SANITIZED"))  # whose own memory is not the program's
WRITE_EIO, WRITE_SHORT, WRITE_NOSPC, SYNC_EIO, READ_EIO = 1, 2, 4, 8, 16
CONTROL = struct.Struct("<IIIIq")  # struct shim_control
RECORD = struct.Struct("<IIQQQ")  # struct record of shim_undo.c
CHANGE, SYNCED, MADE, NAMED = 1, 2, 3, 4


def missing():
    """Why no program can run under the shim, or None."""
    return None if os.path.exists(LIBRARY) else "no tests/chaos/chaos_shim.so in the build (it has none with a sanitizer)"


class Shim:
    def __init__(self, directory, watched):
        """`watched`: how the paths of the unit's files begin; the shim's own are elsewhere."""
        os.makedirs(directory, exist_ok=True)
        self.control, self.undo = os.path.join(directory, "control"), os.path.join(directory, "undo")
        self.watched = watched
        self.clock_us = 0
        self.faults = (0, 0, 0)
        with open(self.control, "wb") as file:
            file.write(CONTROL.pack(0, 0, 0, 0, 0))
        self.page = open(self.control, "r+b", buffering=0)

    def env(self):
        if missing():
            return {}
        return {"LD_PRELOAD": LIBRARY, "SIAGA_SHIM_CONTROL": self.control, "SIAGA_SHIM_DIR": ":".join(self.watched),
                "SIAGA_SHIM_UNDO": self.undo}

    def arm(self, faults, chance, count):
        """The next `count` times that chance (of 1024) has it; 0 faults: none any more."""
        os.pwrite(self.page.fileno(), struct.pack("<III", faults, chance, count), 0)

    def hits(self):
        return CONTROL.unpack(os.pread(self.page.fileno(), CONTROL.size, 0))[3]

    def set_clock(self, offset_us):
        os.pwrite(self.page.fileno(), struct.pack("<q", offset_us), 16)

    def forget(self):
        """The files are others now, or all of them are on the disk."""
        for path in self.files():
            if ".undo-" in path:
                os.unlink(path)
        if os.path.exists(self.undo):
            os.truncate(self.undo, 0)

    def close(self):
        self.page.close()

    # ---- power ----

    def records(self):
        with open(self.undo, "rb") as file:
            data = file.read()
        at = 0
        while at + RECORD.size <= len(data):
            kind, length, inode, offset, size = RECORD.unpack_from(data, at)
            at += RECORD.size
            if at + length > len(data):
                return  # the kill came in the middle of it: what it is about was not written
            yield kind, inode, offset, size, data[at:at + length]
            at += length

    def unsynced(self):
        """By inode, what to put back to undo what was not synced, oldest first."""
        changes = {}
        for kind, inode, offset, size, old in self.records() if os.path.exists(self.undo) else ():
            if kind == CHANGE:
                changes.setdefault(inode, []).append((offset, size, old))
            elif kind == NAMED:
                changes.setdefault(inode, []).append((offset, None, old))
            else:
                changes.pop(inode, None)
        return changes

    def files(self):
        tops = {os.path.dirname(one) for one in self.watched}
        found = {os.path.join(root, name) for top in tops for root, _, names in os.walk(top) for name in names}
        return sorted(path for path in found if path.startswith(tuple(self.watched)))

    def cut(self, rng):
        """The program is dead, and the power was gone with it: of what no sync covers a file keeps the first part, often none
        of it. Returns how many writes are gone."""
        lost, changes = 0, self.unsynced()
        for path in self.files():
            if path.endswith("-shm"):
                os.unlink(path)
                continue
            todo = changes.pop(os.stat(path).st_ino, [])
            keep = rng.choice((0, 0, rng.randint(0, len(todo))))
            put_back(path, todo[keep:])
            lost += len(todo[keep:])
        for names in changes.values():
            lost += self.unname(names, rng)
        self.forget()
        return lost

    @staticmethod
    def unname(names, rng):
        """Of the names given in a directory that was not synced since, the last ones are not there."""
        names = [(kept, path.decode()) for kept, size, path in names if size is None]
        names = names[rng.choice((0, 0, rng.randint(0, len(names)))):]
        for kept, path in reversed(names):
            if kept:
                os.replace("%s.undo-%d" % (path, kept), path)
            elif os.path.exists(path):
                os.unlink(path)
        return len(names)


def put_back(path, changes):
    if not changes:
        return
    with open(path, "r+b", buffering=0) as file:
        for offset, size, old in reversed(changes):
            os.pwrite(file.fileno(), old, offset)
            os.ftruncate(file.fileno(), size)
