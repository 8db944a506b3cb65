# SPDX-License-Identifier: Apache-2.0
"""What all nemeses share: the list of them by kind, and what ends by itself after a while."""

import random
import shutil
import time


class Nemesis:
    """One kind of faults. A subclass has FAULTS: name -> weight, the names being its methods: each takes a random.Random and
    returns False when there was nothing to do it to."""

    KIND = ""
    FAULTS = {}

    def __init__(self, crew, workload, eras):
        self.crew, self.workload, self.eras = crew, workload, eras
        self.pending = []  # (until, what ends it)

    def missing(self):
        """Why this machine does not allow it, or None."""
        return None

    def later(self, seconds, undo):
        self.pending.append((time.monotonic() + seconds, undo))

    def tend(self, everything=False):
        """Ends what is over; in the end everything."""
        now = time.monotonic()
        over = [undo for until, undo in self.pending if everything or until <= now]
        self.pending = [it for it in self.pending if not everything and it[0] > now]
        for undo in over:
            undo()

    def close(self):
        pass


def needs(program):
    return None if shutil.which(program, path="/usr/sbin:/sbin:/usr/bin:/bin") else "no %s" % program


class Nemeses:
    def __init__(self, kinds):
        self.kinds = [kind for kind in kinds if kind.missing() is None]
        self.absent = {kind.KIND: kind.missing() for kind in kinds if kind.missing() is not None}
        self.done = {kind.KIND: {name: 0 for name in kind.FAULTS} for kind in self.kinds}

    def weights(self):
        return {name: weight for kind in self.kinds for name, weight in kind.FAULTS.items()}

    def strike(self, name, number):
        for kind in self.kinds:
            if name in kind.FAULTS and getattr(kind, name)(random.Random(number)) is not False:
                self.done[kind.KIND][name] += 1

    def tend(self, everything=False):
        for kind in self.kinds:
            kind.tend(everything)

    def close(self):
        for kind in self.kinds:
            kind.close()
