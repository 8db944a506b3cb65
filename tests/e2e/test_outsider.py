# SPDX-License-Identifier: Apache-2.0
"""A peer written from PROTOCOL.md alone (outsider.py) reads, verifies, publishes and asks as the C programs do."""

import json
import os
import unittest
import uuid

import zmq
from zmq.utils.monitor import recv_monitor_message

import outsider
import siaga_e2e
from outsider import Bad, Batch, Card, Keys, Peer, Refused, Roster, decode, encode, sha256
from siaga_e2e import TaskForceCase

NEVER = uuid.UUID("019ab3f0-0000-7000-8000-00000000beef").bytes
ME, BRIN = "polri/outsider", "brin/outsider"


class Outsider(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.keys = {ME: Keys(), BRIN: Keys()}
        self.peers = []
        self.force.cards = {name: keys.card(name) for name, keys in self.keys.items()}
        self.force.principals = self.force.principals + [(ME, ["publish", "read"]), (BRIN, ["read"])]
        self.force.write_roster()

    def tearDown(self):
        for peer in self.peers:
            peer.close()
        super().tearDown()

    def peer(self, name=ME, **hello):
        with open(self.path("roster.conf"), encoding="utf-8") as file:
            self.peers.append(Peer(Roster(file.read()), name, self.keys[name]))
        return self.peers[-1].connect(**hello)

    def send(self, *alerts):
        """Publishes alerts as bssn/ani, in one batch when they fit."""
        done = self.force.siaga("bssn/ani", "send", "--json", "--format", "json", check=True,
                                input="".join(json.dumps(dict({"title": "x", "tlp": "green"}, **a)) + "\n" for a in alerts))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def alert(self, title, origin=ME):
        now = outsider.now()
        return outsider.make_entry({1: outsider.uuid7_now(), 2: origin, 3: 0, 6: 0, 7: now, 10: 3, 11: 3,
                                    12: "intrusion-attempts/brute-force", 13: "sirekap", 14: 1},
                                   {1: title, 4: [{1: "203.0.113.7", 2: 50022}], 6: {1: "outsider"}, 7: 3})

    def check_same(self, peer, person, filter=None, *args):
        """What the outsider reads and verifies is what `siaga log` shows; returns the entries."""
        entries = peer.read(filter)
        logged = self.log(person, "--kind", "all", *args)
        for line in logged:
            self.assertEqual((line.pop("log_id"), line.pop("verified")), (peer.log_id.hex(), True))
            for key in ("lead", "support", "inform", "first_action", "contact", "phase", "ack_by", "take_by", "resolve_by",
                        "report_by",                         "unseen_by", "exercise", "test"):  # the reader's playbook; the status again
                line.pop(key, None)
        self.assertEqual([entry.show() for entry in entries], logged)
        return entries

    def refused(self, code, call, *args):
        with self.assertRaises(Refused) as caught:
            call(*args)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception

    def fill(self):
        tlps = ("green", "red", "amber", "amber+strict", "clear", "red")
        self.send(*({"title": "mixed %d" % i, "tlp": tlp, "severity": ("low", "high")[i % 2]} for i, tlp in enumerate(tlps)))
        self.send(*({"title": "mostly red %d" % i, "tlp": "green" if i == 3 else "red"} for i in range(9)))
        self.send({"title": "every field", "description": "baris\ndua", "instruction": "blokir", "severity": "critical",
                   "certainty": "observed", "category": "availability/ddos", "system": "sirekap", "tlp": "amber",
                   "audience": ["polri", "brin"], "status": "exercise", "detected": "2026-11-24T08:00:00Z",
                   "expires": "2099-01-01T00:00:00Z", "source": [{"ip": "203.0.113.7", "port": 1024}, {"host": "a.example"}],
                   "target": [{"ip": "10.47.3.7", "port": 443, "user": "admin", "url": "https://s.example/", "hash": "md5:00",
                               "mac": "00:00:5e:00:53:01", "email": "a@example", "file": "/tmp/x", "process": "sshd"}],
                   "detector": {"tool": "suricata", "rule_id": "1:2", "rule": "r", "native_severity": "2"}, "count": 500,
                   "first_seen": "2026-11-24T07:00:00Z", "last_seen": "2026-11-24T07:59:59.5Z", "raw": "{}"})
        self.send({"title": "for bin alone", "audience": ["bin"]}, {"title": "hidden from brin at the end", "tlp": "red"})

    def test_reads_what_the_log_shows(self):
        self.force.start_hub()
        self.fill()
        peer = self.peer()
        self.assertEqual((peer.hub_serial, peer.held, peer.held_hash), (1, 0, b""))
        entries = self.check_same(peer, "polri/dewi")
        self.assertEqual(len(entries), peer.head - 1)  # not the one for bin alone
        self.assertIn("roster", [e.kind for e in entries])

        self.check_same(peer.connect(), "polri/dewi", {1: 3}, "--min-severity", "high")
        self.check_same(peer.connect(), "polri/dewi", {3: ["availability"], 4: ["sirekap"], 5: ["bssn"], 6: 1 << 1, 7: 1 << 0},
                        "--category", "availability", "--system", "sirekap", "--from", "bssn", "--status", "exercise")

    def test_reads_around_what_is_hidden(self):
        self.force.start_hub()
        self.fill()
        peer = self.peer(BRIN)
        entries = self.check_same(peer, "brin/rina")
        self.assertEqual([e.body[1] for e in entries if e.kind == "alert"],
                         [t for t in (a.get("title") for a in self.log("brin/rina", "--kind", "alert"))])
        self.assertEqual(peer.cursor[1], peer.head)
        self.assertTrue([b for b in peer.seen if not b.single and len(b.entries) < b.count], "no hash slots")
        self.assertTrue([b for b in peer.seen if b.single], "no single form")

        # Live: what is hidden moves the cursor and shows nothing else.
        self.send({"title": "hidden", "tlp": "red"})
        self.assertEqual(peer.follow(peer.head + 1), [])
        self.send({"title": "seen"})
        self.assertEqual([e.body[1] for e in peer.follow(peer.head + 2)], ["seen"])

    def test_credit(self):
        self.force.start_hub()
        self.send(*({"title": "big %d" % i, "raw": "x" * 8000} for i in range(20)))
        peer = self.peer()
        peer.subscribe(None, (b"", 0, b""), 1, 1)
        entries = []
        while peer.cursor[1] < peer.head:
            entries += peer.deliver()
            # One byte was enough for it; without credit there is no other.
            peer.heartbeat()
            self.assertEqual(peer.receive(outsider.PONG, outsider.DELIVER)[0], outsider.PONG)
            peer.give_credit()
        self.assertEqual([e.number for e in entries], list(range(21)))
        self.assertGreater(len(peer.seen), 2)

    def test_cursor(self):
        self.force.start_hub()
        self.send({"title": "before"}, {"title": "before too"})
        peer = self.peer()
        self.assertEqual(len(peer.read()), 3)
        log_id, number, mark = cursor = peer.cursor
        self.send({"title": "after"})
        self.assertEqual([e.body[1] for e in self.peer().read(None, cursor)], ["after"])
        for wrong in ((log_id, number, sha256(mark)), (bytes(16), number, mark), (log_id, number - 1, mark),
                      (log_id, number + 2, mark)):
            peer.connect().subscribe(None, wrong, 9)
            error = self.refused("cursor", peer.deliver)
            self.assertEqual((error.what, error.details), (outsider.SUBSCRIBE, {6: 9}))
        # The session goes on: from the beginning, passing over what was handled.
        self.assertEqual(len(peer.read()), 4)

    def test_publishes(self):
        self.force.start_hub()
        epoch, entries = os.urandom(8), [self.alert("satu"), self.alert("dua")]
        peer = self.peer(epoch=epoch)
        number = peer.publish(epoch, 1, entries)
        for at, entry, title in ((number - 1, entries[0], "satu"), (number, entries[1], "dua")):
            shown = self.force.siaga("polri/dewi", "show", "--format", "json", str(at), check=True)
            shown = json.loads(shown.stdout.splitlines()[0])
            self.assertEqual((shown["title"], shown["origin"], shown["verified"], shown["epoch"]), (title, ME, True, epoch.hex()))
            by_id = self.force.siaga("polri/dewi", "show", "--format", "json", shown["id"], check=True)
            self.assertEqual(json.loads(by_id.stdout.splitlines()[0]), shown)
            self.assertEqual(bytes.fromhex(shown["id"].replace("-", "")), outsider.open_entry(entry)[0][1])
        self.check_same(self.peer(), "polri/dewi")

        # Once and in order.
        self.assertEqual(peer.publish(epoch, 1, entries), number)
        self.assertEqual(self.refused("conflict", peer.publish, epoch, 1, [self.alert("lain")]).details, {2: epoch, 3: 1})
        self.assertEqual(self.refused("hole", peer.publish, epoch, 5, [self.alert("lima")]).details, {2: epoch, 3: 5, 4: 3})
        bad = self.refused("malformed", peer.publish, epoch, 3, [self.alert("tiga"), entries[0], self.alert("x", "polri/dewi")])
        self.assertEqual(bad.details[5], [[1, 1 + outsider.CODES.index("known")], [2, 1 + outsider.CODES.index("origin")]])
        self.assertEqual(peer.publish(epoch, 3, [self.alert("tiga")]), number + 1)
        again = self.peer(epoch=epoch, cut=3)
        self.assertEqual(again.held, 3)
        self.assertEqual(again.query(1, {1: number + 1})[0][0], number + 1)
        held = Batch(again.query(1, {1: number + 1})[0][2], self.force.network, lambda o, k: self.keys[ME].sign_public)
        self.assertEqual(again.held_hash, sha256(held.head_bytes))

    def test_queries(self):
        self.force.start_hub()
        sent = {line["id"]: line["number"] for line in self.send({"title": "red", "tlp": "red"}, {"title": "open"})}
        peer, brin = self.peer(), self.peer(BRIN)
        for id, number in sent.items():
            raw = uuid.UUID(id).bytes
            for about in ({1: number}, {2: raw}):
                for what in (1, 3):
                    found = [e for e in peer.open_deliveries(peer.query(what, about))]
                    self.assertEqual([(e.number, e.header[1]) for e in found], [(number, raw)])
                    if found[0].body[1] == "red":
                        hidden = self.refused("not-found", brin.query, what, about)
                        absent = self.refused("not-found", brin.query, what, {2: NEVER} if 2 in about else {1: 999})
                        self.assertEqual((hidden.words, hidden.details), (absent.words, absent.details))
        status = peer.query(2)
        self.assertEqual((status[1], status[2], status[3]), (peer.log_id, peer.head, 1))
        self.assertEqual([s[0] for s in status[6]], [ME])
        conf, signatures = peer.query(4)
        with open(self.path("roster.conf"), "rb") as file:
            self.assertEqual(conf, file.read())
        self.assertEqual([outsider.verify_minisig(self.force.root_pub, conf, one) for one in signatures],
                         ["siaga roster network=%s serial=1" % self.force.network])
        peer.heartbeat()
        _, _, head, serial = peer.receive(outsider.PONG)
        self.assertEqual((head, serial), (peer.head, 1))

    def test_checkpoints_and_proofs(self):
        self.force.start_hub()
        self.fill()
        peer = self.peer()
        entries = peer.read()
        self.wait_checkpoint(peer.head)
        self.send({"title": "one more"})
        peer.follow(peer.head + 1)
        self.wait_checkpoint(peer.head + 1)  # signed only when the one before was told
        note = peer.query(7).decode()
        size, root = peer.open_checkpoint(note)
        self.assertGreaterEqual(size, peer.head)
        leaves = peer.leaves(size)
        self.assertEqual(outsider.tree_root(leaves), root)
        for entry in entries:
            self.assertEqual(leaves[entry.number], outsider.log_leaf(entry.accepted, entry.batch.leaves[entry.index]))
            self.assertGreaterEqual(peer.prove(entry), size)
        # It was told without being asked, and the next WELCOME has it.
        self.assertIsNotNone(peer.checkpoint)
        self.assertGreaterEqual(self.peer().checkpoint[0], size)
        for old, new in (("\n%d\n" % size, "\n%d\n" % (size + 1)), ("siaga/", "siage/"), ("\u2014", "-"), ("\n\n", "\n")):
            with self.assertRaises(Bad):
                peer.open_checkpoint(note.replace(old, new, 1))
        self.refused("not-found", peer.query, 6, {1: 99999})

    def test_card(self):
        card = self.keys[ME].card(ME)
        with open(self.path("card"), "w") as file:
            file.write(card + "\n")
        done = self.force.siaga("polri/dewi", "card", self.path("card"), check=True)
        self.assertEqual(done.stdout.strip(), card)
        done = self.force.siaga("polri/dewi", "card", "--fingerprint", self.path("card"), check=True)
        self.assertEqual(done.stdout.strip(), Card(card).fingerprint)
        with open(self.path("card"), "w") as file:
            file.write(card.replace("polri/", "bssn/") + "\n")
        self.assertNotEqual(self.force.siaga("polri/dewi", "card", self.path("card")).returncode, 0)
        # And cards of the C programs verify here.
        self.assertEqual(Card(self.force.card("polri/dewi")).principal, "polri/dewi")

    def test_stranger(self):
        self.force.start_hub()
        peer = self.peer()
        peer.keys = Keys()
        peer.open_socket()
        monitor = peer.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        peer.socket.connect(peer.roster.address)
        self.assertTrue(monitor.poll(20000), "the handshake does not fail")
        self.assertEqual(recv_monitor_message(monitor)["value"], 400)
        peer.socket.disable_monitor()
        monitor.close()

        peer.keys = Keys()  # another sign key over the right transport key
        peer.keys.transport, peer.keys.transport_public = self.keys[ME].transport, self.keys[ME].transport_public
        self.refused("unknown", peer.connect)


class Vectors(unittest.TestCase):
    NETWORK = "pemilu-2024"

    def vectors(self, name):
        with open(os.path.join(siaga_e2e.TOP, "tests", "vectors", name + ".json")) as file:
            return {key: bytes.fromhex(one["hex"]) for key, one in json.load(file).items()}

    def setUp(self):
        key = self.vectors("keys")
        self.keys = Keys(key["seed"])
        self.assertEqual(self.keys.sign_public, key["public"])
        self.assertEqual(outsider.key_id(key["public"]), key["key-id"])

    def batch(self, data):
        return Batch(data, self.NETWORK, lambda origin, key_id: self.keys.sign_public)

    def test_entries(self):
        for name, data in self.vectors("entry").items():
            header, body = outsider.open_entry(data)
            self.assertEqual(outsider.make_entry(header, body), data, name)

    def test_batches(self):
        vectors = self.vectors("batch")
        head, head_hash = vectors.pop("three-head"), vectors.pop("three-head-hash")
        self.assertEqual(sha256(head), head_hash)
        three = self.batch(vectors["three-full"])
        self.assertEqual((three.count, len(three.entries)), (3, 3))
        for name, data in vectors.items():
            batch = self.batch(data)
            self.assertEqual(encode(decode(data)), data)
            if name.startswith("three"):
                self.assertEqual(batch.head_bytes, head)
                self.assertEqual(batch.entries, {i: three.entries[i] for i in batch.entries})
            for bit in range(8 * len(data)):
                spoiled = bytearray(data)
                spoiled[bit // 8] ^= 1 << bit % 8
                if bit % 7 == 0:
                    self.assertRaises(Bad, self.batch, bytes(spoiled))
        self.assertEqual(sorted(self.batch(vectors["three-hidden"]).entries), [0, 2])
        self.assertRaises(Bad, Batch, vectors["three-full"], "pemilu-2029", lambda o, k: self.keys.sign_public)
        one = decode(vectors["one-full"])
        made = outsider.make_batch(self.keys, self.NETWORK, "bssn/soc-1", bytes.fromhex("e0e1e2e3e4e5e6e7"), 1, one[3])
        self.assertEqual(made, vectors["one-full"])

    def test_log(self):
        log = self.vectors("log")
        self.assertEqual(self.batch(self.vectors("batch")["three-full"]).leaves[0], log["batch-leaf"])
        self.assertEqual(outsider.log_leaf(1795507200000000, log["batch-leaf"]), log["log-leaf"])

    def test_messages(self):
        for name, data in self.vectors("message").items():
            message = decode(data)
            self.assertEqual(encode(message), data, name)
            self.assertEqual(message[0], getattr(outsider, name))
            if message[0] in outsider.MESSAGES:
                self.assertEqual(outsider.open_message(data), message)
            if name in ("HELLO", "WELCOME"):
                outsider.verify(self.keys.sign_public, name.lower().encode(), self.NETWORK, message[1], message[2])
                self.assertEqual(encode(decode(message[1])), message[1])

    def test_refuses(self):
        """Section 2: one meaning, one encoding."""
        for what in ("", "1817", "190017", "1a00000017", "1b0000000000000017", "580161", "20", "c001", "f6", "f7", "f93c00",
                     "5f4161ff", "9f01ff", "bf0101ff", "a201010101", "a202010101", "a1616101", "0000", "82", "61ff", "6100",
                     "9bffffffffffffffff", "81" * 9 + "00", "f818", "1c"):
            self.assertRaises(Bad, decode, bytes.fromhex(what))
        for value in (0, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 64 - 1, b"", b"x" * 300, "pemilu", [], {},
                      {0: [True, False], 24: {256: "a"}}, [[[[[[[[0]]]]]]]]):
            self.assertEqual(decode(encode(value)), value)


if __name__ == "__main__":
    siaga_e2e.main()
