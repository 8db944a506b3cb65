# SPDX-License-Identifier: Apache-2.0
"""The hub is held to account: an entry is proved from the hub or from a file without it, the whole log is audited against what
the hub signed, and hashes are all that anybody learns of what is not for them."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess

import nacl.signing

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, read_json_lines


class Verify(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.force.start_hub()
        self.eve, self.agent = self.eve_agent()

    def publish(self, count):
        self.append(self.eve, [eve_alert(n) for n in range(1, count + 1)])
        out, reader = self.watch_out("polri/dewi", count)
        self.assertEqual(reader.wait(60), 0, reader.tail())
        return out

    def export(self, person, what):
        path = self.path("bundle-%s" % person.replace("/", "-"))
        return path, self.force.siaga(person, "export", "--out", path, str(what))

    def test_an_entry_is_proved_with_and_without_the_hub(self):
        out = self.publish(300)
        entry = read_json_lines(out)[250]
        for what in (entry["number"], "#%d" % entry["number"], entry["id"]):
            done = self.force.siaga("polri/dewi", "verify", str(what))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"^proved: entry %d, %s, signed by bssn/soc-1 " % (entry["number"], entry["id"]))
        path, done = self.export("polri/dewi", entry["id"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.force.hub.stop()
        done = self.force.siaga("bin/budi", "verify", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(entry["id"], done.stdout)
        self.assertIn(entry["log_id"], done.stdout)
        if os.environ.get("SIAGA_SEED"):
            subprocess.run(["cp", path, os.environ["SIAGA_SEED"]], check=True)

    def test_a_changed_bundle_proves_nothing(self):
        self.publish(20)
        path, done = self.export("polri/dewi", 7)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(path, "rb") as file:
            good = file.read()
        # In the roster, its signature, the note, the entry, the path.
        for at in range(20, len(good), len(good) // 40):
            with open(path, "wb") as file:
                file.write(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
            done = self.force.siaga("bin/budi", "verify", path)
            # A signature's untrusted comment is nobody's word.
            if b"untrusted comment" in good[max(0, at - 80):at + 1] and done.returncode == 0:
                continue
            self.assertIn(done.returncode, (1, 65), "byte %d: %s" % (at, done.stdout))
            self.assertEqual(done.stdout, "")
        for end in (0, 1, 100, len(good) - 1):
            with open(path, "wb") as file:
                file.write(good[:end])
            self.assertEqual(self.force.siaga("bin/budi", "verify", path).returncode, 65)

    def test_another_root_believes_nothing(self):
        self.publish(3)
        path, done = self.export("polri/dewi", 2)
        self.assertEqual(done.returncode, 0, done.stderr)
        other = self.force.make_root("other")
        self.force.write_roster(path=self.path("other.conf"), root="other")
        conf = self.force._write(self.path("other", "siaga.conf"), self.force.trust_conf(
            "bin/budi", roots='["%s"]' % other, roster='"%s"' % self.path("other.conf")))
        done = self.force.siaga("bin/budi", "verify", path, conf=conf)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("NOT PROVED", done.stderr)

    def test_the_log_is_audited(self):
        out = self.publish(5000)
        # The next one is signed only when the one before was told.
        self.wait_checkpoint(5001)
        self.append(self.eve, [eve_alert(5001)])
        self.wait_checkpoint(5002)
        done = self.force.siaga("polri/dewi", "verify", "--audit", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^audited: the 500[12] entries of the log [0-9a-f]{32} make the root")
        self.assertIn("5000 are at their numbers, 0 are newer than the checkpoint, 0 are of other logs", done.stdout)
        # An agent's key may audit as well, and who sees little.
        for who in ("brin/rina", "bssn/soc-1"):
            done = self.force.siaga(who, "verify", "--audit")
            self.assertEqual(done.returncode, 0, done.stderr)
        # The next audit compares with the last: here with one that the same key signed over other entries.
        last = self.path("people", "polri", "dewi", "state", "siaga", "polri", "dewi", "audited")
        with open(last) as file:
            good = file.read()
        self.assertEqual(self.force.siaga("polri/dewi", "verify", "--audit").returncode, 0)
        origin, size, root = good.split("\n")[:3]
        text = "%s\n%s\n%s\n" % (origin, size, base64.b64encode(bytes(32)).decode())
        with open(last, "w") as file:
            file.write(text + "\n" + self.signed(origin, text))
        done = self.force.siaga("polri/dewi", "verify", "--audit")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("two logs under one id", done.stderr)
        os.unlink(last)
        # One that was not delivered so is found.
        lines = read_json_lines(out)
        mark = lines[100]["cursor"]
        lines[100]["cursor"] = mark[:-1] + ("0" if mark[-1] != "0" else "1")
        with open(out, "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
        done = self.force.siaga("polri/dewi", "verify", "--audit", out)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("entry %d is not what was delivered" % lines[100]["number"], done.stderr)
        with open(out, "w") as file:
            file.write("no line of ours\n")
        self.assertEqual(self.force.siaga("polri/dewi", "verify", "--audit", out).returncode, 65)

    def signed(self, origin, text):
        """A line of a note as only the hub could sign it: with its key."""
        with open(self.force.identity("kpu/hub")) as file:
            secret = re.search(r"(?m)^secret plain (\S+)", file.read()).group(1)
        key = nacl.signing.SigningKey(base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))[:32])
        head = hashlib.sha256(origin.encode() + b"\n\x01" + bytes(key.verify_key)).digest()[:4]
        return "\u2014 %s %s\n" % (origin, base64.b64encode(head + key.sign(text.encode()).signature).decode())

    def test_what_was_acknowledged_is_looked_for(self):
        state, old = self.path("hub", "state"), self.path("old")
        for title in ("one", "two", "three"):
            done = self.force.siaga("bssn/ani", "send", "--title", title, "--category", "other/other")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.wait_checkpoint(4)
        self.append(self.eve, [eve_alert(1)])
        self.wait_checkpoint(5)
        done = self.force.siaga("bssn/ani", "verify", "--audit")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("of ours, 3 are at their numbers and 0 are newer", done.stdout)
        self.agent.stop()
        self.force.hub.stop()
        shutil.copytree(state, old)
        self.force.start_hub()
        done = self.force.siaga("bssn/ani", "send", "--title", "lost", "--category", "other/other")
        self.assertEqual(done.returncode, 0, done.stderr)
        # Everything is put back, the checkpoint too: the hub cannot know. Whoever was acknowledged can.
        self.force.hub.stop()
        shutil.rmtree(state)
        shutil.copytree(old, state)
        self.force.start_hub()
        done = self.force.siaga("bssn/ani", "verify", "--audit")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, r"our entry [0-9a-f-]{36} was acknowledged, and the hub does not have it")

    def test_hidden_and_unknown_are_one(self):
        done = self.force.siaga("bssn/ani", "send", "--title", "secret", "--category", "other/other", "--tlp", "red")
        self.assertEqual(done.returncode, 0, done.stderr)
        number = self.log("bssn/ani", "--kind", "alert")[0]["number"]
        hidden = self.force.siaga("brin/rina", "verify", str(number))
        unknown = self.force.siaga("brin/rina", "verify", "999999")
        self.assertEqual((hidden.returncode, hidden.stdout, hidden.stderr),
                         (unknown.returncode, unknown.stdout, unknown.stderr))
        self.assertEqual(hidden.returncode, 1)
        self.assertFalse(os.path.exists(self.export("brin/rina", number)[0]))
        self.assertEqual(self.force.siaga("bssn/ani", "verify", str(number)).returncode, 0)

    def test_wrong_words(self):
        for words in (["verify"], ["verify", "x"], ["verify", "1", "2"], ["export"], ["export", "x"]):
            self.assertEqual(self.force.siaga("polri/dewi", *words).returncode, 64, words)


if __name__ == "__main__":
    siaga_e2e.main()
