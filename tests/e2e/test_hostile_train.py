# SPDX-License-Identifier: Apache-2.0
"""Messages without an end (PITFALLS 2).
Honest alerts are not late, the hub does not grow or die. The acts are in hostile_acts.py."""

import hostile_case


class Train(hostile_case.HostileCase):
    def test_acts(self):
        self.suffer("train")


if __name__ == "__main__":
    hostile_case.main()
