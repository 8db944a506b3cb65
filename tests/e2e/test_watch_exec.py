# SPDX-License-Identifier: Apache-2.0
"""`siaga watch --exec`: a command for each entry, at least once, whatever is killed."""

import json
import os
import signal

import siaga_e2e
from siaga_e2e import TaskForceCase


class WatchExec(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.force.start_hub()
        self.out = self.path("out")
        os.mkdir(self.out)
        self.changes = siaga_e2e.Changes(self.out)
        self.cursor = self.path("cursor")

    def tearDown(self):
        self.changes.close()
        super().tearDown()

    def send(self, *titles):
        for title in titles:
            self.force.siaga("bssn/ani", "send", "--title", title, "--severity", "high", "--system", "sipol",
                             "--category", "fraud/phishing", check=True)

    def script(self, text):
        path = self.path("command.sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write("cd '%s' || exit 99\n%s\n" % (self.out, text))
        return "sh '%s'" % path

    def watch(self, command, *more, **options):
        return self.force.start_siaga("polri/dewi", "watch", "--since", "0", "--kind", "alert", "--cursor",
                                      self.cursor, "--exec", command, *more, **options)

    def read(self, name):
        try:
            with open(os.path.join(self.out, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait_file(self, name, condition):
        import time
        deadline = time.monotonic() + 30
        while not condition(self.read(name)):
            self.assertTrue(self.changes.wait(deadline - time.monotonic()), "%s: %r" % (name, self.read(name)))
        return self.read(name)

    def test_a_command_gets_the_entry_and_what_it_is_about(self):
        self.send("one", 'two $(touch hole) "; touch hole')
        with open(self.path("stdout"), "wb") as stdout:
            reader = self.watch(self.script("cat >$SIAGA_LOG_NUMBER.json; env >$SIAGA_LOG_NUMBER.env; echo done"),
                                "--count", "2", stdout=stdout)
            self.assertEqual(reader.wait(30), 0, reader.tail())
        for sent in self.log("polri/dewi", "--kind", "alert"):
            entry = json.loads(self.read("%d.json" % sent["number"]))
            self.assertEqual(entry, sent)
            env = dict(line.split("=", 1) for line in self.read("%d.env" % sent["number"]).splitlines() if "=" in line)
            told = {"LOG_ID": sent["log_id"], "LOG_NUMBER": str(sent["number"]), "ID": sent["id"], "ATTEMPT": "1",
                    "ORIGIN": "bssn/ani", "KIND": "alert", "STATUS": "actual", "SEVERITY": "high", "TLP": "amber",
                    "CATEGORY": "fraud/phishing", "SYSTEM": "sipol"}
            self.assertEqual({name: env.get("SIAGA_" + name) for name in told}, told)
            self.assertNotIn("hole", " ".join(env.values()))
        with open(self.path("stdout"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "done\ndone\n")

    def test_a_command_that_reads_nothing_is_as_good(self):
        self.send("x" * 500, "y")
        reader = self.watch("exec true", "--count", "2")
        self.assertEqual(reader.wait(30), 0, reader.tail())

    def test_a_command_inherits_nothing_but_its_input_and_our_outputs(self):
        self.send("a")
        reader = self.watch("ls /proc/self/fd >'%s/fds'" % self.out, "--count", "1")
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual(self.read("fds").split(), ["0", "1", "2", "3"])  # 3 is the directory that ls reads

    def test_the_cursor_moves_only_on_success(self):
        self.send("a", "b", "c")
        command = self.script('printf "%s " "$SIAGA_LOG_NUMBER:$SIAGA_ATTEMPT" >>seen\n'
                              '[ "$SIAGA_LOG_NUMBER" != 2 ] || [ -e mended ]')
        reader = self.watch(command)
        reader.wait_line(r"command failed for entry 2: exit status 1; again in 2 s")
        self.assertEqual(reader.stop(), 0, reader.tail())
        self.assertEqual(self.read("seen"), "1:1 2:1 2:2 ")
        with open(self.cursor, encoding="utf-8") as file:
            self.assertIn(":2:", file.read())  # the next number
        open(os.path.join(self.out, "mended"), "w").close()
        reader = self.watch(command, "--count", "2")
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual(self.read("seen"), "1:1 2:1 2:2 2:1 3:1 ")

    def test_a_command_that_hangs_is_ended_with_all_it_started(self):
        self.send("a")
        command = self.script("sleep 1000 & echo $! >>pids; wait")
        reader = self.watch(command, "--exec-timeout", "500ms")
        reader.wait_line(r"command failed for entry 1: not done in")
        self.wait_file("pids", lambda text: text.count("\n") >= 2)
        self.assertEqual(reader.stop(), 0, reader.tail())
        self.assert_all_gone()

    def assert_all_gone(self):
        for pid in self.read("pids").split():
            try:
                with open("/proc/%s/stat" % pid, encoding="utf-8") as file:
                    state = file.read().rsplit(")", 1)[1].split()[0]
            except FileNotFoundError:
                continue
            self.assertEqual(state, "Z", pid)  # killed; whoever inherited it has not looked yet

    def test_interrupt_ends_it_at_once_and_leaves_no_child(self):
        self.send("a")
        reader = self.watch(self.script("sleep 1000 & echo $! >>pids; wait"))
        self.wait_file("pids", lambda text: "\n" in text)
        reader.popen.send_signal(signal.SIGINT)
        self.assertEqual(reader.wait(20), 0, reader.tail())
        self.assert_all_gone()
        with open(self.cursor, encoding="utf-8") as file:
            self.assertIn(":0:", file.read())

    def test_timeout_of_the_watch_ends_a_command_too(self):
        self.send("a")
        reader = self.watch(self.script("exit 3"), "--count", "1", "--timeout", "2")
        self.assertEqual(reader.wait(30), 1, reader.tail())
        self.assertTrue(reader.find("exit status 3"), reader.tail())

    def test_kill_9_at_any_moment_loses_no_entry(self):
        count = 40
        self.send(*["n%d" % n for n in range(count)])
        command = self.script('echo "$SIAGA_LOG_NUMBER" >>seen')
        for stop_at in (3, 9, 17, 30):
            reader = self.watch(command)
            self.wait_file("seen", lambda text: len(set(text.split())) >= stop_at)
            reader.kill()
        reader = self.watch(command)
        self.wait_file("seen", lambda text: len(set(text.split())) >= count)
        self.assertEqual(reader.stop(), 0, reader.tail())
        seen = [int(number) for number in self.read("seen").split()]
        self.assertEqual(sorted(set(seen)), list(range(1, count + 1)))
        # What was done and not yet remembered comes again, one for each kill at the most: in order otherwise.
        self.assertLessEqual(len(seen), count + 4)

    def test_hub_that_is_away_meanwhile_is_found_again(self):
        self.send("a", "b", "c")
        os.mkfifo(os.path.join(self.out, "go"))
        reader = self.watch(self.script('echo "$SIAGA_LOG_NUMBER" >>seen; read word <go'), "--count", "5")
        self.wait_file("seen", lambda text: text == "1\n")
        self.force.hub.kill()
        self.force.start_hub()
        self.send("d", "e")
        for number in range(1, 6):
            self.wait_file("seen", lambda text: text.count("\n") == number)
            with open(os.path.join(self.out, "go"), "w", encoding="utf-8") as file:
                file.write("on\n")
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual(self.read("seen").split(), list("12345"))

    def test_wrong_words_are_refused(self):
        for words in (("--out", self.path("x"), "--exec", "true"), ("--exec-timeout", "soon", "--exec", "true")):
            self.assertEqual(self.force.siaga("polri/dewi", "watch", *words).returncode, 64)


if __name__ == "__main__":
    siaga_e2e.main()
