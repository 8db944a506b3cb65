# SPDX-License-Identifier: Apache-2.0
"""A roster's life at a running hub: who is revoked is out within a second, who is enrolled gets in, and nothing else moves."""

import json
import os
import shutil
import signal
import threading
import time

import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines

GONE = ("bssn/soc-1", "polri/dewi")
CUT_S = 1.0  # the bound, from SIGHUP to the cut


class Revocation(TaskForceCase):
    def roster(self):
        """The next roster, signed, where the hub reads it; without a signal."""
        self.force.serial += 1
        self.force.write_roster()
        return self.force.serial

    def hup(self):
        self.force.hub.popen.send_signal(signal.SIGHUP)
        return time.monotonic()

    def in_force(self, serial):
        return self.force.hub.wait_line("roster-reload: roster %d is in force" % serial)

    def roster_entry(self, serial):
        """The log number of the entry about that roster."""
        return [entry["number"] for entry in self.entries("roster") if str(serial) in entry["title"]][-1]

    def entries(self, kind):
        """The log as bssn/ani verifies it: what a key signed that no longer counted is not among them."""
        done = self.force.siaga("bssn/ani", "log", "--since", "0", "--format", "json", "--kind", kind)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def flow(self, files):
        """Alerts into each file until told to stop; returns the function that does, and then how many went into each."""
        done = threading.Event()
        count = [0]

        def write():
            while not done.wait(0.005):
                count[0] += 1
                for path in files:
                    self.append(path, [eve_alert(count[0])])

        thread = threading.Thread(target=write)
        thread.start()

        def stop():
            done.set()
            thread.join()
            return count[0]

        self.addCleanup(stop)
        return stop

    def wait_file(self, path, condition, seconds=30):
        """What stands in the file once the condition holds for it."""
        changes = siaga_e2e.Changes(os.path.dirname(path))
        deadline = time.monotonic() + seconds
        while not os.path.exists(path) or not condition(read_json_lines(path)):
            self.assertTrue(changes.wait(deadline - time.monotonic()), "%s: waited in vain" % path)
        changes.close()
        return read_json_lines(path)

    def wait_lines(self, path, count):
        return self.wait_file(path, lambda lines: len(lines) >= count)

    def test_revoked_publisher_and_reader_are_out_within_a_second_and_back_when_enrolled_again(self):
        self.force.start_hub()
        files = {}
        agents = {}
        for name in ("bssn/soc-1", "kpu/soc-1"):
            files[name], agents[name] = self.eve_agent(name)
            agents[name].wait_line("uplink-open")
        out = {name: self.path(name.replace("/", "-") + ".out") for name in ("polri/dewi", "bin/budi")}
        readers = {name: self.force.start_siaga(name, "watch", "--since", "0", "--kind", "alert", "--out", path)
                   for name, path in out.items()}
        stop = self.flow(files.values())
        self.wait_lines(out["polri/dewi"], 50)

        # As the manual says: the keys stay in the roster, so that what they signed before stays verifiable.
        self.force.key_extra = {name: 'untrusted_from = "%s";' % taskforce.now_text() for name in GONE}
        serial = self.roster()
        start = self.hup()
        agents["bssn/soc-1"].wait_line("uplink-down.*retired or no longer trusted")
        publisher_s = time.monotonic() - start
        readers["polri/dewi"].wait_line("ended the session")
        reader_s = time.monotonic() - start
        print("from SIGHUP to the cut: publisher %.0f ms, reader %.0f ms" % (1000 * publisher_s, 1000 * reader_s))
        self.assertLess(publisher_s, CUT_S)
        self.assertLess(reader_s, CUT_S)

        # Others go on, and a few knocks of the revoked later nothing of theirs or for them has come through.
        self.wait_lines(out["bin/budi"], len(read_json_lines(out["bin/budi"])) + 200)
        self.force.hub.wait_line("key-refused")
        number = self.roster_entry(serial)
        knocks = sum("key-refused" in line for line in self.force.hub.lines)
        got = [entry["number"] for entry in read_json_lines(out["polri/dewi"])]
        self.assertEqual([n for n in got if n > number], [])

        # Enrolled again, nobody restarts anything, and nothing was lost or doubled meanwhile.
        self.force.key_extra = {}
        self.in_force(self.roster())
        total = stop()
        for name in GONE[:1]:
            start = max(i for i, line in enumerate(agents[name].lines) if line and "uplink-down" in line)
            agents[name].wait_line("uplink-open", start=start, timeout=90)
        # Under the roster that trusts its key again all of the log can be judged: in the time between nothing of it.
        back = self.roster_entry(self.force.serial)
        between = [entry["origin"] for entry in self.entries("alert") if number < entry["number"] < back]
        self.assertGreater(between.count("kpu/soc-1"), 50)
        self.assertEqual(between.count("bssn/soc-1"), 0)
        self.assertGreater(knocks, 0)
        for name, path in out.items():
            last = lambda lines: all(total in numbers_of(e for e in lines if e["origin"] == o) for o in files)
            entries = self.wait_file(path, last, 90)
            for origin in files:
                seen = numbers_of(e for e in entries if e["origin"] == origin)
                self.assertEqual(len(seen), len(set(seen)), origin)
                lost = set(range(1, total + 1)) - set(seen)
                if (name, origin) == ("bin/budi", "bssn/soc-1"):
                    # What was accepted since the key is not trusted, before the hub knew: who had the roster did not
                    # believe it.
                    lost -= set(numbers_of(e for e in self.entries("alert") if e["number"] < number))
                self.assertEqual(lost, set(), (name, origin))
        self.assertTrue(all(process.alive() for process in self.force.processes))

    def test_files_are_watched_and_a_half_copied_pair_waits_for_its_other_half(self):
        hub = self.force.start_hub()
        eve, agent = self.eve_agent()
        agent.wait_line("uplink-open")
        conf, minisig = self.path("roster.conf"), self.path("roster.conf.minisig")
        self.force.principals = self.force.principals + [("polri/baru", ["read"])]
        self.force.serial = 2
        new = self.path("new.conf")
        self.force.write_roster(path=new)
        self.force.write_person_conf("polri/baru", roster='"%s"' % new)
        self.assertNotEqual(self.force.siaga("polri/baru", "status").returncode, 0)

        shutil.copy(new, conf)
        hub.wait_line("error roster-reload: .*roster.conf: signed by 0 of the 1 root keys needed")
        shutil.copy(new + ".minisig", minisig)
        self.in_force(2)
        self.assertEqual(self.force.siaga("polri/baru", "status").returncode, 0)

        # By rename, as careful people do it, in the other order: the first half alone is not yet the pair.
        self.force.serial = 3
        self.force.write_roster(path=new)
        os.rename(new + ".minisig", minisig)
        os.rename(new, conf)
        self.in_force(3)
        agent.wait_line("roster: roster 3 is in force")
        refused = [line for line in hub.lines if "error" in line]
        self.assertLessEqual(len(refused), 2, refused)  # the second half may have been seen late

    def test_what_is_refused_changes_nothing_and_says_why_once(self):
        hub = self.force.start_hub()
        self.force.serial = 4
        self.roster()
        self.in_force(5)
        eve, agent = self.eve_agent()
        agent.wait_line("uplink-open")
        self.force.make_root("other")
        gone = self.force.roster_text(serial=6).replace('"bssn/soc-1"', '"bssn/soc-9"', 1)
        cases = [
            (dict(text=self.force.roster_text(serial=4)), "serial 4 does not replace serial 5"),
            (dict(text=self.force.roster_text(serial=5) + "# other bytes\n"), "serial 5 does not replace serial 5"),
            (dict(text=self.force.roster_text(serial=6), root="other"), "signed by 0 of the 1 root keys"),
            (dict(text=self.force.roster_text(serial=6, issued=taskforce.now_text(-9000), expires_s=-60)), "expired at"),
            (dict(text=self.force.roster_text(serial=6), comment="siaga roster network=else serial=6"), "another network"),
            (dict(text=self.force.roster_text(serial=6), comment="siaga roster network=%s serial=7" % self.force.network),
             "has serial 6, but is signed as serial 7"),
            (dict(text=gone), "the card is bssn/soc-1's"),
        ]
        for case, words in cases:
            start = len(hub.lines)
            self.force.write_roster(**case)
            hub.wait_line("error roster-reload: .*" + words, start=start)
            self.hup()  # who asks is told again
            hub.wait_line("error roster-reload: .*" + words, start=start + 1)
        self.assertTrue(hub.alive())
        self.append(eve, [eve_alert(1)])
        out, reader = self.watch_out("bin/budi", 1)
        # The reader reads the same files, and refuses them too; so give it what is in force.
        self.assertNotEqual(reader.wait(), 0)
        self.force.write_roster(self.force.roster_text(serial=8))
        self.in_force(8)
        out, reader = self.watch_out("bin/budi", 1)
        self.assertEqual(reader.wait(), 0, reader.tail())
        self.assertNotIn("uplink-down: .*ended", "\n".join(line for line in agent.lines if line))

    def test_who_loses_read_alone_stops_reading_and_goes_on_responding(self):
        self.force.start_hub()
        self.force.siaga("bssn/ani", "send", "--title", "first", "--tlp", "green", check=True)
        out = self.path("out")
        reader = self.force.start_siaga("polri/dewi", "watch", "--since", "0", "--kind", "alert", "--out", out)
        self.wait_lines(out, 1)
        self.force.principals = [(name, ["publish", "respond"] if name == "polri/dewi" else roles)
                                 for name, roles in self.force.principals]
        self.roster()
        start = self.hup()
        self.assertNotEqual(reader.wait(10), 0)
        self.assertLess(time.monotonic() - start, CUT_S)
        self.assertIn("does not let this principal do that", reader.tail())
        self.force.siaga("bssn/ani", "send", "--title", "second", "--tlp", "green", check=True)
        self.force.siaga("polri/dewi", "send", "--title", "still heard", "--tlp", "green", check=True)
        self.assertEqual(len(read_json_lines(out)), 1)
        self.assertNotEqual(self.force.siaga("polri/dewi", "log").returncode, 0)

    def test_second_card_of_a_principal_during_an_overlap(self):
        self.force.start_hub()
        old = self.force.identity("bssn/ani")
        first = self.force.siaga("bssn/ani", "send", "--title", "old card", "--tlp", "green", check=True)
        new = self.path("identities", "bssn-ani-2.identity")
        self.force.siaga("bssn/ani", "keygen", "bssn/ani", "--no-passphrase", "--out", new, check=True)
        card = self.force.siaga("bssn/ani", "card", new, check=True).stdout.strip()
        conf = self.force.write_person_conf("bssn/ani-2", identity='"%s"' % new)

        self.force.key_extra["bssn/ani"] = '}, { card = "%s"; ' % card
        self.roster()
        self.hup()
        self.in_force(2)
        # Both speak, and both are heard as bssn/ani.
        self.force.siaga("bssn/ani", "send", "--title", "old card, overlap", "--tlp", "green", check=True)
        self.force.siaga("bssn/ani-2", "send", "--title", "new card, overlap", "--tlp", "green", check=True)

        self.force.key_extra["bssn/ani"] = 'until = "%s"; }, { card = "%s"; ' % (taskforce.now_text(1), card)
        self.roster()
        self.hup()
        self.in_force(3)
        deadline = time.monotonic() + 20
        while self.force.siaga("bssn/ani", "status").returncode == 0:  # until its time comes, within a second
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(self.force.siaga("bssn/ani", "send", "--title", "too late", "--tlp", "green").returncode, 1)
        self.force.siaga("bssn/ani-2", "send", "--title", "new card", "--tlp", "green", check=True)
        seen = self.log("polri/dewi", "--kind", "alert")
        self.assertEqual([(e["title"], e["origin"], e["verified"]) for e in seen],
                         [(title, "bssn/ani", True) for title in
                          ("old card", "old card, overlap", "new card, overlap", "new card")])


if __name__ == "__main__":
    siaga_e2e.main()
