# SPDX-License-Identifier: Apache-2.0
"""Peers that ask for all they can get and do not read it.
Honest alerts are not late, the hub does not grow or die. The acts are in hostile_acts.py."""

import hostile_case


class Greedy(hostile_case.HostileCase):
    def test_acts(self):
        self.suffer("greedy")


if __name__ == "__main__":
    hostile_case.main()
