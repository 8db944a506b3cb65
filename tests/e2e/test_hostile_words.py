# SPDX-License-Identifier: Apache-2.0
"""Everything wrong that can be said in a well-made connection has its own answer, by one and by many; honest alerts are not
late, the hub does not grow or die. The acts are in hostile_acts.py."""

import hostile_case


class Words(hostile_case.HostileCase):
    def test_acts(self):
        self.suffer("words")


if __name__ == "__main__":
    hostile_case.main()
