# SPDX-License-Identifier: Apache-2.0
"""How a program ends of which an allocation failed."""

import signal


class Broken(Exception):
    """A promise was."""


def outcome(status, stderr):
    """What a program's end counts as."""
    if status == 0:
        return "went on"
    if status < 0:
        return "killed by " + signal.Signals(-status).name
    if not stderr.strip():
        raise Broken("exit status %d without a word" % status)
    return "error %d" % status
