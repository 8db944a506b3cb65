#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demonstration: a hub, agents of five agencies, a subscriber, and a Suricata log that flows in.

`./dev demo` runs it. --once does the same without a terminal and checks that everything arrived.
"""

import argparse
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import taskforce  # noqa: E402

AGENCIES = ["kpu", "bssn", "polri", "bin", "brin"]
HERE = os.path.dirname(os.path.realpath(__file__))
ONCE_WITHIN_S = 60


def say(text=""):
    print(text, flush=True)


def parse(argv):
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__.split("\n\n")[0])
    parser.add_argument("--dir", help="keep everything in DIR (and DIR/env to source in another terminal)")
    parser.add_argument("--once", action="store_true",
                        help="feed one log through bssn's agent, write what polri's subscriber verified, and end")
    parser.add_argument("--eve", default=os.path.join(HERE, "eve.json"), help="a Suricata eve.json to feed")
    parser.add_argument("--out", help="with --once: where the verified alerts go, as JSON lines")
    args = parser.parse_args(argv)
    if args.out and not args.once:
        parser.error("--out goes with --once")
    if args.once and not args.out:
        parser.error("--once needs --out FILE")
    if not os.path.isfile(args.eve):
        parser.error("--eve %s: no such file" % args.eve)
    return args


def count_alerts(path):
    """How many lines of an eve.json are alerts: what must arrive."""
    count = 0
    with open(path, "rb") as file:
        for line in file:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            count += isinstance(event, dict) and event.get("event_type") == "alert"
    return count


def write_env(force):
    """DIR/env: puts siaga on the PATH and gives `as PRINCIPAL COMMAND…`."""
    bin_dir = force.path("bin")
    os.makedirs(bin_dir, exist_ok=True)
    link = os.path.join(bin_dir, "siaga")
    if os.path.lexists(link):
        os.unlink(link)
    os.symlink(taskforce.program("siaga"), link)
    acting = os.path.join(bin_dir, "as")
    with open(acting, "w") as file:
        file.write("""#!/bin/sh
# as bssn/ani siaga watch …: acts as one of the demo's people
dir='%s'
if [ $# -lt 2 ] || [ ! -f "$dir/people/$1/siaga.conf" ]; then
	echo "Usage: as PERSON siaga VERB…   PERSON is one of:" >&2
	(cd "$dir/people" && ls -d */*/ | sed 's|/$||; s|^|  |') >&2
	exit 64
fi
SIAGA_CONF="$dir/people/$1/siaga.conf"
XDG_STATE_HOME="$dir/people/$1/state"
export SIAGA_CONF XDG_STATE_HOME
shift
exec "$@"
""" % force.dir)
    os.chmod(acting, 0o755)
    with open(force.path("env"), "w") as file:
        file.write("# . %s   in another terminal, then: as polri/dewi siaga watch\nPATH='%s':$PATH\nexport PATH\n"
                   % (force.path("env"), bin_dir))


def prepare(directory):
    force = taskforce.TaskForce(directory)
    force.prepare()
    for agency in AGENCIES:
        force.write_agent_conf(agency + "/soc-1",
                               '{ name = "suricata"; type = "eve"; path = "%s"; from = "start"; },\n'
                               '  { name = "local"; type = "socket"; path = "%s"; }'
                               % (force.path("agents", agency + "-soc-1", "eve.json"),
                                  force.path("agents", agency + "-soc-1", "agent.sock")))
    write_env(force)
    return force


def once(force, args):
    """Everything through one agency's agent to another agency's subscriber; the exit status."""
    wanted = count_alerts(args.eve)
    out = os.path.abspath(args.out)
    if os.path.exists(out):
        os.unlink(out)
    shutil.copyfile(args.eve, force.path("agents", "bssn-soc-1", "eve.json"))
    force.start_hub()
    agent = force.start_agent("bssn/soc-1")
    reader = force.start_siaga("polri/dewi", "watch", "--since", "0", "--kind", "alert", "--count", str(wanted),
                               "--out", out)
    try:
        status = reader.popen.wait(ONCE_WITHIN_S) if wanted else reader.stop()
    except subprocess.TimeoutExpired:
        arrived = sum(1 for _ in open(out)) if os.path.exists(out) else 0
        say("demo: only %d of %d alerts arrived within %d s" % (arrived, wanted, ONCE_WITHIN_S))
        for process in (force.hub, agent, reader):
            say("--- %s\n%s" % (process.log_path, process.tail()))
        return 1
    if status != 0 and wanted:
        say("demo: siaga watch ended with %d:\n%s" % (status, reader.tail()))
        return 1
    say("demo: %d alerts from bssn's agent, verified by polri's subscriber: %s" % (wanted, args.out))
    return 0


def feed(force, eve, stopping):
    """Writes the log's lines to the agents' files, line by line as a sensor would, agency after agency."""
    with open(eve, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    for number, line in enumerate(lines):
        agency = AGENCIES[number % len(AGENCIES)]
        with open(force.path("agents", agency + "-soc-1", "eve.json"), "ab") as log:
            log.write(line)
        if stopping.wait(0.4):
            return


def three_commands(force):
    say("""
The log has been fed. The hub and five agents go on running. Now, in another terminal:

    . %s
    as polri/dewi siaga log --min-severity high            # what polri may see of it, and who leads
    as bssn/ani siaga send --title "Defaced page" --category intrusions/application-compromise --severity high --system web
    as kpu/sari siaga status                               # who is connected

The alert you send appears here. Ctrl-C ends and cleans up everything.""" % force.path("env"))


def show(force, args):
    """The demo for a person at a terminal."""
    for agency in AGENCIES:
        open(force.path("agents", agency + "-soc-1", "eve.json"), "ab").close()
    say("demo: keys, a signed roster and configurations are in %s" % force.dir)
    force.start_hub()
    say("demo: kpu's hub is ready on tcp://127.0.0.1:%d" % force.port)
    for agency in AGENCIES:
        force.start_agent(agency + "/soc-1")
    say("demo: agents of %s are running; bin/budi is watching:\n" % ", ".join(AGENCIES))
    stopping = threading.Event()
    watcher = force.start_siaga("bin/budi", "watch", "--format", "text", stdout=None)
    # Only new alerts are shown: feed once the subscription is there.
    watcher.wait_line(r"watching")
    feeder = threading.Thread(target=feed, args=(force, args.eve, stopping), daemon=True)
    feeder.start()
    try:
        feeder.join()
        if not stopping.wait(2):
            three_commands(force)
        while watcher.alive():
            stopping.wait(3600)
    except KeyboardInterrupt:
        say("\ndemo: ending")
    finally:
        stopping.set()
    return 0


def main(argv):
    args = parse(argv)
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    if args.dir and os.path.isdir(args.dir) and os.listdir(args.dir):
        say("demo: %s is not empty; give an empty or a new directory" % args.dir)
        return 1
    directory = args.dir or tempfile.mkdtemp(prefix="siaga-demo-")
    os.makedirs(directory, exist_ok=True)
    force = None
    try:
        force = prepare(directory)
        return once(force, args) if args.once else show(force, args)
    except KeyboardInterrupt:
        return 130
    except AssertionError as problem:
        say("demo: %s" % problem)
        return 1
    finally:
        if force:
            force.stop()
        if not args.dir:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
