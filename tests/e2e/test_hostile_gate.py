# SPDX-License-Identifier: Apache-2.0
"""A gate that was taken over, against a real core: it speaks for nobody whose key it has not, makes the core neither die
nor grow, and what it says is logged escaped (tests/peers/hub_gate.c)."""

import os
import subprocess

import siaga_e2e
from hostile import IS_SANITIZED
from siaga_e2e import BUILD

SEED = os.environ.get("SIAGA_SEED", str(int.from_bytes(os.urandom(3), "big")))
GROWTH_MAX = 1.1

WANTED = """
key-of-nobody unknown cut
in-anothers-name signature cut
own-hello-on-anothers-connection unknown cut
hello-again replay cut
entry-of-another origin
never-opened silence
opened-twice grammar cut
gone-twice silence
cut-ignored grammar cut
another-generation silence
packets-of-the-core silence
misshapen-packets silence
ready-with-escapes silence
noise silence
storm-of-connections limit
storm-of-generations silence
does-not-listen stopped
""".split("\n")[1:-1]


class Gate(siaga_e2e.TaskForceCase):
    def test_core_believes_no_gate(self):
        print("SIAGA_SEED=%s" % SEED)
        done = subprocess.run([BUILD + "/tests/peers/hub_gate", self.path("hub", "hub.conf"), self.path("roster.conf"),
                               self.force.identity("bin/soc-1"), self.force.identity("polri/dewi"), SEED],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=160)
        said, log = done.stdout.decode().splitlines(), done.stderr.decode()
        self.assertEqual(done.returncode, 0, "\n".join(said) + log[-4000:])
        self.assertEqual(said[:-2], WANTED * 2)
        print(said[-2])
        before, after = map(int, said[-2].split()[1:])
        if not IS_SANITIZED:
            self.assertLess(after, GROWTH_MAX * before)
        self.assertEqual(said[-1], "core 0", log[-4000:])
        self.assertNotIn("\x1b", log)
        self.assertIn("\\x1b[2J", log)
        self.assertEqual(self.hub_tool("--verify").returncode, 0)


if __name__ == "__main__":
    siaga_e2e.main()
