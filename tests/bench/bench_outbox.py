# SPDX-License-Identifier: Apache-2.0
"""outbox: a full outbox emptied into nothing, by cuts and ACKs as the uplink makes them: CPU and bytes written an entry."""

import json
import os
import shutil
import subprocess

import bench_force
from bench_force import AGENT

UNITS = {"cpu_us": "us", "written_bytes": "bytes"}


def drain(force):
    path = force.path("drained.db")
    for name in (path, path + "-wal", path + "-shm"):
        if os.path.exists(name):
            os.unlink(name)
    shutil.copy(force.outbox, path)
    os.sync()
    done = subprocess.run([bench_force.program("drain_outbox"), path, force.network, force.identity(AGENT)],
                          stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise bench_force.Failed("drain_outbox ended with %d" % done.returncode)
    told = json.loads(done.stdout)
    return {"cpu_us": told["user_us"] + told["system_us"], "written_bytes": told["written_bytes"]}


def measure(count, runs):
    with bench_force.new_force() as force:
        force.fill(count)
        return [drain(force) for _ in range(runs)]
