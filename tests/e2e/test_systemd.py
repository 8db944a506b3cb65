# SPDX-License-Identifier: Apache-2.0
"""The units under doc/systemd: systemd-analyze finds nothing wrong with them, and not much exposed."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import siaga_e2e

EXPOSURE_MAX = 2.0  # of 10; systemd-analyze calls up to 2 "OK", 4 and more "MEDIUM"
PROGRAMS = {"siaga-agent": "agent/siaga-agent", "siaga-hub": "hub/siaga-hub"}


class Systemd(unittest.TestCase):
    def setUp(self):
        if not shutil.which("systemd-analyze"):
            print("skipped: needs systemd-analyze (apt-get install systemd)")
            sys.exit(siaga_e2e.SKIPPED)
        self.dir = tempfile.mkdtemp(prefix="siaga-systemd-")
        self.units = []
        for path in sorted(glob.glob(os.path.join(siaga_e2e.TOP, "doc", "systemd", "*.service"))):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            # As installed, but with the programs of this build: verify looks whether they are there.
            for name, built in PROGRAMS.items():
                text = text.replace("/usr/bin/" + name, os.path.join(siaga_e2e.BUILD, built))
            self.units.append(os.path.join(self.dir, os.path.basename(path)))
            with open(self.units[-1], "w", encoding="utf-8") as file:
                file.write(text)
        self.assertTrue(self.units)

    def tearDown(self):
        shutil.rmtree(self.dir)

    def run_analyze(self, *args):
        return subprocess.run(["systemd-analyze", *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_units_verify(self):
        for unit in self.units:
            done = self.run_analyze("verify", "--man=no", "--recursive-errors=no", unit)
            own = [line for line in done.stdout.splitlines() if os.path.basename(unit) in line]
            self.assertEqual((done.returncode, own), (0, []), done.stdout)

    def test_units_expose_little(self):
        for unit in self.units:
            done = self.run_analyze("security", "--offline=yes", "--no-pager", unit)
            level = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
            self.assertIsNotNone(level, done.stdout)
            self.assertLessEqual(float(level.group(1)), EXPOSURE_MAX, done.stdout)


if __name__ == "__main__":
    siaga_e2e.main()
