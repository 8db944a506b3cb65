# SPDX-License-Identifier: Apache-2.0
"""Two thousand malformed messages from an enrolled peer and from a stranger: no crash, no growth, honest peers undisturbed."""

import os
import subprocess

import siaga_e2e
from siaga_e2e import BUILD, TaskForceCase, eve_alert, numbers_of, read_json_lines

COUNT = 2000
GROWTH_MAX_KIB = 8192
SEED = os.environ.get("SIAGA_SEED", str(int.from_bytes(os.urandom(3), "big")))


class Rude(TaskForceCase):
    def resident_kib(self):
        total = 0
        for name in ("siaga-gate", "siaga-core"):
            for pid in self.find_children(self.force.hub, name):
                with open("/proc/%d/status" % pid) as file:
                    total += next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
        return total

    def rude(self, identity, seed, count=COUNT):
        return subprocess.Popen([BUILD + "/tests/peers/rude", self.path("roster.conf"), self.force.identity(identity),
                                 str(count), seed], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def suffer(self, identity):
        print("SIAGA_SEED=%s" % SEED)
        self.force.card("bin/ghost")
        self.force.start_hub()
        eve, agent = self.eve_agent()
        # By some seeds the peer is honest for once, and its alert is taken.
        out, reader = self.watch_out("polri/dewi", 200, None, "--from", "bssn")
        first = self.rude(identity, SEED, COUNT // 16)  # warms the hub up
        said, _ = first.communicate(timeout=120)
        self.assertEqual(first.returncode, 0, said)
        before = self.resident_kib()
        # Eight at once: a refused connection is mostly waiting.
        rude = [self.rude(identity, SEED + str(number), COUNT // 8) for number in range(1, 9)]
        for number in range(1, 201):
            self.append(eve, [eve_alert(number)])
        self.assertEqual(reader.wait(60), 0, reader.tail())
        for one in rude:
            said, _ = one.communicate(timeout=120)
            self.assertEqual(one.returncode, 0, said)
        self.assertEqual(numbers_of(read_json_lines(out)), list(range(1, 201)))
        self.assertTrue(agent.alive())
        self.assertFalse(self.force.hub.find(r"gate-died|core-died|child.*died|restart"), self.force.hub.tail(40))
        grown = self.resident_kib() - before
        if not os.environ.get("ASAN_OPTIONS", "").count("log_path"):
            self.assertLess(grown, GROWTH_MAX_KIB, "resident memory grew by %d KiB" % grown)

    def test_enrolled(self):
        self.suffer("bin/soc-1")

    def test_stranger(self):
        self.suffer("bin/ghost")


if __name__ == "__main__":
    siaga_e2e.main()
