# SPDX-License-Identifier: Apache-2.0
"""A small task force on this machine: keys, roster, root signature, configurations and processes.

The demo runs it, and so do the end-to-end tests. Everything lives in one directory:

    root/           the root key (minisign), as KPU would keep it off line
    identities/     one file a principal
    roster.conf     and roster.conf.minisig
    hub/, agents/, people/    configurations, state and logs
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

NETWORK = "demo-2026"
TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("SIAGA_BUILD_DIR", os.path.join(TOP, "build"))

MEMBERS = [
    ("kpu", "Komisi Pemilihan Umum", "red"),
    ("bssn", "Badan Siber dan Sandi Negara", "red"),
    ("polri", "Kepolisian Negara Republik Indonesia", "red"),
    ("bin", "Badan Intelijen Negara", "red"),
    ("brin", "Badan Riset dan Inovasi Nasional", "amber"),
    ("kominfo", "Kementerian Komunikasi dan Informatika", "amber"),
]

PRINCIPALS = [("kpu/hub", ["operate"])] + [
    entry
    for member in ("kpu", "bssn", "polri", "bin", "brin")
    for entry in (
        (member + "/soc-1", ["publish", "read"]),
        (member + "/" + {"kpu": "sari", "bssn": "ani", "polri": "dewi", "bin": "budi", "brin": "rina"}[member],
         ["publish", "respond", "read"] + (["operate"] if member == "kpu" else [])),
    )
]

SYSTEMS = [
    ("sipol", "Sistem Informasi Partai Politik"),
    ("sidalih", "Sistem Informasi Data Pemilih"),
    ("silon", "Sistem Informasi Pencalonan"),
    ("sidapil", "Sistem Informasi Daerah Pemilihan"),
    ("simpaw", "Sistem Informasi Penggantian Antarwaktu"),
    ("sirekap", "Sistem Informasi Rekapitulasi"),
    ("web", "Situs web KPU"),
]
VITAL = ("sidalih", "sirekap")  # what is serious there is reported to BSSN within a day


def example_playbook():
    """The task force's playbook as it is shipped: phases, defaults and rules, the end of the example roster."""
    with open(os.path.join(TOP, "doc", "examples", "roster.conf.example"), encoding="utf-8") as file:
        text = file.read()
    return text[text.index("phases = ("):]


PLAYBOOK = example_playbook()


def program(name):
    return os.path.join(BUILD, {"siaga": "cli/siaga", "siaga-agent": "agent/siaga-agent",
                                "siaga-hub": "hub/siaga-hub"}[name])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def now_text(offset_s=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset_s))


def strings(values):
    return "[" + ", ".join('"%s"' % v for v in values) + "]"


class Process:
    """A running program whose log lines can be waited for."""

    def __init__(self, argv, log_path, **options):
        self.argv = argv
        self.log_path = log_path
        self.lines = []
        self.changed = threading.Condition()
        self.popen = subprocess.Popen(argv, stdin=options.pop("stdin", subprocess.DEVNULL),
                                      stdout=options.pop("stdout", subprocess.DEVNULL),
                                      stderr=subprocess.PIPE, **options)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        with open(self.log_path, "ab") as log:
            for line in self.popen.stderr:
                log.write(line)
                log.flush()
                with self.changed:
                    self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                    self.changed.notify_all()
        self.popen.stderr.close()
        with self.changed:
            self.lines.append(None)
            self.changed.notify_all()

    def find(self, pattern, start=0):
        for line in self.lines[start:]:
            if line is not None and re.search(pattern, line):
                return line
        return None

    def wait_line(self, pattern, timeout=20, start=0):
        """The first log line (from index `start`) that matches; raises with the log when none comes."""
        deadline = time.monotonic() + timeout
        with self.changed:
            while True:
                found = self.find(pattern, start)
                if found is not None:
                    return found
                left = deadline - time.monotonic()
                if left <= 0 or (self.lines and self.lines[-1] is None):
                    raise AssertionError("%s: no line like %r; the log ends:\n%s" % (
                        os.path.basename(self.argv[0]), pattern, self.tail()))
                self.changed.wait(left)

    def tail(self, count=15):
        return "\n".join(line for line in self.lines[-count - 1:] if line is not None)

    @property
    def pid(self):
        return self.popen.pid

    def alive(self):
        return self.popen.poll() is None

    def kill(self):
        self.popen.kill()
        return self.wait()

    def stop(self, timeout=10):
        if self.alive():
            self.popen.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def wait(self, timeout=30):
        try:
            status = self.popen.wait(timeout)
            self.thread.join(timeout)
            return status
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError("%s did not end in %d s; its log ends:\n%s" % (
                os.path.basename(self.argv[0]), timeout, self.tail()))


