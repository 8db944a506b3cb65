# SPDX-License-Identifier: Apache-2.0
"""A full outbox drops the least severe first and says how many: what arrives and what is reported lost add up."""

import time

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert

TOTAL = 12000


class OutboxFull(TaskForceCase):
    def told(self):
        """(alerts by severity, lines reported lost)"""
        alerts, lost = {}, 0
        for entry in self.log("kpu/sari"):
            if entry["kind"] != "alert":
                continue
            if entry.get("detector", {}).get("rule_id") == "loss":
                lost += entry["count"]
            else:
                alerts[entry["severity"]] = alerts.get(entry["severity"], 0) + 1
        return alerts, lost

    def fill(self, extra=""):
        eve, agent = self.eve_agent(extra='damper = { enabled = false; };\noutbox = { max_size = "1M"; };\n' + extra)
        # Severity 1 is high, 3 is low: every tenth is high.
        self.append(eve, [eve_alert(number, severity=1 if number % 10 == 0 else 3) for number in range(1, TOTAL + 1)])
        status = self.wait_status(agent, lambda s: s["sources"][0]["alerts"] == TOTAL)
        return agent, status

    def test_losses_are_told_with_their_number(self):
        agent, status = self.fill()
        self.assertGreater(status["outbox"]["lost_untold"], 0)
        self.assertLessEqual(status["outbox"]["waiting_bytes"], 1 << 20)
        agent.wait_line("outbox-loss")
        agent.kill()
        agent = self.force.start_agent("bssn/soc-1")
        again = self.wait_status(agent, lambda s: True)
        self.assertEqual(again["outbox"]["lost_untold"], status["outbox"]["lost_untold"])
        self.force.start_hub()
        agent.wait_line("loss-reported", timeout=60)
        deadline = time.monotonic() + 30
        while True:
            alerts, lost = self.told()
            if sum(alerts.values()) + lost >= TOTAL or time.monotonic() > deadline:
                break
            time.sleep(0.3)
        self.assertEqual(sum(alerts.values()) + lost, TOTAL)
        self.assertEqual(lost, status["outbox"]["lost_untold"])
        self.assertEqual(alerts["high"], TOTAL // 10)  # not one of these while low ones could go
        sessions = self.hub_sessions()
        self.assertEqual(sessions["bssn/soc-1"]["lost"], lost)

    def hub_sessions(self):
        import json
        done = self.force.siaga("kpu/sari", "status", "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return {s["principal"]: s for s in json.loads(done.stdout)["hub"]["sessions"]}

    def test_old_entries_go_when_max_age_says_so(self):
        eve, agent = self.eve_agent(extra='damper = { enabled = false; };\noutbox = { max_age = "60s"; };\n')
        self.append(eve, [eve_alert(number) for number in range(1, 101)])
        self.wait_status(agent, lambda s: s["outbox"]["waiting"] == 100)
        # What was added while the agent looked goes when it looks again, which may be a minute later.
        status = self.wait_status(agent, lambda s: s["outbox"]["waiting"] == 0, seconds=240)
        self.assertEqual(status["outbox"]["lost_untold"], 100)


if __name__ == "__main__":
    siaga_e2e.main()
