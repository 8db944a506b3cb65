# SPDX-License-Identifier: Apache-2.0
"""Nobody answers a Suricata alert: it escalates in order, until somebody takes it; only to those who may see it; and
each step once, however often the hub is killed."""

import json
import os
import signal
from datetime import datetime

import siaga_e2e
import taskforce
import test_respond
from siaga_e2e import TaskForceCase, eve_alert

# bin may not see what is TLP:AMBER.
MEMBERS = [(name, title, "green" if name == "bin" else clearance) for name, title, clearance in taskforce.MEMBERS]
RULE = """playbook = ( { system = "sipol"; lead = "bssn"; first_action = "Take the server off the net."; %s } );
"""
NETWORKS = 'networks = ( { system = "sipol"; addresses = ["10.47.3.0/24"]; } );\n'


def moment(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").timestamp()


class Escalation(TaskForceCase):
    act = test_respond.Respond.act
    handle = staticmethod(test_respond.Respond.handle)
    life = test_respond.Respond.life

    def setUp(self):
        pass

    def prepare(self, terms):
        super().setUp()
        self.force.members = MEMBERS
        self.force.playbook = RULE % terms
        self.force.prepare()

    def wait_said(self, **counts):
        """Waits until the hub has told each member's person so many things: all of them, in the log's order."""
        said = {}
        for member, count in counts.items():
            person = {"bssn": "bssn/ani", "polri": "polri/dewi"}[member]
            out = self.path(member + "-told.jsonl")
            self.force.start_siaga(person, "watch", "--since", "0", "--kind", "system", "--system", "sipol", "--count",
                                   str(count), "--out", out).wait(60)
            said.update((entry["number"], entry) for entry in siaga_e2e.read_json_lines(out))
        return [said[number] for number in sorted(said)]

    def escalations(self, person):
        return [e for e in self.log(person, "--kind", "system") if "refs" in e and "category" in e]

    def raise_alert(self):
        """From Suricata's log: the alert as the hub has it."""
        eve, _ = self.eve_agent(extra=NETWORKS)
        _, reader = self.watch_out("bssn/ani", 1)
        self.append(eve, [eve_alert(7, severity=1, signature="Web shell")])
        reader.wait(60)
        alert = self.log("bssn/ani", "--kind", "alert")[0]
        self.assertEqual((alert["system"], alert["tlp"]), ("sipol", "amber"))
        return alert

    def open(self, person):
        done = self.force.siaga(person, "open", "--format", "json", check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_nobody_answers_until_bssn_takes_it(self):
        self.prepare('acknowledge_within = "2s"; escalate_every = "1s"; take_within = "4s"; resolve_within = "6s";'
                     ' escalation = ["polri", "bin", "everyone"];')
        self.force.start_hub()
        alert = self.raise_alert()
        handle = self.handle(alert["id"])
        said = self.wait_said(bssn=4, polri=2)
        self.assertEqual([(e["detector"]["rule_id"], e["detector"].get("rule")) for e in said[:3]],
                         [("escalation", "1/3"), ("escalation", "2/3"), ("escalation", "3/3")])
        self.assertEqual({(e["detector"]["rule_id"]) for e in said[3:]}, {"take-overdue", "resolve-overdue"})
        self.assertEqual([e.get("audience") for e in said[:3]], [["polri"], ["bssn", "kpu"], None])
        self.assertIn("Passed over, as it may not see the alert: bin", said[1]["description"])
        self.assertIn("NOBODY HAS TAKEN THIS", said[2]["title"])
        accepted = moment(alert["accepted"])
        for entry, least in zip(said, (2, 3, 4, 4, 6)):  # never early
            self.assertGreaterEqual(moment(entry["accepted"]) - accepted, least)
            self.assertEqual((entry["tlp"], entry["status"], entry["refs"][0]["id"]), ("amber", "actual", alert["id"]))
        self.assertEqual([a["overdue"] for a in self.open("kpu/sari")], ["resolve"])

        self.act("polri/dewi", "ack", handle)
        self.act("brin/rina", "assist", handle)
        self.act("bssn/ani", "take", handle)
        self.act("bssn/ani", "resolve", handle, "--outcome", "true-positive", "-m", "Server rebuilt")
        self.assertEqual(self.open("kpu/sari"), [])
        self.assertEqual(self.life("kpu/sari", handle)["state"], "resolved")
        story = [json.loads(line) for line in
                 self.force.siaga("bssn/ani", "show", "--format", "json", handle, check=True).stdout.splitlines()]
        self.assertEqual([e.get("action", e["kind"]) for e in story],
                         ["alert", "system", "system", "system", "system", "acknowledge", "assist", "take", "resolve"])
        shown = self.force.siaga("bssn/ani", "show", "--format", "text", handle, check=True).stdout
        report = self.force.siaga("bssn/ani", "report", alert["id"], "--language", "en", "--impact", "None", check=True).stdout
        for entry in story[1:5]:
            self.assertIn(entry["title"], shown)
            self.assertRegex(report, r"(?m)^\| .* \| kpu/hub \| hub: %s.* \| %d \|$" % (entry["title"][:12], entry["number"]))
        # Who may not see the alert sees nothing of all this; who is not addressed, not that step.
        self.assertNotIn("Web shell", json.dumps(self.log("bin/budi", "--kind", "all")))
        self.assertEqual(self.escalations("bin/budi"), [])
        self.assertEqual([e["detector"].get("rule") for e in self.escalations("polri/dewi")], ["1/3", "3/3"])
        self.assertEqual([e["detector"].get("rule") for e in self.escalations("brin/rina")], ["3/3"])

    def test_each_step_once_however_often_the_hub_is_killed(self):
        self.prepare('acknowledge_within = "1s"; escalate_every = "1s"; take_within = "3s"; resolve_within = "8s";'
                     ' escalation = ["polri", "kpu", "brin", "kominfo", "everyone"];')
        self.force.start_hub()
        self.raise_alert()
        kills = 0
        while "resolve-overdue" not in [e["detector"]["rule_id"] for e in self.escalations("bssn/ani")]:
            if kills % 4 == 3:  # all of it, not only the core
                os.kill(self.force.hub.pid, signal.SIGKILL)
                self.force.hub.wait()
                self.force.start_hub()
            else:
                self.kill_child("siaga-core")
            kills += 1
            self.assertLess(kills, 500)
        self.assertGreater(kills, 5)
        steps = []
        for person in ("polri/dewi", "kpu/sari", "brin/rina", "bssn/ani"):
            steps += [(e["number"], e["detector"]["rule_id"], e["detector"].get("rule", ""), e["description"])
                      for e in self.escalations(person)]
        said = [(rule_id, rule) for _, rule_id, rule, _ in sorted(set(steps))]
        self.assertEqual(len(said), len(set(said)), said)
        self.assertEqual([rule_id for rule_id, _ in said if rule_id != "escalation"], ["take-overdue", "resolve-overdue"])
        rules = [int(rule.split("/")[0]) for rule_id, rule in said if rule_id == "escalation"]
        self.assertEqual(rules, sorted(rules))
        self.assertEqual(rules[-1], 5)


if __name__ == "__main__":
    siaga_e2e.main()
