#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demonstration: a hub, agents of five agencies, a subscriber, and a Suricata log that flows in.

`./dev demo` runs it. With --once it needs no terminal: it feeds one log through one agency's agent, waits for
another agency's subscriber to verify everything, and ends.
"""

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
sys.dont_write_bytecode = True
import taskforce  # noqa: E402

AGENCIES = ["kpu", "bssn", "polri", "bin", "brin"]
HERE = os.path.dirname(os.path.realpath(__file__))
ONCE_WITHIN_S = 60
PACE_S = 0.4  # between two alerts, for who reads along
USUAL_DIR = os.path.join(tempfile.gettempdir(), "siaga-demo")
DIR_MAX = 70  # an agent's socket lies in it, and the name of a socket has at most 107 bytes


class Failed(Exception):
    """The demonstration cannot go on; its text is the reason."""


def say(text=""):
    print(text, flush=True)


def parse(argv):
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", help="keep everything in DIR, a new or an empty directory; without it everything "
                                      "is in %s, or one like it, and removed in the end" % USUAL_DIR)
    parser.add_argument("--eve", metavar="FILE", default=os.path.join(HERE, "eve.json"),
                        help="the Suricata eve.json to feed, instead of doc/demo/eve.json")
    parser.add_argument("--once", action="store_true",
                        help="run without a terminal and end: 0 when every alert arrived, else 1 within about a minute")
    parser.add_argument("--out", metavar="FILE", help="with --once: where the verified alerts go, as JSON lines")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)  # only these arguments
    args = parser.parse_args(argv)
    if args.out and not args.once:
        parser.error("--out goes with --once")
    if args.once and not args.out:
        parser.error("--once needs --out FILE")
    if not os.path.isfile(args.eve):
        parser.error("--eve %s: no such file" % args.eve)
    if not os.access(args.eve, os.R_OK):
        parser.error("--eve %s: cannot be read" % args.eve)
    if args.out and os.path.exists(args.out) and os.path.samefile(args.out, args.eve):
        parser.error("--out %s: that is what --eve reads" % args.out)
    if args.dir is not None:
        check_dir(parser, args.dir)
    return args


def check_dir(parser, directory):
    full = os.path.realpath(directory)
    if os.path.lexists(full) and not os.path.isdir(full):
        parser.error("--dir %s: not a directory" % directory)
    if os.path.isdir(full) and os.listdir(full):
        parser.error("--dir %s: not empty; give a new or an empty directory" % directory)
    if len(os.fsencode(full)) > DIR_MAX:
        parser.error("--dir %s: more than %d bytes, too long for the socket in it" % (directory, DIR_MAX))
    if any(c in '"\\' or not c.isprintable() for c in full):
        parser.error("--dir %s: no quotes, backslashes or control characters, please" % directory)


def is_alert(line):
    try:
        event = json.loads(line)
    except ValueError:
        return False
    return isinstance(event, dict) and event.get("event_type") == "alert"


def read_lines(path):
    """The log's lines, each with its newline: an agent waits for the end of a last line without one."""
    with open(path, "rb") as file:
        return [line.rstrip(b"\n") + b"\n" for line in file]


def write_env(force):
    """DIR/env: puts siaga on the PATH and gives `as PERSON COMMAND…`, a function of the shell."""
    bin_dir = force.path("bin")
    os.makedirs(bin_dir, exist_ok=True)
    os.symlink(taskforce.program("siaga"), os.path.join(bin_dir, "siaga"))
    with open(force.path("env"), "w") as file:
        file.write("""\
# Read this in another terminal with
#	. %(env)s
# Then `as polri/dewi siaga watch` acts as one of the demonstration's people.
PATH=%(bin)s:$PATH
export PATH
as () (
	dir=%(dir)s
	if [ ! -d "$dir/people" ]; then
		echo "as: the demonstration in $dir has ended" >&2
		exit 69
	fi
	if [ $# -lt 2 ] || [ ! -f "$dir/people/$1/siaga.conf" ]; then
		echo "Usage: as PERSON siaga VERB…   PERSON is one of:" >&2
		(cd "$dir/people" && ls -d */* | grep -v /soc-) >&2
		exit 64
	fi
	SIAGA_CONF="$dir/people/$1/siaga.conf"
	XDG_STATE_HOME="$dir/people/$1/state"
	export SIAGA_CONF XDG_STATE_HOME
	shift
	exec "$@"
)
""" % {"env": shlex.quote(force.path("env")), "bin": shlex.quote(bin_dir), "dir": shlex.quote(force.dir)})


def prepare(directory):
    force = taskforce.TaskForce(directory)
    force.prepare()
    for agency in AGENCIES:
        eve = force.path("agents", agency + "-soc-1", "eve.json")
        # So that there is something polri may not see.
        more = 'audience = ["kpu"]; ' if agency == "bin" else ""
        force.write_agent_conf(agency + "/soc-1",
                               '{ name = "suricata"; type = "eve"; path = "%s"; from = "start"; %s},\n'
                               '  { name = "local"; type = "socket"; path = "%s"; }'
                               % (eve, more, force.path("agents", agency + "-soc-1", "agent.sock")))
        open(eve, "ab").close()
    write_env(force)
    return force


def check_running(processes):
    """None of these ends by itself."""
    for process in processes:
        if not process.alive():
            time.sleep(0.2)  # was it Ctrl-C, which reaches all of us, then its handler comes first
            raise Failed("%s ended with %d; its log ends:\n%s"
                         % (" ".join(process.argv), process.wait(), process.tail()))


# ---- --once ----

