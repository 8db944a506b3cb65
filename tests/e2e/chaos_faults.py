# SPDX-License-Identifier: Apache-2.0
"""Faults of test_chaos.py that take an operator, a root key or a disk: an ordered stop, a backup put back as a new log, a
reader revoked and enrolled again, disks that are full for a moment."""

import os
import re
import shutil
import signal
import subprocess
import time

from siaga_e2e import taskforce

DISK = "size=96m"
LEFT_BYTES = (0, 3000, 60000)  # on a full disk: nothing, less than a page, and room for a few commits


def ends(tail):
    """How a program may end that says this last: killed, stopped (perhaps before it minds signals), or by what was done to
    its disk and its key. Anything else is a mistake of its own."""
    statuses = (-signal.SIGKILL, -signal.SIGTERM, 0, 71, 75)
    if re.search("No space left|disk is full|no disk space left|input or output failed", tail):
        statuses += (73, 74)
    return statuses + ((1,) if "this key of" in tail else ())


def crashes(log):
    """How gates and cores ended that nobody killed; the hub starts them again, so nothing else tells. A disk that is full or
    was put back is told by 71, 74 or 78."""
    return [how for how in re.findall(r"child-died: (.*)", log)
            if not re.fullmatch(r"\w+: (killed by signal 9|exit status 7[148])", how)]


def replace_content(copy, directory):
    """The directory has what the copy has, and nothing else; it may be where a disk is mounted."""
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    shutil.copytree(copy, directory, dirs_exist_ok=True)


class Disks:
    """Small disks for state and out files, where the machine lets us mount them; else there are none to fill."""

    def __init__(self, *paths):
        self.paths = []
        self.full = []  # (until, path of what fills it)
        for path in paths:
            os.makedirs(path, exist_ok=True)
            done = subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", path], stderr=subprocess.DEVNULL)
            if done.returncode == 0:
                self.paths.append(path)

    def fill(self, random):
        if not self.paths:
            return False
        path = random.choice(self.paths)
        filler = os.path.join(path, ".filler")
        left = random.choice(LEFT_BYTES)
        disk = os.statvfs(path)
        try:
            with open(filler, "ab", buffering=0) as file:
                os.posix_fallocate(file.fileno(), 0, max(disk.f_bavail * disk.f_frsize - left, 1))
        except OSError:
            pass  # somebody wrote meanwhile: full it is
        self.full.append((time.monotonic() + random.choice((0.2, 0.8, 2.0)), filler))
        return True

    def relieve(self, everything=False):
        now = time.monotonic()
        for until, filler in self.full:
            if (everything or until <= now) and os.path.exists(filler):
                os.unlink(filler)
        self.full = [] if everything else [it for it in self.full if it[0] > now]

    def unmount(self):
        for path in self.paths:
            subprocess.run(["umount", "-l", path], stderr=subprocess.DEVNULL)


class OperatorFaults:
    """What a test with self.force, self.hub, self.readers, self.disks and self.random can do to them."""

    revoked = ()

    def drain_hub(self):
        if self.hub.process.alive():
            self.hub.process.popen.send_signal(signal.SIGTERM)

    def make_backup(self):
        """Of a hub that goes on; only a whole one replaces the last."""
        new = self.path("backup.new")
        if os.path.exists(new):
            os.unlink(new)
        if self.hub_tool("--backup", new).returncode != 0:
            return False
        os.rename(new, self.path("backup.db"))
        return True

    def restore_backup(self):
        """The log goes on as a new one."""
        if not os.path.exists(self.path("backup.db")):
            return False
        self.stop_hub()
        self.disks.relieve(everything=True)
        done = self.hub_tool("--restore", self.path("backup.db"))
        self.assertEqual(done.returncode, 0, done.stderr)
        return True

    def write_roster(self):
        """The pair is put in place by rename, the signature last."""
        self.force.serial += 1
        self.force.write_roster(path=self.path("roster.new"))
        for name in ("", ".minisig"):
            os.rename(self.path("roster.new" + name), self.path("roster.conf" + name))

    def revoke_reader(self):
        """Or, when one is, it is enrolled again: it has missed nothing."""
        if self.revoked:
            return self.enroll_again()
        self.revoked = (self.random.choice(sorted(self.readers)),)
        self.force.key_extra = {name: 'untrusted_from = "%s";' % taskforce.now_text() for name in self.revoked}
        self.write_roster()
        return True

    def enroll_again(self):
        if not self.revoked:
            return False
        self.revoked = ()
        self.force.key_extra = {}
        self.write_roster()
        return True

    def fill_disk(self):
        return self.disks.fill(self.random)
