# SPDX-License-Identifier: Apache-2.0
"""`./dev demo --once` over 207 real Suricata alerts: each arrives verified, once, as it should read."""

import json
import os
import subprocess
import tempfile
import unittest

import siaga_e2e
from siaga_e2e import TOP, shared

EVE = shared("data/eve-wrccdc-2018.json")
SEVERITIES = {1: "high", 2: "medium", 3: "low"}
CATEGORIES = {
    "Attempted Information Leak": "information-gathering/scanner",
    "Attempted Denial of Service": "availability/dos",
    "A Network Trojan was detected": "malicious-code/infected-system",
    "Web Application Attack": "intrusion-attempts/exploit",
}


class DemoOnce(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.out = tempfile.mktemp(prefix="siaga-demo-", suffix=".jsonl")

    def tearDown(self):
        if os.path.exists(self.out):
            os.unlink(self.out)

    def test_207_real_alerts_arrive_once_and_in_order(self):
        done = subprocess.run(["/usr/bin/python3", os.path.join(TOP, "doc", "demo", "demo.py"), "--once", "--eve", EVE,
                               "--out", self.out], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        alerts = siaga_e2e.read_json_lines(self.out)
        with open(EVE) as file:
            events = [json.loads(line) for line in file]
        self.assertEqual(len(events), 207)
        self.assertEqual(len(alerts), 207)
        self.assertEqual(len({alert["id"] for alert in alerts}), 207)
        self.assertEqual(len({(a["origin"], a["epoch"], a["oseq"]) for a in alerts}), 207)

        by_rule = {"%(gid)d:%(signature_id)d:%(rev)d" % event["alert"]: event for event in events}
        self.assertEqual(len(by_rule), 207)
        for alert in alerts:
            self.check(alert, by_rule[alert["detector"]["rule_id"]])
        order = {rule: number for number, rule in enumerate(by_rule)}
        for severity in SEVERITIES.values():
            places = [order[a["detector"]["rule_id"]] for a in alerts if a["severity"] == severity]
            self.assertEqual(places, sorted(places), severity)

    def check(self, alert, event):
        rule = event["alert"]
        self.assertIs(alert["verified"], True)
        self.assertEqual((alert["kind"], alert["status"], alert["origin"]), ("alert", "actual", "bssn/soc-1"))
        self.assertEqual(alert["severity"], SEVERITIES[rule["severity"]])
        if rule["category"] in CATEGORIES:
            self.assertEqual(alert["category"], CATEGORIES[rule["category"]])
        self.assertEqual(alert["title"], rule["signature"])
        self.assertEqual(alert["detector"]["rule"], rule["signature"])
        self.assertEqual(alert["detector"]["tool"], "suricata")
        self.assertEqual(alert["source"][0]["ip"], event["src_ip"])
        self.assertEqual(alert["target"][0]["ip"], event["dest_ip"])
        self.assertEqual(alert["source"][0].get("port", 0), event.get("src_port", 0))
        self.assertEqual(alert["target"][0].get("port", 0), event.get("dest_port", 0))


if __name__ == "__main__":
    siaga_e2e.main()
