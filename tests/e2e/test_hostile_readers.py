"""Readers that ask too much of the feed and the desk: it costs only themselves."""

import subprocess
import sys

import peer as peers
import pytest
import zmq
from harness import Collector, wait_until
from peer import ANSWER_S, Peer, wire
from watch import MIB, resident_bytes


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


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
def test_a_reader_with_too_many_or_huge_topics_costs_only_itself(topics, collector):
    honest = Peer.enrolled(collector, "honest")
    honest.hello()
    calm = Peer.enrolled(collector, "calm", "--reader")
    greedy = Peer.enrolled(collector, "greedy", "--reader")
    quiet = peers.socket(zmq.SUB, calm.invite.endpoint(calm.invite.feed), calm.invite.server_key, calm.keys)
    quiet.subscribe(b"event.")

    def heard(seconds=ANSWER_S):
        honest.deliver([honest.tagged()])
        return quiet.poll(seconds * 1000) and quiet.recv_multipart()

    wait_until(lambda: heard(seconds=1))  # what was published before it subscribed, it never hears
    before = resident_bytes(collector)
    with subprocess.Popen(
            [sys.executable, "-c", GREEDY_READER, greedy.invite.endpoint(greedy.invite.feed),
             greedy.invite.server_key, *(key.decode() for key in greedy.keys), str(topics)],
            stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout.readline() == b"asked\n"
            for _ in range(20):
                assert heard()
            assert resident_bytes(collector) - before < 64 * MIB
        finally:
            child.kill()
    # Its end is survived too, and so is our own.
    assert heard()
    assert collector.stop() == 0


def test_nonsense_at_the_desk_is_refused_with_a_code_and_nobody_waits(collector):
    reader = Peer.enrolled(collector, "reader", "--reader")
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
