# SPDX-License-Identifier: Apache-2.0
"""Sessions that take no leave are cut when a roster comes without their key, which stays outside then (PITFALLS 5, 8)."""

import signal

import hostile
import siaga_e2e

ATTACKER = "bin/soc-1"


class Revoked(siaga_e2e.TaskForceCase):
    def sit(self):
        sitting = hostile.Hostile([siaga_e2e.BUILD + "/tests/peers/raw", self.path("roster.conf"),
                                   self.force.identity(ATTACKER), "sit"])
        self.addCleanup(sitting.kill)
        return sitting

    def test_session_that_takes_no_leave_is_cut(self):
        self.force.start_hub()
        sitting = [self.sit() for _ in range(8)]
        self.assertEqual({one.line() for one in sitting}, {"sitting welcome"})
        start = len(self.force.hub.lines)
        self.force.principals = [one for one in self.force.principals if one[0] != ATTACKER]
        self.force.serial += 1
        self.force.write_roster()
        self.force.hub.popen.send_signal(signal.SIGHUP)
        self.force.hub.wait_line(r"roster %d is in force" % self.force.serial, start=start)
        self.assertEqual([one.end() for one in sitting], [["cut"]] * 8)
        self.assertEqual(self.sit().end(), ["sitting unknown"])  # the handshake ends with ERROR


if __name__ == "__main__":
    siaga_e2e.main()
