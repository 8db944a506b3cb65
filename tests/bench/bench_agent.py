# SPDX-License-Identifier: Apache-2.0
"""agent: how light it is; agent_light.py has the whole story, with rsyslog beside it."""

import argparse
import os

import agent_light
import bench_force

UNITS = {"idle_anon_mib": "MiB", "wakeups_per_minute": "1/min", "cpu_s_per_million_lines": "s"}
IDLE_S = 20


def agent(directory, lines, idle):
    os.makedirs(directory)
    traffic = os.path.join(directory, "traffic.json")
    agent_light.write_traffic(traffic, lines, 2)
    told = agent_light.run_agent(os.path.join(directory, "force"), traffic, argparse.Namespace(lines=lines, idle=idle))
    return {"idle_anon_mib": told["idle_anon_kib"] / 1024, "wakeups_per_minute": told["wakeups_per_minute"],
            "cpu_s_per_million_lines": told["cpu_seconds_per_million"]}


def measure(lines, runs):
    with bench_force.new_directory() as directory:
        return [agent(os.path.join(directory, str(run)), lines, min(IDLE_S, lines / 1000)) for run in range(runs)]
