"""A second collector over feed and desk of a first one ends equal to it."""

import errno
import os

import pytest
from disk_fault import DiskFault
from harness import Collector, Station, wait_until
from peer import Peer


class Mirror(Collector):
    """Follows another collector from the first start on."""

    def __init__(self, data, invite_line):
        super().__init__(data)
        self.invite_line = invite_line

    def start(self):
        self.intake = f"tcp://{self.host}:0"  # it says "none" once it runs
        return super().start()

    def launch(self, *arguments):
        joined = (self.data / "store.db").exists()
        return super().launch(*arguments, *(() if joined else ("--follow-from", self.invite_line)))


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def stations(collector):
    made = [Peer.enrolled(collector, name) for name in ("one", "two")]
    for station in made:
        station.hello()
    return made


def mirror_of(collector, tmp_path, programs, name="mirror"):
    return programs(Mirror(tmp_path / name, collector.invite(name, "--reader"))).start()


def digest(collector):
    return collector.verify("--digest").stdout.strip()


def assert_becomes_equal(mirror, collector):
    wait_until(lambda: digest(mirror) == digest(collector))
    assert " 0 faults" in mirror.verify().stdout
    assert [line["id"] for line in mirror.tail() if not line.get("quarantine")] == \
           [line["id"] for line in collector.tail() if not line.get("quarantine")]


def everything(stations):
    """Good events, repeats, hostile ones and a gap, of two stations in turns."""
    for _ in range(20):
        for station in stations:
            station.deliver([station.tagged() for _ in range(50)])
    one, two = stations
    again = one.tagged()
    one.deliver([again, again, b"\xff" * 10, one.tagged(id=bytes(16)), one.tagged(source=os.urandom(16))])
    chain = os.urandom(32)
    two.hello(first_seq=two.seq + 10, last_seq=two.seq + 9, chain_at_last=chain, chain_before_first=chain)
    two.seq, two.chain = two.seq + 9, chain
    two.deliver([two.tagged()])


def test_a_second_collector_started_from_0_ends_equal(tmp_path, programs, collector, stations):
    everything(stations)
    mirror = mirror_of(collector, tmp_path, programs)
    assert_becomes_equal(mirror, collector)
    # And stays so while more comes.
    for station in stations:
        station.deliver([station.tagged() for _ in range(10)])
    assert_becomes_equal(mirror, collector)


def test_a_mirror_killed_again_and_again_ends_equal(tmp_path, programs, collector, stations):
    mirror = mirror_of(collector, tmp_path, programs)
    for _ in range(5):
        for station in stations:
            station.deliver([station.tagged() for _ in range(500)])
        mirror.kill()
        mirror.start()
    assert_becomes_equal(mirror, collector)


def test_a_mirror_survives_kills_of_the_one_it_follows(tmp_path, programs, collector, stations):
    mirror = mirror_of(collector, tmp_path, programs)
    for _ in range(3):
        stations[0].deliver([stations[0].tagged() for _ in range(200)])
        collector.kill()
        collector.start()
        stations[0].connect()
        stations[0].hello()
    assert_becomes_equal(mirror, collector)


def test_a_mirror_of_a_mirror_is_equal_too(tmp_path, programs, collector, stations):
    everything(stations)
    first = mirror_of(collector, tmp_path, programs, "first")
    second = mirror_of(first, tmp_path, programs, "second")
    assert_becomes_equal(first, collector)
    assert_becomes_equal(second, collector)


def test_a_mirror_whose_disk_fails_ends_and_is_equal_after_the_next_start(tmp_path, programs, collector, stations):
    everything(stations)
    fault = DiskFault(tmp_path)
    mirror = fault.under(programs(Mirror(tmp_path / "mirror", collector.invite("mirror", "--reader")))).start()
    assert_becomes_equal(mirror, collector)
    with fault.failing(errno.EIO, "store.db-wal"):
        stations[0].deliver([stations[0].tagged() for _ in range(10)])
        wait_until(lambda: not mirror.running)
    assert mirror.process.returncode == 1
    assert "check the disk" in mirror.log.read_text()
    mirror.process = None
    mirror.start()
    assert_becomes_equal(mirror, collector)


def test_a_mirror_takes_no_station_in_and_says_so(tmp_path, programs, collector):
    mirror = mirror_of(collector, tmp_path, programs)
    station = programs(Station(tmp_path / "station"))
    said = station.command("join", "-", input=mirror.invite("station"), check=False)
    assert said.returncode == 1
    assert "it mirrors another one" in said.stderr
