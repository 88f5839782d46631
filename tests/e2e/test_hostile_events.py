"""Events that break a rule, of stations that are let in: each is kept with its code and counts as had."""

import os
import time

import pytest
from harness import Collector
from peer import Peer, uuid7, wire
from watch import alarms, assert_serves, records


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
    "an unknown enum value": lambda s: with_tagged(s, input=99),
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
