"""The other end of a collector's sockets, by hand, so that tests can say what no honest program says.

    peer = Peer.enrolled(collector, "hostile")
    welcome = peer.hello()
    ack = peer.deliver([peer.tagged()])      # waits for the Ack that covers it
    peer.send(peer.wire.StationMessage(...)) # or anything else, bytes too

A Peer is an enrolled station unless told otherwise: it keeps its own seq and chain as a journal does.
"""

import functools
import hashlib
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import types
import uuid

import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]
ANSWER_S = 20
NO_CHAIN = bytes(32)


@functools.lru_cache
def wire():
    """Every message of earful.v1, compiled from the contract itself."""
    out = tempfile.mkdtemp(prefix="earful-wire-")
    names = ("delivery", "event", "feed")
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--python_out={out}",
                    *(f"earful/v1/{name}.proto" for name in names)], cwd=ROOT / "proto", check=True)
    sys.path.insert(0, out)
    messages = types.SimpleNamespace()
    for name in names:
        module = importlib.import_module(f"earful.v1.{name}_pb2")
        for message in module.DESCRIPTOR.message_types_by_name:
            setattr(messages, message, getattr(module, message))
    return messages


def generichash(*parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def next_chain(chain, raw):
    return generichash(chain, generichash(raw))


def uuid7():
    ms = time.time_ns() // 1_000_000
    bits = (ms << 80) | int.from_bytes(os.urandom(10), "big")
    bits = bits & ~(0xF << 76) | (7 << 76)
    return (bits & ~(3 << 62) | (2 << 62)).to_bytes(16, "big")


def text_id(raw):
    return str(uuid.UUID(bytes=raw))


class Invite:
    def __init__(self, line):
        magic, self.host, self.intake, self.feed, self.desk, self.server_key, self.secret = line.split(",")
        assert magic == "earful1"

    def endpoint(self, port):
        return f"tcp://{self.host}:{port}"


def socket(kind, endpoint, server_key=None, keys=None, **options):
    made = zmq.Context.instance().socket(kind)
    made.linger = 0
    made.rcvhwm = made.sndhwm = 0
    for name, value in options.items():
        setattr(made, name, value)
    if server_key:
        made.curve_serverkey = server_key.encode()
        made.curve_publickey, made.curve_secretkey = keys
    made.connect(endpoint)
    return made


def ask_desk(invite, request, keys=None, seconds=ANSWER_S):
    """The desk's answer; None when there is none in time."""
    keys = keys or (zmq.curve_public(invite.secret.encode()), invite.secret.encode())
    desk = socket(zmq.DEALER, invite.endpoint(invite.desk), invite.server_key, keys)
    try:
        request.request_id = 7
        desk.send(request.SerializeToString())
        if not desk.poll(seconds * 1000):
            return None
        reply = wire().DeskReply.FromString(desk.recv())
        assert reply.request_id == 7
        return getattr(reply, reply.WhichOneof("reply"))
    finally:
        desk.close()


def enroll(invite, name, public_key, station_id=b""):
    request = wire().DeskRequest()
    request.enroll.name = name
    request.enroll.public_key = public_key.decode()
    request.enroll.station_id = station_id
    return ask_desk(invite, request)


class Peer:
    def __init__(self, invite, keys, station_id):
        self.wire = wire()
        self.invite, self.keys, self.station_id = invite, keys, station_id
        self.journal_id = uuid.uuid4().bytes
        self.seq, self.chain = 0, NO_CHAIN
        self.attempt = self.session = 0
        self.socket = None
        self.connect()

    @classmethod
    def enrolled(cls, collector, name, *options):
        invite = Invite(collector.invite(name, *options))
        keys, station_id = zmq.curve_keypair(), uuid.uuid4().bytes
        reply = enroll(invite, name, keys[0], b"" if "--reader" in options else station_id)
        assert type(reply).__name__ == "Enrolled", reply
        return cls(invite, keys, station_id)

    def connect(self, **options):
        self.close()
        self.socket = socket(zmq.DEALER, self.invite.endpoint(self.invite.intake),
                             self.invite.server_key, self.keys, **options)
        return self

    def close(self):
        if self.socket:
            self.socket.close()

    # --- talking ---

    def send(self, message):
        self.socket.send(message if isinstance(message, bytes) else message.SerializeToString())

    def receive(self, *kinds, seconds=ANSWER_S):
        """The next message of one of these kinds; others are passed over."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            assert left > 0 and self.socket.poll(left * 1000), f"no {kinds} in {seconds} s"
            message = self.wire.CollectorMessage.FromString(self.socket.recv())
            kind = message.WhichOneof("message")
            if kind in kinds:
                return getattr(message, kind)

    def hello_message(self, **changes):
        self.attempt = int.from_bytes(os.urandom(8), "big")
        message = self.wire.StationMessage()
        hello = message.hello
        hello.station_id, hello.journal_id, hello.attempt = self.station_id, self.journal_id, self.attempt
        hello.first_seq, hello.last_seq, hello.chain_at_last = 1, self.seq, self.chain
        hello.chain_before_first = NO_CHAIN
        hello.versions.append(1)
        for name, value in changes.items():
            setattr(hello, name, value)
        return message

    def hello(self, expect="welcome", **changes):
        self.send(self.hello_message(**changes))
        while True:
            answer = self.receive(expect)
            if answer.attempt == self.attempt:
                self.session = getattr(answer, "session", 0)
                return answer

    def events_message(self, raws, **changes):
        message = self.wire.StationMessage()
        events = message.events
        events.attempt, events.session, events.first_seq = self.attempt, self.session, self.seq + 1
        events.raw.extend(raws)
        for name, value in changes.items():
            setattr(events, name, value)
        return message

    def deliver(self, raws):
        """Appends these to the journal, sends them and waits until the store has them."""
        self.send(self.events_message(raws))
        for raw in raws:
            self.seq, self.chain = self.seq + 1, next_chain(self.chain, raw)
        while True:
            ack = self.receive("ack")
            if ack.have_seq >= self.seq:
                assert ack.have_chain == self.chain
                return ack

    def pong(self):
        message = self.wire.StationMessage()
        message.ping.attempt, message.ping.session = self.attempt, self.session
        self.send(message)
        return self.receive("pong")

    # --- events ---

    def event(self, **changes):
        """A Tagged that is as it should be, as a message to be spoiled."""
        event = self.wire.Event()
        event.id, event.source, event.type = uuid7(), self.station_id, "earful.v1.Tagged"
        event.time.GetCurrentTime()
        event.subject = uuid.uuid4().bytes
        event.tagged.kind = "long-wait"
        event.tagged.pressed_position = event.tagged.released_position = 48000
        event.tagged.heard_position = event.tagged.start_position = event.tagged.end_position = 48000
        event.tagged.playback_rate = 1
        for name, value in changes.items():
            setattr(event, name, value)
        return event

    def tagged(self, **changes):
        return self.event(**changes).SerializeToString()
