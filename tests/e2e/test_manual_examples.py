# SPDX-License-Identifier: Apache-2.0
"""Every example of siaga(1) is run as it stands there, and every verb has one."""

import json
import os
import re
import shlex
import shutil
import subprocess

import siaga_e2e
import taskforce
from siaga_e2e import TOP, TaskForceCase

# Who does what of the examples about an alert; kpu/sari has published it.
PEOPLE = {"ack": "polri/dewi", "comment": "polri/dewi", "handover": "polri/dewi", "assist": "brin/rina",
          "resolve": "bssn/ani"}
# What ends what would go on for ever, and answers what asks a terminal.
BOUNDS = {"watch": "--timeout 500ms", "keygen": "--no-passphrase"}


def examples():
    """The commands of the section EXAMPLES, in order."""
    with open(os.path.join(TOP, "doc", "man", "siaga.1")) as file:
        page = file.read()
    page = page[page.index(".Sh EXAMPLES"):page.index(".Sh SEE ALSO")].replace("\\e\n", " ").replace("\\(dq", '"')
    return re.findall(r"^(?:\.Dl )?\$ (.*)$", page, re.M)


def verb_of(command):
    return re.search(r"\bsiaga (\S+)", command).group(1)


class Examples(TaskForceCase):
    def setUp(self):
        super().setUp()
        self.force.start_hub()
        self.bin = self.path("bin")
        for path in (self.bin, self.path("home", ".config", "siaga"), self.path("log")):
            os.makedirs(path)
        with open(os.path.join(self.bin, "siaga"), "w") as file:
            file.write("#!/bin/sh\nverb=$1\nshift\ncase $verb in\n%s\nesac\nexec %s \"$verb\" $more \"$@\"\n" % (
                "\n".join("%s) more='%s' ;;" % item for item in BOUNDS.items()), shlex.quote(taskforce.program("siaga"))))
        os.chmod(os.path.join(self.bin, "siaga"), 0o755)
        with open(os.path.join(self.bin, "ticket-new"), "w") as file:
            file.write("#!/bin/sh\nexec cat > %s\n" % shlex.quote(self.path("ticket")))
        os.chmod(os.path.join(self.bin, "ticket-new"), 0o755)
        with open(self.path("people", "kpu/sari", "siaga.conf"), "a") as file:
            file.write('filters = ( { name = "night"; min_severity = "high"; } );\n')
        shutil.copy(os.path.join(TOP, "doc", "examples", "malam-pemilu.conf"), self.dir)
        with open(self.path("found.json"), "w") as file:
            file.write('{"msg": "Found by another program"}\n')

    def run_example(self, command):
        """As the person whose turn it is; names and paths of the page become those of this test."""
        verb = verb_of(command)
        person = PEOPLE.get(verb, "kpu/sari")
        if verb == "take":
            person = "polri/dewi" if "4711" in command else "bssn/ani"
        for name, value in self.names.items():
            command = command.replace(name, value)
        command = command.replace("--within 15m", "--within 300ms")
        env = self.force.env(person)
        env.update(PATH=self.bin + ":" + env["PATH"], HOME=self.path("home"))
        done = subprocess.run(["sh", "-c", command.replace("/var/log/siaga/", self.path("log", ""))], env=env, cwd=self.dir,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        # A warning of the doctor is one about this machine; nobody answers the roll call.
        self.assertIn(done.returncode, (0, 1) if verb in ("doctor", "rollcall") else (0,), "%s: %s" % (command, done.stderr))
        return done.stdout

    def test_every_example(self):
        self.names = {}
        ran = set()
        for command in examples():
            out = self.run_example(command)
            ran.add(verb_of(command))
            if verb_of(command) == "send" and "4711" not in self.names and "Halaman" in command:
                sent = json.loads(out)
                tail = sent["id"].replace("-", "")[-31:]
                self.names = {"4711": str(sent["number"]), "4f5061": tail}
        help = subprocess.run([taskforce.program("siaga"), "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
        verbs = set(re.findall(r"^  ([a-z]+) ", help, re.M))
        self.assertGreater(len(verbs), 15)
        self.assertEqual(verbs - ran, set())
        story = self.log("kpu/sari", "--kind", "update,cancel,response", "--status", "actual")
        self.assertEqual([(e["origin"], e.get("action", e["kind"])) for e in story], [
            ("polri/dewi", "acknowledge"), ("polri/dewi", "take"), ("polri/dewi", "comment"), ("polri/dewi", "handover"),
            ("bssn/ani", "take"), ("brin/rina", "assist"), ("bssn/ani", "resolve"), ("kpu/sari", "reopen"),
            ("kpu/sari", "update"), ("kpu/sari", "cancel")])


if __name__ == "__main__":
    siaga_e2e.main()
