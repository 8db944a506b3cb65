# SPDX-License-Identifier: Apache-2.0
"""`siaga status`: the whole task force for operators, one's own member for others; who is absent too; what is open; again
and again with --watch; and the same numbers for Prometheus, in the answer and in a file."""

import json
import os
import subprocess
import time

import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase, eve_alert


class Status(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.metrics = self.path("metrics", "siaga.prom")
        os.mkdir(self.path("metrics"))
        self.force.write_hub_conf(metrics_file='"%s"' % self.metrics, expected='["bin/budi", "bssn/ani"]',
                                  presence='{ absent_after = "1s"; settle = "1s"; start_grace = "1s"; }')

    def status(self, person, *more):
        return json.loads(self.force.siaga(person, "status", "--format", "json", *more, check=True).stdout)["hub"]

    def wait_hub(self, person, condition):
        deadline = time.monotonic() + 60
        while True:
            hub = self.status(person)
            if condition(hub):
                return hub
            self.assertLess(time.monotonic(), deadline, json.dumps(hub, indent=1))

    @staticmethod
    def row(hub, principal):
        return next(row for row in hub["principals"] if row["principal"] == principal)

    def test_everybody_is_there_and_who_is_not(self):
        self.force.start_hub()
        eve, _ = self.eve_agent("bssn/soc-1")
        self.append(eve, [eve_alert(1)])
        out, reader = self.watch_out("bssn/ani", 2)
        hub = self.wait_hub("kpu/sari", lambda hub: self.row(hub, "bssn/soc-1")["last_alert"] and any(
            condition["principal"] == "bin/budi" for condition in hub["conditions"]) and
            self.row(hub, "bssn/ani")["subscriptions"])
        names = [name for name, _ in taskforce.PRINCIPALS if name != "kpu/hub"]
        self.assertEqual([row["principal"] for row in hub["principals"]], names)
        agent = self.row(hub, "bssn/soc-1")
        self.assertTrue(agent["agent"])
        self.assertEqual((agent["sessions"], agent["software"].split()[0], agent["roster_serial"], agent["roles"]),
                         (1, "siaga-agent", 1, ["publish", "read"]))
        budi = self.row(hub, "bin/budi")
        self.assertEqual((budi["sessions"], budi["last_heard"], budi["expected"]), (0, None, True))
        ani = self.row(hub, "bssn/ani")
        self.assertEqual((ani["subscriptions"], ani["behind"]), (1, 0))
        absent = next(it for it in hub["conditions"] if it["principal"] == "bin/budi")
        self.assertEqual((absent["kind"], absent["severity"]), ("absent", "high"))
        # Others see their own member's.
        hub = self.status("polri/dewi")
        self.assertEqual([row["principal"] for row in hub["principals"]], ["polri/soc-1", "polri/dewi"])
        self.assertEqual(hub["conditions"], [])
        self.assertEqual([it["principal"] for it in self.status("bin/budi")["conditions"]], ["bin/budi"])
        text = self.force.siaga("kpu/sari", "status", "--format", "text", check=True).stdout
        self.assertRegex(text, r"(?m)^bssn/soc-1 +up +20.*siaga-agent")
        self.assertRegex(text, r"(?m)^kominfo|^bin/soc-1 +never")
        self.assertRegex(text, r"(?m)^high +20.* bin/budi is not connected: not connected, last heard never$")
        reader.stop()

    def test_watch_shows_it_again(self):
        self.force.start_hub()
        watch = self.force.start_siaga("kpu/sari", "status", "--watch=1s", "--format", "json", stdout=subprocess.PIPE)
        for _ in range(2):
            self.assertIn("principals", json.loads(watch.popen.stdout.readline())["hub"])
        watch.popen.stdout.close()
        watch.stop()
        self.assertEqual(self.force.siaga("kpu/sari", "status", "--watch=1ms").returncode, 64)

    def test_metrics_are_told_and_written(self):
        self.force.start_hub()
        eve, _ = self.eve_agent("bssn/soc-1")
        self.append(eve, [eve_alert(number) for number in range(10)])
        out, reader = self.watch_out("polri/dewi", 10)
        self.assertEqual(reader.wait(), 0)
        deadline = time.monotonic() + 60
        changes = siaga_e2e.Changes(self.path("metrics"))
        while True:
            text = ""
            if os.path.exists(self.metrics):
                with open(self.metrics) as file:
                    text = file.read()
            if 'siaga_principal_entries_total{principal="bssn/soc-1"} 10\n' in text:
                break
            self.assertTrue(changes.wait(deadline - time.monotonic()), text)
        self.assertEqual(os.stat(self.metrics).st_mode & 0o777, 0o644)
        values = self.parse(text)
        self.assertGreaterEqual(values["siaga_hub_journal_head"], 11)
        self.assertGreaterEqual(values["siaga_hub_acks_total"], 1)
        self.assertGreater(values["siaga_hub_journal_commit_seconds_total"], 0)
        self.assertGreater(values["siaga_hub_journal_wal_bytes"], 0)
        self.assertGreater(values["siaga_hub_disk_free_bytes"], 0)
        self.assertEqual(values["siaga_hub_gate_restarts_total"], 0)
        self.kill_child("siaga-gate")
        told = self.force.siaga("kpu/sari", "status", "--format", "prometheus", check=True).stdout
        values = self.parse(told)
        self.assertEqual(values["siaga_hub_gate_restarts_total"], 1)
        told = self.force.siaga("polri/dewi", "status", "--format", "prometheus", check=True).stdout
        self.assertEqual({name for name in self.parse(told) if "{" in name and "bssn" in name}, set())
        self.assertNotIn("siaga_hub_", told)

    def parse(self, text):
        """Every series with its value; each belongs to a TYPE said before, once."""
        values, types = {}, set()
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                name, kind = line.split()[2:]
                self.assertNotIn(name, types)
                self.assertIn(kind, ("gauge", "counter"))
                types.add(name)
            elif not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                self.assertIn(series.split("{")[0], types)
                self.assertNotIn(series, values)
                values[series] = float(value)
        return values


if __name__ == "__main__":
    siaga_e2e.main()
