# SPDX-License-Identifier: Apache-2.0
"""A peer of the Siaga protocol, written from proto/PROTOCOL.md and proto/siaga.cddl alone.

It shares nothing with the C sources: the proof that the page is enough. Needs python3-zmq and python3-nacl.

    roster = Roster(conf_text)
    peer = Peer(roster, "polri/outsider", Keys())      # whose card stands in the roster
    peer.connect()
    for entry in peer.read(): print(entry.show())      # verified
"""

import base64
import datetime
import hashlib
import os
import re
import secrets
import time
import uuid

import nacl.exceptions
import nacl.public
import nacl.signing
import zmq

MAX_MESSAGE, MAX_BATCH, MAX_ENTRY, MAX_NESTING, MAX_COUNT = 65536, 61440, 16384, 8, 2 ** 53 - 1
(KNOCK, CHALLENGE, HELLO, WELCOME, REFUSED, PUBLISH, ACK, SUBSCRIBE, DELIVER, CREDIT, STATUS, PONG, QUERY, RESULT,
 ROSTER, CHECKPOINT, BYE) = range(1, 18)
CODES = ("grammar version network unknown revoked role signature signer malformed limit upgrade hole conflict replaced "
         "known root roster later disk quota not-found cursor origin ref state replay internal").split()


class Bad(Exception):
    """What came is not what the protocol allows, or does not verify."""


class Refused(Exception):
    def __init__(self, what, code, words, details):
        self.code = CODES[code - 1] if code <= len(CODES) else "internal"
        self.what, self.words, self.details = what, words, details
        super().__init__("%s: %s (type %d, %r)" % (self.code, words, what, details))


class Gone(Exception):
    """The session is over: BYE, or silence."""


def need(condition, words):
    if not condition:
        raise Bad(words)


# ---- section 2: deterministic CBOR ----

def head(major, value):
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << 8 * size:
            return bytes([major << 5 | extra]) + value.to_bytes(size, "big")
    raise ValueError(value)


def encode(value):
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode()
        return head(3, len(data)) + data
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(encode, value))
    return head(5, len(value)) + b"".join(encode(k) + encode(value[k]) for k in sorted(value))


def decode(data):
    value, end = decode_at(data, 0, 0)
    need(end == len(data), "bytes left over")
    return value


def decode_at(data, at, depth):
    need(at < len(data), "cut short")
    major, value, at = data[at] >> 5, data[at] & 31, at + 1
    if major == 7:
        need(value in (20, 21), "simple value, float or null")
        return value == 21, at
    need(major in (0, 2, 3, 4, 5), "negative number or tag")
    need(value < 28, "indefinite length")
    if value >= 24:
        size = 1 << value - 24
        need(at + size <= len(data), "cut short")
        value, at = int.from_bytes(data[at:at + size], "big"), at + size
        need(value >= (24 if size == 1 else 1 << 4 * size), "longer head than needed")
    if major == 0:
        return value, at
    if major in (2, 3):
        need(at + value <= len(data), "cut short")
        part = bytes(data[at:at + value])
        if major == 3:
            need(b"\0" not in part, "NUL in text")
            try:
                part = part.decode()
            except UnicodeDecodeError:
                raise Bad("text is not UTF-8") from None
        return part, at + value
    need(depth < MAX_NESTING, "nested too deep")
    need(value <= len(data) - at, "cut short")
    if major == 4:
        items = []
        for _ in range(value):
            item, at = decode_at(data, at, depth + 1)
            items.append(item)
        return items, at
    pairs, last = {}, -1
    for _ in range(value):
        key, at = decode_at(data, at, depth + 1)
        need(type(key) is int and key > last, "map key not an ascending unsigned integer")
        pairs[key], at = decode_at(data, at, depth + 1)
        last = key
    return pairs, at


# ---- shapes: what siaga.cddl says, as small predicates ----

