# SPDX-License-Identifier: Apache-2.0
"""peer: others that carry messages of an alert's size, each run right after one of storm.1; `ratio` is Siaga's
rate to theirs. zmq.1: libzmq's PUB through a proxy to one SUB under CURVE; unsigned, no disk, nothing acknowledged."""

import json
import subprocess

import bench_force
import bench_storm

SIZE = 370  # bytes: an entry of fill_outbox
UNITS = {"zmq.1.alerts_per_s": "1/s", "zmq.1.ratio": ""}


def zmq(count):
    done = subprocess.run([bench_force.program("peer_zmq"), str(count), str(SIZE)], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise bench_force.Failed("peer_zmq ended with %d" % done.returncode)
    told = json.loads(done.stdout)
    return told["n"] * 1e6 / (told["last_us"] - told["first_us"])


def pair(force, count):
    ours, theirs = bench_storm.storm(force, 1, count)["alerts_per_s"], zmq(count)
    return {"zmq.1.alerts_per_s": theirs, "zmq.1.ratio": ours / theirs}


def measure(count, runs):
    with bench_force.new_force() as force:
        force.fill(count)
        return [pair(force, count) for _ in range(runs)]