def once(force, args, out):
    """Everything through one agency's agent to another agency's subscriber."""
    lines = read_lines(args.eve)
    wanted = sum(map(is_alert, lines))
    if wanted == 0:
        say("demo: no alerts in %s, so there is nothing to send" % args.eve)
        return
    arrived = force.path("arrived.jsonl")
    with open(force.path("agents", "bssn-soc-1", "eve.json"), "wb") as log:
        log.writelines(lines)
    force.start_hub()
    force.start_agent("bssn/soc-1")
    started = time.monotonic()
    reader = force.start_siaga("polri/dewi", "watch", "--since", "0", "--kind", "alert", "--count", str(wanted),
                               "--out", arrived)
    try:
        late = wait_reader(force, reader, started + ONCE_WITHIN_S)
        status = reader.stop()
    finally:
        if os.path.exists(arrived):
            with open(arrived, "rb") as file:
                shutil.copyfileobj(file, out)
            out.flush()
    if late or status != 0:
        got = sum(1 for _ in open(arrived, "rb")) if os.path.exists(arrived) else 0
        why = "within %d s" % ONCE_WITHIN_S if late else "before siaga watch ended with %d" % status
        logs = "".join("\n--- %s\n%s" % (process.log_path, process.tail()) for process in force.processes)
        raise Failed("only %d of %d alerts arrived %s%s" % (got, wanted, why, logs))
    say("demo: %d alerts from bssn's agent, verified by polri's subscriber in %.1f s: %s"
        % (wanted, time.monotonic() - started, args.out))


def wait_reader(force, reader, deadline):
    """Whether it is still waiting for alerts at the deadline."""
    others = [process for process in force.processes if process is not reader]
    while reader.alive() and time.monotonic() < deadline:
        try:
            reader.popen.wait(0.2)
        except subprocess.TimeoutExpired:
            check_running(others)
    return reader.alive()


# ---- for a person at a terminal ----

def feed(force, lines, stopping):
    """Writes the log's lines to the agents' files, line by line as a sensor would, agency after agency."""
    turn = 0
    for line in lines:
        agency = AGENCIES[turn % len(AGENCIES)]
        with open(force.path("agents", agency + "-soc-1", "eve.json"), "ab") as log:
            log.write(line)
        if is_alert(line):
            turn += 1
            if stopping.wait(PACE_S):
                return


def what_next(force, kept):
    say("""
demo: The log has been fed; the hub, the agents and budi's watch go on.
Now, in another terminal:

    . %s

    # what polri may see of it, and who leads
    as polri/dewi siaga log --min-severity high

    # raise an alert of your own: it appears here
    as bssn/ani siaga send --title "Defaced page" --severity high \\
        --system web --category intrusions/application-compromise

    # who is connected
    as kpu/sari siaga status

Ctrl-C here ends everything%s.""" % (shlex.quote(force.path("env")),
                                      "" if kept else " and removes " + force.dir))


def show(force, args):
    lines = read_lines(args.eve)
    alerts = sum(map(is_alert, lines))
    force.start_hub()
    say("demo: kpu's hub is ready on tcp://127.0.0.1:%d" % force.port)
    for agency in AGENCIES:
        force.start_agent(agency + "/soc-1")
    # Only new alerts are shown: feed once the subscription is there.
    watcher = force.start_siaga("bin/budi", "watch", "--format", "text", stdout=None)
    watcher.wait_line(r"watching")
    say("demo: the agents of %s follow their Suricata logs" % ", ".join(AGENCIES))
    say("demo: bin/budi is watching: %d alerts in about %d seconds\n" % (alerts, alerts * PACE_S + 1))
    stopping = threading.Event()
    feeder = threading.Thread(target=feed, args=(force, lines, stopping), daemon=True)
    feeder.start()
    told = False
    try:
        while True:
            stopping.wait(1)
            check_running(force.processes)
            if not told and not feeder.is_alive():
                stopping.wait(1)
                what_next(force, bool(args.dir))
                told = True
    except KeyboardInterrupt:
        say("\ndemo: ending")
    finally:
        stopping.set()


# ---- ----

def make_dir(wanted):
    if wanted:
        os.makedirs(wanted, exist_ok=True)
        return wanted
    try:
        os.mkdir(USUAL_DIR, 0o700)
        return USUAL_DIR
    except FileExistsError:
        other = tempfile.mkdtemp(prefix="siaga-demo-")
        say("demo: %s is there already, from another demonstration or one that was killed" % USUAL_DIR)
        return other


def open_out(path):
    try:
        return open(path, "wb")
    except OSError as problem:
        raise Failed("--out %s: %s" % (path, problem.strerror))


def run(args):
    """Runs it in its directory, and leaves neither a process nor, without --dir, a file."""
    out = open_out(args.out) if args.once else None
    directory = make_dir(args.dir) if not args.once or args.dir else tempfile.mkdtemp(prefix="siaga-demo-")
    force = None
    try:
        if args.dir or not args.once:
            say("demo: keys, a signed roster and configurations are in %s" % directory)
        force = prepare(directory)
        if args.once:
            once(force, args, out)
        else:
            show(force, args)
    finally:
        interrupt.is_armed = False
        if force:
            force.stop()
        if not args.dir:
            shutil.rmtree(directory, ignore_errors=True)
    if out:
        out.close()


def interrupt(*_):
    """Ends the demonstration, once: whoever presses Ctrl-C again does not end the cleaning up."""
    if interrupt.is_armed:
        interrupt.is_armed = False
        raise KeyboardInterrupt


interrupt.is_armed = True


def main(argv):
    args = parse(argv)
    if args.check:
        return 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        run(args)
        return 0
    except KeyboardInterrupt:
        return 130
    except (Failed, AssertionError, OSError, subprocess.CalledProcessError) as problem:
        print("demo: %s" % problem, file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
