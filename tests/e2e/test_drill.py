# SPDX-License-Identifier: Apache-2.0
"""An exercise from its scenario to its report, whose numbers are those of the signed log; and the roll call."""

import csv
import datetime
import io
import json
import os
import re
import signal

import siaga_e2e
from siaga_e2e import TOP, TaskForceCase
from test_report import Page

SCENARIO = """
title = "Malam <b>latihan</b>";
acknowledge_within = "10m"; take_within = "20m"; resolve_within = "2h";
injects = (
  { at = "0s"; title = "Surel palsu"; category = "fraud/phishing"; system = "sirekap"; lead = "bssn"; },
  { at = "%(gap)s"; title = "Situs <script>alert(1)</script> banjir"; category = "availability/ddos"; system = "web"; severity = "high";
    lead = "polri"; acknowledge_within = "500ms"; },
  { at = "%(gap)s"; title = "Server Silon disusupi"; category = "intrusions/application-compromise"; system = "silon";
    lead = "kpu"; tlp = "amber+strict"; }
);
"""
PERSONS = {"kpu": "kpu/sari", "bssn": "bssn/ani", "polri": "polri/dewi", "bin": "bin/budi", "brin": "brin/rina"}


def ms(entry):
    """When the hub accepted it, in milliseconds."""
    at = datetime.datetime.strptime(entry["accepted"], "%Y-%m-%dT%H:%M:%S.%fZ")
    return (at - datetime.datetime(1970, 1, 1)) // datetime.timedelta(milliseconds=1)


