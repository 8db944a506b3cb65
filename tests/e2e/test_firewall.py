# SPDX-License-Identifier: Apache-2.0
"""doc/examples/siaga-hub.nft lets the agencies' addresses in and nobody else, in two network namespaces of our own."""

import os
import shutil
import subprocess
import sys
import unittest

import siaga_e2e

RULES = os.path.join(siaga_e2e.TOP, "doc", "examples", "siaga-hub.nft")
HUB4, HUB6 = "203.0.113.1", "2001:db8:ff::1"
AGENCIES = ("192.0.2.1", "192.0.2.15", "198.51.100.7", "198.51.100.70", "2001:db8:10:5::1", "2001:db8:20::7")
OTHERS = ("192.0.2.16", "198.51.100.8", "198.51.100.96", "203.0.113.9", "2001:db8:11::1", "2001:db8:20::8")

# Runs in the hub's namespace; the peers' is that of a child. Says "ADDRESS PORT open|closed".
INSIDE = r"""
import ctypes, os, select, socket, subprocess, sys
rules, hub4, hub6 = sys.argv[1:4]
run = lambda *argv: subprocess.run(argv, check=True)
peers = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo ready; read line"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
peers.stdout.readline()
inside = ("nsenter", "-t", str(peers.pid), "-n")
run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns", str(peers.pid))
for command in (("ip", "link", "set", "lo", "up"), ("ip", "link", "set", "v0", "up"),
                ("ip", "route", "add", "default", "dev", "v0"), ("ip", "-6", "route", "add", "default", "dev", "v0"),
                ("ip", "addr", "add", hub4 + "/32", "dev", "v0"),
                ("ip", "addr", "add", hub6 + "/128", "dev", "v0", "nodad"), ("nft", "-f", rules)):
    run(*command)
run(*inside, "ip", "link", "set", "v1", "up")
run(*inside, "ip", "route", "add", "default", "dev", "v1")
run(*inside, "ip", "-6", "route", "add", "default", "dev", "v1")
for address in sys.argv[4:]:
    run(*inside, "ip", "addr", "add", address + ("/128" if ":" in address else "/32"), "dev", "v1",
        *(["nodad"] if ":" in address else []))
listeners = [socket.create_server((host, port), family=family) for port in (7766, 7767)
             for host, family in ((hub4, socket.AF_INET), (hub6, socket.AF_INET6))]
if ctypes.CDLL(None).setns(os.open("/proc/%d/ns/net" % peers.pid, os.O_RDONLY), 0) != 0:
    sys.exit("setns failed")
sockets = []
for address in sys.argv[4:]:
    for port in (7766, 7767):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        s = socket.socket(family, socket.SOCK_STREAM)
        s.setblocking(False)
        s.bind((address, 0))
        s.connect_ex((hub6 if ":" in address else hub4, port))
        sockets.append((address, port, s))
# What is dropped never answers: a moment after the last that does, the others will not.
open_ones = set()
while True:
    waiting = [s for _, _, s in sockets if s not in open_ones]
    _, writable, _ = select.select([], waiting, [], 2)
    if not writable:
        break
    open_ones.update(writable)
for address, port, s in sockets:
    is_open = s in open_ones and s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    print(address, port, "open" if is_open else "closed")
peers.stdin.close()
peers.wait()
"""


class Firewall(unittest.TestCase):
    def test_only_the_agencies_reach_the_port(self):
        for program in ("nft", "ip", "nsenter", "unshare"):
            if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
                self.skipTest("needs " + program)
        if os.geteuid() != 0 or subprocess.run(["unshare", "-n", "true"], check=False).returncode != 0:
            self.skipTest("needs network namespaces")
        done = subprocess.run(["unshare", "-n", sys.executable, "-c", INSIDE, RULES, HUB4, HUB6, *AGENCIES, *OTHERS],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        if done.returncode != 0 and "not supported" in done.stderr:
            self.skipTest(done.stderr.splitlines()[0])
        self.assertEqual(done.returncode, 0, done.stderr)
        found = {tuple(line.split()[:2]): line.split()[2] for line in done.stdout.splitlines()}
        for address in AGENCIES + OTHERS:
            self.assertEqual(found[address, "7767"], "open", address)  # not the hub's port, not the firewall's business
            self.assertEqual(found[address, "7766"], "open" if address in AGENCIES else "closed", address)


if __name__ == "__main__":
    siaga_e2e.main()
