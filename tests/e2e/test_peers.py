"""Strangers, wrong keys and hostile stations on a real collector's sockets: what each gets, and that nobody
else notices."""

import os
import pathlib
import re
import socket as tcp
import struct
import subprocess
import sys
import time

import peer as peers
import pytest
import zmq
from harness import Collector, wait_until
from peer import Invite, Peer, enroll, next_chain, text_id, uuid7, wire
from zmq.utils.monitor import recv_monitor_message

REFUSED = (zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
           zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_DISCONNECTED)
MIB = 1 << 20


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def witness(collector):
    """An honest station beside the hostile one."""
    honest = Peer.enrolled(collector, "witness")
    honest.hello()
    return honest


def records(collector):
    return int(re.search(r": (\d+) records", collector.verify().stdout)[1])


def alarms(collector):
    return collector.log.read_text().count("raise alarm")


def resident_bytes(collector):
    status = pathlib.Path(f"/proc/{collector.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def assert_serves(witness):
    """The honest station is acknowledged, at once."""
    began = time.monotonic()
    witness.deliver([witness.tagged()])
    assert time.monotonic() - began < 2


def assert_never_in(kind, endpoint, hello, **how):
    """The handshake fails, and what was sent meanwhile goes nowhere."""
    knocking = zmq.Context.instance().socket(kind)
    knocking.linger = 0
    for name, value in how.items():
        setattr(knocking, name, value)
    monitor = knocking.get_monitor_socket(zmq.EVENT_ALL)
    knocking.connect(endpoint)
    if kind == zmq.DEALER:
        knocking.send(hello)
    else:
        knocking.subscribe(b"")
    while True:
        assert monitor.poll(10_000), "neither let in nor refused in 10 s"
        event = recv_monitor_message(monitor)["event"]
        assert event != zmq.EVENT_HANDSHAKE_SUCCEEDED, "let in"
        if event in REFUSED:
            break
    assert knocking.poll(200) == 0, "answered"
    knocking.disable_monitor()
    knocking.close()


def curve(invite, keys, server_key=None):
    return {"curve_serverkey": (server_key or invite.server_key).encode(),
            "curve_publickey": keys[0], "curve_secretkey": keys[1]}


# --- Who is let in ---


def sockets_of(invite):
    return [(zmq.DEALER, invite.endpoint(invite.intake)), (zmq.SUB, invite.endpoint(invite.feed)),
            (zmq.DEALER, invite.endpoint(invite.desk))]


def refused_everywhere(collector, invite, how):
    stranger = Peer(invite, zmq.curve_keypair(), os.urandom(16))
    hello = stranger.hello_message().SerializeToString()
    stranger.close()
    for kind, endpoint in sockets_of(invite):
        assert_never_in(kind, endpoint, hello, **how)
    assert records(collector) == 0


def test_a_key_that_was_not_enrolled_is_refused_on_every_socket(collector):
    invite = Invite(collector.invite("nobody"))
    refused_everywhere(collector, invite, curve(invite, zmq.curve_keypair()))


def test_a_wrong_server_key_is_refused_on_every_socket(collector):
    station = Peer.enrolled(collector, "one")
    other_server = zmq.curve_keypair()[0].decode()
    refused_everywhere(collector, station.invite, curve(station.invite, station.keys, other_server))


def test_a_plain_text_peer_is_refused_on_every_socket(collector):
    refused_everywhere(collector, Invite(collector.invite("nobody")), {})


def test_a_peer_with_user_and_password_is_refused_on_every_socket(collector):
    refused_everywhere(collector, Invite(collector.invite("nobody")),
                       {"plain_username": b"admin", "plain_password": b"admin"})


def test_a_readers_key_is_refused_on_the_intake_and_let_in_on_feed_and_desk(collector, witness):
    witness.deliver([witness.tagged()])
    reader = Peer.enrolled(collector, "reader", "--reader")
    hello = reader.hello_message().SerializeToString()
    assert_never_in(zmq.DEALER, reader.invite.endpoint(reader.invite.intake), hello,
                    **curve(reader.invite, reader.keys))
    request = wire().DeskRequest()
    request.replay.limit = 10
    assert len(peers.ask_desk(reader.invite, request, reader.keys).records) == 1
    feed = peers.socket(zmq.SUB, reader.invite.endpoint(reader.invite.feed), reader.invite.server_key,
                        reader.keys)
    feed.subscribe(b"")
    assert feed.poll(10_000)
    assert records(collector) == 1


def test_an_invitation_opens_the_desk_once_and_nothing_else(collector):
    invite = Invite(collector.invite("one"))
    own = (zmq.curve_public(invite.secret.encode()), invite.secret.encode())
    for kind, endpoint in sockets_of(invite)[:2]:
        assert_never_in(kind, endpoint, b"x", **curve(invite, own))
    replay = wire().DeskRequest()
    replay.replay.limit = 1
    assert peers.ask_desk(invite, replay).code == "E_ROLE"
    station_id = os.urandom(16)
    assert enroll(invite, "one", zmq.curve_keypair()[0], station_id).role == "station"
    assert enroll(invite, "two", zmq.curve_keypair()[0], os.urandom(16)).code == "E_USED"


def test_a_revoked_station_stores_nothing_more_from_that_moment(collector, witness):
    revoked = Peer.enrolled(collector, "revoked")
    revoked.hello()
    revoked.deliver([revoked.tagged()])
    collector.command("revoke", "revoked")
    revoked.send(revoked.events_message([revoked.tagged()]))
    witness.deliver([witness.tagged()])
    assert revoked.socket.poll(300) == 0
    assert records(collector) == 2
    assert_never_in(zmq.DEALER, revoked.invite.endpoint(revoked.invite.intake), b"x",
                    **curve(revoked.invite, revoked.keys))


def test_a_station_that_says_it_is_another_is_refused_with_an_alarm(collector, witness):
    liar = Peer.enrolled(collector, "liar")
    before = alarms(collector)
    please = liar.hello("hello_please", station_id=witness.station_id)
    assert "another station id" in please.reason
    liar.send(liar.events_message([liar.tagged()]))
    assert_serves(witness)
    assert records(collector) == 1
    assert alarms(collector) == before + 1


# --- Bytes that are not ZMTP, or too many of them ---


def port_of(endpoint):
    return int(endpoint.rsplit(":", 1)[1])


def say(port, data, until_closed=True, seconds=10):
    """What the port answers to these bytes until it closes."""
    with tcp.create_connection(("127.0.0.1", port), timeout=seconds) as peer:
        try:
            peer.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return b""
        answer = b""
        while True:
            try:
                more = peer.recv(65536)
            except ConnectionResetError:
                return answer
            if not more:
                return answer
            answer += more


GREETING_3 = (b"\xff" + bytes(8) + b"\x7f" + b"\x03\x01" + b"CURVE".ljust(20, b"\0") + b"\0" + bytes(31))
NULL_3 = GREETING_3.replace(b"CURVE", b"NULL\0")
NOT_ZMTP = {
    "an HTTP request": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "a TLS hello": bytes.fromhex("16030100c8010000c40303") + os.urandom(200),
    "ZMTP 1": b"\x01\x00" + b"\x05\x00hello" * 10,
    "ZMTP 2": b"\xff" + bytes(8) + b"\x7f\x01\x05\x00\x00" + b"\x00\x05hello" * 10,
    "NULL on a CURVE port": NULL_3 + b"\x04\x26\x05READY" + bytes(32),
    "random bytes": os.urandom(4096),
    "a CURVE hello of zeros": GREETING_3 + b"\x04\xc8\x05HELLO" + bytes(194),
}


@pytest.mark.parametrize("what", NOT_ZMTP)
def test_what_is_no_zmtp_3_curve_peer_is_closed_with_no_reply_beyond_the_greeting(what, collector, witness):
    for endpoint in (collector.intake, collector.feed, collector.desk):
        answer = say(port_of(endpoint), NOT_ZMTP[what])
        # A greeting is 64 bytes; an ERROR command may follow it, never more.
        assert len(answer) <= 64 + 64, answer
    assert_serves(witness)
    assert records(collector) == 1


def announce(length):
    """A command frame of that length, as the first after the greeting."""
    return GREETING_3 + b"\x06" + struct.pack(">Q", length)


@pytest.mark.parametrize("length", [1 << 40, 512 * MIB, (1 << 63) - 1, (1 << 64) - 1])
def test_a_frame_announced_over_the_limit_is_closed_at_once(length, collector, witness):
    before = resident_bytes(collector)
    for _ in range(8):
        began = time.monotonic()
        say(port_of(collector.intake), announce(length))
        assert time.monotonic() - began < 2.5, "only the handshake timeout ended it"
    assert resident_bytes(collector) - before < 2 * MIB
    assert_serves(witness)


def test_half_a_gigabyte_before_the_handshake_is_not_taken(collector, witness):
    before = resident_bytes(collector)
    sent = 0
    with tcp.create_connection(("127.0.0.1", port_of(collector.intake)), timeout=10) as peer:
        try:
            peer.sendall(announce(512 * MIB))
            while sent < 512 * MIB:
                sent += peer.send(bytes(MIB))
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 64 * MIB
    assert resident_bytes(collector) - before < 2 * MIB
    assert_serves(witness)


def test_strangers_that_stay_cost_under_16_mb_and_are_gone_after_the_handshake_timeout(collector, witness):
    before = resident_bytes(collector)
    opened = []
    for beginning in [b"", b"\xff", GREETING_3[:40], GREETING_3, announce(MIB), announce(MIB - 1) + bytes(60_000)]:
        for _ in range(40):
            connection = tcp.create_connection(("127.0.0.1", port_of(collector.intake)))
            connection.sendall(beginning)
            opened.append(connection)
    peak = max(resident_bytes(collector) for _ in range(20) if not time.sleep(0.02))
    assert_serves(witness)
    assert peak - before < 16 * MIB, f"{(peak - before) / MIB:.1f} MiB for {len(opened)} strangers"

    def closed(connection):
        connection.settimeout(10)
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass
        connection.close()
        return True

    assert all(closed(connection) for connection in opened)


# --- An enrolled station that does not keep to the protocol ---


def test_wrong_frames_are_dropped_and_counted(collector, witness):
    hostile = Peer.enrolled(collector, "hostile")
    hostile.hello()
    good = hostile.events_message([hostile.tagged()]).SerializeToString()
    for frames in ([b""], [good, good], [b"", good], [good] * 17, [b"\xff" * 100], [b"", b""]):
        hostile.socket.send_multipart(frames)
    assert hostile.pong().have_seq == 0
    hostile.deliver([hostile.tagged()])
    assert_serves(witness)
    assert records(collector) == 2


def test_a_message_over_one_mebibyte_costs_the_connection_and_nothing_else(collector, witness):
    hostile = Peer.enrolled(collector, "hostile")
    hostile.hello()
    before = resident_bytes(collector)
    hostile.send(bytes(2 * MIB))
    wait_until(lambda: said_hello_please(hostile))
    assert resident_bytes(collector) - before < 8 * MIB
    hostile.hello()
    hostile.deliver([hostile.tagged()])
    assert_serves(witness)


def said_hello_please(station):
    """The connection was replaced: the collector no longer knows the conversation."""
    message = station.wire.StationMessage()
    message.ping.attempt, message.ping.session = station.attempt, station.session
    station.send(message)
    if not station.socket.poll(300):
        return False
    return station.wire.CollectorMessage.FromString(station.socket.recv()).WhichOneof("message") == "hello_please"


def test_a_flood_of_hellos_is_limited_and_nobody_else_waits(collector, witness):
    hostile = Peer.enrolled(collector, "hostile")
    hostile.hello()
    for _ in range(2000):
        hostile.send(hostile.hello_message())
    assert_serves(witness)
    answered = 0
    while hostile.socket.poll(500):
        hostile.socket.recv()
        answered += 1
    assert answered <= 20


def test_a_second_client_with_the_same_routing_id_is_refused(collector, witness):
    first = Peer.enrolled(collector, "first").connect(routing_id=b"same")
    first.hello()
    second = Peer.enrolled(collector, "second").connect(routing_id=b"same")
    second.send(second.hello_message())
    first.deliver([first.tagged()])
    assert second.socket.poll(300) == 0
    assert_serves(witness)
    assert records(collector) == 2


def test_events_of_a_dead_session_or_another_attempt_are_ignored(collector, witness):
    hostile = Peer.enrolled(collector, "hostile")
    hostile.hello()
    hostile.deliver([hostile.tagged()])
    stale = hostile.events_message([hostile.tagged()]).SerializeToString()
    other_session = hostile.events_message([hostile.tagged()], session=hostile.session ^ 1)
    collector.kill()
    collector.start()
    wait_until(lambda: said_hello_please(hostile))
    assert hostile.hello().have_seq == 1
    hostile.send(stale)
    hostile.send(other_session)
    hostile.send(hostile.events_message([hostile.tagged()], attempt=hostile.attempt ^ 1))
    hostile.deliver([hostile.tagged()])
    assert records(collector) == 2


def test_impossible_seqs_are_ignored_and_a_hole_is_told_where_to_go_on(collector, witness):
    hostile = Peer.enrolled(collector, "hostile")
    hostile.hello()
    hostile.deliver([hostile.tagged()])
    for first_seq in (0, (1 << 64) - 1, 1 << 62):
        hostile.send(hostile.events_message([hostile.tagged()], first_seq=first_seq))
    hostile.send(hostile.events_message([]))
    hostile.send(hostile.events_message([hostile.tagged()] * 1025))
    hostile.send(hostile.events_message([bytes(600_000)]))
    hostile.send(hostile.events_message([hostile.tagged()], first_seq=hostile.seq + 2))
    assert hostile.receive("ack").have_seq == 1
    assert hostile.pong().have_seq == 1
    hostile.deliver([hostile.tagged()])
    assert_serves(witness)
    assert "clean: 0 gaps, 0 in quarantine" in collector.verify().stdout


def test_a_repeat_below_what_is_had_is_acknowledged_and_not_stored_again(collector):
    station = Peer.enrolled(collector, "one")
    station.hello()
    raws = [station.tagged() for _ in range(10)]
    station.deliver(raws)
    station.send(station.events_message(raws, first_seq=1))
    assert station.receive("ack").have_seq == 10
    # One that overlaps: the old half is skipped, the new half taken.
    fresh = [station.tagged() for _ in range(5)]
    station.send(station.events_message(raws[5:] + fresh, first_seq=6))
    assert station.receive("ack").have_seq == 15
    assert records(collector) == 15


def test_a_chain_that_differs_is_a_fork(collector):
    station = Peer.enrolled(collector, "one")
    station.hello()
    station.deliver([station.tagged(), station.tagged()])
    fork = station.hello("fork", last_seq=1, chain_at_last=os.urandom(32))
    assert fork.have_seq == 2
    assert station.hello("fork", chain_at_last=os.urandom(32)).have_seq == 2
    # Its rows are not taken under that conversation.
    station.send(station.events_message([station.tagged()]))
    assert station.receive("hello_please")
    assert records(collector) == 2


def test_rows_that_are_gone_become_a_listed_gap(collector):
    station = Peer.enrolled(collector, "one")
    station.hello()
    station.deliver([station.tagged() for _ in range(3)])
    chain = os.urandom(32)
    welcome = station.hello(first_seq=10, last_seq=9, chain_at_last=chain, chain_before_first=chain)
    assert (welcome.have_seq, welcome.have_chain) == (9, chain)
    station.seq, station.chain = 9, chain
    station.deliver([station.tagged()])
    said = collector.verify().stdout
    assert re.search(rf"gap: station {text_id(station.station_id)} journal \S+ rows 4 to 9", said)
    assert "clean: 1 gaps, 0 in quarantine" in said
    assert [line["type"] for line in collector.tail()].count("earful.v1.JournalGap") == 1


def test_the_last_hello_wins_and_the_other_is_superseded_with_an_alarm_when_it_goes_on(collector):
    first = Peer.enrolled(collector, "one")
    first.hello()
    second = Peer(first.invite, first.keys, first.station_id)
    before = alarms(collector)
    second.hello()
    assert first.receive("superseded")
    first.connect().hello()
    assert second.receive("superseded")
    second.send(second.events_message([second.tagged()]))
    assert second.receive("superseded")
    first.deliver([first.tagged()])
    assert records(collector) == 1
    wait_until(lambda: alarms(collector) > before, 5)


# --- Events that break a rule ---


def spoil(station, **fields):
    return station.tagged(**fields)


def with_time(station, seconds, nanos=0):
    event = station.event()
    event.time.seconds, event.time.nanos = seconds, nanos
    return event.SerializeToString()


def with_tagged(station, **fields):
    event = station.event()
    for name, value in fields.items():
        setattr(event.tagged, name, value)
    return event.SerializeToString()


def with_note(station, note):
    """The note as raw bytes: Personal is field 8, note its field 1."""
    inner = b"\x0a" + varint(len(note)) + note
    return station.tagged() + b"\x42" + varint(len(inner)) + inner


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def groups(depth, closed=True):
    return b"\x7b" * depth + (b"\x7c" * depth if closed else b"")


HOSTILE = {
    "nothing at all": (lambda s: b"", "E_ID"),
    "a truncated varint": (lambda s: s.tagged() + b"\xff", "E_DECODE"),
    "ten bytes of 0xff": (lambda s: b"\xff" * 10, "E_DECODE"),
    "a length of 2^31-1": (lambda s: b"\x0a\xff\xff\xff\xff\x07", "E_DECODE"),
    "random bytes": (lambda s: b"\x00" + os.urandom(300), "E_DECODE"),
    "a record cut in half": (lambda s: s.tagged()[:-5], "E_DECODE"),
    "nested 101 deep": (lambda s: s.tagged() + groups(101), "E_DEPTH"),
    "nested 60,000 deep": (lambda s: s.tagged() + groups(60_000, closed=False), "E_DEPTH"),
    "over 64 KiB": (lambda s: with_note(s, b"x" * 70_000), "E_SIZE"),
    "a quarter of a megabyte of emoji": (lambda s: with_note(s, "\U0001f600".encode() * 65_536), "E_SIZE"),
    "a note over 4 KiB": (lambda s: with_note(s, b"x" * 4097), "E_VALUE"),
    "a note that is not UTF-8": (lambda s: with_note(s, b"\xff\xfe\xc0\x80"), "E_DECODE"),
    "the time 1969": (lambda s: with_time(s, -86400 * 30), "E_VALUE"),
    "the time 9999": (lambda s: with_time(s, 253402300799), "E_VALUE"),
    "negative nanoseconds": (lambda s: with_time(s, 1_700_000_000, -5), "E_VALUE"),
    "a negative position": (lambda s: with_tagged(s, pressed_position=-1), "E_VALUE"),
    "a position of 2^63-1": (lambda s: with_tagged(s, end_position=(1 << 63) - 1), "E_VALUE"),
    "an end before its start": (lambda s: with_tagged(s, start_position=96_000), "E_VALUE"),
    "a rate that is no number": (lambda s: with_tagged(s, playback_rate=float("nan")), "E_VALUE"),
    "no kind": (lambda s: with_tagged(s, kind=""), "E_VALUE"),
    "an id of zeros": (lambda s: spoil(s, id=bytes(16)), "E_ID"),
    "an id of 15 bytes": (lambda s: spoil(s, id=b"123456789012345"), "E_ID"),
    "no source": (lambda s: spoil(s, source=b""), "E_ID"),
    "another station's source": (lambda s: spoil(s, source=os.urandom(16)), "E_SOURCE"),
    "a type that is not the payload's": (lambda s: spoil(s, type="earful.v1.Erased"), "E_TYPE"),
    "a schema of the future": (lambda s: spoil(s, requires_revision=99), "E_NEWER"),
}

TAKEN = {
    "60 KiB of unknown fields": lambda s: s.tagged() + b"\xfa\x7f" + varint(60_000) + bytes(60_000),
    "an unknown enum value": lambda s: with_tagged(s, input=3).replace(b"\x48\x03", b"\x48\x63"),
    "a singular field twice": lambda s: s.tagged() + b"\x0a\x10" + uuid7(),
    "a payload of the future": lambda s: future_payload(s),
    "a note with NUL and a right-to-left override": lambda s: with_note(s, "a\0b\u202ec".encode()),
    "a call nobody knows": lambda s: s.tagged(subject=os.urandom(16)),
}


def future_payload(station):
    event = station.event(type="earful.v1.FromTheFuture")
    event.ClearField("tagged")
    return event.SerializeToString() + b"\x82\x7d\x03abc"


@pytest.fixture
def shared(tmp_path_factory):
    """One collector for all hostile events: each must leave it as good as before."""
    with Collector(tmp_path_factory.mktemp("hostile") / "collector") as collector:
        yield collector


def test_hostile_events_end_in_quarantine_with_their_code_and_count_as_had(shared):
    hostile, honest = Peer.enrolled(shared, "hostile"), Peer.enrolled(shared, "honest")
    hostile.hello()
    honest.hello()
    for spoiled, _ in HOSTILE.values():
        hostile.deliver([spoiled(hostile)])
        assert_serves(honest)
    lines = [line for line in shared.tail() if line.get("quarantine")]
    found = dict(zip(HOSTILE, [line["quarantine"] for line in lines]))
    assert found == {what: code for what, (_, code) in HOSTILE.items()}
    said = shared.verify().stdout
    assert f"clean: 0 gaps, {len(HOSTILE)} in quarantine, 0 faults" in said
    assert records(shared) == 2 * len(HOSTILE)


def test_hostile_events_in_one_message_with_good_ones_cost_the_good_ones_nothing(shared):
    hostile = Peer.enrolled(shared, "hostile")
    hostile.hello()
    raws = []
    for spoiled, _ in HOSTILE.values():
        raw = spoiled(hostile)
        raws += [hostile.tagged()] + ([raw] if len(raw) < 100_000 else [])
    hostile.deliver(raws)
    good = [line for line in shared.tail() if not line.get("quarantine")]
    assert len(good) == len(HOSTILE)


def test_what_is_only_unknown_is_stored_and_not_quarantined(shared):
    station = Peer.enrolled(shared, "newer")
    station.hello()
    for make in TAKEN.values():
        station.deliver([make(station)])
    lines = shared.tail()
    assert [line.get("quarantine") for line in lines] == [None] * len(TAKEN)
    said = shared.command("tail", "--json").stdout
    assert "\u202e" in said or "\\u202e" in said


def test_an_event_id_again_with_the_same_bytes_is_one_record_and_with_others_an_alarm(shared):
    station = Peer.enrolled(shared, "repeating")
    station.hello()
    raw = station.tagged()
    station.deliver([raw, raw])
    assert records(shared) == 1
    before = alarms(shared)
    event = wire().Event.FromString(raw)
    event.tagged.kind = "rude"
    station.deliver([event.SerializeToString()])
    assert records(shared) == 2
    assert [line["quarantine"] for line in shared.tail() if line.get("quarantine")] == ["E_ID_REUSED"]
    assert alarms(shared) == before + 1


def test_one_stations_flood_leaves_the_others_their_acks(shared):
    flooding, honest = Peer.enrolled(shared, "flooding"), Peer.enrolled(shared, "honest")
    flooding.hello()
    honest.hello()
    sent = [flooding.tagged() for _ in range(10_000)]
    for at in range(0, len(sent), 50):
        flooding.send(flooding.events_message(sent[at:at + 50], first_seq=at + 1))
    waits = []
    for _ in range(20):
        began = time.monotonic()
        honest.deliver([honest.tagged()])
        waits.append(time.monotonic() - began)
    assert max(waits) < 1, waits
    while flooding.receive("ack").have_seq < len(sent):
        pass
    assert records(shared) == len(sent) + 20


# --- The feed and the desk ---


# A process of its own: libzmq's client side falls over its own topics when it ends.
GREEDY_READER = """
import sys, time, zmq
feed = zmq.Context.instance().socket(zmq.SUB)
feed.curve_serverkey, feed.curve_publickey, feed.curve_secretkey = (key.encode() for key in sys.argv[2:5])
feed.sndhwm = 0
monitor = feed.get_monitor_socket(zmq.EVENT_DISCONNECTED)
feed.connect(sys.argv[1])
feed.subscribe(b"head")
assert feed.poll(10_000)
if sys.argv[5] == "many":
    feed.subscribe(b"event.")
    for number in range(100_000):
        feed.subscribe(b"topic-%d" % number)
else:
    feed.subscribe(b"t" * int(sys.argv[5]))
    assert monitor.poll(10_000), "not dropped"
print("asked", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("topics", ["many", 1000, MIB - 64])
def test_a_reader_with_too_many_or_huge_topics_costs_only_itself(topics, shared):
    honest = Peer.enrolled(shared, "honest")
    honest.hello()
    calm = Peer.enrolled(shared, "calm", "--reader")
    greedy = Peer.enrolled(shared, "greedy", "--reader")
    quiet = peers.socket(zmq.SUB, calm.invite.endpoint(calm.invite.feed), calm.invite.server_key, calm.keys)
    quiet.subscribe(b"event.")

    def heard():
        honest.deliver([honest.tagged()])
        return quiet.poll(1000) and quiet.recv_multipart()

    wait_until(heard)
    before = resident_bytes(shared)
    with subprocess.Popen(
            [sys.executable, "-c", GREEDY_READER, greedy.invite.endpoint(greedy.invite.feed),
             greedy.invite.server_key, *(key.decode() for key in greedy.keys), str(topics)],
            stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout.readline() == b"asked\n"
            for _ in range(20):
                assert heard()
            assert resident_bytes(shared) - before < 64 * MIB
        finally:
            child.kill()
    # Its end is survived too, and so is our own.
    assert heard()
    assert shared.stop() == 0


def test_nonsense_at_the_desk_is_refused_with_a_code_and_nobody_waits(shared):
    reader = Peer.enrolled(shared, "reader", "--reader")
    desk = peers.socket(zmq.DEALER, reader.invite.endpoint(reader.invite.desk), reader.invite.server_key,
                        reader.keys)
    for frames in ([b""], [b"", b"", b"x"], [b"x"] * 17):
        desk.send_multipart(frames)
    desk.send(b"\xff" * 50)
    assert desk.poll(5000)
    assert wire().DeskReply.FromString(desk.recv()).refused.code == "E_REQUEST"
    request = wire().DeskRequest(request_id=1)
    request.enroll.name, request.enroll.public_key = "x", zmq.curve_keypair()[0].decode()
    desk.send(request.SerializeToString())
    assert desk.poll(5000)
    assert wire().DeskReply.FromString(desk.recv()).refused.code == "E_ROLE"
    request = wire().DeskRequest(request_id=2)
    request.replay.limit = (1 << 32) - 1
    request.replay.after.store_epoch, request.replay.after.feed_seq = 1, (1 << 64) - 1
    desk.send(request.SerializeToString())
    assert desk.poll(5000)
    assert wire().DeskReply.FromString(desk.recv()).WhichOneof("reply") == "page"
