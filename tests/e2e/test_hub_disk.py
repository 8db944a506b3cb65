# SPDX-License-Identifier: Apache-2.0
"""The hub's disk is nearly full, or read-only: it takes nothing new and says so, goes on delivering where it can, and recovers by
itself. And a backup is made while entries pour in."""

import os
import re
import subprocess
import sys
import time

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines

POURED = 6000 if os.environ.get("SIAGA_SANITIZED") else 60000  # ThreadSanitizer takes minutes for the latter


class HubDisk(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.small, self.state = self.path("small"), self.path("hub", "state")
        os.makedirs(self.small)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", self.small],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            print("skipped: cannot mount a small file system here: %s" % done.stdout.strip())
            self.tearDown()
            sys.exit(siaga_e2e.SKIPPED)

    def tearDown(self):
        self.force.stop()
        for mounted in (self.small, self.state):
            subprocess.run(["umount", "-l", mounted], stderr=subprocess.DEVNULL)
        super().tearDown()

    def arrived(self, person, out, count):
        out, reader = self.watch_out(person, count, out)
        self.assertEqual(reader.wait(60), 0, reader.tail())
        return out

    def test_nothing_new_is_taken_below_the_reserve(self):
        os.symlink(self.small, self.path("hub", "state"))
        self.force.write_hub_conf(reserve='"32M"')
        self.force.start_hub()
        eve, agent = self.eve_agent()
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        out = self.arrived("polri/dewi", self.path("out.jsonl"), 50)
        with open(os.path.join(self.small, "filler"), "wb") as file:
            file.write(b"x" * (40 << 20))
        self.force.hub.wait_line(r"disk-low: \d+ MiB are free")
        self.append(eve, [eve_alert(n) for n in range(51, 101)])
        agent.wait_line(r"(?i)refused for now.*disk")
        # What is there is still delivered.
        self.arrived("bin/budi", self.path("other.jsonl"), 50)
        os.unlink(os.path.join(self.small, "filler"))
        self.force.hub.wait_line("disk-back: ")
        self.arrived("polri/dewi", out, 50)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 101)))

    def mount_image(self):
        """The same file system again, on the directory of the hub's state: its device."""
        subprocess.run(["mount", "-o", "loop,errors=remount-ro", self.path("image"), self.state], check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return subprocess.run(["findmnt", "-no", "SOURCE", self.state], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.strip()

    def test_a_disk_that_fails_and_becomes_read_only(self):
        os.makedirs(self.state)
        with open(self.path("image"), "wb") as file:
            file.truncate(48 << 20)
        try:
            subprocess.run(["mkfs.ext4", "-q", "-F", self.path("image")], check=True)
            device = self.mount_image()
            trigger = open("/sys/fs/ext4/%s/trigger_fs_error" % os.path.basename(device), "w")
        except (OSError, subprocess.CalledProcessError) as error:
            self.skipTest("no ext4 image to fail here: %s" % error)
        self.force.write_hub_conf(reserve='"1M"')
        hub = self.force.start_hub()
        eve, agent = self.eve_agent()
        self.append(eve, [eve_alert(n) for n in range(1, 51)])
        out = self.arrived("polri/dewi", self.path("out.jsonl"), 50)
        with trigger:
            trigger.write("test")
        self.append(eve, [eve_alert(n) for n in range(51, 101)])
        hub.wait_line("journal-failed: |checkpoint-file: ")
        hub.wait_line("child-died: core: exit status 7[14]")
        hub.wait_line(r"(journal-open|state|trust): .*([Rr]ead-only|readonly)")
        # The operator checks and mounts it again: nothing else is needed.
        start = len(hub.lines)
        subprocess.run(["umount", "-l", self.state], check=True)
        self.mount_image()
        hub.wait_line(r"\bready\b", start=start)
        self.arrived("polri/dewi", out, 50)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, 101)))

    def tool(self, *args):
        done = self.hub_tool(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_backup_while_entries_pour_in(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        self.append(eve, [eve_alert(n) for n in range(1, POURED + 1)])
        size, _ = self.wait_checkpoint(POURED // 4)
        since = time.monotonic()
        head = int(re.search(r"the first (\d+) entries", self.tool("--backup", self.path("backup.db"))).group(1))
        took = time.monotonic() - since
        after, _ = self.wait_checkpoint(size + 1)
        until = time.monotonic()
        print("backup of %d entries in %.2f s; %.0f entries/s arrived meanwhile"
              % (head, took, (after - size) / (until - since)))
        self.assertGreaterEqual(head, size)
        out = self.arrived("polri/dewi", self.path("out.jsonl"), POURED)
        self.wait_checkpoint(POURED + 1)
        before = {entry["number"]: entry["id"] for entry in read_json_lines(out)}
        self.force.hub.stop()
        self.assertIn("put back with %d entries" % head, self.tool("--restore", self.path("backup.db")))
        self.force.start_hub()
        # What was acknowledged before the backup's head is there, and the agent sends the rest again.
        again = self.arrived("bin/budi", self.path("again.jsonl"), POURED)
        found = read_json_lines(again)
        self.assertEqual(sorted(numbers_of(found)), list(range(1, POURED + 1)))
        kept = {entry["number"]: entry["id"] for entry in found if entry["number"] < head}
        self.assertEqual(kept, {number: name for number, name in before.items() if number < head})
        # And who had it all gets nothing twice.
        self.append(eve, [eve_alert(POURED + 1)])
        self.arrived("polri/dewi", out, 1)
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, POURED + 2)))
        self.assertIn(": sound: ", self.tool("--verify"))

    def settled(self, person):
        """The alerts that person can read once nothing more is dropped."""
        before, found = None, self.log(person, "--kind", "alert")
        while not before or before[0]["number"] != found[0]["number"]:
            before, found = found, self.log(person, "--kind", "alert")
        return found

    def test_retention_by_size(self):
        self.force.write_hub_conf(keep_bytes='"1M"')
        self.force.start_hub()
        eve, agent = self.eve_agent()
        self.append(eve, [eve_alert(n) for n in range(1, 6001)])
        self.wait_checkpoint(6001)
        self.force.hub.wait_line(r"retention: \d+ entries were dropped")
        found = self.settled("polri/dewi")
        # A reader passes over what is gone, and what is gone is unknown.
        self.assertGreater(found[0]["number"], 1000)
        self.assertEqual([entry["number"] for entry in found], list(range(found[0]["number"], 6001)))
        dropped, unknown = (self.force.siaga("polri/dewi", "show", number) for number in ("5", "999999"))
        self.assertEqual((dropped.returncode, dropped.stdout, dropped.stderr),
                         (unknown.returncode, unknown.stdout, unknown.stderr))
        self.force.hub.stop()
        self.assertRegex(self.tool("--verify"), r"sound: 6001 entries \(from [1-9]\d+ on with their bytes\)")
        self.force.start_hub()
        self.append(eve, [eve_alert(6001)])
        self.wait_checkpoint(6002)
        deadline = time.monotonic() + 30
        found = self.settled("bin/budi")
        while numbers_of(found)[-1] != 6001 and time.monotonic() < deadline:  # 6002 may be something of the hub's own
            found = self.settled("bin/budi")
        self.assertEqual(numbers_of(found)[-1], 6001)
        # The hashes of what is gone are there: the log is still audited, and what is left is still proved.
        self.assertEqual(self.force.siaga("bin/budi", "verify", "--audit").returncode, 0)
        done = self.force.siaga("bin/budi", "verify", str(found[0]["number"]))
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    siaga_e2e.main()
