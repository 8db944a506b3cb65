# SPDX-License-Identifier: Apache-2.0
"""Routing ids of others, and those that are not 16 random bytes: nobody gets another's mail (PITFALLS 1, 10).
Honest alerts are not late, the hub does not grow or die. The acts are in hostile_acts.py."""

import hostile_case


class Ids(hostile_case.HostileCase):
    def test_acts(self):
        self.suffer("ids")


if __name__ == "__main__":
    hostile_case.main()
