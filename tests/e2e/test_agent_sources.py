# SPDX-License-Identifier: Apache-2.0
"""The agent's other ways in: its socket, its standard input, and a log that is rotated under it; and `-n`."""

import json
import os
import socket
import stat
import subprocess
import uuid

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines
import taskforce


class AgentSources(TaskForceCase):
    AGENT = "bssn/soc-1"

    def conf(self, sources, extra=""):
        return self.force.write_agent_conf(self.AGENT, sources, extra)

    def socket_agent(self, extra=""):
        self.socket_path = self.path("agent.sock")
        self.conf('{ type = "socket"; path = "%s"; system = "web"; }' % self.socket_path, extra)
        agent = self.force.start_agent(self.AGENT)
        agent.wait_line(r" start: ")
        return agent

    def ask(self, data):
        """Sends bytes and gets the answers to them, as objects."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(self.socket_path)
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return [json.loads(line) for line in connection.makefile("rb")]

    def test_the_socket_answers_each_alert_and_it_arrives(self):
        self.force.start_hub()
        self.socket_agent()
        self.assertEqual(stat.S_IMODE(os.stat(self.socket_path).st_mode), 0o660)
        answers = self.ask(b'{"title":"one","severity":"high"}\n\n{"title":"two","severty":"x"}\r\n{"title":"three"}')
        self.assertEqual(answers[1], {"error": "severty: unknown name"})
        ids = [str(uuid.UUID(answers[i]["queued"])) for i in (0, 2)]
        out, reader = self.watch_out("polri/dewi", 2)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        alerts = read_json_lines(out)
        self.assertEqual([alert["id"] for alert in alerts], ids)
        self.assertEqual([alert["title"] for alert in alerts], ["one", "three"])
        self.assertEqual([alert["system"] for alert in alerts], ["web", "web"])

    def test_the_socket_names_what_is_wrong(self):
        self.socket_agent()
        self.assertEqual(self.ask(b"nonsense\n")[0].keys(), {"error"})
        self.assertEqual(self.ask(b'{"title":"x","expires":"2001-01-01T00:00:00Z"}\n'),
                         [{"error": "expires: must be in the future"}])
        long = b'{"title":"x","raw":"' + b"y" * 40000 + b'"}\n'
        self.assertEqual([list(answer) for answer in self.ask(long + b'{"title":"after"}\n')], [["error"], ["queued"]])
        self.assertEqual(self.ask(b'{"title":"\xff"}\n')[0].keys(), {"error"})

    def test_the_socket_takes_many_at_once_from_a_client_slow_to_read(self):
        self.socket_agent("damper = { enabled = false; };")
        answers = self.ask(b"".join(b'{"title":"alert %d"}\n' % number for number in range(5000)))
        self.assertEqual(len({answer["queued"] for answer in answers}), 5000)

    def test_the_socket_tells_what_a_rule_drops_and_the_damper_counts(self):
        self.socket_agent('rules = ( { name = "noise"; when = { field = "title"; prefix = "noise"; }; drop = true; } );')
        answers = self.ask(b'{"title":"noise of a fan"}\n{"title":"one"}\n{"title":"one"}\n')
        self.assertEqual(answers[0], {"dropped": "noise"})
        self.assertEqual([list(answer) for answer in answers[1:]], [["queued"], ["counted"]])

    def test_a_stale_socket_is_replaced_and_one_in_use_is_not(self):
        agent = self.socket_agent()
        agent.kill()
        self.assertTrue(os.path.exists(self.socket_path))
        agent = self.socket_agent()
        self.assertEqual(list(self.ask(b'{"title":"x"}\n')[0]), ["queued"])
        other = self.path("other.conf")
        with open(self.path("agents", "bssn-soc-1", "agent.conf")) as file:
            text = file.read()
        with open(other, "w") as file:
            file.write(text.replace("/state", "/state2"))
        done = subprocess.run([taskforce.program("siaga-agent"), "-c", other], stderr=subprocess.PIPE, text=True,
                              timeout=20)
        self.assertEqual(done.returncode, 74, done.stderr)
        self.assertIn("Address already in use", done.stderr)
        self.assertEqual(agent.stop(), 0)
        self.assertFalse(os.path.exists(self.socket_path))

    def test_standard_input_ends_and_the_agent_does_not(self):
        self.force.start_hub()
        conf = self.conf('{ type = "stdin"; }', 'status = "exercise";')
        process = subprocess.Popen([taskforce.program("siaga-agent"), "-c", conf], stdin=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        try:
            process.stdin.write(b'{"title":"first"}\nnonsense\n{"title":"last, without newline"}')
            process.stdin.close()
            out, reader = self.watch_out("polri/dewi", 2)
            self.assertEqual(reader.wait(30), 0, reader.tail())
            self.assertEqual([(alert["title"], alert["status"]) for alert in read_json_lines(out)],
                             [("first", "exercise"), ("last, without newline", "exercise")])
            self.assertIsNone(process.poll())
        finally:
            process.terminate()
            self.assertEqual(process.wait(20), 0)

    def test_a_log_rotated_while_running_and_while_down(self):
        self.force.start_hub()
        eve, agent = self.eve_agent()
        self.append(eve, [eve_alert(1)])
        out, reader = self.watch_out("polri/dewi", 1)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        os.rename(eve, eve + ".1")
        self.append(eve + ".1", [eve_alert(2)])
        self.append(eve, [eve_alert(3)])
        out, reader = self.watch_out("polri/dewi", 2, out)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual(agent.stop(), 0)
        self.append(eve, [eve_alert(4)])
        os.rename(eve, eve + ".2")
        self.append(eve, [eve_alert(5)])
        self.force.start_agent(self.AGENT)
        out, reader = self.watch_out("polri/dewi", 2, out)
        self.assertEqual(reader.wait(30), 0, reader.tail())
        self.assertEqual(numbers_of(read_json_lines(out)), [1, 2, 3, 4, 5])

    def check(self, conf):
        return subprocess.run([taskforce.program("siaga-agent"), "-n", "-c", conf], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=20)

    def test_check_reads_configuration_roster_and_identity_and_writes_nothing(self):
        conf = self.conf('{ type = "stdin"; }')
        done = self.check(conf)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("ok: bssn/soc-1", done.stdout)
        self.assertFalse(os.path.exists(self.path("agents", "bssn-soc-1", "state")))
        done = self.check(self.conf('{ type = "eve"; }'))
        self.assertEqual(done.returncode, 78)
        self.assertIn("agent.conf:", done.stderr)
        self.assertIn("sources[0].path: must be given", done.stderr)
        done = self.check(self.force.write_agent_conf(self.AGENT, '{ type = "stdin"; }', identity='"/nonexistent"'))
        self.assertEqual(done.returncode, 78)
        self.assertIn("/nonexistent", done.stderr)
        done = self.check(self.conf('{ type = "socket"; path = "%s"; }' % self.path("none/x.sock")))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("sources[0].path: %s: its directory: No such file" % self.path("none/x.sock"), done.stderr)


if __name__ == "__main__":
    siaga_e2e.main()
