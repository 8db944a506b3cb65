# SPDX-License-Identifier: Apache-2.0
"""A hub whose disk fails for one moment, as it starts, starts again by itself: it is not the configuration that is wrong, and a
service manager would leave it at that (78)."""

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[1:1] = [os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..", "..", "doc", "demo")]

import shim  # noqa: E402
import siaga_e2e  # noqa: E402
import taskforce  # noqa: E402


class Start(siaga_e2e.TaskForceCase):
    def setUp(self):
        if shim.missing():
            print("skipped: " + shim.missing())
            sys.exit(siaga_e2e.SKIPPED)
        super().setUp()
        self.force.start_hub().stop()
        self.shim = shim.Shim(self.path("shim"), [self.path("hub", "state", "roster.state")])
        self.addCleanup(self.shim.close)

    def start(self, fault):
        self.shim.arm(fault, 1024, 1)
        hub = self.force.start([taskforce.program("siaga-hub"), "-d", "-c", self.path("hub", "hub.conf")], "hub/log",
                               env=dict(os.environ, **self.shim.env()))
        hub.wait_line("child-died: core: exit status 74", timeout=60)
        hub.wait_line(r"\bready\b", timeout=60)
        self.assertEqual(self.shim.hits(), 1)
        self.assertEqual(hub.stop(), 0)

    def test_what_it_remembers_cannot_be_read(self):
        self.start(shim.READ_EIO)


if __name__ == "__main__":
    siaga_e2e.main()
