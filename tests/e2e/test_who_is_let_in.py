"""Who is let in on a real collector's sockets: strangers, wrong keys and wrong roles get nothing."""

import os

import peer as peers
import pytest
import zmq
from harness import Collector
from peer import Invite, Peer, enroll, wire
from watch import alarms, assert_serves, records
from zmq.utils.monitor import recv_monitor_message

REFUSED = (zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
           zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_DISCONNECTED)

@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def witness(collector):
    """An honest station beside the hostile one."""
    honest = Peer.enrolled(collector, "witness")
    honest.hello()
    return honest


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
