# SPDX-License-Identifier: Apache-2.0
"""How an agent ends that cannot begin: its exit status says whether starting again helps (siaga-agent(8), EXIT STATUS)."""

import os
import resource
import signal
import subprocess

import siaga_e2e
from siaga_e2e import TaskForceCase, taskforce

LOCKED, IO_FAILS, CONFIG = 75, 74, 78


def no_room():
    """Every file may be as large as it is, and no larger: what a full disk is, where none can be mounted."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class AgentExit(TaskForceCase):
    def end(self, conf=None, **options):
        conf = conf or self.path("agents", "bssn-soc-1", "agent.conf")
        return subprocess.run([taskforce.program("siaga-agent"), "-c", conf], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60, **options)

    def test_a_disk_that_takes_nothing_is_74(self):
        self.eve_agent(start=False)
        done = self.end(preexec_fn=no_room)
        self.assertEqual(done.returncode, IO_FAILS, done.stderr)

    def test_a_full_disk_is_74_and_says_so(self):
        small = self.path("agents", "bssn-soc-1", "state")
        os.makedirs(small)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if mounted.returncode != 0:
            self.skipTest("cannot mount a small file system here: %s" % mounted.stdout.strip())
        self.addCleanup(subprocess.run, ["umount", "-l", small])
        self.eve_agent(start=False)
        try:
            with open(os.path.join(small, "filler"), "wb", buffering=0) as filler:
                while filler.write(bytes(4096)):
                    pass
        except OSError:
            pass
        done = self.end()
        self.assertEqual(done.returncode, IO_FAILS, done.stderr)
        self.assertRegex(done.stderr, "disk|No space left")

    def test_an_outbox_in_use_is_75(self):
        _, agent = self.eve_agent()
        agent.wait_line(r" start: ")
        done = self.end()
        self.assertEqual(done.returncode, LOCKED, done.stderr)
        self.assertTrue(agent.alive())

    def test_a_wrong_configuration_is_78(self):
        conf = self.path("wrong.conf")
        with open(conf, "w") as file:
            file.write("nonsense = 1;\n")
        done = self.end(conf)
        self.assertEqual(done.returncode, CONFIG, done.stderr)


if __name__ == "__main__":
    siaga_e2e.main()
