# SPDX-License-Identifier: Apache-2.0
"""What the rules hide or drop is in no byte that the agent stores, and in none that anybody receives."""

import glob
import json
import os

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, read_json_lines

NIK = "3174012345678901"
NAME = "Siti Rahmawati"
AGENT = "UnusualAgent/9.81"
DROPPED = "OnlyInDropped77"
BY_RULE = "OnlyHiddenByARule55"
SECRETS = (NIK, NAME, AGENT, DROPPED, BY_RULE)

RULES = r"""
redact = ( { pattern = "\\b[0-9]{16}\\b"; with = "[NIK]"; }, { pattern = "(?i)siti rahmawati"; },
           { path = "http.http_user_agent"; } );
rules = ( { name = "drop"; when = { field = "alert.signature"; contains = "%s"; }; drop = true; },
          { name = "hide"; when = { field = "alert.signature_id"; equals = 7; }; redact = ( { path = "http.secret"; } ); } );
""" % DROPPED


class AgentRedact(TaskForceCase):
    def alerts(self):
        http = {"hostname": "silon.kpu.example", "url": "/cek?nik=%s&nama=x" % NIK, "http_user_agent": AGENT,
                "headers": [{"name": "User-Agent", "value": "Mozilla " + AGENT}, {NIK: 1}], "number": int(NIK)}
        escaped = eve_alert(4, signature="escaped @").replace("@", "\\u0033" + NIK[1:])
        return [eve_alert(1, signature="NIK %s of %s" % (NIK, NAME.upper()), http=http),
                eve_alert(2, dest_ip=NAME, app_proto=NIK, in_iface=NAME, tls={"sni": NIK + ".example"}, http=http),
                eve_alert(3, signature=DROPPED),
                escaped,
                eve_alert(7, http={"secret": BY_RULE, "url": "/?" + BY_RULE, "hostname": BY_RULE + ".example"}),
                eve_alert(8)]

    def state_bytes(self):
        parts = []
        for path in glob.glob(self.path("agents", "bssn-soc-1", "state", "*")):
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    parts.append(file.read())
        return b"".join(parts)

    def assert_hidden(self, data):
        for secret in SECRETS:
            for text in (secret, secret.upper(), secret.lower()):
                self.assertNotIn(text.encode(), data)

    def test_no_byte_of_it_is_stored_or_sent(self):
        eve, agent = self.eve_agent(extra=RULES)
        self.append(eve, self.alerts())
        self.force.start_hub()
        out, reader = self.watch_out("polri/dewi", 5)
        self.assertEqual(reader.wait(60), 0, reader.tail())
        self.assertEqual(agent.stop(), 0)
        self.assert_hidden(self.state_bytes())
        alerts = read_json_lines(out)
        self.assert_hidden(json.dumps(alerts).encode())
        by_rule_id = {alert["detector"]["rule_id"].split(":")[1]: alert for alert in alerts}
        self.assertEqual(sorted(by_rule_id), ["1", "2", "4", "7", "8"])
        self.assertEqual(by_rule_id["1"]["title"], "NIK [NIK] of [redacted] 1")
        self.assertEqual(by_rule_id["1"]["target"][0]["url"], "/cek?nik=[NIK]&nama=x")
        self.assertEqual(json.loads(by_rule_id["1"]["raw"])["http"]["number"], "[NIK]")
        self.assertEqual(by_rule_id["7"]["target"][0]["host"], "[redacted].example")
        hub = b"".join(open(path, "rb").read()
                       for path in glob.glob(self.path("hub", "state", "**"), recursive=True) if os.path.isfile(path))
        self.assert_hidden(hub)

    def test_formats_whose_event_holds_the_whole_line(self):
        """Wazuh's full_log, a line of syslog, a line of text: what stands at a path stands there too."""
        def path(name):
            return self.path("agents", "bssn-soc-1", name)
        rules = r"""redact = ( { path = "data.srcuser"; with = "[user]"; }, { path = "user"; },
                               { pattern = "\\b[0-9]{16}\\b"; with = "[NIK]"; } );
                    damper = { enabled = false; };"""
        self.force.write_agent_conf("bssn/soc-1", """
            { type = "wazuh"; path = "%s"; from = "start"; }, { type = "syslog"; path = "%s"; from = "start"; },
            { type = "lines"; path = "%s"; from = "start"; pattern = "^LOGIN (?<user>.+) FAILED (?<title>.*)$"; }"""
                                    % (path("wazuh.json"), path("auth.log"), path("app.log")), rules)
        wazuh = {"timestamp": "2026-11-24T08:00:00.000+0700", "id": "1764000000.1",
                 "rule": {"level": 10, "id": "5716", "description": "sshd: %s failed" % NAME, "groups": ["sshd"]},
                 "agent": {"id": "001", "name": "web-1"}, "location": "/var/log/auth.log",
                 "full_log": "Failed password for %s from 203.0.113.9, NIK %s" % (NAME, NIK),
                 "data": {"srcip": "203.0.113.9", "srcuser": NAME}}
        self.append(path("wazuh.json"), [json.dumps(wazuh) + "\n"])
        self.append(path("auth.log"), ["<86>Nov 24 08:00:00 web-1 sshd[7]: Failed password for root from 203.0.113.9 "
                                       "port 22 ssh2: %s\n" % NIK])
        self.append(path("app.log"), ["LOGIN %s FAILED by %s\n" % (NAME, NIK)])
        agent = self.force.start_agent("bssn/soc-1")
        self.force.start_hub()
        out, reader = self.watch_out("polri/dewi", 3)
        self.assertEqual(reader.wait(60), 0, reader.tail())
        self.assertEqual(agent.stop(), 0)
        alerts = {alert["detector"].get("tool", "lines"): alert for alert in read_json_lines(out)}
        self.assert_hidden(json.dumps(alerts).encode())
        self.assert_hidden(self.state_bytes())
        self.assertIn("sshd: [user] failed", [alert["title"] for alert in alerts.values()])
        self.assertIn("by [NIK]", [alert["title"] for alert in alerts.values()])
        raws = "".join(alert.get("raw", "") for alert in alerts.values())
        self.assertIn("Failed password for [user] from 203.0.113.9, NIK [NIK]", raws)
        self.assertIn("ssh2: [NIK]", raws)
        self.assertIn("LOGIN [redacted] FAILED by [NIK]", raws)

    def test_the_log_has_none_of_it(self):
        eve, agent = self.eve_agent(extra=RULES)
        broken = '{"event_type":"alert", "x" "%s"}\n' % NIK
        self.append(eve, [broken] + self.alerts())
        log = agent.wait_line("source-unreadable")
        self.assertIn("[NIK]", log)
        self.assertEqual(agent.stop(), 0)
        self.assert_hidden("\n".join(line for line in agent.lines if line).encode())
        self.assert_hidden(self.state_bytes())


if __name__ == "__main__":
    siaga_e2e.main()
