# SPDX-License-Identifier: Apache-2.0
"""Two agencies take the same alert at the same moment, many times: always one leader and one polite message."""

import json
import subprocess

import siaga_e2e
import taskforce
from siaga_e2e import TaskForceCase

RACES = 25
STATE = 2


class TakeRace(TaskForceCase):
    def start(self, person, number):
        return subprocess.Popen([taskforce.program("siaga"), "take", "--format", "json", number], env=self.force.env(person),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_one_leader(self):
        self.force.start_hub()
        people = ("polri/dewi", "brin/rina")
        leaders = {}
        for race in range(RACES):
            done = self.force.siaga("bssn/ani", "send", "--title", "race %d" % race, "--format", "json", check=True)
            number = str(json.loads(done.stdout)["number"])
            racers = [self.start(person, number) for person in (people if race % 2 else people[::-1])]
            ends = [(racer, *racer.communicate(timeout=60)) for racer in racers]
            order = people if race % 2 else people[::-1]
            codes = [racer.returncode for racer, _, _ in ends]
            self.assertEqual(sorted(codes), [0, STATE], ends)
            winner, loser = order[codes.index(0)], codes.index(STATE)
            # The one who lost is told who has it, once, and has published nothing.
            self.assertEqual(ends[loser][1], "")
            self.assertRegex(ends[loser][2], r"^siaga: %s leads \w+ since \S+ WIB; to help: siaga assist \w+\n$" % winner)
            leaders[number] = winner
        takes = self.log("kpu/sari", "--kind", "response")
        self.assertEqual([(take["origin"], take["action"]) for take in takes],
                         [(winner, "take") for winner in leaders.values()])
        alerts = [json.loads(line) for line in
                  self.force.siaga("kpu/sari", "open", "--format", "json", check=True).stdout.splitlines()]
        self.assertEqual({str(a["number"]): a["life"]["person"] for a in alerts}, leaders)


if __name__ == "__main__":
    siaga_e2e.main()
