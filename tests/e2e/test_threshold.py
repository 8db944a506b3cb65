# SPDX-License-Identifier: Apache-2.0
"""Two of three roots sign the roster, so that no single agency can add a ghost; and the roots are changed under a
running task force, which follows without anybody editing a configuration."""

import os
import signal
import subprocess

import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase, eve_alert, read_json_lines

OLD = ("kpu", "bssn", "polri")
NEW = ("kpu2", "bssn2", "brin2")


class Threshold(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.pub = {name: self.force.make_root(name) for name in OLD + NEW}
        pins = dict(roots=taskforce.strings(self.pub[name] for name in OLD), threshold="2")
        os.unlink(self.path("roster.conf.minisig"))
        self.force.write_hub_conf(**pins)
        self.force.write_person_conf("polri/dewi", **pins)
        self.force.write_person_conf("bssn/ani", **pins)
        self.eve = self.path("agents", "bssn-soc-1", "eve.json")
        self.force.write_agent_conf("bssn/soc-1", '{ name = "suricata"; type = "eve"; path = "%s"; from = "start"; }'
                                    % self.eve, "damper = { enabled = false; };\n", **pins)
        open(self.eve, "ab").close()
        self.sign("kpu", "bssn")

    def roster(self, *roots, next=(), threshold=2, principals=()):
        """The next roster, with the signatures of these roots beside it and no others."""
        self.force.serial += 1
        self.force.principals = self.force.principals + list(principals)
        text = self.force.roster_text()
        if next:
            text += "next_roots = { keys = %s; threshold = %d; };\n" % (
                taskforce.strings(self.pub[name] for name in next), threshold)
        for name in os.listdir(self.dir):
            if name.endswith(".minisig"):
                os.unlink(self.path(name))
        self.force.write_roster(text, sign=False)
        self.sign(*roots)
        return self.force.serial

    def sign(self, *roots):
        for name in roots:
            subprocess.run(["minisign", "-S", "-s", self.path("root", name + ".key"), "-m", self.path("roster.conf"),
                            "-x", self.path("roster.conf.%s.minisig" % name), "-t", "siaga roster network=%s serial=%d"
                            % (self.force.network, self.force.serial)],
                           check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def hup(self, words):
        start = len(self.force.hub.lines)
        self.force.hub.popen.send_signal(signal.SIGHUP)
        return self.force.hub.wait_line(words, start=start)

    def taken(self, agent, *roots, **how):
        serial = self.roster(*roots, **how)
        self.hup("roster-reload: roster %d is (still )?in force" % serial)
        agent.wait_line("roster: roster %d is in force" % serial)

    def check(self, *roots):
        """What `siaga roster check` says of the files with these roots pinned, and its exit status."""
        done = subprocess.run([taskforce.program("siaga"), "roster", "check", self.path("roster.conf"), "--network",
                               self.force.network, "--threshold", "2"] +
                              [word for name in roots for word in ("--root", self.pub[name])],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def test_no_single_root_adds_a_ghost(self):
        self.force.start_hub()
        agent = self.force.start_agent("bssn/soc-1")
        agent.wait_line("uplink-open")
        self.roster("kpu", principals=[("kpu/hantu", ["read"])])
        self.hup("error roster-reload: .*signed by 1 of the 2 root keys needed")
        self.sign("kpu2")  # a key that nobody pins
        self.hup("error roster-reload: .*signed by 1 of the 2 root keys needed.*made with a key that is not pinned")
        # The same signature under two names is one.
        os.link(self.path("roster.conf.kpu.minisig"), self.path("roster.conf.again.minisig"))
        self.hup("error roster-reload: .*signed by 1 of the 2")
        status, words = self.check(*OLD)
        self.assertEqual(status, 1)
        self.assertIn("signed by 1 of the 2", words)
        # A second agency agrees: the file is watched.
        start = len(self.force.hub.lines)
        self.sign("polri")
        self.force.hub.wait_line("roster-reload: roster 2 is in force", start=start)
        agent.wait_line("roster: roster 2 is in force")
        self.assertEqual(self.check(*OLD)[0], 0)

    def test_the_roots_are_changed_while_everybody_works(self):
        self.force.start_hub()
        agent = self.force.start_agent("bssn/soc-1")
        agent.wait_line("uplink-open")
        self.assertEqual(self.force.siaga("polri/dewi", "status").returncode, 0)

        # Enough of the present alone do not make somebody a root who has not signed.
        self.roster("kpu", "bssn", "kpu2", next=NEW)
        self.hup("error roster-reload: .*next_roots: signed by 1 of the 2 root keys needed")
        self.taken(agent, "kpu", "polri", "bssn2", "brin2", next=NEW)
        self.force.hub.wait_line("roots: 2 of the 3 root keys that roster 3 announces")
        agent.wait_line("roots: 2 of the 3 root keys that roster 3 announces")
        self.assertEqual(self.force.siaga("polri/dewi", "status").returncode, 0)

        # From now on the new alone, whatever the configurations still pin.
        self.taken(agent, "kpu2", "brin2")
        self.assertEqual(self.check(*OLD)[0], 1)
        self.assertEqual(self.check(*NEW)[0], 0)
        self.roster(*OLD)
        self.hup("error roster-reload: .*signed by 0 of the 2 root keys needed")
        self.taken(agent, "kpu2", "bssn2")

        # All of it again after a restart, with the first pins.
        self.force.stop()
        self.force.start_hub()
        agent = self.force.start_agent("bssn/soc-1")
        agent.wait_line("uplink-open")
        self.append(self.eve, [eve_alert(1)])
        out, reader = self.watch_out("polri/dewi", 1)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual([e["verified"] for e in read_json_lines(out)], [True])

        # Who was away pins the first, and never saw the roster that announced the others.
        late = self.force.siaga("bssn/ani", "status")
        self.assertNotEqual(late.returncode, 0)
        self.assertIn("signed by 0 of the 2", late.stderr)
        # A roster that both sign and that announces the present once more leads them on.
        self.taken(agent, "kpu", "bssn", "kpu2", "bssn2", next=NEW)
        self.assertEqual(self.force.siaga("bssn/ani", "status").returncode, 0)
        self.taken(agent, "kpu2", "bssn2")
        self.assertEqual(self.force.siaga("bssn/ani", "status").returncode, 0)


if __name__ == "__main__":
    siaga_e2e.main()
