# SPDX-License-Identifier: Apache-2.0
"""The demonstration as a person sees it: in a terminal, with its commands typed in another, and Ctrl-C."""

import fcntl
import glob
import json
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import siaga_e2e
from siaga_e2e import TOP

DEMO = os.path.join(TOP, "doc", "demo", "demo.py")
WITHIN_S = 60

try:
    for end in os.openpty():
        os.close(end)
except OSError as problem:
    print("skipped: no pseudo-terminals here: %s" % problem)
    sys.exit(siaga_e2e.SKIPPED)


class Terminal:
    """A program on a pseudo-terminal of its own."""

    def __init__(self, argv, columns=120, **options):
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.text = ""
        self.popen = subprocess.Popen(argv, preexec_fn=lambda: os.login_tty(slave), pass_fds=[slave], **options)
        os.close(slave)

    def _read(self, timeout):
        if not select.select([self.master], [], [], timeout)[0]:
            return True
        try:
            piece = os.read(self.master, 65536)
        except OSError:  # the other side is closed
            piece = b""
        self.text += piece.decode("utf-8", "replace").replace("\r\n", "\n")
        return len(piece) > 0

    def wait_text(self, pattern, start=0):
        deadline = time.monotonic() + WITHIN_S
        while not re.search(pattern, self.text[start:]):
            if time.monotonic() > deadline or not self._read(1):
                raise AssertionError("no %r on the screen:\n%s" % (pattern, self.text))

    def press(self, keys):
        os.write(self.master, keys)

    def end(self):
        """What is still printed, then the exit status."""
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline and self._read(1):
            pass
        return self.popen.wait(WITHIN_S)

    def close(self):
        if self.popen.poll() is None:
            self.popen.terminate()
            self.popen.wait(WITHIN_S)
        os.close(self.master)


