# SPDX-License-Identifier: Apache-2.0
"""The plan of a run's faults, made of its seed alone: when, which, and the number that each one's own choices begin with."""

import random

FAULTS_PER_SECOND = 2.5
EARLY = 0.6  # of the time


def make(seed, seconds, weights, early):
    """A list of (second, name, number). `weights`: name -> how often among the others. Each comes at least once, in the first
    half, where there is time for all; those in `early` not near the end."""
    rng = random.Random("plan %s" % seed)
    count = int(seconds * FAULTS_PER_SECOND)
    names = sorted(weights)
    once = list(names)
    rng.shuffle(once)
    rest = rng.choices(names, [weights[name] for name in names], k=max(0, count - len(once)))
    half = (len(once) + len(rest)) // 2
    drawn = once + rest[:max(0, half - len(once))]
    rng.shuffle(drawn)
    drawn += rest[max(0, half - len(once)):]
    moments = sorted(rng.uniform(0, seconds) for _ in drawn)
    return sorted((moment * (EARLY if name in early else 1), name, rng.getrandbits(32))
                  for moment, name in zip(moments, drawn))
