# SPDX-License-Identifier: Apache-2.0
"""What chaos is made of does what it says: a checker that finds nothing and a fault that does not happen would break no promise
either."""

import contextlib
import io
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import types
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[1:1] = [os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..", "..", "doc", "demo")]

try:
    import outsider  # noqa: E402
except ImportError as missing:
    print("skipped: %s (apt-get install python3-nacl python3-zmq)" % missing)
    sys.exit(77)
import checker  # noqa: E402
import main as chaos_main  # noqa: E402
import report  # noqa: E402
import eras  # noqa: E402
import plan  # noqa: E402
import proxy  # noqa: E402
import shim  # noqa: E402
import taskforce  # noqa: E402
import workload  # noqa: E402
from crew import LINES_MAX, READERS  # noqa: E402

WRONG_NUMBER = "a log number is the same entry to all"
WRITER = """
import os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
os.write(fd, b'synced..')
os.fsync(fd)
os.pwrite(fd, b'LOST', 2)
os.write(fd, b'and more')
os.ftruncate(fd, 5)
os.kill(os.getpid(), 9)
"""

NAMER = """
import os, sys
d = os.path.dirname(sys.argv[1])
fd = os.open(sys.argv[1] + '.new', os.O_WRONLY | os.O_CREAT, 0o600)
os.write(fd, b'new')
os.fsync(fd)
os.rename(sys.argv[1] + '.new', sys.argv[1])
%s
os.kill(os.getpid(), 9)
"""


class TheShim(unittest.TestCase):
    def setUp(self):
        if shim.missing():
            self.skipTest(shim.missing())
        self.top = tempfile.TemporaryDirectory()
        self.addCleanup(self.top.cleanup)
        os.mkdir(os.path.join(self.top.name, "state"))
        self.file = os.path.join(self.top.name, "state", "file")
        self.shim = shim.Shim(os.path.join(self.top.name, "shim"), [os.path.join(self.top.name, "none"), os.path.join(self.top.name, "state")])
        self.addCleanup(self.shim.close)

    def run_under(self, *argv):
        return subprocess.run(argv, env=dict(os.environ, **self.shim.env()), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True)

    def write(self):
        return self.run_under(sys.executable, "-S", "-c", WRITER, self.file)

    def content(self):
        with open(self.file, "rb") as file:
            return file.read()

    def test_a_power_cut_takes_what_was_not_synced(self):
        self.write()
        self.assertEqual(self.content(), b"syLOS")
        self.assertEqual(self.shim.cut(random.Random(0)), 3)
        self.assertEqual(self.content(), b"synced..")

    def test_a_cut_long_after_takes_nothing(self):
        self.write()
        self.run_under(sys.executable, "-S", "-c", "import os,sys\nos.fsync(os.open(sys.argv[1],os.O_RDWR))", self.file)
        self.assertEqual(self.shim.cut(random.Random(0)), 0)
        self.assertEqual(self.content(), b"syLOS")

    def test_a_power_cut_takes_a_name_back_whose_directory_was_not_synced(self):
        for sync, left in (("", b"old"), ("os.fsync(os.open(d, os.O_RDONLY | os.O_DIRECTORY))", b"new")):
            with open(self.file, "wb") as file:
                file.write(b"old")
            self.run_under(sys.executable, "-S", "-c", NAMER % sync, self.file)
            self.assertEqual(self.content(), b"new")
            self.shim.cut(random.Random(0))
            self.assertEqual(self.content(), left)
            self.assertEqual(os.listdir(os.path.dirname(self.file)), ["file"])

    def test_what_is_armed_strikes_so_often(self):
        for fault, words in ((shim.WRITE_EIO, "Input/output error"), (shim.WRITE_NOSPC, "No space left"),
                             (shim.SYNC_EIO, "Input/output error")):
            self.shim.arm(fault, 1024, 1)
            hits = self.shim.hits()
            self.assertIn(words, self.write().stderr)
            self.assertEqual(self.shim.hits() - hits, 1)
            self.assertEqual(self.write().stderr, "")
        self.shim.arm(shim.WRITE_SHORT, 1024, 1)
        self.write()
        self.assertEqual(self.shim.cut(random.Random(0)), 3)

    def test_the_clock_is_another(self):
        self.shim.set_clock(-3 * 86400 * 10 ** 6)
        self.assertAlmostEqual(int(self.run_under("date", "+%s").stdout), int(taskforce.time.time()) - 3 * 86400, delta=600)


class TheProxy(unittest.TestCase):
    def setUp(self):
        self.links = proxy.Links()
        self.addCleanup(self.links.close)
        self.far = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.far.close)
        self.port = taskforce.free_port()
        self.links.add("one", self.port, self.far.getsockname()[1])

    def pair(self):
        near = socket.create_connection(("127.0.0.1", self.port))
        far, _ = self.far.accept()
        self.addCleanup(near.close)
        self.addCleanup(far.close)
        near.settimeout(30)
        far.settimeout(30)
        return near, far

    def test_bytes_pass_both_ways(self):
        near, far = self.pair()
        near.sendall(b"up")
        self.assertEqual(far.recv(9), b"up")
        far.sendall(b"down")
        self.assertEqual(near.recv(9), b"down")
        near.close()
        self.assertEqual(far.recv(9), b"")

    def test_what_one_way_holds_comes_when_it_passes_again(self):
        near, far = self.pair()
        self.links.set("one", "oneway-up")
        far.sendall(b"held")
        near.sendall(b"up")
        self.assertEqual(far.recv(9), b"up")
        near.setblocking(False)
        self.assertRaises(BlockingIOError, near.recv, 9)
        near.settimeout(30)
        self.links.set("one")
        self.assertEqual(near.recv(9), b"held")

    def test_a_stall_holds_both(self):
        near, far = self.pair()
        self.links.set("one", "stall")
        near.sendall(b"up")
        far.setblocking(False)
        self.links.set("one", "stall")  # an answer: it has had its turn since
        self.assertRaises(BlockingIOError, far.recv, 9)
        far.settimeout(30)
        self.links.set("one")
        self.assertEqual(far.recv(9), b"up")

    def test_a_cut_resets(self):
        near, far = self.pair()
        self.links.set("one", "cut")
        self.assertRaises(ConnectionResetError, near.recv, 9)
        self.assertRaises(ConnectionResetError, far.recv, 9)

    def test_a_byte_is_spoilt_once(self):
        near, far = self.pair()
        self.links.set("one", "flip")
        for wrong in (1, 0):
            near.sendall(bytes(200))
            self.assertEqual(sum(self.whole(far, 200)), wrong)

    def whole(self, far, size):
        data = b""
        while len(data) < size:
            data += far.recv(size - len(data))
        return data

    def test_a_delay_delays(self):
        near, far = self.pair()
        self.links.set("one", "delay", 0.2)
        start = taskforce.time.monotonic()
        near.sendall(b"up")
        self.assertEqual(far.recv(9), b"up")
        self.assertGreaterEqual(taskforce.time.monotonic() - start, 0.2)


