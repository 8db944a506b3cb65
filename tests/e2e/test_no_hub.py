# SPDX-License-Identifier: Apache-2.0
"""With no hub the agent keeps collecting; when the hub appears everything arrives, the highest severity first."""

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines


class NoHub(TaskForceCase):
    def test_a_backlog_arrives_highest_severity_first(self):
        eve, agent = self.eve_agent()
        self.append(eve, [eve_alert(number, severity=3 - number % 3) for number in range(1, 301)])
        agent.wait_line(r"(?i)connect|refused|down|unreachable")
        # Collected though nobody takes it: it survives the agent's own end, and nothing is read twice.
        self.assertEqual(agent.stop(), 0)
        agent = self.force.start_agent("bssn/soc-1")
        self.append(eve, [eve_alert(number, severity=3 - number % 3) for number in range(301, 401)])
        agent.wait_line(r"(?i)connect|refused|down|unreachable")
        self.assertEqual(agent.stop(), 0)
        self.force.start_hub()
        self.force.start_agent("bssn/soc-1")
        out, reader = self.watch_out("polri/dewi", 400)
        self.assertEqual(reader.wait(60), 0, reader.tail())
        alerts = read_json_lines(out)
        self.assertEqual(sorted(numbers_of(alerts)), list(range(1, 401)))
        ranks = [{"high": 0, "medium": 1, "low": 2}[alert["severity"]] for alert in alerts]
        self.assertEqual(ranks, sorted(ranks))
        for severity in ("high", "medium", "low"):
            of_one = numbers_of([a for a in alerts if a["severity"] == severity])
            self.assertEqual(of_one, sorted(of_one))

    def test_an_agent_finds_a_hub_that_comes_later(self):
        eve, agent = self.eve_agent()
        self.append(eve, [eve_alert(1)])
        agent.wait_line(r"(?i)connect|refused|down|unreachable")
        self.force.start_hub()
        out, reader = self.watch_out("polri/dewi", 1)
        self.assertEqual(reader.wait(60), 0, reader.tail())


if __name__ == "__main__":
    siaga_e2e.main()