def number(low=0, high=MAX_COUNT):
    return lambda v: type(v) is int and low <= v <= high


def octets(*sizes):
    return lambda v: isinstance(v, bytes) and (not sizes or len(v) in sizes)


def text(most=MAX_MESSAGE):
    return lambda v: isinstance(v, str) and len(v.encode()) <= most


def like(pattern):
    return lambda v: isinstance(v, str) and re.fullmatch(pattern, v) is not None


def listed(item, least=0, most=MAX_MESSAGE):
    return lambda v: isinstance(v, list) and least <= len(v) <= most and all(map(item, v))


def row(*items):
    return lambda v: isinstance(v, list) and len(v) == len(items) and all(f(x) for f, x in zip(items, v))


def table(known, unknown=0):
    """A map of known keys, and at most so many unknown ones."""
    return lambda v: isinstance(v, dict) and len(v.keys() - known.keys()) <= unknown \
        and all(known[k](v[k]) for k in v if k in known)


anything = lambda v: True
any_uint = number(0, 2 ** 64 - 1)
LABEL = "[a-z][a-z0-9-]{0,31}"
network, member, principal = like("[a-z0-9][a-z0-9.-]{0,63}"), like(LABEL), like(LABEL + "/" + LABEL)
bytes8, bytes16, digest, signature, moment = octets(8), octets(16), octets(32), octets(64), number()
uuid7 = lambda v: bytes16(v) and v[6] >> 4 == 7 and v[8] >> 6 == 2
MESSAGES = {
    CHALLENGE: (number(), network, digest),
    WELCOME: (octets(), signature),
    REFUSED: (number(), number(1, 63), text(), table({1: moment, 2: bytes8, 3: moment, 4: moment,
                                                     5: listed(row(number(), number(1, 63)), 1, 1024), 6: any_uint})),
    ACK: (bytes8, number(1), moment),
    DELIVER: (any_uint, moment, octets(0, 32), listed(row(moment, moment, octets()))),
    PONG: (moment, moment, number()),
    RESULT: (any_uint, number(1), number(1), octets()),
    ROSTER: (number(), digest),
    CHECKPOINT: (text(4096),),
    BYE: (number(0, 63), text()),
}
HEAD = row(number(1, 1), network, principal, bytes8, bytes8, number(1), number(1, 1024), digest)
WELCOME_SIGNED = row(network, digest, digest, bytes16, number(), moment, octets(0, 32), moment, text(4096))


def open_message(data):
    need(len(data) <= MAX_MESSAGE, "message too long")
    message = decode(data)
    need(isinstance(message, list) and message and message[0] in MESSAGES, "no message for a peer")
    need(row(*MESSAGES[message[0]])(message[1:]), "not the shape of message %d" % message[0])
    return message


# ---- section 2: keys, cards, signatures ----

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def key_id(public):
    return sha256(public)[:8]


def sign(signing_key, what, network_name, data):
    return signing_key.sign(b"siaga/1 %s %s\n" % (what, network_name.encode()) + data).signature


def verify(public, what, network_name, data, signature_bytes):
    verify_raw(public, b"siaga/1 %s %s\n" % (what, network_name.encode()) + data, signature_bytes)


def verify_raw(public, data, signature_bytes):
    try:
        nacl.signing.VerifyKey(public).verify(data, signature_bytes)
    except (nacl.exceptions.BadSignatureError, ValueError):
        raise Bad("signature does not verify") from None


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Keys:
    """The three key pairs of a principal."""

    def __init__(self, seed=None):
        self.sign = nacl.signing.SigningKey(seed or os.urandom(32))
        self.transport = nacl.public.PrivateKey.generate()
        self.seal = nacl.public.PrivateKey.generate()
        self.sign_public = bytes(self.sign.verify_key)
        self.transport_public = bytes(self.transport.public_key)
        self.public = self.sign_public + self.transport_public + bytes(self.seal.public_key)

    def card(self, name):
        signed = b"siaga/1 card\n" + name.encode() + b"\n" + self.public
        return "siaga-card-1 %s %s" % (name, base64url(self.public + self.sign.sign(signed).signature))


