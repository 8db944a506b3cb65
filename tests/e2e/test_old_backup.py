# SPDX-License-Identifier: Apache-2.0
"""A journal put back to an earlier state, by hand, by a lost WAL or by --restore: the hub notices, goes on as a new log that
names the old one, and agents and readers find their way by themselves."""

import contextlib
import glob
import os
import shutil
import sqlite3
import time

import journal_rows
import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines


def make_version_2(path):
    """As it was before ids were packed: a row for each entry."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE id_leaf; ALTER TABLE ref DROP COLUMN is_deed;"
                         "CREATE TABLE entry (number INTEGER PRIMARY KEY, id BLOB, kind INTEGER, action INTEGER);"
                         "CREATE UNIQUE INDEX entry_id ON entry (id); PRAGMA user_version = 2")
        for first, data in db.execute("SELECT number, bytes FROM batch ORDER BY number").fetchall():
            for number, header in journal_rows.headers(first, data):
                db.execute("INSERT INTO entry VALUES (?, ?, ?, ?)", (number, header[1], header[3], header.get(4, 0)))
        db.commit()


class OldBackup(TaskForceCase):
    def assert_sound(self, *args):
        done = self.hub_tool("--verify", *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^\S+: sound: \d+ entries .*\n$")
        return done.stdout

    def journal(self, name="journal.db"):
        return self.path("hub", "state", name)

    def arrived(self, person, out, count):
        out, reader = self.watch_out(person, count, out)
        self.assertEqual(reader.wait(60), 0, reader.tail())

    def assert_new_log(self, former, common):
        """The entry of the hub that names the log it was."""
        found = [entry for entry in self.log("bin/budi", "--kind", "system") if "former_log" in entry]
        self.assertEqual([entry["former_log"] for entry in found], [{"log": former, "size": common}])
        self.assertEqual(found[0]["number"], common)
        self.assertNotEqual(found[0]["log_id"], former)

    def wait_looked(self, number):
        """Until a start need not look at entries below that number again, for their deadlines."""
        changes = siaga_e2e.Changes(self.path("hub", "state"))
        deadline = time.monotonic() + 60
        looked = 0
        while looked < number:
            self.assertLess(time.monotonic(), deadline, self.force.hub.tail())
            changes.wait(0.2)  # what is written becomes visible a moment after, with no further event
            with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % self.journal(), uri=True)) as db:
                for value, in db.execute("SELECT value FROM fact WHERE key = 'escalation-clock'"):
                    looked = journal_rows.item(value, 0)[0][2]
        changes.close()

    def test_an_older_journal_becomes_a_new_log(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out = self.path("out.jsonl")
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        self.arrived("polri/dewi", out, 50)
        self.force.hub.stop()
        shutil.copy(self.journal(), self.path("old.db"))
        self.force.start_hub()
        self.append(eve, [eve_alert(n) for n in range(51, 101)])
        self.arrived("polri/dewi", out, 50)
        _, log_id = self.wait_checkpoint(101)
        self.force.hub.stop()
        shutil.copy(self.path("old.db"), self.journal())
        self.force.start_hub()
        self.force.hub.wait_line(r"log-begun: .*it ends at 51, but a checkpoint of 101")
        self.append(eve, [eve_alert(n) for n in range(101, 151)])
        self.arrived("polri/dewi", out, 50)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 151)))
        self.assertEqual(sorted(numbers_of(self.log("bin/budi", "--kind", "alert"))), list(range(1, 151)))
        self.assert_new_log(log_id, 51)
        self.assert_sound()
        # Once is enough: the next start goes on.
        self.force.hub.stop()
        self.force.start_hub()
        self.assertIsNone(self.force.hub.find("log-begun"))

    def test_a_deleted_wal(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out = self.path("out.jsonl")
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        self.arrived("polri/dewi", out, 50)
        self.force.hub.stop()
        self.force.start_hub()
        self.append(eve, [eve_alert(n) for n in range(51, 101)])
        self.arrived("polri/dewi", out, 50)
        _, log_id = self.wait_checkpoint(101)
        _, running = self.watch_out("bin/budi", 110, self.path("other.jsonl"))
        running.wait_line("watching ")
        self.force.hub.kill()
        os.unlink(self.journal("journal.db-wal"))
        self.force.start_hub()
        self.force.hub.wait_line(r"log-begun: .*a checkpoint of \d+ entries was signed")
        self.append(eve, [eve_alert(n) for n in range(101, 111)])
        self.arrived("polri/dewi", out, 10)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 111)))
        # One that was reading all the while has it all, once.
        self.assertEqual(running.wait(60), 0, running.tail())
        self.assertEqual(sorted(numbers_of(read_json_lines(self.path("other.jsonl")))), list(range(1, 111)))
        self.assert_new_log(log_id, 51)
        self.assert_sound()

    def test_a_torn_page_is_found_and_a_backup_put_back(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out = self.path("out.jsonl")
        self.append(eve, [eve_alert(n) for n in range(1, 2001)])
        self.arrived("polri/dewi", out, 2000)
        done = self.hub_tool("--backup", self.path("backup.db"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.force.hub.stop()
        self.assert_sound()
        self.assert_sound(self.path("backup.db"))
        size = os.path.getsize(self.journal())
        with open(self.journal(), "r+b") as file:
            for at in range(4096 * 8, size - 4096, 4096 * 16):
                file.seek(at)
                file.write(b"\xa5" * 4096)
        done = self.hub_tool("--verify")
        self.assertEqual(done.returncode, 65, done.stdout + done.stderr)
        self.assertIn("journal.db: ", done.stderr)
        hub = self.force.start_hub(wait=False)
        self.assertEqual(hub.wait(), 71)
        self.assertIsNotNone(hub.find(r"journal-open: .*journal\.db"), hub.tail())
        done = self.hub_tool("--restore", self.path("backup.db"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(glob.glob(self.journal("journal.db.before-*"))), 1)
        self.force.start_hub()
        self.append(eve, [eve_alert(n) for n in range(2001, 2011)])
        self.arrived("polri/dewi", out, 10)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 2011)))
        self.assert_sound()

    def test_a_backup_on_a_new_machine(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out = self.path("out.jsonl")
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        self.arrived("polri/dewi", out, 50)
        _, log_id = self.wait_checkpoint(51)
        self.assertEqual(self.hub_tool("--backup", self.path("backup.db")).returncode, 0)
        self.append(eve, [eve_alert(n) for n in range(51, 61)])
        self.arrived("polri/dewi", out, 10)
        self.force.hub.stop()
        shutil.rmtree(self.path("hub", "state"))
        os.makedirs(self.path("hub", "state"))
        if os.geteuid() == 0:  # the hub's own account
            os.chown(self.path("hub", "state"), 65534, 65534)
        done = self.hub_tool("--restore", self.path("backup.db"))
        self.assertEqual(done.returncode, 0, done.stderr)
        if os.geteuid() == 0:
            self.assertEqual({name: os.stat(self.journal(name)).st_uid for name in os.listdir(self.path("hub", "state"))},
                             {"journal.db": 65534, "journal.db.lock": 65534})
        self.assertEqual(glob.glob(self.path("backup.db?*")), [])
        self.force.start_hub()
        self.force.hub.wait_line("log-begun: .*it was put back from a backup")
        self.append(eve, [eve_alert(n) for n in range(61, 71)])
        self.arrived("polri/dewi", out, 10)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 71)))
        self.assert_new_log(log_id, 51)

    def test_a_restore_keeps_every_former_journal(self):
        """Also one of the same second, or of a second that comes again: the clock was set back."""
        self.force.start_hub()
        self.assertEqual(self.hub_tool("--backup", self.path("b.db")).returncode, 0)
        self.force.hub.stop()
        state = self.path("hub", "state")
        taken = [os.path.join(state, "journal.db.before-%d%s" % (int(time.time()) + i, ("", "-wal")[i % 2]))
                 for i in range(300)]
        for name in taken:
            with open(name, "w") as file:
                file.write("former")
        done = self.hub_tool("--restore", self.path("b.db"))
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in taken:
            with open(name) as file:
                self.assertEqual(file.read(), "former", name)
        self.assertIn("the former journal is", done.stdout)
        self.assertEqual(len(glob.glob(os.path.join(state, "journal.db.before-*"))), len(taken) + 1)

    def test_backup_and_restore_refuse_what_they_must(self):
        self.assertEqual(self.hub_tool("--backup", self.path("b.db")).returncode, 66)
        self.assertEqual(self.hub_tool("--restore", self.path("b.db")).returncode, 66)
        self.assertEqual(self.hub_tool("--verify").returncode, 66)
        self.force.start_hub()
        self.assertEqual(self.hub_tool("--backup", self.path("b.db")).returncode, 0)
        done = self.hub_tool("--backup", self.path("b.db"))
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("exists", done.stderr)
        done = self.hub_tool("--restore", self.path("b.db"))
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("in use", done.stderr)
        self.force.hub.stop()
        with open(self.path("noise"), "wb") as file:
            file.write(b"no database at all" * 1000)
        with contextlib.closing(sqlite3.connect(self.path("b.db"))) as db:
            root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'batch'").fetchone()[0]
        with open(self.path("b.db"), "r+b") as file:
            file.seek(4096 * (root - 1))
            file.write(b"\xa5" * 4096)
        for verb in "--restore", "--verify":
            done = self.hub_tool(verb, self.path("b.db"))
            self.assertEqual(done.returncode, 65, done.stderr)
        self.assertEqual(self.hub_tool("--restore", self.path("noise")).returncode, 65)
        self.assertEqual(self.hub_tool("--verify", self.path("noise")).returncode, 65)
        self.assertEqual(self.hub_tool("--verify", "--backup", "x").returncode, 64)
        self.assertEqual(glob.glob(self.path("*.part-*")), [])

    def test_configurations_that_would_lose_entries(self):
        for key, value, words in (("keep", '"1d"', "at least 2d"), ("reserve", '"4K"', "must be from 1048576")):
            self.force.write_hub_conf(**{key: value})
            done = self.hub_tool("-n")
            self.assertEqual(done.returncode, 78)
            self.assertRegex(done.stderr, r"hub\.conf:\d+: %s: .*%s" % (key, words))
        self.force.write_hub_conf(keep='"400d"', keep_bytes='"200G"', reserve='"1G"', check='"0s"',
                                  checkpoint='"%s"' % self.path("elsewhere"))
        self.assertEqual(self.hub_tool("-n").returncode, 0)

    def test_the_check_on_a_schedule_finds_torn_pages(self):
        self.force.write_hub_conf(check='"1s"')
        hub = self.force.start_hub()
        eve, agent = self.eve_agent()
        self.append(eve, [eve_alert(n) for n in range(1, 3001)])
        self.wait_checkpoint(3001)
        hub.wait_line("journal-check: the journal is sound")
        self.wait_looked(3000)
        hub.stop()
        # Not where a start looks: old tiles of leaves, but not that of the last size it signed.
        with contextlib.closing(sqlite3.connect(self.journal())) as journal:
            note = journal.execute("SELECT value FROM meta WHERE key = 'checkpoint'").fetchone()[0]
            pages = journal.execute("SELECT pageno FROM dbstat WHERE name = 'tile' AND pagetype = 'overflow' "
                                    "ORDER BY path LIMIT 4 OFFSET ?",
                                    [0 if int(note.split(b"\n")[1]) // 256 in (2, 3) else 4]).fetchall()
        self.assertEqual(len(pages), 4)
        with open(self.journal(), "r+b") as file:
            for page, in pages:
                file.seek(4096 * (page - 1))
                file.write(b"\xa5" * 4096)
        hub = self.force.start_hub(wait=False)
        hub.wait_line(r"journal-bad: \S+journal\.db: ")
        hub.wait_line("condition-opened: journal-damaged")

    def test_a_journal_and_a_backup_of_an_older_version_are_taken_over(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        out = self.path("out.jsonl")
        self.append(eve, [eve_alert(n) for n in range(1, 301)])
        self.arrived("polri/dewi", out, 300)
        self.force.hub.stop()
        make_version_2(self.journal())
        done = self.hub_tool("--backup", self.path("backup.db"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.force.start_hub()
        self.append(eve, [eve_alert(n) for n in range(301, 311)])
        self.arrived("polri/dewi", out, 10)
        self.force.hub.stop()
        self.assert_sound()
        done = self.hub_tool("--restore", self.path("backup.db"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("put back with 301 entries", done.stdout)
        self.assertEqual(glob.glob(self.journal("journal.db.restoring*")), [])
        self.assert_sound()
        self.force.start_hub()
        self.append(eve, [eve_alert(n) for n in range(311, 321)])
        self.arrived("polri/dewi", out, 10)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 321)))

    def test_a_newer_journal_is_refused(self):
        self.force.start_hub()
        self.force.hub.stop()
        with sqlite3.connect(self.journal()) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
        hub = self.force.start_hub(wait=False)
        self.assertEqual(hub.wait(), 71)
        self.assertIsNotNone(hub.find(r"journal-open: .*has version 99, this program knows \d"), hub.tail())


if __name__ == "__main__":
    siaga_e2e.main()
