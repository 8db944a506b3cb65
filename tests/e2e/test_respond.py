# SPDX-License-Identifier: Apache-2.0
"""Responses: who leads, and each refusal with its own words and exit code; queued while the hub is away."""

import json

import siaga_e2e
from siaga_e2e import TaskForceCase

NEVER = "019ab3f0-0000-7000-8000-00000000beef"
OK, STATE, OVER, NOTFOUND, AMBIGUOUS, USAGE, UNAVAILABLE, QUEUED, NOPERM = 0, 2, 3, 4, 5, 64, 69, 75, 77


class Respond(TaskForceCase):
    def send(self, title, *more, person="bssn/ani"):
        """Publishes an alert: (number, id, handle)."""
        done = self.force.siaga(person, "send", "--title", title, "--format", "json", *more, check=True)
        sent = json.loads(done.stdout)
        return str(sent["number"]), sent["id"], self.handle(sent["id"])

    @staticmethod
    def handle(id):
        digits = id.replace("-", "")
        size = 6
        while not set(digits[-size:]) & set("abcdef"):
            size += 1
        return digits[-size:]

    def act(self, person, *args, code=OK, words=None):
        done = self.force.siaga(person, *args)
        self.assertEqual(done.returncode, code, "%s: %s%s" % (args, done.stdout, done.stderr))
        if words is not None:
            self.assertIn(words, done.stderr)
        return done

    def life(self, person, name):
        done = self.force.siaga(person, "show", "--format", "json", name, check=True)
        return json.loads(done.stdout.splitlines()[0])["life"]

    def test_a_life(self):
        self.force.start_hub()
        number, id, handle = self.send("Web server compromised", "--severity", "high", "--system", "sipol", "--category",
                                       "intrusions/application-compromise")
        self.assertEqual(self.life("kpu/sari", number)["state"], "new")
        self.act("polri/dewi", "ack", handle)
        self.act("brin/rina", "assist", id)
        self.act("bssn/ani", "take", number)
        life = self.life("kpu/sari", handle)
        self.assertEqual((life["state"], life["lead"], life["person"]), ("in progress", "bssn", "bssn/ani"))
        self.assertEqual([a["principal"] for a in life["assist"]], ["brin/rina"])
        self.assertEqual([a["principal"] for a in life["acknowledged"]], ["polri/dewi"])
        done = self.act("polri/dewi", "take", handle, code=STATE, words="bssn/ani leads %s since" % handle)
        self.assertIn("siaga assist", done.stderr)
        self.assertEqual(done.stdout, "")
        self.act("bssn/ani", "comment", handle, "Log sudah disalin")
        self.act("bssn/ani", "update", handle, "--severity", "critical", "--description", "Also Silon")
        self.assertEqual(self.life("kpu/sari", number)["severity"], "critical")
        self.act("bssn/ani", "update", handle, "--title", "Two servers compromised", "--certainty", "observed")
        self.act("bssn/ani", "update", handle, "-m", "Nothing else is new")
        last = self.log("kpu/sari", "--kind", "update")[-1]
        self.assertEqual((last["title"], last["certainty"], last["severity"], last["system"]),
                         ("Two servers compromised", "observed", "critical", "sipol"))
        self.act("polri/dewi", "handover", handle, "polri", code=STATE, words="only bssn can hand it over")
        self.act("bssn/ani", "handover", handle, "polri")
        self.act("bssn/ani", "resolve", handle, "--outcome", "benign", code=STATE, words="only polri can resolve")
        self.act("polri/dewi", "take", handle)
        self.act("polri/dewi", "resolve", handle, "--outcome", "true-positive", "-m", "Ditangani")
        for verb in (("ack",), ("take",), ("assist",), ("resolve", "--outcome", "benign")):
            self.act("kpu/sari", *verb, handle, code=OVER, words="resolved (true-positive) by polri at")
        self.act("kpu/sari", "handover", handle, "kpu", code=OVER, words="siaga reopen %s" % handle)
        self.act("bssn/ani", "cancel", handle, code=OVER)
        self.act("kpu/sari", "reopen", handle)
        self.assertEqual(self.life("kpu/sari", number)["state"], "reopened")
        self.act("kpu/sari", "reopen", handle, code=STATE, words="is open: reopened")
        self.act("bssn/ani", "cancel", handle, "-m", "Latihan")
        self.act("polri/dewi", "take", handle, code=OVER, words="cancelled by bssn/ani")

        story = [json.loads(line) for line in
                 self.force.siaga("kpu/sari", "show", "--format", "json", number, check=True).stdout.splitlines()]
        self.assertEqual([(e["origin"], e.get("action", e["kind"])) for e in story], [
            ("bssn/ani", "alert"), ("polri/dewi", "acknowledge"), ("brin/rina", "assist"), ("bssn/ani", "take"),
            ("bssn/ani", "comment"), ("bssn/ani", "update"), ("bssn/ani", "update"), ("bssn/ani", "update"), ("bssn/ani", "handover"), ("polri/dewi", "take"),
            ("polri/dewi", "resolve"), ("kpu/sari", "reopen"), ("bssn/ani", "cancel")])
        self.assertEqual({(e["tlp"], e["status"], e["system"]) for e in story}, {("amber", "actual", "sipol")})
        # Nothing refused has left anything behind.
        self.assertEqual(len(self.log("kpu/sari", "--kind", "all")), len(story) + 1)

    def test_each_refusal(self):
        self.force.start_hub()
        number, id, handle = self.send("for polri alone", "--tlp", "red", "--audience", "polri")
        self.act("bssn/soc-1", "take", number, code=NOPERM, words="does not let bssn/soc-1 respond")
        # What one may not see is answered as what is not there.
        for hidden, absent in ((number, "999999"), (id, NEVER), (handle, "beef" + handle)):
            refused = self.act("brin/rina", "take", hidden, code=NOTFOUND)
            unknown = self.act("brin/rina", "take", absent, code=NOTFOUND)
            self.assertEqual((refused.stdout, refused.stderr), (unknown.stdout, unknown.stderr))
        self.act("polri/dewi", "resolve", handle, "--outcome", "benign", code=STATE, words="nobody leads %s yet" % handle)
        self.act("polri/dewi", "take", handle)
        self.act("polri/dewi", "handover", handle, "brin", code=1, words="it may not see it")
        self.act("polri/dewi", "handover", handle, "nobody", code=1, words="the roster does not know it")
        self.act("polri/dewi", "take", handle, code=STATE, words="you lead %s already" % handle)
        self.act("polri/dewi", "assist", handle, code=STATE, words="polri leads %s already" % handle)
        self.act("polri/dewi", "cancel", handle, code=NOPERM, words="is bssn/ani's: only it can cancel it")
        response = json.loads(self.act("polri/dewi", "ack", "--format", "json", handle).stdout)
        self.act("polri/dewi", "ack", handle, code=STATE, words="you have acknowledged")
        self.act("polri/dewi", "take", str(response["number"]), code=USAGE, words="is no alert but a response")
        for wrong in (("take",), ("take", "xyz!"), ("comment", number), ("resolve", number), ("update", number),
                      ("resolve", number, "--outcome", "dull"), ("ack", "--outcome", "benign", number),
                      ("resolve", number, "--outcome", "duplicate-of")):
            self.act("polri/dewi", *wrong, code=USAGE)

    def test_a_duplicate(self):
        self.force.start_hub()
        first, _, _ = self.send("first")
        second, _, handle = self.send("second")
        self.act("polri/dewi", "take", second)
        self.act("polri/dewi", "resolve", second, "--outcome", "duplicate-of", second, code=USAGE, words="of itself")
        self.act("polri/dewi", "resolve", "--outcome", "duplicate-of", first, second)
        self.assertEqual(self.life("kpu/sari", handle)["outcome"], "duplicate")
        self.assertEqual(self.life("kpu/sari", first)["state"], "new")

    def test_queued_while_the_hub_is_away(self):
        hub = self.force.start_hub()
        number, id, handle = self.send("seen before")
        other, other_id, _ = self.send("never seen by dewi")
        self.force.siaga("polri/dewi", "show", number, check=True)
        hub.stop()
        self.act("polri/dewi", "take", handle, "--timeout", "1s", code=QUEUED, words="queued, goes with your next command")
        self.act("polri/dewi", "resolve", number, "--outcome", "benign", "--timeout", "1s", code=QUEUED)
        self.act("polri/dewi", "take", other_id, "--timeout", "1s", code=UNAVAILABLE, words="not known on this machine")
        self.act("brin/rina", "take", other_id, "--timeout", "1s", code=UNAVAILABLE)
        self.force.start_hub()
        self.act("polri/dewi", "show", number)
        life = self.life("kpu/sari", number)
        self.assertEqual((life["state"], life["person"], life["outcome"]), ("resolved", "polri/dewi", "benign"))
        self.assertEqual(self.life("kpu/sari", other)["state"], "new")


    def test_a_hub_that_was_killed_judges_as_before(self):
        self.force.start_hub()
        number, _, handle = self.send("through kill -9")
        for person, verb, code in (("polri/dewi", ("take",), OK), ("brin/rina", ("take",), STATE),
                                   ("brin/rina", ("assist",), OK), ("polri/dewi", ("handover", number, "brin"), OK),
                                   ("polri/dewi", ("resolve", "--outcome", "benign"), STATE), ("brin/rina", ("take",), OK),
                                   ("brin/rina", ("resolve", "--outcome", "benign"), OK), ("polri/dewi", ("take",), OVER)):
            self.kill_child("siaga-core")
            self.act(person, *verb, *(() if "handover" in verb else (number,)), code=code)
        self.assertEqual(self.life("kpu/sari", handle)["state"], "resolved")

    def test_a_queued_answer_that_comes_too_late_is_told(self):
        hub = self.force.start_hub()
        number, id, handle = self.send("contested")
        self.force.siaga("polri/dewi", "show", number, check=True)
        hub.stop()
        self.act("polri/dewi", "take", handle, "--timeout", "1s", code=QUEUED)
        self.force.start_hub()
        self.act("brin/rina", "take", handle)
        self.act("polri/dewi", "show", handle, words="the hub refuses what was queued, take %s: the state" % handle)
        self.assertEqual(self.life("kpu/sari", number)["person"], "brin/rina")


if __name__ == "__main__":
    siaga_e2e.main()
