# SPDX-License-Identifier: Apache-2.0
"""Every file of real sensors' data through a running agent and hub, with no more configuration than path and type: each
line that is an alert arrives, and says what a reader needs."""

import json
import os
import re

import siaga_e2e
from siaga_e2e import TaskForceCase, read_json_lines, shared

DATA = shared("data")

CATEGORY = re.compile(r"^[a-z-]+/[a-z0-9-]+$")
SEVERITIES = {"info", "low", "medium", "high", "critical"}


class RealData(TaskForceCase):
    def alerts_of(self, kind, path, count):
        """What a reader gets of the file, in its order."""
        self.force.start_hub()
        self.force.write_agent_conf("bssn/soc-1", '{ type = "%s"; path = "%s"; from = "start"; }' % (kind, path),
                                    "damper = { enabled = false; };\n")
        self.force.start_agent("bssn/soc-1")
        out, reader = self.watch_out("polri/dewi", count)
        self.assertEqual(reader.wait(60), 0, reader.tail())
        alerts = read_json_lines(out)
        for alert in alerts:
            self.check(alert)
        return sorted(alerts, key=lambda alert: alert["id"])

    def check(self, alert):
        self.assertTrue(alert["title"].strip(), alert)
        self.assertRegex(alert["category"], CATEGORY)
        self.assertIn(alert["severity"], SEVERITIES)
        self.assertTrue(alert["detected"].startswith("20"), alert)
        self.assertTrue(alert["detector"]["tool"])
        self.assertTrue(alert["detector"]["rule_id"], alert)
        self.assertTrue(alert.get("source") or alert.get("target"), alert)
        if len(alert["raw"]) < 8000:  # else it is cut
            self.assertIsInstance(json.loads(alert["raw"]), dict)

    def lines_of(self, path):
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_suricata_at_a_competition(self):
        path = os.path.join(DATA, "eve-wrccdc-2018.json")
        alerts = self.alerts_of("eve", path, 207)
        severities = {1: "high", 2: "medium", 3: "low"}
        expected = sorted((event["alert"]["signature"], severities[event["alert"]["severity"]], event["src_ip"], event["dest_ip"])
                          for event in self.lines_of(path))
        self.assertEqual(sorted((alert["title"], alert["severity"], alert["source"][0]["ip"], alert["target"][0]["ip"])
                                for alert in alerts), expected)
        category = {alert["title"]: alert["category"] for alert in alerts}
        for title, words in (("ET SCAN Potential SSH Scan", "information-gathering/scanner"),
                             ("ET EXPLOIT ETERNALBLUE Exploit M2 MS17-010", "intrusion-attempts/exploit"),
                             ("ET CNC Zeus Tracker Reported CnC Server group 11", "malicious-code/infected-system"),
                             ("ET ATTACK_RESPONSE Windows 7 CMD Shell from Local System",
                              "intrusions/privileged-account-compromise")):
            self.assertEqual(category[title], words)

    def test_suricata_on_a_honeypot(self):
        alerts = self.alerts_of("eve", os.path.join(DATA, "eve-honeypot-2018.json"), 44)
        self.assertEqual({alert["target"][0]["ip"] for alert in alerts
                          if "APT User-Agent" not in alert["title"]}, {"138.68.3.71"})

    def test_zeek(self):
        alerts = self.alerts_of("zeek", os.path.join(DATA, "zeek-notice.json"), 207)
        self.assertEqual({alert["category"] for alert in alerts}, {"vulnerable/weak-crypto"})
        self.assertEqual({alert["severity"] for alert in alerts}, {"low"})
        self.assertEqual({alert["title"].split(" (")[0] for alert in alerts},
                         {"SSL certificate validation failed with"})

    def test_wazuh(self):
        alerts = {alert["detector"]["rule_id"] + alert["title"]: alert
                  for alert in self.alerts_of("wazuh", os.path.join(DATA, "wazuh-alerts.json"), 7)}
        cleared = alerts["109209Windows Security log was cleared."]
        self.assertEqual((cleared["severity"], cleared["category"]), ("high", "intrusions/system-compromise"))
        self.assertEqual(cleared["source"], [{"user": "Administrator"}])
        found = alerts["833002Fail2ban IP 192.0.2.1 has been Found to connect to http-get-dos"]
        self.assertEqual((found["severity"], found["category"]), ("medium", "availability/dos"))
        logon = alerts["60204Windows Logon Failure"]
        self.assertEqual((logon["severity"], logon["category"]), ("low", "intrusion-attempts/brute-force"))


if __name__ == "__main__":
    siaga_e2e.main()
