# SPDX-License-Identifier: Apache-2.0
"""Every hostile act that is known, as a table: what is done, by how many, and what the hub has to say to it."""

import os
import re
from collections import namedtuple

from hostile import GHOST

SEED = os.environ.get("SIAGA_SEED", str(int.from_bytes(os.urandom(3), "big")))

# So many programs, each of another principal, with so many sessions each (the hub lets a principal have 64).
Scale = namedtuple("Scale", "name processes sessions turns")
ONE = Scale("one", 1, 1, 20)
MANY = Scale("many", 4, 12, 60)
LONG = Scale("long", 24, 60, 1000)


class Act(namedtuple("Act", "name group program args said is_held identities scales", defaults=(False, None, (ONE, MANY)))):
    """`args` and `said` (a regular expression, of each program) may have {n} for the scale's sessions and {turns};
    `is_held`: it goes on until it is told to end."""

    def fill(self, scale, text):
        values = {"{n}": scale.sessions, "{turns}": scale.turns,
                  "{half}": -(-(10000 if scale is LONG else 500) // scale.processes),
                  "{entries}": 64 if scale is LONG else 1024}  # so many make larger batches too slowly to be a flood
        for name, value in values.items():
            text = text.replace(name, str(value))
        return text

    def arguments(self, scale, force):
        return [force.identity(word[1:]) if word.startswith("@") else self.fill(scale, word) for word in self.args.split()]

    def wants(self, scale):
        """Lines that come at once, and those at the end: of each program the same."""
        one = self.fill(scale, self.said).split("\n")
        count = len(self.identities) if self.identities else scale.processes
        if self.is_held:
            return "\n".join(one[:1] * count + one[1:] * count)
        return "\n".join(one * count)


BROKEN = [["brin/rina", "bin/budi", "brin/soc-1"]]  # reader, thief and publisher of ids.c

ACTS = [
    # Below the protocol: TCP, ZMTP, CURVE.
    Act("silent connections", "wire", "raw", "silent {half}", "silent \\d+", True),
    Act("half handshakes", "wire", "raw", "half {half}", "half {half}", True),
    Act("byte by byte (slow-loris)", "wire", "raw", "loris {n}", "loris {n}", True),
    Act("frames announced with 1 GiB", "wire", "raw", "announce {n} 1073741824", "announce cut {n} of {n}"),
    Act("frames announced with 2^63 bytes", "wire", "raw", "announce {n} 9223372036854775808", "announce cut {n} of {n}"),
    Act("spoofed User-Id and descriptor", "wire", "raw", "spoof @bssn/soc-1", "as-oneself welcome\nas-the-other unknown"),
    Act("ZMTP 1, 2, 9; NULL, PLAIN", "wire", "raw", "old", "(?:zmtp-1|zmtp-2|null|plain|unknown|zmtp-9) cut" +
        "\n(?:zmtp-1|zmtp-2|null|plain|unknown|zmtp-9) cut" * 5),
    Act("bursts with PINGs, reset", "wire", "raw", "reset {turns}", "reset {turns}"),
    Act("noise in every step", "wire", "noise", "noise {turns} " + SEED, r"noise {turns} connections, \d+ opened"),
    Act("noise of a stranger", "wire", "noise", "noise {turns} " + SEED, r"noise {turns} connections, 0 opened",
        False, [[GHOST]], (ONE,)),
    # Messages without an end.
    Act("endless message, large frames", "train", "train", "train 64 {n} 60000", r"train sent \d+ MiB, cut {n} of {n}"),
    Act("endless message, frames of a byte", "train", "train", "train 8 {n} 1", r"train sent \d+ MiB, cut {n} of {n}"),
    Act("endless messages of sessions", "train", "train", "hold 64 {n} 60000", r"hold \d+", True),
    Act("unended messages, small frames", "train", "train", "hold 16 {n} 30", r"hold \d+", True),
    Act("unended messages of a window", "train", "train", "unended {n} 60000", "unended cut {n} of {n}"),
    # Routing ids (PITFALLS 1, 10).
    Act("routing id of one who is there", "ids", "ids", "live", "reader DELIVER\nattacker 0\nattacker-speaks silence\n"
        "reader DELIVER\nattacker 0", False, BROKEN, (ONE,)),
    Act("routing id of one who just left", "ids", "ids", "gone {turns}", "stolen 0", False, BROKEN, (ONE,)),
    Act("routing ids: 0 first, short, long", "ids", "ids", "odd", "(?:\\S+ cut\n){6}\\S+ cut", False, BROKEN, (ONE,)),
    Act("twins with one routing id, reset", "ids", "ids", "twins {turns}", "twins {turns}", False, BROKEN, (ONE,)),
    Act("ids like those libzmq gives", "ids", "ids", "automatic {turns}", r"automatic \d+", False, BROKEN, (ONE,)),
    Act("connections that come and go", "ids", "churn", "churn {n} {turns}", r"churn \d+"),
    # All one can get, in well-formed messages.
    Act("connections that stop after KNOCK", "greedy", "greedy", "knock 100", "knock 80", True, None, (ONE,)),
    Act("readers that never read", "greedy", "greedy", "unread {n} 5", "unread \\d+\ncut \\d+", True),
    Act("replays that want nothing", "greedy", "greedy", "scan {n}", "scan \\d+", True),
    Act("stories without a pause", "greedy", "greedy", "stories {n} 5", "stories \\d+", True),
    Act("proof bombs", "greedy", "greedy", "proofs {n} 5", "proofs \\d+", True),
    Act("leaves without a pause", "greedy", "greedy", "leaves {n} 0", "leaves \\d+", True),
    Act("rosters without a pause", "greedy", "greedy", "rosters {n}", "rosters \\d+", True),
    Act("heartbeats without a pause", "greedy", "greedy", "status {n}", "status \\d+", True),
    # Publishing.
    Act("batches without a pause", "flood", "flooder", "flood {n} {entries} 0", "flood \\d+\nflood acked \\d+, refused .*", True),
    Act("batches full of refs", "flood", "flooder", "flood {n} {entries} 8", "flood \\d+\nflood acked \\d+, refused .*", True),
    Act("batches of one", "flood", "flooder", "flood {n} 1 0", "flood \\d+\nflood acked \\d+, refused .*", True),
    Act("more in flight than 16", "flood", "flooder", "window 500", r"window acked \d+, refused 1 \(limit\), later 0",
        False, None, (ONE,)),
]


# What the liars say (tests/peers/liar.h), and the hub's answers to each trick: a refusal's code or the message, and
# whether the session goes on.
TRICKS = {
    ("credit without end", "words", "credit"): """
        credit-max+1 limit cut
        credit-2^64-1 limit cut
        more-2^64-1 limit cut
        more-2^63 limit cut
        more-adds-up limit cut
        more-0-often silence open
        through-the-future silence open
        more-for-nobody silence open
        subscribe-fifth limit cut
        subscribe-again silence open
        subscribe-zero malformed cut""",
    ("cursors from the future", "words", "cursor"): """
        next-2^64-1 limit cut
        next-2^53-1 cursor open
        another-log cursor open
        another-mark cursor open
        mark-of-5-bytes malformed cut""",
    ("queries for what is not there", "words", "query"): """
        number-2^53-1 not-found,not-found,not-found,not-found open
        what-unknown upgrade,upgrade open
        number-and-id grammar cut
        neither grammar cut
        q-zero malformed cut""",
    ("greetings, rosters from the past", "greetings", "hello"): """
        roster-from-the-past WELCOME open
        roster-from-the-future WELCOME open
        software-with-escapes WELCOME open
        as-the-hub unknown cut
        hello-twice WELCOME,grammar cut
        knock-twice grammar cut
        knock-in-a-session grammar cut
        knock-of-no-version version cut
        publish-first grammar cut
        roster-to-the-hub grammar cut
        checkpoint-to-the-hub grammar cut""",
    ("CBOR: deep, endless, of no kind", "forms", "cbor"): """
        arrays-60000-deep malformed cut
        maps-60000-deep malformed cut
        tags-60000-deep malformed cut
        first-word-60000-deep malformed cut
        unknown-9-deep limit cut
        unknown-60000-deep limit cut
        bytes-2^63 malformed cut
        bytes-2^64-1 malformed cut
        array-2^64-1 malformed cut
        map-2^32-1 malformed cut
        text-2^32-1 malformed cut
        sources-2^32-1 malformed cut
        filter-2^32-1 malformed cut
        array-without-end malformed cut
        bytes-without-end malformed cut
        negative malformed cut
        not-a-number malformed cut
        head-too-long malformed cut
        keys-twice malformed cut
        keys-descending malformed cut
        byte-left-over malformed cut
        nul-in-text malformed cut
        overlong-utf-8 malformed cut
        type-0 grammar cut
        type-2^64-1 grammar cut""",
    ("frames of every size", "forms", "size"): """
        empty silence cut
        largest malformed cut
        larger silence cut
        twice-as-large silence cut
        two-frames silence cut""",
    ("replayed, reordered, doubled", "replays", "frames"): """
        frame-twice silence cut
        frames-swapped silence cut
        frame-of-another-connection silence cut
        frame-with-a-turned-bit silence cut
        frame-left-out silence open
        handshake-again silence cut
        initiate-in-a-session silence cut
        hello-in-a-session silence cut
        batch-four-times ACK,ACK,ACK,ACK open
        batches-swapped hole,ACK,ACK,ACK open""",
    ("heads that lie, paths as proofs", "batches", "head"): """
        honest ACK open
        version-2 upgrade cut
        no-signature signature cut
        another-root root cut
        another-epoch grammar cut
        no-epoch-announced grammar cut
        count-0 malformed cut
        count-1024-of-1 malformed cut
        count-2^64-1 limit cut
        slots-2^32-1 malformed cut
        count-and-slots-2^32-1 limit cut
        form-3 malformed cut
        single-form malformed cut
        index-2^32-1 limit cut
        path-of-10 root cut
        path-of-1500 limit cut""",
    ("oseqs out of order", "batches", "oseq"): """
        oseq-0 malformed cut
        oseq-2^53-1 hole open
        oseq-2^53 limit cut
        oseq-2^64-1 limit cut
        oseq-with-a-hole hole open
        oseq-twice ACK,conflict,ACK open
        oseqs-backwards hole,hole,ACK open""",
    ("entries: deep, giant, escapes, NUL", "batches", "entry"): """
        body-9-deep limit open
        body-16000-deep limit open
        body-empty malformed open
        body-map-2^32-1 malformed open
        entry-too-large limit cut
        unknown-keys-17 limit open
        title-escapes ACK open
        title-bidi ACK open
        title-c1 ACK open
        title-lines ACK open
        title-nul malformed open
        title-latin-1 malformed open
        title-surrogate malformed open
        title-overlong malformed open""",
}
ACTS += [Act(name, "words", program, scenario + " {n}", "\n".join(map(re.escape, map(str.strip, said.split("\n")[1:]))),
             # A principal's queries are answered four at a time.
             scales=(ONE,) if scenario == "query" else (ONE, MANY))
         for (name, program, scenario), said in TRICKS.items()]


def of_group(*groups):
    return [act for act in ACTS if act.group in groups]
