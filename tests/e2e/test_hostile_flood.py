# SPDX-License-Identifier: Apache-2.0
"""Publishers that publish all they can.
Honest alerts are not late, the hub does not grow or die. The acts are in hostile_acts.py."""

import hostile_case


class Flood(hostile_case.HostileCase):
    def test_acts(self):
        self.suffer("flood")


if __name__ == "__main__":
    hostile_case.main()
