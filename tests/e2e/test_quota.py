# SPDX-License-Identifier: Apache-2.0
"""A member over its quota waits and loses nothing; another is heard meanwhile as if it were alone."""

import datetime

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines

TOTAL, RATE, BURST_S, BATCH = 5000, 1000, 1, 1024


class Quota(TaskForceCase):
    def accepted(self, entry):
        return datetime.datetime.fromisoformat(entry["accepted"].replace("Z", "+00:00"))

    def test_flood_of_one_member(self):
        with open(self.force.write_hub_conf(), "a") as conf:
            conf.write('quota = { members = ( { name = "brin"; entries = %d; burst = "%ds"; } ); };\n' % (RATE, BURST_S))
        hub = self.force.start_hub()
        flood, flooder = self.eve_agent("brin/soc-1", extra="outbox = { max_size = \"256M\"; };\n")
        quiet, _ = self.eve_agent("kpu/soc-1")
        out, reader = self.watch_out("polri/dewi", TOTAL + 1)
        for process in self.force.processes[1:3]:
            process.wait_line("uplink-open")

        self.append(flood, [eve_alert(n) for n in range(1, TOTAL + 1)])
        hub.wait_line("refused: PUBLISH refused, quota: .*brin/soc-1")
        self.append(quiet, [eve_alert(1)])
        self.assertEqual(reader.wait(90), 0, reader.tail() + flooder.tail())

        alerts = read_json_lines(out)
        brin = [alert for alert in alerts if alert["origin"] == "brin/soc-1"]
        self.assertEqual(sorted(numbers_of(brin)), list(range(1, TOTAL + 1)))
        # Without the last batch, which may overdraw: never more than the burst and the rate; and a second for a batch
        # whose commit took its time.
        first = self.accepted(brin[0])
        for i in range(0, TOTAL - BATCH, 100):
            passed_s = (self.accepted(brin[i + BATCH]) - first).total_seconds()
            self.assertLessEqual(i, BURST_S * RATE + RATE * (passed_s + 1), "entry %d after %.2f s" % (i, passed_s))
        kpu = [alert["number"] for alert in alerts if alert["origin"] == "kpu/soc-1"]
        self.assertEqual(len(kpu), 1)
        self.assertLess(kpu[0], brin[-1]["number"])
        self.assertIsNone(flooder.find("uplink-down"))
        hub.wait_line("condition-opened: .*quota-refused.*brin/soc-1")


if __name__ == "__main__":
    siaga_e2e.main()
