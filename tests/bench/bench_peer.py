# SPDX-License-Identifier: Apache-2.0
"""peer: others that carry messages of an alert's size, in turns with Siaga in one run, so that what else the machine
does meets all. peer.NAME.READERS: a storm; its ratio is Siaga's delivered rate in the same turn to theirs.
peer.NAME.calm.RATE: how long each message takes, Siaga's from the line in eve.json, theirs from the call that
publishes; without a value where they could not keep the rate. Who is not installed is passed over."""

import json
import sys

import bench_calm
import bench_force
import bench_storm
import peer_systems

SIZE = 370  # bytes: an entry of fill_outbox
READERS = (1, 2, 4, 8)
RATES = (100, 1000, 4000, 10000)
CALM_S = 2  # how long each rate is kept
SMOKE = 1000  # entries: with fewer, that everything works is all that is asked
KEPT = 1.15  # of that time: who took longer did not keep the rate
SYSTEMS = ["siaga"] + [peer.name for peer in peer_systems.PEERS]


def units():
    found = {}
    for name in SYSTEMS:
        for readers in READERS:
            key = "%s.%d." % (name, readers)
            found.update({key + "alerts_per_s": "1/s", key + "delivered_per_s": "1/s"})
            if name != "siaga":
                found[key + "ratio"] = ""
        for rate in RATES:
            found.update({"%s.calm.%d.%s" % (name, rate, part): "ms" for part in ("p50_ms", "p99_ms")})
    return found


UNITS = units()


def run_peer(kind, directory, readers, count, rate=0):
    """What each reader of one load told."""
    peer = kind(directory)
    load = ["--count", str(count), "--size", str(SIZE), "--rate", str(rate)]
    try:
        peer.start()
        reading = [peer.start_reader(*load) for _ in range(readers)]
        publisher = peer.start_publisher(*load, "--readers", str(readers))
        for process in [*reading, publisher]:
            status = process.wait(120)
            if status != 0:
                raise bench_force.Failed("%s ended with %d: %s" % (kind.client, status, process.tail()))
        return [json.loads(process.popen.stdout.read()) for process in reading]
    except AssertionError as error:
        raise bench_force.Failed(str(error)) from error
    finally:
        peer.stop()


def try_peer(kind, *args):
    """The same; None, and a word about it, when the peer failed: the others are worth having."""
    try:
        return run_peer(kind, *args)
    except bench_force.Failed as error:
        print("bench: peer: %s: %s" % (kind.name, error), file=sys.stderr)
        return None


def storm_rows(name, readers, count, took_s):
    key = "%s.%d." % (name, readers)
    return {key + "alerts_per_s": count / took_s, key + "delivered_per_s": readers * count / took_s}


def storms(force, kinds, readers, entries):
    """One turn: the same storm to so many readers, Siaga's and each peer's."""
    most = max(entries // (1 + readers // 4), 1)
    ours = bench_storm.storm(force, readers, most)
    rows = {"siaga.%d.%s" % (readers, name): ours[name] for name in ("alerts_per_s", "delivered_per_s")}
    for kind in kinds:
        count = max(int(most * kind.share), 10)
        told = try_peer(kind, force.path("peer"), readers, count)
        if told is None:
            continue
        rows.update(storm_rows(kind.name, readers, count, bench_force.span_s(told)))
        rows["%s.%d.ratio" % (kind.name, readers)] = (
            ours["alerts_per_s"] / rows["%s.%d.alerts_per_s" % (kind.name, readers)])
    return rows


def calm_rows(name, rate, count, told):
    if count > rate and bench_force.span_s([told]) > KEPT * count / rate:
        return {}
    return {"%s.calm.%d.%s_ms" % (name, rate, part): told[part + "_us"] / 1000 for part in ("p50", "p99")}


def calms(force, kinds, rate, entries):
    count = max(min(rate * CALM_S, entries), 10)
    rows = calm_rows("siaga", rate, count, bench_calm.follow(force, rate, count))
    for kind in kinds:
        told = try_peer(kind, force.path("peer"), 1, count, rate)
        if told is not None:
            rows.update(calm_rows(kind.name, rate, count, told[0]))
    return rows


def turn(force, still, kinds, entries):
    rows, is_smoke = {}, entries < SMOKE
    for readers in (1, 8) if is_smoke else READERS:
        rows.update(storms(force, kinds, readers, entries))
    for rate in (1000,) if is_smoke else RATES:
        rows.update(calms(still, kinds, rate, entries))
    return rows


def measure(entries, runs):
    kinds = [kind for kind in peer_systems.PEERS if kind.is_installed()]
    for kind in peer_systems.PEERS:
        if kind not in kinds:
            print("bench: peer: %s is not installed: passed over" % kind.name, file=sys.stderr)
    with bench_force.new_force() as force, bench_force.new_force() as still:
        force.fill(entries)
        return [turn(force, still, kinds, entries) for _ in range(runs)]
