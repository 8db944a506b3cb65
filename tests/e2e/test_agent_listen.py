# SPDX-License-Identifier: Apache-2.0
"""syslog from sockets, the journal, a command's output, text logs by a pattern, and many files at once."""

import os
import signal
import socket
import subprocess
import sys
import threading

import siaga_e2e
from siaga_e2e import SKIPPED, TaskForceCase, eve_alert, numbers_of, read_json_lines
import taskforce

JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"
FAILED = "sshd[1]: Failed password for root from 203.0.113.%d port 4 ssh2"


class Sources(TaskForceCase):
    AGENT = "bssn/soc-1"

    def agent(self, source, extra="damper = { enabled = false; };\n"):
        self.force.write_agent_conf(self.AGENT, source, extra)
        self.process = self.force.start_agent(self.AGENT)
        self.process.wait_line(r" start: ")
        return self.process

    def alerts(self, count, out="out.jsonl"):
        out, reader = self.watch_out("polri/dewi", count, self.path(out))
        self.assertEqual(reader.wait(30), 0, reader.tail() + "\n" + self.process.tail())
        return read_json_lines(out)

    def titles(self, count, out="out.jsonl"):
        return sorted(alert["title"] for alert in self.alerts(count, out))


class Listen(Sources):
    def test_udp(self):
        self.force.start_hub()
        port = taskforce.free_port()
        self.agent('{ type = "syslog"; listen = "udp://127.0.0.1:%d"; }' % port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for number in range(1, 6):
                out.sendto(("<38>Nov 24 08:00:00 web1 " + FAILED % number).encode(), ("127.0.0.1", port))
            out.sendto(b"<14>Nov 24 08:00:00 web1 app: not urgent", ("127.0.0.1", port))
            out.sendto(b"\xff\x00nonsense\n", ("127.0.0.1", port))
            out.sendto(b"<11>1 2026-11-24T08:00:00Z db1 app - - - broken\n", ("127.0.0.1", port))
        self.assertEqual(self.titles(6), ["SSH login failed for root from 203.0.113.%d" % n for n in range(1, 6)] + ["app: broken"])
        self.process.wait_line("source-unreadable")

    def test_unix_datagrams(self):
        self.force.start_hub()
        path = self.path("log.sock")
        self.agent('{ type = "syslog"; listen = "unix:%s"; }' % path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.connect(path)
            for number in range(1, 4):
                out.send(("<38>Nov 24 08:00:00 " + FAILED % number).encode() + b"\0")
        self.assertEqual(len(self.titles(3)), 3)
        self.assertEqual(self.process.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_unix_stream_with_a_line_of_more_than_a_mebibyte(self):
        self.force.start_hub()
        path = self.path("log.sock")
        self.agent('{ type = "syslog"; listen = "unix-stream:%s"; }' % path)
        with socket.socket(socket.AF_UNIX) as out:
            out.connect(path)
            out.sendall(b"<11>Nov 24 08:00:00 w app: " + b"x" * (3 << 20) + b"\n")
            out.sendall(("<38>Nov 24 08:00:00 w " + FAILED % 1).encode())  # its end is the connection's
        titles = self.titles(2)
        self.assertEqual(titles[0], "SSH login failed for root from 203.0.113.1")
        self.assertTrue(titles[1].startswith("app: xxx"))
        self.process.wait_line("source-long-line: syslog: a line: more than 1 MiB: cut there, the rest skipped")


class Exec(Sources):
    def command(self, script, **more):
        path = self.path("command.sh")
        with open(path, "w") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(path, 0o755)
        return '{ type = "exec"; command = [ "%s", "an argument" ]; %s }' % (
            path, " ".join('%s = "%s";' % item for item in more.items()))

    def test_lines_of_a_command_and_its_end(self):
        self.force.start_hub()
        agent = self.agent(self.command('echo "complaint of $1" >&2\n'
                                        'echo \'{"title":"first"}\'\necho nonsense\nprintf \'{"title":"last"}\'\nexit 3\n'))
        self.assertEqual(self.titles(2), ["first", "last"])
        agent.wait_line("source-stderr: exec: complaint of an argument")
        agent.wait_line("source-exec: exec: .*command.sh: exited with status 3; again in 1 s")
        # It is started again, and its alerts are told again: they have no place to be known by.
        self.assertEqual(len(self.titles(2, "more.jsonl")), 2)

    def test_any_format_and_the_end_with_the_agent(self):
        self.force.start_hub()
        pid_path = self.path("pid")
        eve = self.path("lines")
        self.append(eve, [eve_alert(1), '{"event_type":"flow"}\n', eve_alert(2)])
        agent = self.agent(self.command('echo $$ > "%s"\ncat "%s"\nexec sleep 1000\n' % (pid_path, eve), format="eve"))
        self.assertEqual(numbers_of(self.alerts(2)), [1, 2])
        with open(pid_path) as file:
            pid = int(file.read())
        ended = os.pidfd_open(pid)
        self.assertEqual(agent.stop(), 0)
        import select
        self.assertTrue(select.select([ended], [], [], 10)[0], "the command outlives the agent")
        os.close(ended)

    def test_a_command_that_is_not_there(self):
        agent = self.agent('{ type = "exec"; command = [ "/nonexistent" ]; }')
        agent.wait_line("source-exec: exec: /nonexistent: No such file or directory; again in 1 s")
        agent.wait_line("again in 2 s")


class Files(Sources):
    def test_a_text_log_by_its_pattern(self):
        self.force.start_hub()
        path = self.path("app.log")
        self.append(path, ["ok\n", "DENIED 203.0.113.9 to /admin by budi\n"])
        self.agent(r'{ type = "lines"; path = "%s"; from = "start"; pattern = "^DENIED (?<src_ip>\\S+) to (?<url>\\S+) by (?<user>\\S+)$"; }'
                   % path)
        alert = self.alerts(1)[0]
        self.assertEqual(alert["source"], [{"ip": "203.0.113.9"}])
        self.assertEqual(alert["target"], [{"user": "budi", "url": "/admin"}])
        self.assertEqual(alert["detector"]["tool"], "lines")

    def test_files_come_and_go_under_wildcards(self):
        self.force.start_hub()
        os.mkdir(self.path("logs"))
        old, new = self.path("logs", "eve-1.json"), self.path("logs", "eve-2.json")
        self.append(old, [eve_alert(1)])
        source = '{ type = "eve"; path = [ "%s", "%s" ]; %%s }' % (self.path("logs", "eve-*.json"), self.path("single.json"))
        agent = self.agent(source % "")
        agent.wait_line("uplink-open")  # all are open by then
        self.append(old, [eve_alert(2)])  # what was there before is not told
        self.append(new, [eve_alert(3)])  # what comes is, from its start
        self.append(self.path("single.json"), [eve_alert(4)])
        self.append(self.path("logs", "eve-3.json.gz"), [eve_alert(5)])
        self.assertEqual(sorted(numbers_of(self.alerts(3))), [2, 3, 4])
        self.assertEqual(agent.stop(), 0)
        self.append(new, [eve_alert(6)])
        self.append(self.path("logs", "eve-4.json"), [eve_alert(7)])  # while nobody looked
        self.agent(source % "")
        self.assertEqual(sorted(numbers_of(self.alerts(2))), [2, 3, 4, 6, 7])

    def test_a_file_that_may_not_be_read_is_said_once_and_read_when_it_may(self):
        if os.geteuid() == 0:
            self.skipTest("root may read everything")
        path = self.path("eve.json")
        self.append(path, [eve_alert(1)])
        os.chmod(path, 0)
        self.force.start_hub()
        agent = self.agent('{ type = "eve"; path = "%s"; from = "start"; }' % path)
        agent.wait_line("source-missing: eve: .*Permission denied")
        os.chmod(path, 0o600)
        self.assertEqual(numbers_of(self.alerts(1)), [1])

    def test_the_position_of_one_path_is_good_among_several(self):
        self.force.start_hub()
        path = self.path("eve.json")
        self.append(path, [eve_alert(1)])
        agent = self.agent('{ type = "eve"; path = "%s"; from = "start"; }' % path)
        self.assertEqual(numbers_of(self.alerts(1)), [1])
        self.assertEqual(agent.stop(), 0)
        self.append(path, [eve_alert(2)])
        self.append(path + ".x", [eve_alert(3)])
        agent = self.agent('{ type = "eve"; path = [ "%s", "%s.x" ]; from = "start"; }' % (path, path))
        self.assertEqual(sorted(numbers_of(self.alerts(2))), [1, 2, 3])
        self.assertEqual(agent.stop(), 0)
        self.append(path, [eve_alert(4)])
        self.agent('{ type = "eve"; path = "%s"; from = "start"; }' % path)
        self.assertEqual(sorted(numbers_of(self.alerts(1))), [1, 2, 3, 4])

    def test_a_classic_zeek_log_is_read_on_in_its_middle(self):
        self.force.start_hub()
        path = self.path("notice.log")
        self.append(path, ["#separator \\x09\n", "#set_separator\t,\n", "#empty_field\t(empty)\n", "#unset_field\t-\n",
                           "#fields\tts\tsrc\tdst\tnote\tmsg\n", "1795507200.5\t192.0.2.1\t-\tScan::Port_Scan\tone\n"])
        agent = self.agent('{ type = "zeek"; path = "%s"; from = "start"; }' % path)
        self.assertEqual(self.titles(1), ["one"])
        self.assertEqual(agent.stop(), 0)
        self.append(path, ["1795507201.5\t192.0.2.2\t-\tScan::Port_Scan\ttwo\n"])
        self.agent('{ type = "zeek"; path = "%s"; from = "start"; }' % path)
        self.assertEqual(self.titles(1), ["one", "two"])

    def test_the_same_wazuh_event_twice_is_one_alert(self):
        self.force.start_hub()
        path = self.path("alerts.json")
        line = ('{"timestamp":"2026-11-24T15:00:00.000+0700","id":"1.%d","manager":{"name":"m"},"agent":{"name":"a%d"},'
                '"rule":{"level":10,"description":"event %d","id":"5"}}\n')
        self.append(path, [line % (n, n, n) for n in (1, 2, 1, 2, 3)])
        for damper in ("damper = { enabled = false; };\n", 'damper = { key = [ "rule", "target", "title" ]; };\n'):
            agent = self.agent('{ type = "wazuh"; path = "%s"; from = "start"; }' % path, damper)
            self.alerts(3 if "false" in damper else 1)
            self.assertEqual(agent.stop(), 0)
            self.append(path, [line % (n, n, n) for n in (4, 4, 4)])
        alerts = self.log("polri/dewi")
        self.assertEqual(sorted(alert["title"] for alert in alerts if alert["kind"] == "alert"),
                         ["event %d" % n for n in (1, 2, 3, 4)])
        self.assertEqual([alert for alert in alerts if alert["kind"] == "update"], [])


class Journal(Sources):
    def setUp(self):
        if not os.path.exists(JOURNAL_REMOTE):
            self.skipTest("needs %s (package systemd-journal-remote)" % JOURNAL_REMOTE)
        super().setUp()
        os.mkdir(self.path("journal"))
        self.written = 0

    def journal(self, entries):
        """One more file of the journal, of these (message, priority, program, unit)."""
        text = ""
        for message, priority, program, unit in entries:
            self.written += 1
            text += ("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%032x\n_HOSTNAME=web1\nMESSAGE=%s\n"
                     "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\n_SYSTEMD_UNIT=%s\n\n"
                     % (1795507200000000 + self.written, self.written, 7, message, priority, program, unit))
        name = self.path("journal", "part-%d.journal" % self.written)
        done = subprocess.run([JOURNAL_REMOTE, "--output=%s" % name, "-"], input=text.encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
        self.assertEqual(done.returncode, 0, done.stdout)

    def entry(self, number, priority=6, program="sshd", unit="ssh.service"):
        return ((FAILED % number).split(": ", 1)[1], priority, program, unit)

    def test_entries_are_told_once_and_gone_on_with(self):
        self.force.start_hub()
        source = '{ type = "journal"; path = "%s"; from = "start"; }' % self.path("journal")
        self.journal([self.entry(1), ("not urgent", 6, "app", "app.service"), self.entry(2)])
        agent = self.agent(source)
        self.assertEqual(self.titles(2), ["SSH login failed for root from 203.0.113.%d" % n for n in (1, 2)])
        agent.kill()
        self.journal([self.entry(3), ("out of memory", 2, "kernel", "")])
        agent = self.agent(source)
        alerts = {alert["title"]: alert for alert in self.alerts(2)}
        self.assertEqual(len(alerts), 4)
        self.assertEqual(alerts["kernel: out of memory"]["severity"], "high")
        self.assertEqual(alerts["kernel: out of memory"]["target"], [{"host": "web1"}])
        self.assertEqual(alerts["SSH login failed for root from 203.0.113.3"]["raw"],
                         "web1 sshd: Failed password for root from 203.0.113.3 port 4 ssh2")

    def test_only_the_units_asked_for(self):
        self.force.start_hub()
        self.journal([self.entry(1), ("bad", 3, "app", "app.service"), ("worse", 3, "other", "other.service")])
        self.agent('{ type = "journal"; path = "%s"; from = "start"; units = [ "app.service", "SYSLOG_IDENTIFIER=app" ]; }'
                   % self.path("journal"))
        self.assertEqual(self.titles(1), ["app: bad"])

    def test_one_that_is_not_there_is_waited_for(self):
        path = self.path("later")
        agent = self.agent('{ type = "journal"; path = "%s"; from = "start"; }' % path)
        agent.wait_line("source-missing: journal: %s: No such file or directory; trying again" % path)


if __name__ == "__main__":
    siaga_e2e.main()
