# SPDX-License-Identifier: Apache-2.0
"""SIGHUP reads configuration, rules and roster again: nothing is lost or doubled while lines flow, and a configuration
that is wrong changes nothing."""

import os
import signal
import socket
import threading
import time

import siaga_e2e
from siaga_e2e import TaskForceCase, eve_alert, numbers_of, read_json_lines

TOTAL = 30000


class Reload(TaskForceCase):
    AGENT = "bssn/soc-1"

    def conf(self, *sources, extra=""):
        return self.force.write_agent_conf(self.AGENT, ", ".join(sources),
                                           "damper = { enabled = false; };\n" + extra)

    def source(self, name, more=""):
        path = self.path("agents", "bssn-soc-1", name + ".json")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "ab").close()
        return path, '{ name = "%s"; type = "eve"; path = "%s"; from = "start"; %s }' % (name, path, more)

    def hup(self, agent, line="reload:"):
        start = len(agent.lines)
        agent.popen.send_signal(signal.SIGHUP)
        return agent.wait_line(line, start=start)

    def test_every_line_once_while_the_configuration_changes_under_load(self):
        self.force.start_hub()
        eve, first = self.source("eve")
        other, second = self.source("other")
        self.conf(first)
        agent = self.force.start_agent(self.AGENT)
        agent.wait_line("uplink-open")

        def write():
            for number in range(1, TOTAL + 1, 50):
                self.append(eve, [eve_alert(n) for n in range(number, number + 50)])
                time.sleep(0.008)

        writer = threading.Thread(target=write)
        writer.start()
        round = 0
        while writer.is_alive():
            round += 1
            tlp = ["amber", "green"][round % 2]
            _, first = self.source("eve", 'tlp = "%s";' % tlp)
            self.conf(first, *([second] if round % 3 else []), extra='outbox = { max_size = "%dM"; };\n' % (64 + round))
            self.hup(agent)
            time.sleep(0.05)
        writer.join()
        self.assertGreater(round, 10)
        _, first = self.source("eve")
        self.conf(first, second)
        self.hup(agent)
        self.append(other, [eve_alert(TOTAL + 1)])
        out, reader = self.watch_out("polri/dewi", TOTAL + 1)
        self.assertEqual(reader.wait(90), 0, reader.tail() + agent.tail())
        self.assertEqual(sorted(numbers_of(read_json_lines(out))), list(range(1, TOTAL + 2)))

    def test_a_wrong_configuration_changes_nothing(self):
        self.force.start_hub()
        eve, first = self.source("eve")
        path = self.conf(first)
        agent = self.force.start_agent(self.AGENT)
        agent.wait_line("uplink-open")
        for wrong, words in (('{ type = "nonsense"; }', "nonsense"), (first + ", " + first, "already")):
            self.conf(wrong)
            self.assertRegex(self.hup(agent, "reload-refused"), words)
        self.conf(first, '{ type = "socket"; path = "/nonexistent/dir/a.sock"; }')
        self.assertRegex(self.hup(agent, "reload-refused"), "everything stays")
        with open(path, "a") as file:
            file.write("nonsense = 1;\n")
        self.assertRegex(self.hup(agent, "reload-refused"), "nonsense")
        self.conf(first, extra='state = "/elsewhere";')
        self.hup(agent, "reload-refused")
        self.force.write_agent_conf(self.AGENT, first, "damper = { enabled = false; };\n", network='"another-2026"')
        self.assertRegex(self.hup(agent, "reload-refused"), "network changed.*restart")
        status = self.wait_status(agent, lambda s: s["reload"]["error"])
        self.assertIn("network", status["reload"]["error"])
        self.append(eve, [eve_alert(1)])
        out, reader = self.watch_out("polri/dewi", 1)
        self.assertEqual(reader.wait(30), 0, reader.tail())

    def test_a_socket_keeps_its_clients(self):
        self.force.start_hub()
        path = self.path("a.sock")
        listen = '{ type = "socket"; path = "%s"; }' % path
        self.conf(listen)
        agent = self.force.start_agent(self.AGENT)
        agent.wait_line("uplink-open")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b'{"title": "half')
            time.sleep(0.2)
            self.conf(listen, self.source("eve")[1])
            self.hup(agent)
            client.sendall(b' and half"}\n')
            self.assertIn(b"queued", client.recv(1000))

    def test_a_newer_roster_is_taken_from_the_file_and_from_the_hub(self):
        self.force.start_hub()
        eve, first = self.source("eve")
        self.conf(first)
        agent = self.force.start_agent(self.AGENT)
        agent.wait_line("uplink-open")
        self.force.serial = 2
        self.force.write_roster()
        self.hup(agent, "roster: roster 2 is in force")
        start = len(agent.lines)
        agent.wait_line("uplink-open", start=max(0, start - 3))
        # The agent's file cannot be replaced: the copy in its state directory holds what the hub sent.
        own = self.path("agents", "bssn-soc-1", "roster.conf")
        os.makedirs(os.path.dirname(own), exist_ok=True)
        self.force.serial = 3
        self.force.write_roster()
        self.force.hub.popen.send_signal(signal.SIGHUP)
        agent.wait_line("roster: roster 3 is in force", timeout=30)
        self.append(eve, [eve_alert(1)])
        out, reader = self.watch_out("polri/dewi", 1)
        self.assertEqual(reader.wait(30), 0, reader.tail() + agent.tail())


if __name__ == "__main__":
    siaga_e2e.main()