class TheChecker(unittest.TestCase):
    """Three readers who may see the first ten lines of source 0, and files of theirs in which something is wrong."""

    def setUp(self):
        self.top = tempfile.TemporaryDirectory()
        self.addCleanup(self.top.cleanup)
        crew = types.SimpleNamespace(out=lambda reader: os.path.join(self.top.name, reader.replace("/", "-")))
        self.workload = workload.Workload(crew, random.Random(0))
        self.workload.written = [10, 0, 0, 0]
        self.checker = checker.Checker(crew, self.workload, None)

    def alert(self, n, **changes):
        return dict({"id": bytes([n] * 16).hex(), "detector": {"rule_id": "1:%d:1" % (LINES_MAX + n)}, "verified": True, "number": n,
                     "severity": "low", "log_id": "ab", "accepted": n, "cursor": "ab:%d:%s" % (n + 1, self.leaf(n).hex())},
                    **changes)

    def leaf(self, n):
        return outsider.sha256(b"%d" % n)

    def broken(self, alerts, reader=READERS[0], check="check_readers"):
        for one in READERS:
            with open(self.checker.crew.out(one), "w") as file:
                for alert in alerts if one == reader else [self.alert(n) for n in range(1, 11)]:
                    file.write(json.dumps(alert) + "\n")
        self.checker.check_readers()
        getattr(self.checker, check)()
        return {line.split(":")[0] for line in self.checker.promises.broken()}

    def good(self):
        return [self.alert(n) for n in range(1, 11)]

    def test_what_is_right_breaks_nothing(self):
        self.assertEqual(self.broken(self.good()), set())
        self.assertEqual(self.broken(self.good(), check="check_order"), set())

    def test_a_missing_one(self):
        self.assertEqual(self.broken(self.good()[:-1]), {"no acknowledged entry is missing at a reader"})

    def test_a_doubled_one(self):
        self.assertEqual(self.broken(self.good() + [self.alert(3, id="other")]), {"none is doubled"})

    def test_one_that_is_not_for_it(self):
        self.assertEqual(self.broken(self.good() + [self.alert(11)]), {"no reader sees what it may not"})

    def test_one_that_is_not_verified(self):
        self.assertEqual(self.broken(self.good()[:-1] + [self.alert(10, verified=False)]), {"all are signed and verified"})

    def test_disorder(self):
        self.assertEqual(self.broken(self.good()[::-1], check="check_order"), {"each origin's of one severity are in order"})
        self.checker.promises = checker.Promises()
        self.workload.written[0] = 10
        self.workload.again[0] = 10
        self.assertEqual(self.broken(self.good()[::-1], check="check_order"), set())

    def log(self, ids, leaves):
        return [eras.Log(b"\xab", [self.leaf(n) for n in leaves], [bytes([n] * 16) for n in ids])]

    def test_a_number_that_is_another_entry(self):
        self.checker.eras = eras.Eras(None)
        for ids, leaves, broken in ((range(11), range(11), set()), (range(1, 12), range(11), {WRONG_NUMBER}),
                                    (range(11), range(1, 12), {WRONG_NUMBER})):
            self.checker.promises = checker.Promises()
            self.checker.eras.logs = self.log(ids, leaves)
            self.assertEqual(self.broken(self.good(), check="check_numbers"), broken)

    def test_an_end_of_its_own_making(self):
        self.assertNotIn(1, checker.statuses("start-failed: no idea"))
        self.assertNotIn(74, checker.statuses("start-failed: no idea"))
        self.assertIn(74, checker.statuses("start-failed: no disk space left for new entries"))