class DemoShow(unittest.TestCase):
    def setUp(self):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="siaga-e2e-"))
        self.eve = os.path.join(self.dir, "eve.json")
        with open(os.path.join(TOP, "doc", "demo", "eve.json")) as file:
            alerts = [line for line in file if json.loads(line)["event_type"] == "alert"]
        with open(self.eve, "w") as file:
            file.writelines(alerts[:5])
        self.titles = [json.loads(line)["alert"]["signature"] for line in alerts[:5]]
        self.terminals = []

    def tearDown(self):
        for terminal in self.terminals:
            terminal.close()
        shutil.rmtree(self.dir)

    def demo(self, *args):
        env = dict(os.environ, TMPDIR=self.dir)
        env.pop("NO_COLOR", None)
        terminal = Terminal([sys.executable, DEMO, "--eve", self.eve, *args], env=env)
        self.terminals.append(terminal)
        return terminal

    def elsewhere(self, commands):
        """In another terminal, as somebody who copies it from the screen."""
        env = dict(os.environ)
        env.pop("SIAGA_CONF", None)
        return subprocess.run(["sh", "-eu"], input=commands, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=WITHIN_S)

    def processes(self):
        """Those that know our directory."""
        found = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path) as file:
                    words = file.read().replace("\0", " ")
            except OSError:
                continue
            if self.dir in words:
                found.append((int(path.split("/")[2]), words))
        return found

    def assert_nothing_left(self, *files):
        self.assertEqual(self.processes(), [])
        self.assertEqual(sorted(os.listdir(self.dir)), sorted(["eve.json", *files]))

    def commands(self, screen):
        """The indented block of what to type, and each of its commands."""
        block = screen.split("in another terminal:\n")[1].split("Ctrl-C")[0]
        lines = [line[4:] for line in block.splitlines() if line.startswith("    ")]
        words = "\n".join(line for line in lines if not line.startswith("#")).replace("\\\n", "")
        return lines, words.splitlines()

    def test_the_screen_and_its_commands(self):
        demo = self.demo()
        demo.wait_text("Ctrl-C here ends everything and removes %s" % re.escape(self.dir + "/siaga-demo"))
        screen = demo.text
        self.assertNotIn("Traceback", screen)
        for title in self.titles:
            self.assertIn(title[:15], screen)
        self.assertRegex(screen, r"\x1b\[31mHIGH")
        self.assertRegex(screen, r"\n +lead: bssn  support: kpu  acknowledge by \d\d:\d\d:\d\d WIB  first:")
        lines, (env, log, send, status) = self.commands(screen)
        self.assertLessEqual(max(map(len, lines)), 76)

        # polri sees all of "high" but what bin's agent told kpu alone.
        seen = self.elsewhere(env + "\n" + log)
        self.assertEqual((seen.returncode, seen.stderr), (0, ""))
        seen = [json.loads(line) for line in seen.stdout.splitlines()]
        self.assertEqual([entry["origin"] for entry in seen], ["polri/soc-1"])
        self.assertTrue(all(entry["lead"] and entry["severity"] == "high" for entry in seen))
        self.assertIn("bin/soc-1", screen)

        sent = self.elsewhere(env + "\n" + send)
        self.assertEqual(sent.returncode, 0, sent.stderr)
        self.assertEqual(json.loads(sent.stdout)["number"], 6)
        demo.wait_text("bssn/ani .*Defaced page", len(screen))

        shown = self.elsewhere(env + "\n" + status)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        for principal in ("bssn/soc-1", "brin/soc-1", "bin/budi", "kpu/sari"):
            self.assertIn(principal, shown.stdout)

        # The block as it stands, pasted at once.
        pasted = self.elsewhere("\n".join(lines))
        self.assertEqual(pasted.returncode, 0, pasted.stderr)
        wrong = self.elsewhere(env + "\nas nobody siaga log")
        self.assertEqual(wrong.returncode, 64)
        self.assertIn("polri/dewi", wrong.stderr)

        demo.press(b"\x03")
        self.assertEqual(demo.end(), 0, demo.text)
        self.assertNotIn("Traceback", demo.text)
        self.assert_nothing_left()

    def test_two_at_the_same_time(self):
        first = self.demo()
        first.wait_text("bin/budi is watching")
        second = self.demo()
        second.wait_text("is there already")
        for demo in (first, second):
            demo.wait_text("Ctrl-C here ends")
            _, (env, log, _, _) = self.commands(demo.text)
            seen = self.elsewhere(env + "\n" + log)
            self.assertEqual((seen.returncode, len(seen.stdout.splitlines())), (0, 1), seen.stderr)
        for demo in (second, first):
            demo.press(b"\x03")
            self.assertEqual(demo.end(), 0, demo.text)
        self.assert_nothing_left()

    def test_dir_is_kept(self):
        kept = os.path.join(self.dir, "kept here")
        demo = self.demo("--dir", kept)
        demo.wait_text("Ctrl-C here ends everything\\.")
        _, (env, log, _, _) = self.commands(demo.text)
        self.assertEqual(self.elsewhere(env + "\n" + log).returncode, 0)
        demo.press(b"\x03")
        self.assertEqual(demo.end(), 0, demo.text)
        self.assert_nothing_left("kept here")
        self.assertTrue(os.path.exists(os.path.join(kept, "hub", "log")))

    def test_ends_cleanly_at_any_moment(self):
        for moment, ending in (("keys", b"\x03"), ("keys", b"\x03\x03\x03"), ("hub is ready", b"\x03"),
                               ("is watching", b"\x03\x03"), ("#2 ", signal.SIGTERM), ("#1 ", signal.SIGHUP)):
            demo = self.demo()
            demo.wait_text(moment)
            if isinstance(ending, bytes):
                demo.press(ending)
            else:
                demo.popen.send_signal(ending)
            self.assertIn(demo.end(), (0, 130), demo.text)
            self.assertNotIn("Traceback", demo.text)
            self.assert_nothing_left()

    def test_says_when_a_part_of_it_dies(self):
        demo = self.demo()
        demo.wait_text("Ctrl-C here ends")
        (agent,) = [pid for pid, words in self.processes() if "agents/bssn-soc-1/" in words]
        os.kill(agent, signal.SIGKILL)
        self.assertEqual(demo.end(), 1, demo.text)
        self.assertRegex(demo.text, r"demo: .*siaga-agent .* ended with -9")
        self.assert_nothing_left()


if __name__ == "__main__":
    siaga_e2e.main()
