# SPDX-License-Identifier: Apache-2.0
"""kill -STOP of the core or of the gate while peers go on sending, and fewer descriptors than connections: what waits is
bounded, -CONT goes on where it was, and honest peers are served (PITFALLS 14)."""

import os
import shutil
import signal
import tempfile
import unittest

import crowd_peer
import hostile
from siaga_e2e import taskforce

GATE_MIB, CORE_MIB = 600, 300


class Stopped(unittest.TestCase):
    def begin(self, start_hub=None):
        directory = tempfile.mkdtemp(prefix="siaga-e2e-")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        force = hostile.prepare(directory, 2)
        if start_hub:
            force.start_hub = lambda: start_hub(force)
        self.stage = hostile.Stage(force)
        self.addCleanup(self.stage.stop)
        return self.stage

    def signal(self, name, number):
        os.kill(self.stage.children[name], number)

    def check(self):
        """Everybody lives, and what is said now arrives."""
        self.stage.honest.wait_more(hostile.SEEN_MIN)
        self.stage.honest.delays_s(1, self.stage.honest.last())
        self.assertEqual(crowd_peer.hub_children(self.stage.force), self.stage.children, self.stage.force.hub.tail(20))
        peaks = self.stage.peaks_kib()
        print(peaks)
        if not hostile.IS_SANITIZED:
            self.assertLess(peaks["gate"], GATE_MIB * 1024)
            self.assertLess(peaks["core"], CORE_MIB * 1024)

    def test_stopped_core(self):
        """Connections are filled with whole messages until no more goes in, closed and opened again."""
        stage = self.begin()
        crammed = stage.peer("train", ["bin/h-0"], "cram", 20, 2)
        self.signal("siaga-core", signal.SIGSTOP)
        crammed.tell("now")
        print(crammed.line())
        self.signal("siaga-core", signal.SIGCONT)
        self.check()
        crammed.end()

    def test_stopped_gate(self):
        stage = self.begin()
        flood = stage.peer("flooder", ["bin/h-0"], "flood", 16, 64, 0)
        self.assertEqual(flood.line(), "flood 16")
        self.signal("siaga-gate", signal.SIGSTOP)
        silent = stage.peer("raw", ["bin/h-1"], "silent", 100)
        self.assertEqual(silent.line(), "silent 100")  # the kernel takes them
        self.signal("siaga-gate", signal.SIGCONT)
        self.check()
        flood.end()
        silent.end()

    def test_fewer_descriptors_than_connections(self):
        def start_hub(force):
            force.hub = force.start(["/bin/sh", "-c", 'ulimit -n 128; exec "$0" -d -c "$1"', taskforce.program("siaga-hub"),
                                     force.path("hub", "hub.conf")], "hub/log")
            force.hub.wait_line(r"\bready\b")

        stage = self.begin(start_hub)
        self.assertTrue(stage.force.hub.find("descriptors-few"))
        silent = stage.peer("raw", ["bin/h-0"], "silent", 400)
        self.assertEqual(silent.line(), "silent 400")
        stage.force.hub.wait_line("descriptors-low")
        self.check()  # who was there, …
        late = stage.force.siaga("brin/rina", "log", "--since", "0", "--count", "1")
        self.assertEqual(late.returncode, 0, late.stderr)  # … and who comes now
        silent.end()


if __name__ == "__main__":
    unittest.main()
