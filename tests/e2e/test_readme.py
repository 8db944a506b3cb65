# SPDX-License-Identifier: Apache-2.0
"""README.md as a newcomer types it: every command of its code blocks, in order, in a directory like a clone.

What differs from the page: the port, and directories of the test's own in place of /var/lib, /var/log, /run and /tmp;
`sudo` is a stub, DESTDIR takes the installation, and the passwords of the root key come from standard input.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import siaga_e2e
import taskforce
from siaga_e2e import TOP, eve_alert
from test_demo_show import Terminal

WITHIN_S = 60


def sections():
    """The page's code lines by heading; "" is before the first."""
    found = {"": []}
    heading, fenced = "", False
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as page:
        for line in page:
            fenced ^= line.startswith("```")
            if line.startswith("## "):
                heading = line[3:].strip()
                found[heading] = []
            elif line.startswith("    ") and not fenced:
                found[heading].append(line.strip())
    return found


def command(line):
    """Without its comment, to recognise it."""
    return re.sub(r"\s+# .*", "", line)


class Readme(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="siaga-e2e-"))
        self.page = sections()
        self.processes = []
        self.terminals = []
        self.port = taskforce.free_port()
        for name in ("home", "bin", "tmp", "var/lib", "var/log/suricata", "run", "doc/examples"):
            os.makedirs(self.path(name))
        os.symlink(taskforce.BUILD, self.path("build"))
        with open(self.path("bin", "sudo"), "w") as file:
            file.write('#!/bin/sh\nexec "$@"\n')
        os.chmod(self.path("bin", "sudo"), 0o755)
        self.copy_examples()
        self.env = dict(os.environ, HOME=self.path("home"), DESTDIR=self.path("root"), TMPDIR=self.path("tmp"),
                        PATH=":".join([self.path("root/usr/local/bin"), self.path("bin"), os.environ["PATH"]]))
        for name in ("SIAGA_CONF", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "NO_COLOR"):
            self.env.pop(name, None)

    def tearDown(self):
        for terminal in self.terminals:
            terminal.close()
        for process in reversed(self.processes):
            process.stop()
        shutil.rmtree(self.dir)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def copy_examples(self):
        for name in os.listdir(os.path.join(TOP, "doc", "examples")):
            with open(os.path.join(TOP, "doc", "examples", name)) as file:
                text = file.read()
            text = re.sub(r'"/(var|run)/', '"%s/\\1/' % self.dir, text)
            text = text.replace("tcp://*:7766", "tcp://127.0.0.1:7766").replace(":7766", ":%d" % self.port)
            text = re.sub(r'(?m)^expires = ".*"', 'expires = "%s"' % taskforce.now_text(86400), text)
            with open(self.path("doc/examples", name), "w") as file:
                file.write(text)

    def sh(self, line, input=None, status=0):
        done = subprocess.run(["sh", "-eu", "-c", line], cwd=self.dir, env=self.env, input=input, text=True,
                              stdin=None if input else subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=WITHIN_S)
        self.assertEqual(done.returncode, status, "%s\n%s%s" % (line, done.stdout, done.stderr))
        return done

    def minisign(self, line):
        return self.sh(line, input="word\nword\n")

    def start(self, line):
        process = taskforce.Process(["sh", "-c", "exec " + line], self.path("log-%d" % len(self.processes)),
                                    cwd=self.dir, env=self.env)
        self.processes.append(process)
        return process

    def terminal(self, argv):
        terminal = Terminal(argv, cwd=self.dir, env=self.env)
        self.terminals.append(terminal)
        return terminal

    def sense(self, number, **more):
        """Suricata sees an attempted denial of service."""
        line = json.loads(eve_alert(number, severity=1, signature="README flood"))
        line["alert"]["category"] = "Attempted Denial of Service"
        with open(self.path("var/log/suricata/eve.json"), "a") as file:
            file.write(json.dumps(line) + "\n")
        return "README flood %d" % number

    def wait_in_file(self, path, words):
        deadline = time.monotonic() + WITHIN_S
        changes = siaga_e2e.Changes(os.path.dirname(path))
        self.addCleanup(changes.close)
        while time.monotonic() < deadline:
            if os.path.exists(path):
                with open(path) as file:
                    if words in file.read():
                        return
            changes.wait(deadline - time.monotonic())
        self.fail("%s: no %r" % (path, words))

    # ---- the first screen ----

    def test_the_first_lines_make_an_alert_appear(self):
        clone, demo, env, log, send, status, demo_again, test = map(command, self.page[""])
        self.assertRegex(clone, r"^git clone \S+ siaga && cd siaga$")
        self.assertEqual((demo, demo_again, test), ("./dev demo", "./dev demo", "./dev test"))
        usage = self.sh(os.path.join(TOP, "dev") + " --help").stdout
        for word in ("build", "demo", "test"):
            self.assertRegex(usage, r"(?m)^  %s " % word)

        screen = self.terminal([sys.executable, os.path.join(TOP, "doc", "demo", "demo.py")])
        screen.wait_text("#1 .*soc-1")
        screen.wait_text("Ctrl-C here ends everything")
        env = env.replace("/tmp/", self.path("tmp/"))
        origins = [json.loads(line)["origin"] for line in self.sh(env + "\n" + log).stdout.splitlines()]
        self.assertIn("bssn/soc-1", origins)
        self.assertNotIn("bin/soc-1", origins)
        self.sh(env + "\n" + send)
        screen.wait_text("bssn/ani .*Defaced page")
        self.assertIn("bssn/soc-1", self.sh(env + "\n" + status).stdout)
        screen.press(b"\x03")
        self.assertEqual(screen.end(), 0, screen.text)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    # ---- everything below it ----

    def test_a_hub_an_agency_and_a_person(self):
        self.install(*self.page.pop("Install"))
        (generate,) = self.page.pop("The root key, once (KPU)")
        self.minisign(generate)
        hub = self.run_hub(*self.page.pop("Run a hub (KPU)"))
        self.enrol(hub, *self.page.pop("Enrol an agency"))
        agent = self.run_agent(*self.page.pop("Run an agent"))
        self.follow(*self.page.pop("Follow alerts"))
        self.look_after_it(*self.page.pop("Look after it (KPU)"))
        self.next_roster(hub, agent)
        self.page.pop("")
        self.assertEqual([lines for lines in self.page.values() if lines], [], "code blocks nobody runs")

    def install(self, build, install):
        self.assertEqual(command(build), "./dev build")
        self.sh(install)
        if "manual pages" in install:
            for page in os.listdir(os.path.join(TOP, "doc", "man")):
                self.assertTrue(os.path.isfile(self.path("root/usr/local/share/man/man" + page[-1], page)), page)
        if "examples" in install:
            self.assertIn("hub.conf", os.listdir(self.path("root/usr/local/share/doc/siaga/examples")))
        self.assertEqual(sorted(os.listdir(self.path("root/usr/local/bin"))), ["siaga", "siaga-agent", "siaga-hub"])
        self.assertEqual(self.sh("command -v siaga").stdout.strip(), self.path("root/usr/local/bin/siaga"))
        for name in ("siaga-agent", "siaga-hub"):
            with open(self.path("root/usr/local/lib/systemd/system", name + ".service")) as unit:
                self.assertIn("\nExecStart=/usr/local/bin/%s -c" % name, unit.read())

    def run_hub(self, keygen, roster, conf, check, sign, check_hub, run):
        for line in (keygen, roster, conf):
            self.sh(line)
        self.assertEqual(os.stat(self.path("kpu-hub.identity")).st_mode & 0o777, 0o600)
        self.assertIn(": good", self.sh(check).stdout)
        self.sh(check_hub, status=78)
        self.minisign(sign)
        self.sh(check_hub)
        hub = self.start(run)
        hub.wait_line(r" ready: .*roster 1")
        return hub

    def enrol(self, hub, keygen, person, card, enroll, enroll_person, serial, sign):
        made = self.sh(keygen)
        self.sh(person)
        self.assertEqual(re.findall("fingerprint (.*)", self.sh(card).stderr), re.findall("fingerprint (.*)", made.stderr))
        for line in (enroll, enroll_person, serial):
            self.sh(line)
        self.minisign(sign)
        hub.popen.send_signal(signal.SIGHUP)
        hub.wait_line("roster 2 is in force")

    def run_agent(self, conf, check, run, dry_run, status, doctor):
        self.sh(conf)
        self.sh(check)
        agent = self.start(run)
        agent.wait_line("source-missing: suricata: .*waiting for it")
        agent.wait_line("uplink-open")
        if not os.path.exists(os.path.join(taskforce.BUILD, "tests", "findings")):  # no sanitizer
            with open("/proc/%d/status" % agent.pid) as file:
                (memory_kib,) = re.findall(r"RssAnon:\s+(\d+) kB", file.read())
            self.assertLess(int(memory_kib), 4096)
        with open(self.path("var/log/suricata/eve.json"), "w") as file:
            file.write('{"event_type":"flow"}\n')
        dry_run = dry_run.replace("/var/", self.path("var/"))
        self.assertIn("# 1 lines: 0 sent, 0 dropped, 0 unreadable, 1 no alert", self.sh(dry_run).stdout)
        self.assertIn("suricata", self.sh(status).stdout)
        steps = [json.loads(line) for line in self.sh(doctor, status=1).stdout.splitlines()]
        self.assertEqual([step["step"] for step in steps if step["state"] != "ok"], ["roster"])  # a day's
        return agent

    def follow(self, directory, conf, copy, send, watch, watch_system, watch_pipe, watch_out, log, take, mine, show):
        for line in (directory, conf, copy):
            self.sh(line)
        self.assertEqual(json.loads(self.sh(send).stdout)["number"], 2)

        for number, line in enumerate((watch, watch_system, watch_pipe)):
            if "jq" in line and not shutil.which("jq"):
                print("no jq here: not run: %s" % line)
                continue
            screen = self.terminal(["sh", "-c", line])
            screen.wait_text("watching pemilu-2026")
            start = len(screen.text)
            title = self.sense(number)
            screen.wait_text('"%s"' % title if "jq" in line else r"\x1b\[31mHIGH.* README flood", start)
            screen.press(b"\x03")
            screen.end()

        screen = self.terminal(["sh", "-c", watch_out])
        screen.wait_text("watching")
        last = self.sense(7)
        out = self.path("alerts.jsonl")
        self.wait_in_file(out, last)
        screen.press(b"\x03")
        screen.end()
        titles = [entry["title"] for entry in siaga_e2e.read_json_lines(out)]
        self.assertEqual(titles[0], "Strange logins")
        self.assertEqual(titles.count(last), 1)

        found = [json.loads(line) for line in self.sh(log).stdout.splitlines()]
        self.assertEqual([entry["title"] for entry in found], titles[1:])
        self.assertEqual({entry["system"] for entry in found}, {"sirekap"})
        self.sh(take)
        mine = [json.loads(line) for line in self.sh(mine).stdout.splitlines()]
        self.assertEqual([alert["number"] for alert in mine], [2])
        shown = json.loads(self.sh(show).stdout.splitlines()[0])
        self.assertEqual((shown["title"], shown["origin"], shown["life"]["person"]),
                         ("Strange logins", "polri/dewi", "polri/dewi"))

    def look_after_it(self, hub_status, status, backup, verify_backup, audit, export, verify):
        self.assertIn("pemilu-2026", self.sh(hub_status).stdout)
        principals = json.loads(self.sh(status).stdout)["hub"]["principals"]
        self.assertEqual([one["principal"] for one in principals], ["polri/dewi"])  # who may not operate
        self.sh(backup)
        self.assertIn(": sound: ", self.sh(verify_backup).stdout)
        self.sh(audit)
        self.sh(export)
        self.sh(verify)

    def next_roster(self, hub, agent):
        """The agent and people's siaga fetch a newer roster by themselves."""
        self.sh('sed -i "s|^serial .*|serial = 3;|" roster.conf')
        self.minisign('minisign -S -s root.key -m roster.conf -t "siaga roster network=pemilu-2026 serial=3"')
        hub.popen.send_signal(signal.SIGHUP)
        hub.wait_line("roster 3 is in force")
        agent.wait_line("roster 3 is in force")
        self.sh("siaga log --limit 1")
        with open(self.path("home/.config/siaga/roster.conf")) as file:
            self.assertIn("serial = 3;", file.read())

    # ---- what it points to ----

    def test_what_it_points_to_is_there(self):
        with open(os.path.join(TOP, "README.md"), encoding="utf-8") as file:
            page = file.read()
        for name in re.findall(r"`((?:include|proto|common|agent|hub|cli|tests|doc)/[\w./-]*)`", page):
            self.assertTrue(os.path.exists(os.path.join(TOP, name)), name)
        for name in re.findall(r"`(test_\w+)`", page):
            self.assertTrue(os.path.exists(os.path.join(TOP, "tests", "e2e", name + ".py")), name)
        for name, section in re.findall(r"`(siaga[\w.-]*)\((\d)\)`", page):
            self.assertTrue(os.path.exists(os.path.join(TOP, "doc", "man", "%s.%s" % (name, section))), name)
        for name in re.search(r"`tests/` \| (.*) \|", page).group(1).split():
            if name.startswith("`"):
                self.assertTrue(os.path.isdir(os.path.join(TOP, "tests", name.strip("`"))), name)
        with open(os.path.join(TOP, "CMakePresets.json")) as file:
            presets = json.load(file)
        self.assertIn("dev", [preset["name"] for preset in presets["workflowPresets"]])
        names = [preset["name"] for preset in presets["testPresets"]]
        for name in ("asan", "ubsan", "tsan"):
            self.assertIn("`%s`" % name, page)
            self.assertIn(name, names)


if __name__ == "__main__":
    siaga_e2e.main()
