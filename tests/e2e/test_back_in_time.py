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

    def put_back(self, copy, state):
        shutil.rmtree(state)
        shutil.copytree(copy, state)

    def test_both_restored_reuse_numbers_and_the_reader_takes_what_is_new(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out = self.path("out.jsonl")
        hub, agents = self.path("hub", "state"), self.path("agents", "bssn-soc-1", "state")
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        self.arrived("polri/dewi", out, 50)
        agent.stop()
        self.force.hub.stop()
        shutil.copytree(hub, self.path("old-hub"))
        shutil.copytree(agents, self.path("old-agent"))
        self.force.start_hub()
        agent = self.force.start_agent("bssn/soc-1")
        self.append(eve, [eve_alert(n) for n in range(51, 101)])
        self.arrived("polri/dewi", out, 50)
        agent.stop()
        self.force.hub.stop()
        self.put_back(self.path("old-hub"), hub)
        self.put_back(self.path("old-agent"), agents)
        # Neither can know. The new ones overtake, and so get the epoch and oseq that 51 to 100 had.
        self.append(eve, [eve_alert(n, severity=1) for n in range(101, 131)])
        agent = self.force.start_agent("bssn/soc-1")
        agent.wait_line(r"(?i)cannot connect")
        self.force.start_hub()
        self.arrived("polri/dewi", out, 30)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 131)))

    def test_a_journal_from_before_an_epoch_began(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out = self.path("out.jsonl")
        hub, agents = self.path("hub", "state"), self.path("agents", "bssn-soc-1", "state")
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        self.arrived("polri/dewi", out, 50)
        agent.stop()
        self.force.hub.stop()
        shutil.copytree(hub, self.path("old-hub"))
        shutil.copytree(agents, self.path("old-agent"))
        self.force.start_hub()
        agent = self.force.start_agent("bssn/soc-1")
        self.append(eve, [eve_alert(n) for n in range(51, 101)])
        self.arrived("polri/dewi", out, 50)
        agent.stop()
        self.put_back(self.path("old-agent"), agents)
        # A new epoch: 51 to 100 are read again and known; 101 to 110 are new.
        agent = self.force.start_agent("bssn/soc-1")
        self.append(eve, [eve_alert(n) for n in range(101, 111)])
        self.arrived("polri/dewi", out, 10)
        self.force.hub.stop()
        self.put_back(self.path("old-hub"), hub)
        self.force.start_hub()
        # What the hub had known it lost; it comes in another epoch, which is nothing new for who has it.
        self.append(eve, [eve_alert(n) for n in range(111, 121)])
        self.arrived("bin/budi", self.path("other.jsonl"), 120)
        self.assertEqual(sorted(numbers_of(read_json_lines(self.path("other.jsonl")))), list(range(1, 121)))
        self.arrived("polri/dewi", out, 10)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 121)))

    def test_a_readers_file_put_back_without_its_cursor(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out, old = self.path("out.jsonl"), self.path("old.jsonl")
        self.append(eve, [eve_alert(n) for n in range(1, 31)])
        self.arrived("polri/dewi", out, 30)
        shutil.copy(out, old)
        self.append(eve, [eve_alert(n) for n in range(31, 61)])
        self.arrived("polri/dewi", out, 30)
        shutil.copy(old, out)
        self.arrived("polri/dewi", out, 30)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 61)))


if __name__ == "__main__":
    siaga_e2e.main()
