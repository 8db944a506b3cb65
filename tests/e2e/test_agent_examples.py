# SPDX-License-Identifier: Apache-2.0
"""Each source's example in siaga-agent.conf(5) is one that the agent takes."""

import os
import re
import subprocess

import siaga_e2e
from siaga_e2e import TOP, TaskForceCase
import taskforce

TYPES = {"eve", "wazuh", "zeek", "syslog", "journal", "lines", "exec", "socket", "stdin"}


class Examples(TaskForceCase):
    def examples(self):
        """(title, text) of each."""
        with open(os.path.join(TOP, "doc", "man", "siaga-agent.conf.5")) as page:
            for block in re.findall(r"(?ms)^\.Bd -literal\n# source: (.*?)^\.Ed$", page.read()):
                title, body = block.split("\n", 1)
                yield title, body.replace("\\e", "\\")

    def test_each_is_taken(self):
        seen = set()
        for title, body in self.examples():
            conf = self.path("example.conf")
            with open(conf, "w") as file:
                file.write(self.force.trust_conf("bssn/soc-1") + 'state = "%s";\n' % self.path("state") + body)
            done = subprocess.run([taskforce.program("siaga-agent"), "-n", "-c", conf], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=20)
            self.assertEqual(done.returncode, 0, "%s:\n%s\n%s" % (title, body, done.stdout))
            seen.update(re.findall(r'type = "(\w+)"', body))
        self.assertEqual(seen, TYPES)


if __name__ == "__main__":
    siaga_e2e.main()