class TaskForce:
    """`playbook` is a list of rules, each a dict of strings and lists, or the text of phases, defaults and rules."""

    def __init__(self, directory, principals=PRINCIPALS, members=MEMBERS, playbook=PLAYBOOK, network=NETWORK):
        self.dir = os.path.realpath(directory)
        self.principals = principals
        self.members = members
        self.playbook = playbook
        self.network = network
        self.port = free_port()
        self.serial = 1
        self.key_extra = {}  # principal -> more settings of its key, such as until
        self.cards = {}  # principal -> its card, when its keys were made elsewhere
        self.processes = []
        self.hub = None
        for sub in ("root", "identities", "hub", "agents", "people"):
            os.makedirs(self.path(sub), exist_ok=True)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    # ---- keys and roster ----

    def make_root(self, name="root"):
        key, pub = self.path("root", name + ".key"), self.path("root", name + ".pub")
        if not os.path.exists(key):
            subprocess.run(["minisign", "-G", "-W", "-p", pub, "-s", key], check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        with open(pub) as file:
            return file.read().splitlines()[1]

    def identity(self, principal):
        return self.path("identities", principal.replace("/", "-") + ".identity")

    def card(self, principal):
        """The card of a principal, its keys made when there are none yet."""
        if principal in self.cards:
            return self.cards[principal]
        if not os.path.exists(self.identity(principal)):
            subprocess.run([program("siaga"), "keygen", principal, "--no-passphrase", "--out",
                            self.identity(principal)], check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        done = subprocess.run([program("siaga"), "card", self.identity(principal)], check=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout.decode().strip()

    def roster_text(self, expires_s=30 * 86400, **changes):
        values = dict(network=self.network, serial=self.serial, issued=now_text(-60), expires=now_text(expires_s),
                      grace=changes.pop("grace", "14d"))
        values.update(changes)
        out = ['network = "%(network)s";\nserial = %(serial)d;\nissued = "%(issued)s";\n'
               'expires = "%(expires)s";\ngrace = "%(grace)s";\n' % values,
               'hub = { principal = "kpu/hub"; addresses = ["tcp://127.0.0.1:%d"]; };\n' % self.port,
               "members = (\n" + ",\n".join(self._member(i, *m) for i, m in enumerate(self.members)) + "\n);\n",
               "principals = (\n" + ",\n".join(
                   '  { name = "%s"; roles = %s;\n    keys = ( { card = "%s"; %s } ); }'
                   % (name, strings(roles), self.card(name), self.key_extra.get(name, ""))
                   for name, roles in self.principals) + "\n);\n",
               "systems = (\n" + ",\n".join('  { name = "%s"; title = "%s"; owner = "kpu";%s }'
                                            % (*s, " vital = true;" if s[0] in VITAL else "") for s in SYSTEMS) + "\n);\n",
               self.playbook if isinstance(self.playbook, str) else
               "playbook = (\n" + ",\n".join(self._play(p) for p in self.playbook) + "\n);\n"]
        return "".join(out)

    @staticmethod
    def _member(index, name, title, clearance):
        return ('  { name = "%s"; title = "%s"; clearance = "%s";\n'
                '    duty_phone = "+62 21 5550 %02d%02d"; mail = "siaga@%s.example"; }'
                % (name, title, clearance, index + 1, index + 1, name))

    @staticmethod
    def _play(play):
        items = []
        for key, value in play.items():
            items.append("%s = %s;" % (key, strings(value) if isinstance(value, list) else '"%s"' % value))
        return "  { " + " ".join(items) + " }"

    def write_roster(self, text=None, sign=True, legacy=False, root="root", path=None, comment=None):
        path = path or self.path("roster.conf")
        text = self.roster_text() if text is None else text
        with open(path, "w") as file:
            file.write(text)
        if sign:
            serial = int(re.search(r"serial = (\d+)", text).group(1))
            comment = comment or "siaga roster network=%s serial=%d" % (self.network, serial)
            argv = ["minisign", "-S"] + (["-l"] if legacy else []) + [
                "-s", self.path("root", root + ".key"), "-m", path, "-t", comment]
            subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def prepare(self):
        """Root key, every identity, the signed roster, the hub's and everybody's configuration."""
        self.root_pub = self.make_root()
        self.write_roster()
        self.write_hub_conf()
        for name, roles in self.principals:
            if name != "kpu/hub":
                self.write_person_conf(name)

    # ---- configurations ----

    def trust_conf(self, principal, **changes):
        values = dict(network='"%s"' % self.network, roots='["%s"]' % self.root_pub, min_serial="1",
                      roster='"%s"' % self.path("roster.conf"), identity='"%s"' % self.identity(principal))
        values.update(changes)
        return "".join("%s = %s;\n" % item for item in values.items())

    def _write(self, path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def write_hub_conf(self, **changes):
        return self._write(self.path("hub", "hub.conf"), self.trust_conf("kpu/hub", **changes) +
                           'state = "%s";\nlisten = ["tcp://127.0.0.1:%d"];\n' % (self.path("hub", "state"), self.port))

    def write_agent_conf(self, principal, sources, extra="", **changes):
        """`sources` is the libconfig text of the source groups."""
        name = principal.replace("/", "-")
        return self._write(self.path("agents", name, "agent.conf"), self.trust_conf(principal, **changes) +
                           'state = "%s";\nsources = ( %s );\n%s' % (self.path("agents", name, "state"),
                                                                     sources, extra))

    def write_person_conf(self, principal, **changes):
        values = dict(timezone='"WIB"')
        values.update(changes)
        return self._write(self.path("people", principal, "siaga.conf"), self.trust_conf(principal, **values))

    # ---- processes ----

    def start(self, argv, log, **options):
        process = Process(argv, self.path(log), **options)
        self.processes.append(process)
        return process

    def start_hub(self, wait=True, *more):
        self.hub = self.start([program("siaga-hub"), "-d", "-c", self.path("hub", "hub.conf"), *more], "hub/log")
        if wait:
            self.hub.wait_line(r"\bready\b")
        return self.hub

    def start_agent(self, principal, *more, **options):
        name = principal.replace("/", "-")
        return self.start([program("siaga-agent"), "-d", "-c", self.path("agents", name, "agent.conf"), *more],
                          "agents/%s/log" % name, **options)

    def env(self, principal):
        """The environment in which `siaga` acts as that person."""
        env = dict(os.environ)
        env["SIAGA_CONF"] = self.path("people", principal, "siaga.conf")
        env["XDG_STATE_HOME"] = self.path("people", principal, "state")
        return env

    def siaga(self, principal, *args, input=None, timeout=60, check=False, conf=None):
        """Runs a verb to its end: the finished process with stdout and stderr as text."""
        env = self.env(principal)
        if conf:
            env["SIAGA_CONF"] = conf
        done = subprocess.run([program("siaga"), *args], env=env, input=input, timeout=timeout,
                              stdin=None if input is not None else subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if check and done.returncode != 0:
            raise AssertionError("siaga %s ended with %d: %s" % (" ".join(args), done.returncode, done.stderr))
        return done

    def start_siaga(self, principal, *args, **options):
        log = "people/%s/log" % principal
        return self.start([program("siaga"), *args], log, env=self.env(principal), **options)

    def stop(self):
        for process in reversed(self.processes):
            if process.alive():
                process.popen.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except AssertionError:
                pass
        self.processes = []

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)
