# SPDX-License-Identifier: Apache-2.0
"""The ledger of fuzzing: one line for each target and commit, of CPU-minutes, inputs and findings. A commit with a + had
changes that were not committed yet."""

import os

HEADER = """# CPU-minutes of fuzzing by target and commit; ./dev fuzz writes here, ./dev fuzz --ledger adds up.
# target commit last-day CPU-minutes inputs findings
"""


class Ledger:
    def __init__(self, path):
        self.path = path
        self.rows = []
        self.read()

    def read(self):
        self.rows = []
        if not os.path.exists(self.path):
            return
        with open(self.path, encoding="ascii") as file:
            for number, line in enumerate(file, 1):
                words = line.split()
                if not words or words[0].startswith("#"):
                    continue
                if len(words) != 6:
                    raise SystemExit("%s:%d: not six words" % (self.path, number))
                self.rows.append([*words[:3], float(words[3]), int(words[4]), int(words[5])])

    def add(self, target, commit, day, minutes, inputs, findings):
        self.read()
        for row in self.rows:
            if row[0] == target and row[1] == commit:
                row[2] = day
                row[3:] = [row[3] + minutes, row[4] + inputs, row[5] + findings]
                break
        else:
            self.rows.append([target, commit, day, minutes, inputs, findings])
        self.write()

    def write(self):
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write(HEADER)
            for row in self.rows:
                file.write("%s %s %s %.2f %d %d\n" % tuple(row))
        os.replace(self.path + ".new", self.path)

    def minutes(self, target):
        """Since the last finding: what was fuzzed before it says nothing of the code after it."""
        total = 0.0
        for row in self.rows:
            if row[0] == target:
                total = 0.0 if row[5] else total + row[3]
        return total

    def table(self):
        text = "%-16s %10s %14s %14s %9s\n" % ("target", "minutes", "since finding", "inputs", "findings")
        for target in sorted({row[0] for row in self.rows}):
            rows = [row for row in self.rows if row[0] == target]
            text += "%-16s %10.1f %14.1f %14d %9d\n" % (target, sum(row[3] for row in rows), self.minutes(target),
                                                       sum(row[4] for row in rows), sum(row[5] for row in rows))
        return text
