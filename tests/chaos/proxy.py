# SPDX-License-Identifier: Apache-2.0
"""Links that fail: a small TCP proxy. Each link listens on a port of its own and leads to one target; what it does with the
bytes can be changed at any moment. Runs as a process of its own (python3 proxy.py), told by lines of JSON."""

import collections
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

CHUNK = 65536
BACKLOG_MAX = 1 << 20  # bytes that wait for one side, before no more are read for it
MODES = ("pass", "cut", "stall", "oneway-up", "oneway-down", "delay", "flip")


class Half:
    """One direction of one connection: what was read from `source` and is to be written to `sink`."""

    def __init__(self, source, sink, is_up):
        self.source, self.sink, self.is_up = source, sink, is_up
        self.chunks = collections.deque()  # (due, bytes)
        self.size = 0
        self.ended = False


class Link:
    def __init__(self, port, target):
        self.target = target
        self.mode, self.delay = "pass", 0.0
        self.connections = []
        self.listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.listener.setblocking(False)
        self.flip = False

    def holds(self, half):
        return self.mode == "stall" or self.mode == ("oneway-down" if half.is_up else "oneway-up")


class Proxy:
    def __init__(self):
        self.links = {}

    def accept(self, link):
        try:
            near, _ = link.listener.accept()
        except OSError:
            return
        if link.mode == "cut":
            return reset(near)
        far = socket.socket()
        far.setblocking(False)
        near.setblocking(False)
        far.connect_ex(("127.0.0.1", link.target))
        for one in (near, far):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.connections.append((Half(near, far, True), Half(far, near, False)))

    def close(self, link, pair, hard=True):
        for half in pair:
            reset(half.source) if hard else half.source.close()
        link.connections.remove(pair)

    def set(self, link, mode, delay):
        link.mode, link.delay, link.flip = mode, delay, mode == "flip"
        if mode == "cut":
            for pair in list(link.connections):
                self.close(link, pair)

    def pull(self, link, half):
        data = half.source.recv(CHUNK)
        if not data:
            half.ended = True
            return
        if link.flip and len(data) > 100:
            link.flip = False
            data = data[:70] + bytes([data[70] ^ 1]) + data[71:]
        half.chunks.append((time.monotonic() + (link.delay if link.mode == "delay" else 0), data))
        half.size += len(data)

    def push(self, half):
        while half.chunks and half.chunks[0][0] <= time.monotonic():
            due, data = half.chunks.popleft()
            sent = half.sink.send(data)
            half.size -= sent
            if sent < len(data):
                half.chunks.appendleft((due, data[sent:]))
                return

    def turn(self, control):
        readers, writers, until = {control: None}, {}, time.monotonic() + 1
        for link in self.links.values():
            readers[link.listener] = (link, None, None)
            for pair in list(link.connections):
                if all(half.ended and not half.chunks for half in pair) or (
                        any(half.ended and not half.chunks for half in pair) and not any(map(link.holds, pair))):
                    self.close(link, pair, hard=False)
                    continue
                for half in pair:
                    if link.holds(half):
                        continue
                    if half.size < BACKLOG_MAX and not half.ended:
                        readers[half.source] = (link, pair, half)
                    if half.chunks and half.chunks[0][0] <= time.monotonic():
                        writers[half.sink] = (link, pair, half)
                    elif half.chunks:
                        until = min(until, half.chunks[0][0])
        can_read, can_write, _ = select.select(readers, writers, [], max(0, until - time.monotonic()))
        for one in can_write:
            self.step(*writers[one], lambda link, half: self.push(half))
        for one in can_read:
            if one is control:
                continue
            link, pair, half = readers[one]
            if pair is None:
                self.accept(link)
            else:
                self.step(link, pair, half, self.pull)
        return control in can_read

    def step(self, link, pair, half, what):
        if pair not in link.connections:
            return
        try:
            what(link, half)
        except BlockingIOError:
            pass
        except OSError:
            self.close(link, pair)

    def run(self):
        pending = b""
        while True:
            if not self.turn(sys.stdin.buffer):
                continue
            data = os.read(0, CHUNK)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                told = json.loads(line)
                if "target" in told:
                    self.links[told["link"]] = Link(told["port"], told["target"])
                else:
                    self.set(self.links[told["link"]], told["mode"], told.get("delay", 0.0))
                print("ok", flush=True)


def reset(one):
    """Closed without a goodbye."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    one.close()


class Links:
    """The proxy, from the driver."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, os.path.realpath(__file__)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def tell(self, **what):
        self.process.stdin.write(json.dumps(what).encode() + b"\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != b"ok\n":
            raise RuntimeError("the proxy has ended")

    def add(self, link, port, target):
        self.tell(link=link, port=port, target=target)

    def set(self, link, mode="pass", delay=0.0):
        self.tell(link=link, mode=mode, delay=delay)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


if __name__ == "__main__":
    Proxy().run()
