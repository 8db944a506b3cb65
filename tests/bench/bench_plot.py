# SPDX-License-Identifier: Apache-2.0
"""Line charts as SVG, with logarithmic axes, in plain text: alerts/s against readers, latency against rate."""

import html
import math
import os

import bench_peer

# Siaga's is the strong one; the others are told apart by mark as well as by colour.
LOOKS = {"siaga": ("#c8102e", 3.0, "circle"), "zmq": ("#1f77b4", 1.6, "square"), "jetstream": ("#2a9d5c", 1.6, "up"),
         "jetstream-signed": ("#8a5fbf", 1.6, "down"), "redis": ("#d98a00", 1.6, "diamond"),
         "mosquitto": ("#6b7280", 1.6, "bar")}
NAMES = {"siaga": "Siaga: signed, fsynced", "zmq": "libzmq: neither", "jetstream": "JetStream: unsigned, no fsync",
         "jetstream-signed": "JetStream, signed", "redis": "redis streams: unsigned, fsynced",
         "mosquitto": "mosquitto QoS 1: neither"}
PANEL_W, PANEL_H = 400, 300
LEFT, TOP, GAP, BOTTOM = 64, 112, 56, 56
INK, PALE = "#24292f", "#e5e7eb"


def text(x, y, words, size=12, anchor="start", weight="normal", colour=INK):
    return '<text x="%.1f" y="%.1f" font-size="%d" text-anchor="%s" font-weight="%s" fill="%s">%s</text>' % (
        x, y, size, anchor, weight, colour, html.escape(words))


def line(x1, y1, x2, y2, colour=PALE, width=1.0):
    return '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g"/>' % (x1, y1, x2, y2, colour, width)


def mark(x, y, system):
    colour, _, shape = LOOKS[system]
    corners = {"square": "-3.5,-3.5 3.5,-3.5 3.5,3.5 -3.5,3.5", "up": "0,-4.5 4.5,3.5 -4.5,3.5",
               "down": "0,4.5 4.5,-3.5 -4.5,-3.5", "diamond": "0,-5 5,0 0,5 -5,0", "bar": "-5.5,-2 5.5,-2 5.5,2 -5.5,2"}
    if shape == "circle":
        return '<circle cx="%.1f" cy="%.1f" r="4.5" fill="%s"/>' % (x, y, colour)
    return '<polygon points="%s" transform="translate(%.1f %.1f)" fill="%s"/>' % (corners[shape], x, y, colour)


def short(value):
    """1000 as 1k."""
    return "%gk" % (value / 1000) if 1000 <= value < 1e6 else "%gM" % (value / 1e6) if value >= 1e6 else "%g" % value


class Panel:
    """One chart: {system: {x: y}} under a title, at a place of the picture; `low` and `high` bound its y axis."""

    def __init__(self, left, title, series, ticks, low, high, axis):
        self.left, self.title, self.series, self.ticks, self.axis = left, title, series, ticks, axis
        self.low, self.high = math.floor(math.log10(low)), math.ceil(math.log10(high))
        self.high = max(self.high, self.low + 1)

    def x(self, value):
        first, last = math.log(self.ticks[0]), math.log(self.ticks[-1])
        return self.left + 16 + (math.log(value) - first) / (last - first) * (PANEL_W - 32)

    def y(self, value):
        return TOP + PANEL_H - (math.log10(value) - self.low) / (self.high - self.low) * PANEL_H

    def grid(self):
        yield text(self.left, TOP - 14, self.title, 13, weight="bold")
        for power in range(self.low, self.high + 1):
            y = self.y(10 ** power)
            yield line(self.left, y, self.left + PANEL_W, y)
            yield text(self.left - 8, y + 4, short(10 ** power), 11, "end", colour="#57606a")
        for tick in self.ticks:
            yield text(self.x(tick), TOP + PANEL_H + 20, short(tick), 11, "middle", colour="#57606a")
        yield text(self.left + PANEL_W / 2, TOP + PANEL_H + 42, self.axis, 12, "middle")

    def curves(self):
        for system in sorted(self.series, key=lambda name: name == "siaga"):  # Siaga's on top
            points = [(self.x(x), self.y(y)) for x, y in sorted(self.series[system].items()) if y > 0]
            colour, width, _ = LOOKS[system]
            yield '<polyline fill="none" stroke="%s" stroke-width="%g" stroke-linejoin="round" points="%s"/>' % (
                colour, width, " ".join("%.1f,%.1f" % point for point in points))
            yield from (mark(x, y, system) for x, y in points)


def legend(systems):
    for index, system in enumerate(systems):
        x, y = LEFT + index % 3 * 285, 46 + index // 3 * 22
        yield line(x, y - 4, x + 24, y - 4, LOOKS[system][0], LOOKS[system][1])
        yield mark(x + 12, y - 4, system)
        yield text(x + 32, y, NAMES[system], 12)


def picture(title, panels):
    width, height = LEFT + 2 * PANEL_W + GAP + 24, TOP + PANEL_H + BOTTOM
    systems = [name for name in LOOKS if any(name in panel.series for panel in panels)]
    parts = [text(LEFT, 22, title, 15, weight="bold"), *legend(systems)]
    for panel in panels:
        parts += [*panel.grid(), *panel.curves()]
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" '
            'font-family="-apple-system, Segoe UI, Helvetica, Arial, sans-serif">\n<title>%s</title>\n'
            '<rect width="100%%" height="100%%" fill="#ffffff"/>\n%s\n</svg>\n'
            % (width, height, width, height, html.escape(title), "\n".join(parts)))


def series(values, pattern, ticks):
    """{system: {tick: value}} of those that have any."""
    found = {}
    for system in bench_peer.SYSTEMS:
        points = {tick: values[pattern % (system, tick)] for tick in ticks if pattern % (system, tick) in values}
        if points:
            found[system] = points
    return found


def panels(values, ticks, axis, *charts):
    """`charts`: (title, pattern of the row's name); on one scale, as far as they are of one kind."""
    data = [(title, series(values, pattern, ticks)) for title, pattern in charts]
    every = [y for _, found in data for points in found.values() for y in points.values() if y > 0]
    if not every:
        return []
    return [Panel(LEFT + index * (PANEL_W + GAP), title, found, ticks, min(every), max(every), axis)
            for index, (title, found) in enumerate(data)]


def draw(rows, directory):
    """Writes readers.svg and latency.svg, as far as there is something to draw; the names of those."""
    values = {row["name"]: row["value"] for row in rows}
    pictures = {
        "readers.svg": ("Alerts of 370 bytes, and readers who each get all", panels(
            values, bench_peer.READERS, "readers",
            ("alerts a second", "peer.%s.%d.alerts_per_s"), ("delivered a second, in all", "peer.%s.%d.delivered_per_s"))),
        "latency.svg": ("How long an alert takes to one reader, at an even rate", panels(
            values, bench_peer.RATES, "alerts a second",
            ("median, ms", "peer.%s.calm.%d.p50_ms"), ("99th percentile, ms", "peer.%s.calm.%d.p99_ms")))}
    os.makedirs(directory, exist_ok=True)
    drawn = []
    for name, (title, parts) in pictures.items():
        if parts:
            with open(os.path.join(directory, name), "w") as file:
                file.write(picture(title, parts))
            drawn.append(name)
    return drawn
