# SPDX-License-Identifier: Apache-2.0
"""The others that the peer benchmark starts beside Siaga: each a server with its best settings for messages that
shall not be lost, and the client programs peer_*.c. All over TLS or CURVE, on loopback."""

import os
import shutil
import subprocess

import bench_force
from bench_force import taskforce

START_S = 30


class Peer:
    """One server, new for each measurement, with its files in a directory of its own."""

    name = client = server = None  # the name in the rows; our program; the server's
    flags = []  # for our programs
    share = 1.0  # of the storm's messages: who is slower gets fewer, so that each takes some seconds
    promise = ""  # what an acknowledged message may rely on

    @classmethod
    def is_installed(cls):
        return os.path.exists(bench_force.program(cls.client)) and (
            cls.server is None or bool(shutil.which(cls.server, path=os.environ["PATH"] + ":/usr/sbin")))

    def __init__(self, directory):
        self.dir = directory
        os.makedirs(directory)
        self.port = taskforce.free_port()
        self.processes = []

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def start_process(self, argv, log, **options):
        process = taskforce.Process(argv, self.path(log), **options)
        self.processes.append(process)
        return process

    def start_client(self, role, where, trust, *more):
        return self.start_process([bench_force.program(self.client), *self.flags, *more, "--", role, where, trust],
                                  role + ".log", stdout=bench_force.PIPE)

    def start(self):
        """The server, ready for clients."""
        self.make_certificate()
        self.start_process(self.command(), "server.log").wait_line(self.ready, START_S)

    def start_reader(self, *more):
        """A reader that is subscribed when this returns."""
        reader = self.start_client("sub", str(self.port), self.path("cert.pem"), *more)
        reader.wait_line("watching", START_S)
        return reader

    def start_publisher(self, *more):
        return self.start_client("pub", str(self.port), self.path("cert.pem"), *more)

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", self.path("key.pem"), "-out", self.path("cert.pem")],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def write_conf(self, text):
        values = {"port": self.port, "dir": self.dir, "cert": self.path("cert.pem"), "key": self.path("key.pem")}
        with open(self.path("server.conf"), "w") as file:
            file.write(text % values)
        return self.path("server.conf")

    def stop(self):
        for process in reversed(self.processes):
            if process.alive():
                process.kill()
            if process.popen.stdout:
                process.popen.stdout.close()
        shutil.rmtree(self.dir, ignore_errors=True)


class Zmq(Peer):
    name, client = "zmq", "peer_zmq"
    promise = "raw libzmq PUB, proxy, SUB under CURVE: nothing signed, nothing on a disk, nothing acknowledged"

    def start(self):
        line = self.start_client("proxy", "-", "-", "--count", "1", "--size", "16").wait_line("^ready", START_S)
        _, self.enter, self.leave, self.key = line.split()

    def start_reader(self, *more):
        reader = self.start_client("sub", self.leave, self.key, *more)
        reader.wait_line("watching", START_S)
        return reader

    def start_publisher(self, *more):
        return self.start_client("pub", self.enter, self.key, *more)


class JetStream(Peer):
    name, client, server, share = "jetstream", "peer_nats", "nats-server", 0.4
    ready = "Server is ready"
    promise = "NATS JetStream, file storage, TLS: unsigned, acknowledged before the fsync (every two minutes)"

    def command(self):
        return [self.server, "-c", self.write_conf(
            'listen: "127.0.0.1:%(port)d"\njetstream { store_dir: "%(dir)s/store" }\n'
            'tls { cert_file: "%(cert)s", key_file: "%(key)s" }\n')]


class JetStreamSigned(JetStream):
    name, flags, share = "jetstream-signed", ["--signed"], 0.08
    promise = "the same with an Ed25519 signature on each message, made and checked with libsodium"


class Redis(Peer):
    name, client, server, share = "redis", "peer_redis", "redis-server", 0.4
    ready = "Ready to accept connections"
    promise = "redis streams, TLS, appendfsync always: unsigned, acknowledged after the fsync"

    def command(self):
        conf = self.write_conf(
            'bind 127.0.0.1\nport 0\ntls-port %(port)d\ntls-cert-file %(cert)s\ntls-key-file %(key)s\n'
            'tls-ca-cert-file %(cert)s\ntls-auth-clients no\ndir %(dir)s\nsave ""\nappendonly yes\n'
            'appendfsync always\ndaemonize no\n')
        return ["/bin/sh", "-c", 'exec "$0" "$@" >&2', self.server, conf]  # it logs to its standard output


class Mosquitto(Peer):
    name, client, server, share = "mosquitto", "peer_mosquitto", "mosquitto", 0.12
    ready = r"mosquitto version .* running"
    promise = "mosquitto, QoS 1, TLS, persistence: unsigned, acknowledged from memory, on disk now and then"

    def command(self):
        user = "user root\n" if os.geteuid() == 0 else ""
        return [shutil.which(self.server, path=os.environ["PATH"] + ":/usr/sbin"), "-c", self.write_conf(
            user + 'listener %(port)d 127.0.0.1\nallow_anonymous true\ncertfile %(cert)s\nkeyfile %(key)s\n'
            'persistence true\npersistence_location %(dir)s/\nautosave_interval 1\n'
            'max_inflight_messages 1000\nmax_queued_messages 0\nset_tcp_nodelay true\nlog_dest stderr\n')]


PEERS = [Zmq, JetStream, JetStreamSigned, Redis, Mosquitto]
