# SPDX-License-Identifier: Apache-2.0
"""What of bench.json stands in the README, between two comments there."""

import datetime
import os

import peer_systems

BEGIN, END = "<!-- ./dev bench --readme: begin -->", "<!-- ./dev bench --readme: end -->"
PLOTS = os.path.join("doc", "bench")

# Lines of Siaga's own table: what, and its value of the rows it names; a line whose rows are not there is left out.
OWN = [
    ("storm: one agent's full outbox to 1 verified reader",
     "{storm.1.alerts_per_s:,.0f} alerts/s in batches of {storm.1.batch_entries:.0f}; CPU an alert: agent "
     "{storm.1.cpu_agent_us:.1f} µs, core {storm.1.cpu_core_us:.1f} µs, gate {storm.1.cpu_gate_us:.1f} µs, reader "
     "{storm.1.cpu_reader_us:.1f} µs; hub {storm.1.hub_mib:.0f} MiB"),
    ("storm to 8 verified readers", "{storm.8.delivered_per_s:,.0f} delivered/s; hub {storm.8.hub_mib:.0f} MiB"),
    ("storm of 4 agents to 4 verified readers",
     "{storm.4x4.alerts_per_s:,.0f} alerts/s, {storm.4x4.delivered_per_s:,.0f} delivered/s"),
    ("storm into a reader's file (`siaga watch --out`)", "{storm.file.alerts_per_s:,.0f} alerts/s"),
    ("calm: 1,000 alerts/s one by one, from the line in `eve.json` to the verified reader",
     "p50 {calm.1000.p50_ms:.2f} ms, p99 {calm.1000.p99_ms:.1f} ms, p99.9 {calm.1000.p999_ms:.1f} ms"),
    ("calm: 10 alerts/s",
     "p50 {calm.10.p50_ms:.2f} ms, p99 {calm.10.p99_ms:.1f} ms"),
    ("… its parts at 10/s",
     "tail {calm.10.tail_ms:.2f}, outbox commit {calm.10.outbox_commit_ms:.2f}, sign {calm.10.sign_ms:.2f}, wire "
     "{calm.10.wire_ms:.2f}, verify {calm.10.verify_ms:.2f}, journal commit {calm.10.journal_commit_ms:.2f}, deliver "
     "{calm.10.deliver_ms:.2f} ms"),
    ("… this disk's own fdatasync beside it",
     "p50 {calm.10.disk_p50_ms:.2f} ms, p99 {calm.10.disk_p99_ms:.2f} ms"),
    ("replay of 1,000,000 entries to a new verified reader", "{replay.entries_per_s:,.0f} entries/s"),
    ("… with a filter that lets 1 % through", "{replay.filtered.entries_per_s:,.0f} entries/s passed over"),
    ("… to 50 readers at once", "{replay.50.delivered_per_s:,.0f} delivered/s; hub {replay.50.hub_mib:.0f} MiB"),
    ("5,000 sessions",
     "{crowd.5000.kib_per_session:.0f} KiB each; an alert to all in {crowd.5000.alert_to_all_ms:.0f} ms; all reset and "
     "back in {crowd.5000.reconnect_s:.1f} s"),
    ("200 slow readers beside 20 fast ones", "p99 of the fast ones {laggard.p99_ratio:.2f} times what it is without"),
    ("cost of an alert to the hub with 1,000,000 entries in the journal, to that with 10,000", "{growth.ratio:.2f}"),
    ("agent at rest", "{agent.idle_anon_mib:.1f} MiB of memory of its own, {agent.wakeups_per_minute:.0f} wake-ups a "
     "minute; {agent.cpu_s_per_million_lines:.1f} s of CPU for a million lines of `eve.json`, 2 % of them alerts"),
    ("instructions an alert costs (callgrind)",
     "agent {instructions.agent:,.0f}, core {instructions.core:,.0f}, gate {instructions.gate:,.0f}, reader "
     "{instructions.reader:,.0f}"),
]


class Values(dict):
    """For str.format, whose fields may not have points in their names: `{storm.1.x}` is looked up whole."""

    def fill(self, template):
        out, rest = "", template
        while "{" in rest:
            before, rest = rest.split("{", 1)
            field, rest = rest.split("}", 1)
            name, layout = field.split(":")
            out += before + format(self[name], layout)
        return out + rest


def machine():
    model = "an unknown processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return "%d cores of %s, Linux %s" % (os.cpu_count(), model, os.uname().release)


def span(row):
    return "{:,.0f} ({:,.0f} - {:,.0f})".format(row["value"], row["min"], row["max"])


def peer_line(rows, name, words, bold=""):
    def cell(key, layout="%.2f"):
        return layout % rows[key]["value"] if key in rows else "–"

    peer = "peer.%s." % name
    if peer + "1.alerts_per_s" not in rows:
        return None
    eight = rows.get(peer + "8.delivered_per_s")
    cells = [bold + words + bold, span(rows[peer + "1.alerts_per_s"]), "{:,.0f}".format(eight["value"]) if eight else "–",
             cell(peer + "calm.1000.p50_ms"), cell(peer + "calm.1000.p99_ms"),
             cell(peer + "1.ratio"), cell(peer + "8.ratio")]
    return "| " + " | ".join(cells) + " |"


def peer_table(rows):
    lines = [peer_line(rows, "siaga", "Siaga, CURVE: signed and verified, acknowledged after two fsyncs", "**")]
    lines += [peer_line(rows, peer.name, peer.promise) for peer in peer_systems.PEERS]
    lines = [line for line in lines if line]
    if not lines:
        return []
    return ["| | alerts/s, 1 reader | 8 readers, delivered/s in all | p50 at 1,000/s, ms | p99, ms | Siaga's rate to its, "
            "1 reader | 8 readers |", "|---|---|---|---|---|---|---|", *lines, ""]


def own_table(rows):
    values = Values({name: row["value"] for name, row in rows.items()})
    lines = []
    for what, template in OWN:
        try:
            lines.append("| %s | %s |" % (what, values.fill(template)))
        except KeyError:
            continue  # not measured this time
    return ["| | |", "|---|---|", *lines, ""] if lines else []


def section(rows, command, plots):
    rows = {row["name"]: row for row in rows}
    runs = sorted({row["n"] for row in rows.values()}) or [0]
    lines = ["Measured on %s by `%s`" % (datetime.date.today().isoformat(), command),
             "on %s: medians (least - most) of %s runs, each peer in turns with Siaga in one run; real"
             % (machine(), " or ".join(map(str, runs))),
             "processes on loopback, real files, messages of 370 bytes. Siaga's latency begins at the line in `eve.json`, the",
             "others' at the call that publishes; – where the rate was not kept.", ""]
    lines += peer_table(rows)
    lines += ["![%s](%s)" % (alt, os.path.join(PLOTS, name))
              for name, alt in (("readers.svg", "alerts/s against readers"), ("latency.svg", "latency against rate"))
              if name in plots] + ([""] if plots else [])
    return "\n".join(lines + own_table(rows))


def write(rows, command, plots, path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + "\n\n" + section(rows, command, plots) + "\n" + END + after)
