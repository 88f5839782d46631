"""Bytes that are no ZMTP on a real collector's sockets, or too many of them: each connection is closed, and
nobody else notices."""

import os
import socket as tcp
import struct
import time

import pytest
from harness import Collector
from peer import Peer
from watch import MIB, assert_serves, port_of, records, resident_bytes


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def witness(collector):
    """An honest station beside the hostile one."""
    honest = Peer.enrolled(collector, "witness")
    honest.hello()
    return honest


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
