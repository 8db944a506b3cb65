# SPDX-License-Identifier: Apache-2.0
"""calm: alerts one by one at an even rate; how long each takes from its line in eve.json to a verified reader, and the
medians of its parts: tail (until the agent has read and mapped it), outbox commit, sign, wire (whatever is left until
the hub has it), verify (hub and reader together), journal commit, deliver (whatever is left until the reader has it).
Syncs, signatures and verifications are timed inside the programs (stopwatch.c). disk: fdatasync of the same disk, right
after."""

import array
import json
import os
import statistics

import bench_force
from bench_force import AGENT, READERS

WHOLE = ("p50_ms", "p99_ms", "p999_ms", "max_ms")
PARTS = ("tail_ms", "outbox_commit_ms", "sign_ms", "wire_ms", "verify_ms", "journal_commit_ms", "deliver_ms")
UNITS = {name: "ms" for name in WHOLE + PARTS + ("disk_p50_ms", "disk_p99_ms")}
KINDS = ("sync", "sign", "verify")  # of stopwatch.c
ROOM = 65535
DISK_SYNCS = 500


class Timed(bench_force.Force):
    """Every program has a stopwatch in it, where it was not built with a sanitizer, which wants to be loaded first."""

    def start(self, argv, log, **options):
        if not os.environ.get("SIAGA_SANITIZED"):
            options["env"] = dict(options.get("env") or os.environ, SIAGA_STOPWATCH=self.path(log + ".times"),
                                  LD_PRELOAD=bench_force.program("libstopwatch.so"))
        return super().start(argv, log, **options)

    def times_ms(self, log):
        """{kind: median} of a program."""
        found = {}
        with open(self.path(log + ".times"), "rb") as file:
            for kind in KINDS:
                words = array.array("I", file.read(4 * (1 + ROOM)))
                times = words[1:1 + min(words[0], ROOM)]
                found[kind] = statistics.median(times) / 1e6 if times else 0
        return found


def follow(force, rate, count):
    """What the reader told."""
    force.renew()
    eve = force.write_agent()
    open(eve, "wb").close()
    force.start_hub()
    reader = force.start_reader(READERS[0], count)
    agent = force.start_agent(AGENT)
    agent.wait_line("uplink-open")
    writer = force.start([bench_force.program("write_eve"), eve, str(count), str(rate)], "writer.log")
    told = force.wait_reader(reader, 60 + 2 * count / rate)
    if writer.wait() != 0:
        raise bench_force.Failed("write_eve: %s" % writer.tail())
    return told


def parts(force, told):
    """The medians of the parts. What has no stopwatch of its own is what the others leave."""
    agent, hub = force.times_ms("agents/%s/log" % AGENT.replace("/", "-")), force.times_ms("hub/log")
    reader = force.times_ms("people/%s/log" % READERS[0])
    accept, deliver = told["accept_us"] / 1000, told["deliver_us"] / 1000
    return {"tail_ms": told["tail_us"] / 1000, "outbox_commit_ms": agent["sync"], "sign_ms": agent["sign"],
            "wire_ms": max(accept - agent["sync"] - agent["sign"] - hub["verify"], 0),
            "verify_ms": hub["verify"] + reader["verify"], "journal_commit_ms": hub["sync"],
            "deliver_ms": max(deliver - hub["sync"] - reader["verify"], 0)}


def disk(force, count):
    told = json.loads(force.run("disk_sync", force.path("disk"), min(DISK_SYNCS, count)))
    os.unlink(force.path("disk"))
    return {"disk_p50_ms": told["p50_us"] / 1000, "disk_p99_ms": told["p99_us"] / 1000}


def calm(force, rate, count):
    told = follow(force, rate, count)
    found = {name: told[name.replace("_ms", "_us")] / 1000 for name in WHOLE}
    found.update(disk(force, count))
    if not os.environ.get("SIAGA_SANITIZED"):
        found.update(parts(force, told))
    return found


def measure(rate, count, runs):
    with bench_force.new_force(Timed) as force:
        return [calm(force, rate, count) for _ in range(runs)]
