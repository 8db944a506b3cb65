#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How light is the agent? Beside rsyslogd (imfile), on the same file of Suricata's mixed traffic, on one core:

    resident and anonymous memory, idle and loaded; CPU seconds a million lines; wake-ups a minute when idle

    tests/bench/agent_light.py [--lines N] [--idle SECONDS] [--alerts PERCENT] [--json]

SIAGA_BUILD_DIR names the build (build/). Run it on a release build and a quiet machine. rsyslog is installed with
apt-get when it is missing and we are root."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "doc", "demo"))
sys.dont_write_bytecode = True
import taskforce  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
SETTLE_S = 8  # start, handshake, first heartbeat
CORE = max(os.sched_getaffinity(0))
MIXED = ("flow", "dns", "http", "tls", "fileinfo", "flow", "dns", "flow", "stats", "tls")


def line(number, alert):
    event = {"timestamp": "2026-11-24T08:%02d:%02d.%06d+0700" % (number // 60000 % 60, number // 1000 % 60, number % 1000 * 1000),
             "flow_id": 1000000 + number, "in_iface": "eth0", "event_type": MIXED[number % len(MIXED)],
             "src_ip": "10.%d.%d.%d" % (number // 60000 % 250, number // 250 % 250, number % 250),
             "src_port": 1024 + number % 60000, "dest_ip": "10.47.3.%d" % (number % 20), "dest_port": 443, "proto": "TCP"}
    if alert:
        event.update(event_type="alert", app_proto="http",
                     alert={"action": "allowed", "gid": 1, "signature_id": 2000000 + number % 50, "rev": 1,
                            "signature": "ET WEB_SERVER Possible exploit attempt %d" % (number % 50),
                            "category": "Web Application Attack", "severity": 1 + number % 3})
    event["flow"] = {"pkts_toserver": number % 90, "pkts_toclient": number % 70, "bytes_toserver": number % 9000,
                     "bytes_toclient": number % 70000, "start": event["timestamp"], "state": "established", "reason": "timeout"}
    return json.dumps(event, separators=(",", ":")) + "\n"


def write_traffic(path, lines, percent):
    with open(path, "w") as file:
        for number in range(lines):
            file.write(line(number, percent > 0 and number * percent % 100 < percent))


def append(source, target):
    with open(source, "rb") as from_file, open(target, "ab") as to_file:
        shutil.copyfileobj(from_file, to_file, 1 << 20)


def read_status(pid, key):
    with open("/proc/%d/status" % pid) as file:
        for row in file:
            if row.startswith(key + ":"):
                return int(row.split()[1])
    return 0


def cpu(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def wakeups(pid):
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, task)) as file:
            for row in file:
                if row.startswith("voluntary_ctxt_switches:"):
                    total += int(row.split()[1])
    return total


def measure_idle(pid, seconds):
    time.sleep(SETTLE_S)
    before = wakeups(pid)
    time.sleep(seconds)
    return {"idle_rss_kib": read_status(pid, "VmRSS"), "idle_anon_kib": read_status(pid, "RssAnon"),
            "wakeups_per_minute": (wakeups(pid) - before) * 60 / seconds}


def measure_load(pid, traffic, target, lines, is_done):
    start_cpu, start = cpu(pid), time.monotonic()
    append(traffic, target)
    anon = rss = 0
    while not is_done():
        anon, rss = max(anon, read_status(pid, "RssAnon")), max(rss, read_status(pid, "VmRSS"))
        time.sleep(0.02)
    seconds = time.monotonic() - start
    used = cpu(pid) - start_cpu
    return {"loaded_rss_kib": rss, "loaded_anon_kib": anon, "lines_per_second": lines / seconds,
            "cpu_seconds_per_million": used * 1e6 / lines, "lines_per_cpu_second": lines / used if used else 0}


def pin():
    os.sched_setaffinity(0, {CORE})


def run_agent(directory, traffic, args):
    force = taskforce.TaskForce(directory)
    force.prepare()
    eve = os.path.join(directory, "eve.json")
    open(eve, "w").close()
    conf = force.write_agent_conf("bssn/soc-1", '{ type = "eve"; path = "%s"; from = "start"; }' % eve)
    force.start_hub()
    try:
        agent = force.start_agent("bssn/soc-1", preexec_fn=pin)
        agent.wait_line("uplink-open")

        def lines_read():
            done = subprocess.run([taskforce.program("siaga-agent"), "--status", "--format", "json", "-c", conf],
                                  stdout=subprocess.PIPE)
            return json.loads(done.stdout)["sources"][0]["lines"] if done.returncode == 0 else 0

        result = measure_idle(agent.pid, args.idle)
        result.update(measure_load(agent.pid, traffic, eve, args.lines, lambda: lines_read() >= args.lines))
        return result
    finally:
        force.stop()


def install_rsyslog():
    if shutil.which("rsyslogd") is None and os.geteuid() == 0:
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "rsyslog"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return shutil.which("rsyslogd")


def run_rsyslog(directory, traffic, args):
    """The same file, every line read and written to a file: what a forwarder does at least."""
    log, out = os.path.join(directory, "rsyslog.json"), os.path.join(directory, "out")
    open(log, "w").close()
    conf = os.path.join(directory, "rsyslog.conf")
    with open(conf, "w") as file:
        file.write('global(workDirectory="%s" maxMessageSize="64k")\nmodule(load="imfile")\n'
                   'template(name="raw" type="string" string="%%msg%%\\n")\n'
                   'input(type="imfile" File="%s" Tag="eve:" ruleset="out")\n'
                   'ruleset(name="out") { action(type="omfile" file="%s" template="raw") }\n' % (directory, log, out))
    process = subprocess.Popen([shutil.which("rsyslogd"), "-n", "-f", conf, "-i", os.path.join(directory, "pid")],
                               stderr=subprocess.DEVNULL, preexec_fn=pin)
    try:
        size = os.path.getsize(traffic)
        result = measure_idle(process.pid, args.idle)
        result.update(measure_load(process.pid, traffic, log, args.lines,
                                   lambda: os.path.exists(out) and os.path.getsize(out) >= size))
        return result
    finally:
        process.terminate()
        process.wait()


def show(results):
    rows = [("anonymous memory, idle", "idle_anon_kib", "KiB"), ("resident memory, idle", "idle_rss_kib", "KiB"),
            ("anonymous memory, loaded", "loaded_anon_kib", "KiB"), ("resident memory, loaded", "loaded_rss_kib", "KiB"),
            ("wake-ups a minute, idle", "wakeups_per_minute", ""), ("CPU a million lines", "cpu_seconds_per_million", "s"),
            ("lines a second, one core", "lines_per_second", ""), ("lines a CPU second", "lines_per_cpu_second", "")]
    print("%-26s %14s %14s %8s" % ("", "siaga-agent", "rsyslogd", "ratio"))
    for words, key, unit in rows:
        agent, other = results["siaga-agent"][key], results.get("rsyslogd", {}).get(key)
        print("%-26s %14.1f %14s %8s %s" % (words, agent, "%.1f" % other if other is not None else "-",
                                           "%.2f" % (agent / other) if other else "-", unit))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1000000)
    parser.add_argument("--idle", type=float, default=60, help="seconds of idling that are measured")
    parser.add_argument("--alerts", type=float, default=2, help="percent of the lines that are alerts")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="siaga-bench-") as directory:
        traffic = os.path.join(directory, "traffic.json")
        write_traffic(traffic, args.lines, args.alerts)
        results = {"siaga-agent": run_agent(os.path.join(directory, "force"), traffic, args)}
        if install_rsyslog():
            results["rsyslogd"] = run_rsyslog(directory, traffic, args)
        else:
            print("rsyslog is not installed: nothing to compare with", file=sys.stderr)
    if args.json:
        print(json.dumps(results))
    else:
        show(results)


if __name__ == "__main__":
    main()
