# SPDX-License-Identifier: Apache-2.0
"""An allocation that fails in the agent, the core or the gate: see test_alloc.py."""

import test_alloc
from test_alloc import Sample, scenarios


class AllocDaemons(Sample):
    def test_agent(self):
        self.check(scenarios.Agent)

    def test_a_line_that_there_is_no_memory_for(self):
        self.check(scenarios.Agent, 2, "map_load")

    def test_core(self):
        self.check(scenarios.Core)

    def test_defaults_of_presence(self):
        self.check(scenarios.Core, 1, "presence_conf_default")

    def test_gate(self):
        self.check(scenarios.Gate)

    def test_a_packet_that_the_core_never_gets(self):
        self.check(scenarios.Gate, 1, "packet_queue_push")


if __name__ == "__main__":
    test_alloc.main()
