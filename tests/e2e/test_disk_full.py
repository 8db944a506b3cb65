# SPDX-License-Identifier: Apache-2.0
"""A disk is full, the agent's, the hub's or a reader's: a clear error, nothing that was stored is lost, and it goes on when
there is room."""

import os
import subprocess
import sys

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines

TOTAL = 8000


class DiskFull(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.small = self.path("small")
        os.makedirs(self.small)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", self.small],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            print("skipped: cannot mount a small file system here: %s" % done.stdout.strip())
            self.tearDown()
            sys.exit(siaga_e2e.SKIPPED)

    def tearDown(self):
        self.force.stop()
        subprocess.run(["umount", "-l", self.small], stderr=subprocess.DEVNULL)
        super().tearDown()

    def test_agent_on_a_full_disk(self):
        eve, _ = self.eve_agent(start=False)
        state = self.path("agents", "bssn-soc-1", "state")
        os.symlink(self.small, state)
        agent = self.force.start_agent("bssn/soc-1")
        self.append(eve, [eve_alert(number) for number in range(1, TOTAL + 1)])
        agent.wait_line(r"(?i)disk.*full|full.*disk|no space", timeout=60)
        self.assertTrue(agent.alive())
        # kill -9 while full: what was stored stays stored.
        agent.kill()
        agent = self.force.start_agent("bssn/soc-1")
        self.force.start_hub()
        # The hub takes what is stored, but acknowledged batches are kept: only more room frees the agent.
        subprocess.run(["mount", "-o", "remount,size=256m", self.small], check=True)
        out, reader = self.watch_out("polri/dewi", TOTAL)
        self.assertEqual(reader.wait(120), 0, reader.tail() + agent.tail())
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, TOTAL + 1)))

    def test_hub_on_a_full_disk(self):
        os.symlink(self.small, self.path("hub", "state"))
        self.force.write_hub_conf(reserve='"1M"')
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out, reader = self.watch_out("polri/dewi", TOTAL)
        self.append(eve, [eve_alert(number) for number in range(1, TOTAL + 1)])
        agent.wait_line(r"(?i)refused for now.*disk|disk.*full|no space", timeout=60)
        # It goes on telling what it has, and forgets nothing that it acknowledged when it is killed.
        self.force.hub.kill()
        self.force.start_hub(wait=False)
        subprocess.run(["mount", "-o", "remount,size=256m", self.small], check=True)
        self.assertEqual(reader.wait(120), 0, reader.tail() + agent.tail())
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, TOTAL + 1)))

    def test_reader_on_a_full_disk(self):
        self.force.start_hub()
        eve, _ = self.eve_agent()
        self.append(eve, [eve_alert(number) for number in range(1, TOTAL + 1)])
        out = os.path.join(self.small, "out.jsonl")
        for _ in range(3):  # started again and again, as by a service manager
            _, reader = self.watch_out("polri/dewi", TOTAL, out)
            self.assertEqual(reader.wait(60), 74, reader.tail())
        subprocess.run(["mount", "-o", "remount,size=256m", self.small], check=True)
        with open(out, "rb") as file:
            whole = file.read().count(b"\n")
        self.assertGreater(whole, 0)
        _, reader = self.watch_out("polri/dewi", TOTAL - whole, out)
        self.assertEqual(reader.wait(60), 0, reader.tail())
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, TOTAL + 1)))


if __name__ == "__main__":
    siaga_e2e.main()
