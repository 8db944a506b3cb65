# SPDX-License-Identifier: Apache-2.0
"""The table of faults against promises, and the last line."""


def finish(faults, absent, promises, entries, readers):
    """Prints both; returns the exit status."""
    print()
    print("%-44s %s" % ("faults injected", "times"))
    total = 0
    for kind, names in faults.items():
        count = sum(names.values())
        total += count
        print("%-44s %5d   %s" % (kind, count, ", ".join("%s %d" % it for it in sorted(names.items()) if it[1])))
    for kind, why in absent.items():
        print("%-44s     -   not here: %s" % (kind, why))
    print()
    print("%-48s %10s %7s" % ("promise", "checked", "broken"))
    for name, (count, broken) in promises.kept.items():
        print("%-48s %10d %7d" % (name, count, len(broken)))
    broken = promises.broken()
    print()
    for line in broken:
        print("broken: " + line)
    print("chaos: %d faults, %d entries acknowledged, %d readers, %d promises broken" % (
        total, entries, readers, len(broken)))
    return 1 if broken or entries == 0 else 0
