# SPDX-License-Identifier: Apache-2.0
"""Small disks that can be filled, and copies of directories that are put back."""

import os
import shutil
import subprocess
import time

LEFT_BYTES = (0, 3000, 60000)  # on a full disk: nothing, less than a page, and room for a few commits


def replace_content(copy, directory):
    """The directory has what the copy has, and nothing else; it may be where a disk is mounted."""
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    shutil.copytree(copy, directory, dirs_exist_ok=True)


class Disks:
    """For state and out files, where the machine lets us mount them; else there are none to fill."""

    def __init__(self, paths, megabytes):
        self.paths = []
        self.full = []  # (until, path of what fills it)
        for path in paths:
            os.makedirs(path, exist_ok=True)
            done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % megabytes, "tmpfs", path],
                                  stderr=subprocess.DEVNULL)
            if done.returncode == 0:
                self.paths.append(path)

    def fill(self, rng):
        if not self.paths:
            return False
        path = rng.choice(self.paths)
        filler = os.path.join(path, ".filler")
        left, seconds = rng.choice(LEFT_BYTES), rng.choice((0.2, 0.8, 2.0))
        disk = os.statvfs(path)
        try:
            with open(filler, "ab", buffering=0) as file:
                os.posix_fallocate(file.fileno(), 0, max(disk.f_bavail * disk.f_frsize - left, 1))
        except OSError:
            pass  # somebody wrote meanwhile: full it is
        self.full.append((time.monotonic() + seconds, filler))
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