class TheLog(unittest.TestCase):
    def test_roots_are_those_of_rfc_6962(self):
        leaves = [outsider.sha256(b"%d" % n) for n in range(70)]
        roots = eras.Roots(leaves)
        for size in range(1, 71):
            self.assertEqual(roots.root(size), outsider.tree_root(leaves[:size]))

    def note(self, key, log_id, size, root):
        import base64
        text = "siaga/net/%s\n%d\n%s\n" % (log_id.hex(), size, base64.b64encode(root).decode())
        head = outsider.sha256(text.split("\n")[0].encode() + b"\n\x01" + key.sign_public)[:4]
        signature = key.sign.sign(text.encode()).signature
        return "%s\n\u2014 %s %s\n" % (text, text.split("\n")[0], base64.b64encode(head + signature).decode())

    def test_checkpoints_that_contradict_each_other(self):
        key, log_id = outsider.Keys(), bytes(16)
        force = types.SimpleNamespace(card=lambda name: key.card(name), network="net")
        mine = eras.Eras(types.SimpleNamespace(force=force))
        one = eras.Roots([outsider.sha256(b"%d" % n) for n in range(40)])
        other = eras.Roots(one.leaves[:20] + [outsider.sha256(b"other %d" % n) for n in range(40)])
        mine.logs = [eras.Log(log_id, leaves, [b""] * len(leaves)) for leaves in (one.leaves, other.leaves)]
        mine.notes = {self.note(key, log_id, size, one.root(size)): 0 for size in (3, 20, 33)}
        self.assertEqual(mine.check_notes(True), (3, []))
        mine.notes[self.note(key, log_id, 50, other.root(50))] = 1
        self.assertEqual(len(mine.check_notes(True)[1]), 1)
        self.assertEqual(mine.check_notes(False), (4, []))
        mine.notes[self.note(key, log_id, 21, bytes(32))] = 1
        self.assertIn("of no log there ever was", mine.check_notes(False)[1][0])
        mine.notes = {self.note(outsider.Keys(), log_id, 3, one.root(3)): 0}
        self.assertIn("signed by nobody", mine.check_notes(True)[1][0])


class ThePlan(unittest.TestCase):
    def test_one_seed_is_one_plan_with_everything_in_it(self):
        weights = {"fault %d" % n: 1 + n % 3 for n in range(40)}
        made = plan.make("7/0", 60, weights, ("fault 1",))
        self.assertEqual(made, plan.make("7/0", 60, weights, ("fault 1",)))
        self.assertNotEqual(made, plan.make("8/0", 60, weights, ("fault 1",)))
        self.assertEqual({name for _, name, _ in made}, set(weights))
        self.assertTrue(all(moment <= 36 for moment, name, _ in made if name == "fault 1"))


class TheRun(unittest.TestCase):
    def run_of(self, top):
        args = types.SimpleNamespace(seed="7", minutes=60, only=None)
        chaos_main.taskforce.BUILD, build = top, chaos_main.taskforce.BUILD
        self.addCleanup(setattr, chaos_main.taskforce, "BUILD", build)
        return chaos_main.Run(args)

    def test_a_long_one_goes_on_where_it_was(self):
        with tempfile.TemporaryDirectory() as top:
            first = self.run_of(top)
            self.assertEqual(first.rounds, 12)
            first.done, first.entries, first.faults = 3, 1000, {"links": {"cut_link": 4}}
            first.promises.tell("kept", 5)
            first.promises.tell("not kept", 5, ["this one"])
            first.save()
            again = self.run_of(top)
            again.load()
            self.assertEqual((again.done, again.entries, again.faults), (3, 1000, first.faults))
            self.assertEqual(again.promises.broken(), ["not kept: this one"])

    def test_the_last_line_and_the_status(self):
        for broken, status in (([], 0), (["this one"], 1)):
            promises, out = checker.Promises(), io.StringIO()
            promises.tell("all is well", 9, broken)
            with contextlib.redirect_stdout(out):
                self.assertEqual(report.finish({"links": {"cut_link": 4}}, {"clocks": "no shim"}, promises, 9, 3), status)
            self.assertEqual(out.getvalue().splitlines()[-1],
                             "chaos: 4 faults, 9 entries acknowledged, 3 readers, %d promises broken" % len(broken))
            self.assertIn("not here: no shim", out.getvalue())


if __name__ == "__main__":
    unittest.main()
