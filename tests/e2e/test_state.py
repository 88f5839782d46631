"""A station's state is a cache: what it missed comes again, and what was erased does not, whichever of state,
station and store is lost, killed or put back."""

import errno
import shutil
import uuid

import pytest
from disk_fault import DiskFault
from harness import Collector, Station, wait_until
from peer import Peer, text_id
from test_delivery import all_delivered, assert_clean, states
from wire_page import payload_event

WORDS = "a name that must go"


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def peer(collector):
    made = Peer.enrolled(collector, "elsewhere")
    made.hello()
    yield made
    made.close()


@pytest.fixture
def fault(tmp_path):
    return DiskFault(tmp_path)


@pytest.fixture
def station(tmp_path, programs, collector, fault):
    made = fault.under(programs(Station(tmp_path / "station")))
    made.join(collector.invite("here"))
    made.add_calls(1)
    return made.start()


def call_of(station):
    [call] = station.calls()
    return call


def tag_elsewhere(peer, station):
    event = peer.event(subject=uuid.UUID(call_of(station)).bytes)
    peer.deliver([event.SerializeToString()])
    return text_id(event.id)


def tag_with_words(station):
    made = station.tag(call_of(station), station.kinds()[0], note=WORDS)["event_id"]
    wait_until(lambda: all_delivered(station, call_of(station)))
    return made


def erase(peer, station, tag):
    """As somebody elsewhere does; until the station shows it."""
    peer.deliver([payload_event(peer, "Erased", events=[uuid.UUID(tag).bytes]).SerializeToString()])
    wait_until(lambda: notes(station) == [""])


def notes(station):
    return [tag["note"] for tag in station.ask("GET", f"/api/v1/calls/{call_of(station)}")["tags"]]


def put_back(collector, copied):
    collector.kill()
    shutil.rmtree(collector.data)
    shutil.copytree(copied, collector.data)
    collector.start()


def with_feed_read(collector, station, *known):
    """The station has read the feed up to a tag that only the feed can have brought."""
    other = Peer.enrolled(collector, "yet elsewhere")
    other.hello()
    newest = tag_elsewhere(other, station)
    other.close()
    wait_until(lambda: set(states(station, call_of(station))) == {*known, newest})


def lose_state(station):
    for path in station.data.glob("state.db*"):
        path.unlink()


def test_what_the_state_could_not_take_of_the_feed_comes_again(station, peer, fault):
    known = {tag_elsewhere(peer, station)}
    wait_until(lambda: set(states(station, call_of(station))) == known)
    with fault.failing(errno.EIO, "state.db-wal"):
        known.add(tag_elsewhere(peer, station))
        wait_until(lambda: "failed state" in station.log.read_text())
    known.add(tag_elsewhere(peer, station))
    wait_until(lambda: set(states(station, call_of(station))) == known)


def test_what_was_erased_stays_so_after_a_kill_and_with_a_state_made_anew(collector, station, peer):
    tag = tag_with_words(station)
    erase(peer, station, tag)
    station.kill()
    collector.kill()  # so that nothing is told again
    lose_state(station)
    station.start()
    assert notes(station) == [""]
    assert WORDS not in station.command("journal").stdout
    station.stop()
    station.command("journal", "--verify")


def test_while_the_journal_cannot_be_rewritten_an_erasure_waits(station, peer, fault):
    tag = tag_with_words(station)
    with fault.failing(errno.EIO, "journal.db-wal"):
        peer.deliver([payload_event(peer, "Erased", events=[uuid.UUID(tag).bytes]).SerializeToString()])
        wait_until(lambda: "failed erasure" in station.log.read_text())
        assert notes(station) == [WORDS]
    wait_until(lambda: notes(station) == [""])
    assert WORDS not in station.command("journal").stdout


def test_a_store_put_back_from_before_a_tag_gets_it_as_it_was_erased(tmp_path, collector, station, peer):
    collector.stop()
    shutil.copytree(collector.data, tmp_path / "before")
    collector.start()
    peer.connect().hello()
    tag = tag_with_words(station)
    erase(peer, station, tag)
    put_back(collector, tmp_path / "before")
    wait_until(lambda: tag in [line["id"] for line in collector.tail()])
    wait_until(lambda: all_delivered(station, call_of(station)))
    assert WORDS not in str(collector.tail())
    assert notes(station) == [""]
    assert_clean(collector)


def test_a_store_put_back_from_before_an_erasure_takes_the_erased_tag_for_the_same(tmp_path, collector, station,
                                                                                  peer):
    """It has the tag with its words, and a station that is sent to another journal says it without them."""
    collector.stop()
    shutil.copytree(collector.data, tmp_path / "empty")
    collector.start()
    peer.connect().hello()
    tag = tag_with_words(station)
    collector.stop()
    shutil.copytree(collector.data, tmp_path / "worded")
    collector.start()
    peer.connect().hello()
    erase(peer, station, tag)
    put_back(collector, tmp_path / "empty")  # so that it says everything again in a new journal
    wait_until(lambda: "opened journal" in station.log.read_text())
    wait_until(lambda: all_delivered(station, call_of(station)))
    station.stop()
    lose_state(station)
    put_back(collector, tmp_path / "worded")
    station.start()
    wait_until(lambda: all_delivered(station, call_of(station)))
    with_feed_read(collector, station, tag)
    assert notes(station)[0] == ""
    assert_clean(collector)
