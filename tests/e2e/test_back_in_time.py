# SPDX-License-Identifier: Apache-2.0
"""Disks that go back in time: an outbox restored from a snapshot, a journal restored from an older copy. Both recover by
the epoch rules; nothing that still exists anywhere is lost, and nothing is doubled at a reader with --out."""

import shutil

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines


class BackInTime(TaskForceCase):
    def arrived(self, person, out, count):
        out, reader = self.watch_out(person, count, out)
        self.assertEqual(reader.wait(60), 0, reader.tail())

    def test_an_agents_outbox_restored_from_a_snapshot(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out = self.path("out.jsonl")
        state, snapshot = self.path("agents", "bssn-soc-1", "state"), self.path("snapshot")
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        self.arrived("polri/dewi", out, 50)
        agent.stop()
        shutil.copytree(state, snapshot)
        agent = self.force.start_agent("bssn/soc-1")
        self.append(eve, [eve_alert(n) for n in range(51, 101)])
        self.arrived("polri/dewi", out, 50)
        agent.stop()
        shutil.rmtree(state)
        shutil.copytree(snapshot, state)
        # It reads lines 51 to 100 again: the hub knows them. Then new ones.
        self.append(eve, [eve_alert(n) for n in range(101, 151)])
        agent = self.force.start_agent("bssn/soc-1")
        self.arrived("polri/dewi", out, 50)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 151)))
        alerts = self.log("bin/budi", "--kind", "alert")
        self.assertEqual(sorted(numbers_of(alerts)), list(range(1, 151)))
        self.assertEqual(len({alert["epoch"] for alert in alerts}), 2)
        voids = self.log("bssn/ani", "--kind", "void")
        self.assertTrue(any("previous" in void for void in voids), voids)

    def test_a_hub_journal_restored_from_an_older_copy(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out = self.path("out.jsonl")
        state, old = self.path("hub", "state"), self.path("old")
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        self.arrived("polri/dewi", out, 50)
        self.force.hub.stop()
        shutil.copytree(state, old)
        self.force.start_hub()
        self.append(eve, [eve_alert(n) for n in range(51, 101)])
        self.arrived("polri/dewi", out, 50)
        self.force.hub.stop()
        shutil.rmtree(state)
        shutil.copytree(old, state)
        self.force.start_hub()
        # The agent sends 51 to 100 again by itself; then new ones come.
        self.append(eve, [eve_alert(n) for n in range(101, 151)])
        self.arrived("polri/dewi", out, 50)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 151)))
        self.arrived("bin/budi", self.path("other.jsonl"), 150)
        self.assertEqual(sorted(numbers_of(read_json_lines(self.path("other.jsonl")))), list(range(1, 151)))

    def test_a_running_reader_survives_the_restored_journal(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        state, old = self.path("hub", "state"), self.path("old")
        self.force.hub.stop()
        shutil.copytree(state, old)
        self.force.start_hub()
        out, reader = self.watch_out("polri/dewi", 100)
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        self.arrived("bin/budi", self.path("other.jsonl"), 50)
        self.force.hub.stop()
        shutil.rmtree(state)
        shutil.copytree(old, state)
        self.force.start_hub()
        self.append(eve, [eve_alert(n) for n in range(51, 101)])
        self.assertEqual(reader.wait(60), 0, reader.tail())
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 101)))


if __name__ == "__main__":
    siaga_e2e.main()