class Drill(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.force.start_hub()
        self.scenario = self.write(SCENARIO % {"gap": "100ms"})

    def write(self, text, name="latihan.conf"):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def drill(self, *args, person="kpu/sari", code=0):
        done = self.force.siaga(person, "drill", *args)
        self.assertEqual(done.returncode, code, "%s: %s%s" % (args, done.stdout, done.stderr))
        return done

    def act(self, person, *args):
        self.force.siaga(person, *args, check=True)

    def injects(self):
        """The alerts of the drill, the opening first."""
        return self.log("kpu/sari", "--kind", "alert")

    def rows(self):
        text = self.drill("report", "--format", "csv").stdout
        return {row["name"]: row for row in csv.DictReader(io.StringIO(text))}

    def test_five_agencies(self):
        self.drill("start", "--scenario", self.scenario)
        opening, mail, flood, silon = self.injects()
        self.assertEqual(opening["title"], "LATIHAN / EXERCISE: Malam <b>latihan</b>")
        for inject in (mail, flood, silon):
            self.assertEqual((inject["status"], inject["exercise"]), ("exercise", True))
            self.assertEqual(inject["refs"][0]["id"], opening["id"])
        first, second, third = (str(inject["number"]) for inject in (mail, flood, silon))
        self.act("polri/dewi", "ack", first)
        self.act("bssn/ani", "take", first)
        self.act("brin/rina", "assist", first)
        self.act("bssn/ani", "resolve", first, "--outcome", "true-positive")
        # polri's half second is over for certain once the hub's clock says so
        self.act("bin/budi", "comment", second, "menunggu polri")
        while ms(self.log("kpu/sari", "--kind", "all")[-1]) - ms(flood) <= 500:
            self.act("bin/budi", "comment", second, "masih menunggu")
        self.act("polri/dewi", "take", second)
        self.assertEqual(len(self.drill("status").stdout.splitlines()), 3)
        self.assertIn("ended: 3 of 3 injects were sent, 2 not over", self.drill("end").stdout)
        self.assertIn("has ended", self.drill("end").stderr)
        # Nothing of it stays on anybody's list.
        self.assertEqual(self.force.siaga("bssn/ani", "open", check=True).stdout, "")

        log = self.log("kpu/sari", "--kind", "response")
        def took(inject, origin, action=None):
            return next(ms(e) for e in log if e["refs"][0]["id"] == inject["id"] and e["origin"] == origin and
                        action in (None, e["action"])) - ms(inject)
        rows = self.rows()
        expected = {  # delivered, acknowledged, taken, assisted, resolved, led, due, missed
            "kpu": (3, 0, 0, 0, 0, 1, 0, 0), "bssn": (3, 1, 1, 0, 1, 1, 3, 0), "polri": (3, 2, 1, 0, 0, 1, 2, 1),
            "bin": (3, 1, 0, 0, 0, 0, 0, 0), "brin": (2, 1, 0, 1, 0, 0, 0, 0)}
        for member, numbers in expected.items():
            row = rows[member]
            self.assertEqual(tuple(int(row[name]) for name in ("delivered", "acknowledged", "taken", "assisted", "resolved", "led",
                                                               "due", "missed")), numbers, member)
            self.assertEqual(row["status"], "exercise")
            self.assertEqual(rows[PERSONS[member]]["acknowledged"], row["acknowledged"])
        self.near(rows["bssn"]["ack_median_ms"], took(mail, "bssn/ani"))
        self.near(rows["bssn"]["resolve_slowest_ms"], took(mail, "bssn/ani", "resolve"))
        both = sorted((took(mail, "polri/dewi"), took(flood, "polri/dewi")))
        self.near(rows["polri"]["ack_median_ms"], both[0])
        self.near(rows["polri"]["ack_slowest_ms"], both[1])
        self.near(rows["polri"]["take_p95_ms"], took(flood, "polri/dewi", "take"))
        self.assertEqual(rows["kpu"]["ack_median_ms"], "")
        self.assertEqual((rows["kpu"]["percent"], rows["bssn"]["percent"], rows["polri"]["percent"]), ("0", "67", "60"))
        self.check_formats(opening)

    def near(self, told, want):
        """The report cuts microseconds where this test cuts each time."""
        self.assertLessEqual(abs(int(told) - want), 1)

    def check_formats(self, opening):
        text = self.drill("report").stdout
        self.assertIn("LATIHAN / EXERCISE", text.splitlines()[0])
        self.assertRegex(text, r"(?m)^2 .* polri .* MISSED ")
        self.assertRegex(text, r"(?m)^Did not answer: kpu, kpu/sari$")
        self.assertIn("&lt;script&gt;", self.drill("report", "--format", "markdown").stdout)
        page = Page(self.drill("report", "--format", "html").stdout)
        self.assertEqual(page.open, [])
        self.assertNotIn("script", page.tags)
        self.assertIn("svg", page.tags)
        self.assertIn("Situs <script>alert(1)</script> banjir", page.text)
        # Another agency, which ran nothing, names the drill; who sees less of it scores what it sees.
        self.assertIn("runs no drill here", self.drill("report", person="bssn/ani", code=4).stderr)
        other = self.drill("report", str(opening["number"]), person="bssn/ani").stdout
        self.assertEqual(other, text)
        self.assertNotIn("Silon", self.drill("report", opening["id"], person="brin/rina").stdout)

    def test_interrupted_it_goes_on_and_sends_nothing_twice(self):
        scenario = self.write(SCENARIO.replace("%(gap)s", "300ms"))
        for _ in range(40):
            running = self.force.start_siaga("kpu/sari", "drill", "start", "--scenario", scenario)
            changes = siaga_e2e.Changes(self.path("hub", "state"))
            changes.wait(0.15)
            changes.close()
            if not running.alive():
                break
            running.popen.send_signal(signal.SIGKILL)
            running.wait()
        self.drill("start", "--scenario", scenario)
        self.drill("start")
        ids = [entry["id"] for entry in self.injects()]
        self.assertEqual(len(ids), 4)
        self.assertEqual(len(set(ids)), 4)
        self.assertEqual([e["detector"]["rule_id"] for e in self.injects()], ["opening", "1/3", "2/3", "3/3"])
        self.assertEqual(self.log("kpu/sari", "--kind", "void"), [])

    def test_the_end_ends_it(self):
        scenario = self.write(SCENARIO % {"gap": "1h"}, "long.conf")
        running = self.force.start_siaga("kpu/sari", "drill", "start", "--scenario", scenario)
        changes = siaga_e2e.Changes(self.path("hub", "state"))
        while len(self.injects()) < 2:
            changes.wait(1)
        changes.close()
        self.assertIn("runs a drill", self.drill("start", "--scenario", scenario, code=1).stderr)
        status = [json.loads(line) for line in self.drill("status").stdout.splitlines()]
        self.assertEqual([e.get("sent", True) for e in status], [True, False, False])
        self.assertEqual(status[1]["at_s"], 3600)
        text = self.drill("status", "--format", "text").stdout
        self.assertRegex(text, r"(?m)^3/3 +not sent, planned 1h 00m after the start: Server Silon disusupi$")
        opening = self.injects()[0]["id"]
        self.assertNotIn("Silon", self.drill("status", opening, person="bssn/ani").stdout)
        self.assertIn("1 of 3 injects", self.drill("end").stdout)
        self.assertEqual(running.wait(), 0)
        running.wait_line("the drill was ended")
        self.assertEqual(len(self.injects()), 2)
        self.drill("start", code=64)
        self.drill("start", "--speed", "86400", "--scenario", scenario)
        self.assertEqual(len(self.injects()), 6)
        self.assertIn("has not ended", self.drill("start", "--scenario", self.scenario, code=1).stderr)

    def test_a_signal_interrupts_it(self):
        running = self.force.start_siaga("kpu/sari", "drill", "start", "--scenario", self.write(SCENARIO % {"gap": "1h"}))
        changes = siaga_e2e.Changes(self.path("hub", "state"))
        while len(self.injects()) < 2:
            changes.wait(1)
        changes.close()
        # One that comes while an inject is being published ends only the waiting for the hub.
        while running.alive() and running.find("siaga drill start goes on with it") is None:
            running.popen.send_signal(signal.SIGINT)
            self.drill("status")
        self.assertEqual(running.wait(), 130)
        self.assertEqual(len(self.injects()), 2)

    def test_without_a_hub_it_is_queued_and_nothing_is_sent_twice(self):
        self.force.hub.stop()
        away = ("--timeout", "300ms")
        self.drill("start", "--scenario", self.scenario, *away, code=75)
        self.drill("start", *away, code=69)
        self.force.start_hub()
        self.drill("start")
        self.assertEqual([e["detector"]["rule_id"] for e in self.injects()], ["opening", "1/3", "2/3", "3/3"])
        self.force.hub.stop()
        self.assertIn("say siaga drill end again", self.drill("end", *away, code=69).stderr)
        self.drill("report", *away, code=69)
        self.force.start_hub()
        self.assertIn("3 of 3 injects were sent, 3 not over", self.drill("end").stdout)
        self.assertEqual(self.log("kpu/sari", "--kind", "void"), [])

    def test_refusals(self):
        bad = self.write('title = "x";\ninjects = ( { at = "0s"; title = "a"; category = "other/undetermined"; lead = "nobody"; } );')
        self.assertIn("latihan.conf:2: injects[0].lead: the roster has no member", self.drill("start", "--scenario", bad, code=65).stderr)
        self.drill("start", "--scenario", self.path("none"), code=66)
        for args in ((), ("dance",), ("start", "x"), ("end", "--scenario", bad), ("start", "--speed", "0", "--scenario", bad),
                     ("report", "--format", "pdf")):
            self.drill(*args, code=64)
        self.drill("end", code=4)
        self.assertEqual(self.injects(), [])
        self.act("bssn/ani", "send", "--title", "no drill")
        self.assertIn("1: no drill", self.drill("report", "1", code=4).stderr)

    def test_the_shipped_scenario_fits_the_example_roster(self):
        done = self.drill("start", "--check", "--scenario", os.path.join(TOP, "doc", "examples", "malam-pemilu.conf"))
        self.assertEqual(len(done.stdout.splitlines()), 5)
        self.assertEqual(self.injects(), [])

    def test_the_example_in_the_manual(self):
        with open(os.path.join(TOP, "doc", "man", "siaga-drill.5")) as page:
            (text,) = re.findall(r"(?s)\.Bd -literal.*?\n(.*?)\.Ed", page.read())
        done = self.drill("start", "--check", "--scenario", self.write(text))
        self.assertEqual(len(done.stdout.splitlines()), 2)

    def test_roll_call(self):
        running = self.force.start_siaga("kpu/sari", "rollcall", "--within", "60s")
        handle = re.search(r"roll call (\w+):", running.wait_line("roll call")).group(1)
        for member, person in PERSONS.items():
            self.assertTrue(running.alive())
            if member != "kpu":
                self.act(person, "ack", handle)
        self.assertEqual(running.wait(), 0)
        done = self.force.siaga("kpu/sari", "rollcall", "--within", "200ms", "--format", "json")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual({json.loads(line)["answered"] for line in done.stdout.splitlines()}, {False})
        self.assertEqual({entry["exercise"] for entry in self.log("kpu/sari")}, {True})
        self.assertEqual(self.force.siaga("kpu/sari", "rollcall", "--within", "25h").returncode, 64)
        self.assertEqual(self.force.siaga("bssn/soc-1", "rollcall", "--within", "100ms").returncode, 1)
        self.force.hub.stop()
        done = self.force.siaga("bin/budi", "rollcall", "--timeout", "200ms")
        self.assertEqual(done.returncode, 69)
        self.assertIn("not queued", done.stderr)


if __name__ == "__main__":
    siaga_e2e.main()
