# SPDX-License-Identifier: Apache-2.0
"""A scan of 100,000 lines reaches the task force as a handful of entries that add up, also through kill -9."""

import time

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert

LINES = 100000


def scan(number):
    """One line of a scan: the same rule and source, always another port."""
    return eve_alert(number, severity=2, src_ip="198.51.100.7", dest_port=1 + number % 65000,
                     alert={"action": "allowed", "gid": 1, "signature_id": 2001219, "rev": 1,
                            "signature": "ET SCAN Potential scan", "category": "Attempted Information Leak",
                            "severity": 2})


class Storm(TaskForceCase):
    DAMPER = 'damper = { window = "%s"; };\n'

    def lines_told(self):
        """Of each alert of the agent: the count of its last update, or its own."""
        told = {}
        entries = 0
        for entry in self.log("kpu/sari"):
            if entry["kind"] == "alert":
                told[entry["id"]] = entry.get("count", 1)
            elif entry["kind"] == "update":
                self.assertGreater(entry["count"], told[entry["refs"][0]["id"]])
                told[entry["refs"][0]["id"]] = entry["count"]
            else:
                continue
            entries += 1
        return sum(told.values()), len(told), entries

    def wait_told(self, lines, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            told = self.lines_told()
            if told[0] == lines or time.monotonic() > deadline:
                return told
            time.sleep(0.5)

    def test_a_scan_is_a_handful_of_entries_that_add_up(self):
        self.force.start_hub()
        eve, agent = self.eve_agent(extra=self.DAMPER % "8s")
        agent.wait_line("uplink-open")
        self.append(eve, [scan(number) for number in range(LINES)])
        lines, alerts, entries = self.wait_told(LINES)
        self.assertEqual(lines, LINES, agent.tail())
        self.assertLessEqual(alerts, 4)
        self.assertLessEqual(entries, 20)

    def test_the_first_alert_does_not_wait(self):
        self.force.start_hub()
        eve, agent = self.eve_agent(extra=self.DAMPER % "24h")
        agent.wait_line("uplink-open")
        out, reader = self.watch_out("polri/dewi", 1)
        self.append(eve, [scan(1)])
        self.assertEqual(reader.wait(20), 0, reader.tail())

    def test_counts_are_exact_through_kill9(self):
        self.force.start_hub()
        eve, agent = self.eve_agent(extra=self.DAMPER % "20s")
        agent.wait_line("uplink-open")
        for burst in range(8):
            self.append(eve, [scan(number) for number in range(burst * 5000, (burst + 1) * 5000)])
            time.sleep(0.02 * (burst % 4))
            agent.kill()
            agent = self.force.start_agent("bssn/soc-1")
        lines, alerts, entries = self.wait_told(40000, 90)
        self.assertEqual(lines, 40000, agent.tail())
        self.assertLessEqual(alerts, 3)

    def test_without_a_hub_one_entry_waits_with_the_count(self):
        eve, agent = self.eve_agent(extra=self.DAMPER % "8s")
        self.append(eve, [scan(number) for number in range(LINES)])
        status = self.wait_status(agent, lambda s: s["sources"][0]["lines"] == LINES and s["damper"]["open"] == 0)
        self.assertLessEqual(status["outbox"]["waiting"], 3)
        self.force.start_hub()
        lines, alerts, entries = self.wait_told(LINES)
        self.assertEqual(lines, LINES)
        self.assertLessEqual(entries, 3)


if __name__ == "__main__":
    siaga_e2e.main()