class Card:
    """A card line, verified: principal, sign, transport, seal."""

    def __init__(self, line):
        tag, self.principal, data = line.split(" ")
        raw = base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))
        need(tag == "siaga-card-1" and len(raw) == 160 and base64url(raw) == data, "not a card")
        verify_raw(raw[:32], b"siaga/1 card\n" + self.principal.encode() + b"\n" + raw[:96], raw[96:])
        self.sign, self.transport, self.seal = raw[:32], raw[32:64], raw[64:96]
        short = base64.b32encode(sha256(raw[:96])[:10]).decode()
        self.fingerprint = "-".join(short[i:i + 4] for i in range(0, 16, 4))


# ---- siaga-roster.conf(5) ----

CONF_TOKEN = re.compile(r'(?:\s+|(?:#|//)[^\n]*|/\*.*?\*/)*(?:("(?:[^"\\]|\\.)*")|([A-Za-z][\w-]*)|(\d+)L*|(.)|$)', re.S)


def parse_conf(source):
    """The subset of libconfig a roster is written in."""
    tokens = [m.groups() for m in CONF_TOKEN.finditer(source) if any(m.groups())]
    tokens.reverse()

    def sign_next():
        return tokens[-1][3] if tokens else None

    def expect(signs):
        need(sign_next() in signs, "roster: expected %s" % signs)
        tokens.pop()

    def group(end):
        found = {}
        while tokens and sign_next() != end:
            name = tokens.pop()[1]
            expect("=:")
            found[name] = value()
            if sign_next() in (";", ","):
                tokens.pop()
        return found

    def value():
        string, word, digits, sign_here = tokens.pop()
        if string:
            string = re.sub(r"\\(.)", r"\1", string[1:-1], flags=re.S)
            while tokens and tokens[-1][0]:
                string += tokens.pop()[0][1:-1]
            return string
        if digits:
            return int(digits)
        if word:
            return word == "true"
        if sign_here == "{":
            found = group("}")
            tokens.pop()
            return found
        need(sign_here in ("(", "["), "roster: no value")
        end, found = {"(": ")", "[": "]"}[sign_here], []
        while sign_next() != end:
            found.append(value())
            if sign_next() == ",":
                tokens.pop()
        tokens.pop()
        return found

    return group("end")


