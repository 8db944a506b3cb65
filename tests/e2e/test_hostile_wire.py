# SPDX-License-Identifier: Apache-2.0
"""What a peer can do below the protocol: silence, half a handshake, slowness, announced sizes, noise (PITFALLS 3, 9, 14).
Honest alerts are not late, the hub does not grow or die. The acts are in hostile_acts.py."""

import hostile_case


class Wire(hostile_case.HostileCase):
    def test_acts(self):
        self.suffer("wire")


if __name__ == "__main__":
    hostile_case.main()
