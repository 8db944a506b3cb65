# SPDX-License-Identifier: Apache-2.0
"""A log as sensors really write it: alerts among flows and rubbish. Alerts go in, the rest is counted, nothing sticks."""

import json

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines


class MixedLog(TaskForceCase):
    def test_alerts_arrive_and_the_rest_is_counted(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        flow = json.dumps({"timestamp": "2026-11-24T08:00:00.000000+0700", "event_type": "flow", "src_ip": "10.0.0.1",
                           "proto": "TCP", "flow": {"state": "closed"}}) + "\n"
        dns = json.dumps({"timestamp": "2026-11-24T08:00:00.000000+0700", "event_type": "dns",
                          "dns": {"rrname": 'a"event_type":"alert".example'}}) + "\n"
        rubbish = [flow, dns, b"{\"event_type\":\"alert\", broken\n", b"\n", b"\xff\xfe\x00\x00\n",
                   b'{"event_type":"alert","alert":{"signature":"\xff\xfe"}, \x00}\n',
                   b'{"event_type":"alert"}\n', b'{"event_type":"alert","alert":7}\n', b"[" * 100000 + b"\n",
                   b'{"event_type":"alert","pad":"' + b"x" * (2 << 20) + b'"}\n', b"null\n", b'"alert"\n']
        lines = []
        for number in range(1, 61):
            lines += [rubbish[number % len(rubbish)], eve_alert(number), flow]
        self.append(eve, lines)
        out, reader = self.watch_out("polri/dewi", 60)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual(numbers_of(read_json_lines(out)), list(range(1, 61)))
        agent.wait_line(r"1 MiB|too long|over-long")
        status = agent.stop()
        self.assertEqual(status, 0, agent.tail())
        self.assertTrue(agent.find(r"\bskipped\b"), agent.tail())

    def test_non_utf8_in_an_alert_is_cleaned_not_dropped(self):
        self.force.start_hub()
        eve, _ = self.eve_agent()
        self.append(eve, [eve_alert(1).encode().replace(b"TEST event", b"TEST \xff\xfe event")])
        out, reader = self.watch_out("polri/dewi", 1)
        # A line that is not UTF-8 is not JSON either: whichever way the agent goes, the next one must arrive.
        self.append(eve, [eve_alert(2)])
        self.assertEqual(reader.wait(30), 0, reader.tail())

    def test_a_half_written_last_line_waits_for_its_end(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        line = eve_alert(2).encode()
        self.append(eve, [eve_alert(1), line[:50]])
        out, reader = self.watch_out("polri/dewi", 1)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual(agent.stop(), 0)
        self.force.start_agent("bssn/soc-1")
        self.append(eve, [line[50:]])
        out, reader = self.watch_out("polri/dewi", 1, out)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual(numbers_of(read_json_lines(out)), [1, 2])


if __name__ == "__main__":
    siaga_e2e.main()
