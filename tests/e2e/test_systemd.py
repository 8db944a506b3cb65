# SPDX-License-Identifier: Apache-2.0
"""The units under doc/systemd: systemd-analyze finds nothing wrong with them, and not much exposed; their users and
directories can be made; and the firewall of doc/examples is one nft takes."""

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

    def read(self, *parts):
        with open(os.path.join(siaga_e2e.TOP, *parts), encoding="utf-8") as file:
            return file.read()

    def make_users_and_directories(self):
        """As on a machine that has neither, in a directory of our own."""
        for name in ("etc", "var/lib"):
            os.makedirs(os.path.join(self.dir, name))
        for program, *args in (("sysusers",), ("tmpfiles", "--create")):
            conf = os.path.join(siaga_e2e.TOP, "doc", "systemd", program + ".d", "siaga.conf")
            done = subprocess.run(["systemd-" + program, "--root=" + self.dir, *args, conf], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_users_of_the_units_are_made_and_own_their_directories(self):
        if os.geteuid() != 0:
            self.skipTest("needs root")
        self.make_users_and_directories()
        with open(os.path.join(self.dir, "etc", "passwd"), encoding="utf-8") as file:
            users = {line.split(":")[0]: line.rstrip("\n").split(":") for line in file}
        for unit in self.units:
            text = self.read(unit)
            user = re.search(r"^User=(.*)$", text, re.M).group(1)
            self.assertIn("nologin", users[user][6])
            directory = re.search(r"^StateDirectory=(.*)$", text, re.M).group(1)
            found = os.stat(os.path.join(self.dir, "var/lib", directory))
            self.assertEqual((found.st_uid, found.st_mode & 0o7777), (int(users[user][2]), 0o700), directory)
        self.assertEqual(os.stat(os.path.join(self.dir, "etc/siaga")).st_mode & 0o7777, 0o755)

    def test_hub_has_room_for_the_connections_it_allows(self):
        limits = self.read("hub", "hub_limits.h")
        number = lambda name: int(re.search(r"#define %s[\s\\\\]+(\d+)" % name, limits).group(1))
        unit = self.read("doc", "systemd", "siaga-hub.service")
        files = int(re.search(r"^LimitNOFILE=(\d+)$", unit, re.M).group(1))
        self.assertGreaterEqual(files, number("HUB_CONNECTIONS_MAX") + number("GATE_STRANGERS_MAX"))
        self.assertLessEqual(files, number("GATE_DESCRIPTORS_MAX"))

    def test_firewall_of_the_hub_is_understood(self):
        nft = shutil.which("nft", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if not nft or os.geteuid() != 0:
            self.skipTest("needs nft and root")
        done = subprocess.run([nft, "-c", "-f", os.path.join(siaga_e2e.TOP, "doc", "examples", "siaga-hub.nft")],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if "Operation not permitted" in done.stdout or "not supported" in done.stdout:
            self.skipTest("no nftables in this kernel")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

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
