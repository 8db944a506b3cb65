# SPDX-License-Identifier: Apache-2.0
"""`siaga-agent --dry-run`: what would be sent, and why; its form is stable, and nothing is stored or sent."""

import json
import os
import re
import subprocess

import siaga_e2e
import taskforce
from siaga_e2e import TOP, TaskForceCase, eve_alert

RULES = """networks = ( { system = "sipol"; addresses = ["10.47.3.0/24"]; } );
redact = ( { pattern = "\\\\b[0-9]{16}\\\\b"; with = "[NIK]"; } );
rules = (
  { name = "noise"; when = { field = "alert.signature_id"; equals = 2; }; drop = true; },
  { when = { field = "alert.severity"; less = 2; }; raise = 1;
    set = { title = "{alert.signature} at {dest_ip}"; }; }
);
"""


class AgentDryRun(TaskForceCase):
    AGENT = "bssn/soc-1"

    def conf(self, rules=RULES, sources=None):
        """The configuration of an agent that has neither identity nor roster yet."""
        return self.force.write_agent_conf(
            self.AGENT, sources or '{ type = "stdin"; }, { name = "ids"; type = "eve"; path = "%s"; }'
            % self.path("eve.json"), rules, identity='"/nonexistent"', roster='"/nonexistent"')

    def run_dry(self, *args, input=None):
        return subprocess.run([taskforce.program("siaga-agent"), "--dry-run", *args], input=input,
                              stdin=subprocess.DEVNULL if input is None else None, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)

    def read(self, path):
        with open(path) as file:
            return file.read()

    def lines(self, *lines):
        path = self.path("lines.json")
        with open(path, "wb") as file:
            for line in lines:
                file.write(line if isinstance(line, bytes) else line.encode())
        return path

    def five(self):
        return self.lines(eve_alert(1), eve_alert(2), '{"event_type":"flow"}\n', '{"event_type":"alert",\n',
                          eve_alert(3, severity=1, signature="NIK 3174012345678901\t\x1b[2J"))

    def test_text(self):
        conf = self.conf()
        line = [i + 1 for i, text in enumerate(self.read(conf).splitlines()) if "less = 2" in text][0]
        done = self.run_dry("-c", conf, self.five())
        self.assertEqual(done.returncode, 65, done.stderr)
        rows = [row.split("\t") for row in done.stdout.splitlines()]
        exploit = "intrusion-attempts/exploit"
        self.assertEqual(rows[0], ["send", "1", "-", "medium", exploit, "sipol", "-", "TEST event 1"])
        self.assertEqual(rows[1], ["drop", "2", "noise:%d" % (line - 1), "medium", exploit, "-", "-",
                                   "TEST event 2"])
        self.assertEqual(rows[2][:7], ["unreadable", "4", "-", "-", "-", "-", "-"])
        self.assertEqual(rows[3], ["send", "5", "rules[1]:%d" % line, "critical", exploit, "sipol", "redacted",
                                   "NIK [NIK]\\u{9}\\u{1b}[2J 3 at 10.47.3.7"])
        self.assertEqual(rows[4], ["# 5 lines: 2 sent, 1 dropped, 1 unreadable, 1 no alert"])
        self.assertEqual(len(rows), 5)

    def test_json_is_what_the_agent_takes(self):
        done = self.run_dry("-c", self.conf(), "--format", "json", self.five())
        self.assertEqual(done.returncode, 65, done.stderr)
        rows = [json.loads(row) for row in done.stdout.splitlines()]
        self.assertEqual([(row["verdict"], row["line"]) for row in rows[:-1]],
                         [("send", 1), ("drop", 2), ("unreadable", 4), ("send", 5)])
        self.assertEqual(rows[-1], {"summary": {"lines": 5, "send": 2, "drop": 1, "unreadable": 1, "no_alert": 1}})
        self.assertNotIn("rule", rows[0])
        self.assertEqual(rows[1]["rule"], "noise")
        self.assertIn("error", rows[2])
        self.assertEqual((rows[3]["redacted"], rows[3]["rule"]), (True, "rules[1]"))
        self.assertEqual(rows[3]["alert"]["severity"], "critical")
        self.assertNotIn("3174012345678901", done.stdout)
        # each is an alert as JSON: nothing changes when it is read again
        text = "".join(json.dumps(row["alert"]) + "\n" for row in rows if row.get("verdict") == "send")
        again = self.run_dry("-c", self.conf(rules=""), "--source", "stdin", "--format", "json", "-", input=text)
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertEqual([json.loads(row)["alert"] for row in again.stdout.splitlines()[:-1]],
                         [row["alert"] for row in rows if row.get("verdict") == "send"])

    def test_the_source_is_the_one_that_follows_the_file(self):
        ids, zeek = self.lines(eve_alert(1)), self.path("zeek-notice.json")
        with open(zeek, "w") as file:
            file.write('{"ts":1795507200.5,"note":"SSH::Password_Guessing","msg":"10.0.0.1 guesses","src":"10.0.0.1"}\n' * 3)
        os.symlink(zeek, self.path("notice.json"))
        conf = self.conf(rules="", sources='{ name = "ids"; type = "eve"; path = "%s"; },'
                         '{ name = "z"; type = "zeek"; path = [ "/none", "%s*.json", "%s" ]; }'
                         % (ids, zeek[:-8], self.path("notice.json")))
        for path, count in ((ids, 1), (zeek, 3), (os.path.relpath(zeek), 3), (self.path("notice.json"), 3)):
            self.assertIn("%d sent" % count, self.run_dry("-c", conf, path).stdout, path)
        with open(zeek) as file:  # of no source: the first that reads files
            self.assertIn("3 no alert", self.run_dry("-c", conf, self.lines(file.read())).stdout)

    def test_standard_input_and_the_source(self):
        conf = self.conf()
        done = self.run_dry("-c", conf, "--source", "ids", "-", input=eve_alert(1) + eve_alert(2).rstrip("\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([row.split("\t")[0] for row in done.stdout.splitlines()],
                         ["send", "drop", "# 2 lines: 1 sent, 1 dropped, 0 unreadable, 0 no alert"])
        done = self.run_dry("-c", conf, "-", input="")
        self.assertEqual((done.returncode, done.stdout),
                         (0, "# 0 lines: 0 sent, 0 dropped, 0 unreadable, 0 no alert\n"))

    def test_what_cannot_be_done_is_said(self):
        conf = self.conf()
        done = self.run_dry("-c", conf, "--source", "nonsense", "-")
        self.assertEqual(done.returncode, 64)
        self.assertIn("nonsense", done.stderr)
        self.assertEqual(self.run_dry("-c", conf).returncode, 64)
        done = self.run_dry("-c", conf, self.path("missing"))
        self.assertEqual(done.returncode, 66)
        self.assertIn("missing", done.stderr)
        done = self.run_dry("-c", self.conf(rules='rules = ( { when = { field = "a"; regex = "("; }; } );'), "-")
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"agent\.conf:\d+: rules\[0\]\.when\.regex: not a regular expression")

    def test_nothing_is_stored(self):
        self.run_dry("-c", self.conf(), self.five())
        self.assertFalse(os.path.exists(self.path("agents", "bssn-soc-1", "state")))

    def test_a_line_too_long(self):
        path = self.lines(b'{"event_type":"alert","x":"' + b"y" * (2 << 20) + b'"}\n', eve_alert(1))
        done = self.run_dry("-c", self.conf(), path)
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertEqual([row.split("\t")[:2] for row in done.stdout.splitlines()[:2]], [["unreadable", "1"],
                                                                                          ["send", "2"]])

    def test_the_example_is_valid_and_hides(self):
        example = re.sub(r"(?m)^(network|roots|roster|identity) .*\n", "",
                         self.read(os.path.join(TOP, "doc", "examples", "agent-rules.conf")))
        conf = os.path.join(self.dir, "agent-rules.conf")
        with open(conf, "w") as file:
            file.write(self.force.trust_conf(self.AGENT) + example)
        done = subprocess.run([taskforce.program("siaga-agent"), "-n", "-c", conf], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=20)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("not in the roster", done.stdout)
        lines = [eve_alert(1, src_ip="10.47.250.3", alert={"signature": "ET SCAN x", "signature_id": 1}),
                 eve_alert(2, dest_ip="10.47.9.1"),
                 eve_alert(3, http={"url": "/admin/?nama=Siti&nik=3174012345678901", "http_user_agent": "curl/7"},
                           dest_ip="203.0.113.80")]
        done = self.run_dry("-c", conf, "--format", "json", self.lines(*lines))
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [json.loads(row) for row in done.stdout.splitlines()[:-1]]
        self.assertEqual([(row["verdict"], row["rule"]) for row in rows],
                         [("drop", "our-scanner"), ("send", "sirekap-attack"), ("send", "web-login")])
        self.assertEqual((rows[1]["alert"]["system"], rows[1]["alert"]["severity"], rows[1]["alert"]["title"]),
                         ("sirekap", "high", "TEST event 2 at 10.47.9.1"))
        self.assertEqual((rows[2]["alert"]["system"], rows[2]["alert"]["category"]),
                         ("web", "intrusion-attempts/brute-force"))
        self.assertNotIn("raw", rows[2]["alert"])
        for hidden in ("Siti", "3174012345678901", "curl/7"):
            self.assertNotIn(hidden, done.stdout)


if __name__ == "__main__":
    siaga_e2e.main()
