"""Enrolled stations that do not keep to the protocol: what each gets, and that nobody else notices."""

import os
import re

import pytest
from harness import Collector, wait_until
from peer import Peer, text_id
from watch import MIB, alarms, assert_serves, records, resident_bytes


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def witness(collector):
    """An honest station beside the hostile one."""
    honest = Peer.enrolled(collector, "witness")
    honest.hello()
    return honest


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