def from_rfc3339(stamp):
    when = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return (when - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


def verify_minisig(root_public, data, minisig):
    """minisign(1), prehashed; returns the trusted comment."""
    _, sig, comment, whole = minisig.splitlines()[:4]
    root, sig = base64.b64decode(root_public), base64.b64decode(sig)
    need(sig[:2] == b"ED" and sig[2:10] == root[2:10], "signed by another root key")
    verify_raw(root[10:], hashlib.blake2b(data).digest(), sig[10:])
    comment = comment[len("trusted comment: "):]
    verify_raw(root[10:], sig[10:] + comment.encode(), base64.b64decode(whole))
    return comment


class Roster:
    def __init__(self, conf):
        conf = parse_conf(conf)
        self.network, self.serial = conf["network"], conf["serial"]
        self.hub, self.address = conf["hub"]["principal"], conf["hub"]["addresses"][0]
        self.roles, self.keys = {}, {}
        for one in conf["principals"]:
            self.roles[one["name"]] = set(one["roles"])
            for key in one["keys"]:
                card = Card(key["card"])
                need(card.principal == one["name"], "the card of somebody else")
                limits = [from_rfc3339(key[k]) for k in ("until", "untrusted_from") if k in key]
                self.keys[one["name"], key_id(card.sign)] = (card, min(limits, default=MAX_COUNT + 1))

    def sign_key(self, name, kid, accepted):
        need((name, kid) in self.keys, "no key %s of %s in the roster" % (kid.hex(), name))
        card, end = self.keys[name, kid]
        need(accepted < end, "key of %s retired or untrusted" % name)
        return card.sign

    def cards(self, name, at):
        return [card for (who, _), (card, end) in self.keys.items() if who == name and at < end]

    def may_say(self, origin, kind):
        roles = self.roles.get(origin, set())
        if origin == self.hub or kind in ("system", "roster"):
            return origin == self.hub and kind in ("system", "roster")
        return bool(roles & {"alert": {"publish"}, "update": {"publish"}, "cancel": {"publish"}, "response": {"respond"},
                             "void": {"publish", "respond"}}[kind])


# ---- section 4: an entry ----

KINDS = "alert update cancel response void system roster".split()
ACTIONS = [None] + "acknowledge take assist handover comment resolve reopen".split()
STATUSES = "actual exercise test system".split()
SEVERITIES = "info low medium high critical".split()
CERTAINTIES = "unknown unlikely possible likely observed".split()
TLPS = "clear green amber amber+strict red".split()
OUTCOMES = [None] + "true-positive false-positive benign duplicate".split()

endpoint = table({**{n: text(1024) for n in range(1, 11)}, 2: number(1, 65535)}, 16)
HEADER_SHAPE = {
    1: uuid7, 2: principal, 3: number(0, 6), 4: number(1, 7), 5: listed(row(uuid7, digest), 1, 8), 6: number(0, 3),
    7: moment, 8: number(1), 9: number(1), 10: number(0, 4), 11: number(0, 4), 12: text(1024), 13: member,
    14: number(0, 4), 15: listed(member, 1, 32),
    16: row(number(1, 1), octets(24), listed(row(bytes8, octets(80)), 1, 32)),
}
BODY_SHAPE = {
    1: text(512), 2: text(4096), 3: text(4096), 4: listed(endpoint, 1, 16), 5: listed(endpoint, 1, 16),
    6: table({n: text(1024) for n in range(1, 5)}, 16), 7: number(1), 8: number(1), 9: number(1), 10: text(8192),
    11: number(1, 4), 12: member, 13: row(bytes8, moment), 14: row(moment, digest),
    20: row(octets(16), moment),
}
HEADER_NAMES = {1: "id", 2: "origin", 3: "kind", 4: "action", 5: "refs", 6: "status", 7: "created", 8: "detected",
                9: "expires", 10: "severity", 11: "certainty", 12: "category", 13: "system", 14: "tlp", 15: "audience",
                16: "sealed"}
BODY_NAMES = {1: "title", 2: "description", 3: "instruction", 4: "source", 5: "target", 6: "detector", 7: "count",
              8: "first_seen", 9: "last_seen", 10: "raw", 11: "outcome", 12: "member", 13: "previous", 14: "roster",
              20: "former_log"}
ENDPOINT_NAMES = dict(enumerate("ip port host user url hash mac email file process".split(), 1))
DETECTOR_NAMES = dict(enumerate("tool rule_id rule native_severity".split(), 1))


def open_entry(data):
    """(header, body) of an entry's bytes; body is None when it is sealed."""
    need(len(data) <= MAX_ENTRY, "entry too long")
    entry = decode(data)
    need(row(table(HEADER_SHAPE), octets())(entry), "not the shape of an entry")
    header, body = entry
    always = {1, 2, 3, 6, 7, 10, 11, 14}
    kind = KINDS[header.get(3, 0)]
    always |= {"alert": {12}, "update": {5, 12}, "cancel": {5, 12}, "response": {4, 5}}.get(kind, set())
    need(always <= set(header), "header lacks %s" % sorted(always - set(header)))
    need(kind == "response" or 4 not in header, "an action that is no response's")
    need(15 not in header or header[15] == sorted(set(header[15])), "audience not strictly ascending")
    need(header.get(9, MAX_COUNT) > header[7], "expires before it was created")
    if 16 in header:
        return header, None
    body = decode(body)
    need(table(BODY_SHAPE, 16)(body), "not the shape of a body")
    for part in [body] + body.get(4, []) + body.get(5, []) + ([body[6]] if 6 in body else []):
        need("" not in part.values() and (part or part is body), "an optional field that is empty")
    need(1 in body or kind not in ("alert", "update"), "no title")
    return header, body


def make_entry(header, body):
    return encode([header, encode(body)])


def now():
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def uuid7_now():
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    raw[6], raw[8] = raw[6] & 15 | 0x70, raw[8] & 63 | 0x80
    return bytes(raw)


# ---- section 5: batches and the log ----

def leaf_hash(entry):
    return sha256(b"\0", entry)


def node(left, right):
    return sha256(b"\1", left, right)


def tree_root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(tree_root(leaves[:split]), tree_root(leaves[split:]))


def path_root(leaf, index, count, path):
    """RFC 6962 section 2.1.1: the root an audit path leads to."""
    if count == 1:
        need(not path, "path too long")
        return leaf
    need(path, "path too short")
    split = 1 << (count - 1).bit_length() - 1
    if index < split:
        return node(path_root(leaf, index, split, path[:-1]), path[-1])
    return node(path[-1], path_root(leaf, index - split, count - split, path[:-1]))


def tree_root(leaves):
    """RFC 6962 section 2.1, from its words."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return node(tree_root(leaves[:split]), tree_root(leaves[split:]))


def root_by_path(hash, index, size, path):
    """RFC 6962 section 2.1.1: which root does this path lead to?"""
    if size == 1:
        need(not path, "path too long")
        return hash
    need(path, "path too short")
    split = 1
    while 2 * split < size:
        split *= 2
    if index < split:
        return node(root_by_path(hash, index, split, path[:-1]), path[-1])
    return node(path[-1], root_by_path(hash, index - split, size - split, path[:-1]))


def open_checkpoint(note, network_name, keys):
    """(log id, size, root) of a note that one of the keys signed."""
    head, blank, tail = note.rpartition("\n\n")
    need(blank and tail.endswith("\n") and len(note.encode()) <= 4096, "not a signed note")
    lines, signatures = head.split("\n"), tail[:-1].split("\n")
    match = re.fullmatch(r"siaga/([a-z0-9.-]+)/([0-9a-f]{32})", lines[0])
    need(match and match.group(1) == network_name and len(lines) >= 3 and all(lines), "not a checkpoint of ours")
    need(re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]), "not a size")
    root = base64.b64decode(lines[2], validate=True)
    need(len(root) == 32 and len(signatures) <= 16, "not a root")
    for line in signatures:
        match_line = re.fullmatch("\u2014 (\\S+) (\\S+)", line)
        need(match_line, "not a signature line")
        data = base64.b64decode(match_line.group(2), validate=True) if match_line.group(1) == lines[0] else b""
        for key in keys:
            if data[:4] == sha256(lines[0].encode() + b"\n\x01" + key)[:4] and len(data) == 68:
                verify_raw(key, (head + "\n").encode(), data[4:])
                return bytes.fromhex(match.group(2)), int(lines[1]), root
    raise Bad("signed by nobody we know")


def log_leaf(accepted, leaf):
    return leaf_hash(encode([accepted, leaf]))


class Batch:
    """A batch of either form, root and signature verified: `leaves` and `entries` by index."""

    def __init__(self, data, network_name, find_key):
        """find_key(origin, key id) is the Ed25519 public key to verify with."""
        need(len(data) <= MAX_BATCH, "batch too long")
        batch = decode(data)
        need(row(number(1, 1), octets(), signature, listed(anything, 1, 1024))(batch)
             or row(number(2, 2), octets(), signature, number(0, 1023), listed(digest, 0, 10), octets())(batch),
             "not the shape of a batch")
        self.single, self.head_bytes = batch[0] == 2, batch[1]
        fields = decode(self.head_bytes)
        need(HEAD(fields), "not the shape of a head")
        _, named, self.origin, self.key_id, self.epoch, self.first, self.count, root = fields
        need(named == network_name, "made for another network")
        if self.single:
            index, path, entry = batch[3:]
            need(index < self.count, "index beyond the batch")
            self.entries, self.leaves = {index: entry}, {index: leaf_hash(entry)}
            computed = path_root(self.leaves[index], index, self.count, path)
        else:
            slots = batch[3]
            need(len(slots) == self.count, "not as many slots as the head says")
            need(all(octets()(s) or row(digest)(s) for s in slots), "not a slot")
            self.entries = {i: s for i, s in enumerate(slots) if isinstance(s, bytes)}
            self.leaves = {i: leaf_hash(s) if isinstance(s, bytes) else s[0] for i, s in enumerate(slots)}
            computed = tree_root([self.leaves[i] for i in range(self.count)])
        need(computed == root, "entries do not make the signed root")
        verify(find_key(self.origin, self.key_id), b"batch", network_name, self.head_bytes, batch[2])


def make_batch(keys, network_name, origin, epoch, first, entries):
    body = encode([1, network_name, origin, key_id(keys.sign_public), epoch, first, len(entries),
                   tree_root([leaf_hash(e) for e in entries])])
    return encode([1, body, sign(keys.sign, b"batch", network_name, body), list(entries)])


class Entry:
    """One verified entry of the log."""

    def __init__(self, at, accepted, batch, index, roster):
        self.number, self.accepted, self.index, self.batch = at + index, accepted, index, batch
        self.origin, self.epoch, self.oseq = batch.origin, batch.epoch, batch.first + index
        self.header, self.body = open_entry(batch.entries[index])
        self.kind = KINDS[self.header[3]]
        need(self.header[2] == self.origin, "names another origin than its signer")
        need(roster.may_say(self.origin, self.kind), "%s may not say %s" % (self.origin, self.kind))

    def show(self):
        """As JSON lines have it: siaga(1)."""
        shown = {"number": self.number, "accepted": stamp(self.accepted), "epoch": self.epoch.hex(), "oseq": self.oseq}
        names = {3: KINDS, 4: ACTIONS, 6: STATUSES, 10: SEVERITIES, 11: CERTAINTIES, 14: TLPS}
        for key, value in self.header.items():
            if key in names:
                value = names[key][value]
            elif key == 1:
                value = str(uuid.UUID(bytes=value))
            elif key == 5:
                value = [{"id": str(uuid.UUID(bytes=i)), "leaf": leaf.hex()} for i, leaf in value]
            elif key in (7, 8, 9):
                value = stamp(value)
            elif key == 16:
                value = True
            shown[HEADER_NAMES[key]] = value
        for key, value in (self.body or {}).items():
            if key in (4, 5):
                value = [{ENDPOINT_NAMES[k]: v for k, v in e.items() if k in ENDPOINT_NAMES} for e in value]
            elif key == 6:
                value = {DETECTOR_NAMES[k]: v for k, v in value.items() if k in DETECTOR_NAMES}
            elif key in (8, 9):
                value = stamp(value)
            elif key == 11:
                value = OUTCOMES[value]
            elif key == 13:
                value = {"epoch": value[0].hex(), "oseq": value[1]}
            elif key == 14:
                value = {"serial": value[0], "sha256": value[1].hex()}
            elif key == 20:
                value = {"log": value[0].hex(), "size": value[1]}
            shown[BODY_NAMES.get(key, "body_%d" % key)] = value
        return shown


def stamp(microseconds):
    when = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=microseconds)
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ---- sections 3 and 6: the conversation ----

class Peer:
    HEARTBEAT, SILENCE, CREDIT = 10, 30, 262144

    def __init__(self, roster, name, keys, timeout=20):
        self.roster, self.name, self.keys, self.timeout = roster, name, keys, timeout
        self.socket, self.notices = None, []

    def open_socket(self):
        self.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        hub = self.roster.cards(self.roster.hub, now())[-1]
        routing_id = bytes([secrets.randbelow(255) + 1]) + os.urandom(15)
        for option, value in ((zmq.LINGER, 0), (zmq.ROUTING_ID, routing_id), (zmq.MAXMSGSIZE, MAX_MESSAGE),
                              (zmq.CURVE_SERVERKEY, hub.transport), (zmq.CURVE_PUBLICKEY, self.keys.transport_public),
                              (zmq.CURVE_SECRETKEY, bytes(self.keys.transport))):
            self.socket.setsockopt(option, value)
        self.heard = self.said = time.monotonic()

    def connect(self, epoch=b"", cut=0):
        """A new socket, the handshake, and what WELCOME says."""
        self.open_socket()
        self.socket.connect(self.roster.address)
        self.send([KNOCK, "siaga", 1, 1])
        _, version, named, theirs = self.receive(CHALLENGE)
        need(version == 1 and named == self.roster.network, "another version or network")
        ours = os.urandom(32)
        fields = [self.roster.network, theirs, ours, self.name, key_id(self.keys.sign_public),
                  self.keys.transport_public, "outsider 1", self.roster.serial, epoch, cut]
        signed = encode(fields)
        self.send([HELLO, signed, sign(self.keys.sign, b"hello", self.roster.network, signed)])
        _, signed, sig = self.receive(WELCOME)
        for card in self.roster.cards(self.roster.hub, now()):
            try:
                verify(card.sign, b"welcome", self.roster.network, signed, sig)
                break
            except Bad:
                pass
        else:
            raise Bad("the hub's signature does not verify")
        welcome = decode(signed)
        need(WELCOME_SIGNED(welcome), "not the shape of WELCOME")
        need(welcome[:3] == [self.roster.network, theirs, ours], "a WELCOME that is not for us")
        self.log_id, self.hub_serial, self.held, self.held_hash, self.head, note = welcome[3:]
        self.checkpoint = self.open_checkpoint(note) if note else None
        return self

    def open_checkpoint(self, note):
        log_id, size, root = open_checkpoint(note, self.roster.network,
                                             [card.sign for card in self.roster.cards(self.roster.hub, now())])
        need(log_id == self.log_id, "another log's checkpoint")
        return size, root

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def bye(self):
        self.send([BYE, 0, ""])
        self.close()

    def send(self, message):
        self.socket.send(encode(message))

    def heartbeat(self):
        self.said = time.monotonic()
        self.send([STATUS, {1: now()}])

    def receive(self, *wanted):
        """The next message of a wanted type; keeps the session alive meanwhile. A Refused with neither detail 2 nor 6
        ends the session, and so does a Gone: connect() again."""
        deadline = time.monotonic() + self.timeout
        while True:
            clock = time.monotonic()
            if clock - self.heard > self.SILENCE or clock > deadline:
                raise Gone("nothing heard")
            if clock - self.said > self.HEARTBEAT:
                self.heartbeat()
            if not self.socket.poll(int(1000 * max(0, min(deadline, self.said + self.HEARTBEAT) - clock)) + 1):
                continue
            frames = self.socket.recv_multipart()
            need(len(frames) == 1, "more than one body frame")
            self.heard, self.size = time.monotonic(), len(frames[0])
            message = open_message(frames[0])
            if message[0] == ROSTER:
                self.notices.append(message)
            if message[0] == CHECKPOINT:
                self.checkpoint = self.open_checkpoint(message[1])
            if message[0] in wanted:
                return message
            if message[0] == REFUSED:
                raise Refused(*message[1:])
            if message[0] == BYE:
                raise Gone("BYE %d %s" % (message[1], message[2]))
            need(message[0] in (PONG, ROSTER, CHECKPOINT), "message %d is not expected now" % message[0])

    def open_deliveries(self, deliveries):
        """Verified entries of [[number, accepted, batch], …]."""
        self.batches, last = [], None
        entries = []
        for at, accepted, data in deliveries:
            batch = Batch(data, self.roster.network, lambda o, k: self.roster.sign_key(o, k, accepted))
            batch.number, batch.accepted = at, accepted
            self.batches.append(batch)
            for index in sorted(batch.entries):
                entries.append(Entry(at, accepted, batch, index, self.roster))
                need(last is None or entries[-1].number > last, "not in ascending order")
                last = entries[-1].number
        return entries

    def subscribe(self, filter=None, cursor=(b"", 0, b""), sub=1, credit=CREDIT):
        """Begins a subscription; self.cursor is always where to go on."""
        self.sub, self.cursor, self.seen = sub, tuple(cursor), []
        self.send([SUBSCRIBE, sub, filter or {}, list(cursor), credit])

    def deliver(self):
        """The entries of one DELIVER; what it cost is given back with give_credit()."""
        message = self.receive(DELIVER)
        while message[1] != self.sub:
            message = self.receive(DELIVER)
        self.cost, (_, _, through, mark, deliveries) = max(4096, self.size), message
        next_number = self.cursor[1]
        need(through >= next_number and (mark == b"") == (through == 0), "not a cursor")
        entries = [e for e in self.open_deliveries(deliveries) if e.number >= next_number]
        need(not entries or entries[-1].number < through, "an entry beyond through")
        for batch in self.batches:
            leaf = batch.leaves.get(through - 1 - batch.number)
            need(leaf is None or log_leaf(batch.accepted, leaf) == mark, "the mark is not the log's leaf")
        self.cursor = (self.log_id, through, mark)
        self.seen += self.batches
        return entries

    def give_credit(self):
        self.send([CREDIT, self.sub, self.cost, self.cursor[1]])

    def follow(self, end):
        """The entries below log number `end`, waiting for those that are not there yet."""
        entries = []
        while self.cursor[1] < end:
            entries += self.deliver()
            self.give_credit()
        return entries

    def read(self, *subscription):
        """What a subscription delivers of the log as it is at WELCOME."""
        self.subscribe(*subscription)
        return self.follow(self.head)

    def publish(self, epoch, first, entries):
        """Publishes one batch of a session that announced the epoch; returns the log number of its last entry."""
        self.send([PUBLISH, make_batch(self.keys, self.roster.network, self.name, epoch, first, entries)])
        _, acked_epoch, oseq, at = self.receive(ACK)
        need(acked_epoch == epoch and oseq == first + len(entries) - 1, "an ACK for something else")
        return at

    def query(self, what, about=None, q=7):
        self.send([QUERY, q, what, about or {}])
        parts, of = b"", None
        for expected in range(1, 1 << 20):
            _, named, part, total, data = self.receive(RESULT)
            need(named == q and part == expected and total == (of or total), "parts out of order")
            parts, of = parts + data, total
            if part == of:
                return parts if what in (5, 7) else decode(parts)

    def leaves(self, size):
        """The first `size` leaf hashes of the log."""
        found = b""
        while len(found) < 32 * size:
            page = self.query(5, {1: len(found) // 32})
            need(page and len(page) % 32 == 0, "not a page of leaves")
            found += page
        return [found[at:at + 32] for at in range(0, 32 * size, 32)]

    def prove(self, entry):
        """Is this verified entry in the log, as the hub signed it? The checkpoint's size."""
        note, at, path = self.query(6, {1: entry.number})
        size, root = self.open_checkpoint(note)
        need(at == entry.number, "the proof of another entry")
        need(root_by_path(log_leaf(entry.accepted, entry.batch.leaves[entry.index]), at, size, path) == root, "not in the log")
        return size
