"""The collector's store on a disk that fails it: damaged, locked, full, broken, or without its log. It
refuses, holds or ends, and says what to do; nothing is ever acknowledged that is not kept."""

import contextlib
import errno
import http.client
import re
import sqlite3

import pytest
from disk_fault import DiskFault
from harness import READY_S, Collector, run, wait_until
from peer import Peer, next_chain

PAGE = 4096


@pytest.fixture
def fault(tmp_path):
    return DiskFault(tmp_path)


@pytest.fixture
def collector(tmp_path, programs, fault):
    return fault.under(programs(Collector(tmp_path / "collector"))).start()


@pytest.fixture
def station(collector):
    made = Peer.enrolled(collector, "one")
    made.hello()
    return made


def readyz(collector):
    connection = http.client.HTTPConnection("127.0.0.1", collector.http_port, timeout=30)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def records(collector):
    return int(re.search(r": (\d+) records", collector.verify().stdout)[1])


def send_rows(station, count=1):
    """Sends without waiting for the Ack; the raws, to be sent again later."""
    raws = [station.tagged() for _ in range(count)]
    station.send(station.events_message(raws))
    return raws


def assert_not_acknowledged(station, milliseconds=700):
    """Whatever comes in that time, none of it says that the store has more than before."""
    while station.socket.poll(milliseconds):
        message = station.wire.CollectorMessage.FromString(station.socket.recv())
        assert message.WhichOneof("message") != "ack" or message.ack.have_seq <= station.seq


def ended(collector):
    """The exit status of a program that ended by itself."""
    wait_until(lambda: not collector.running)
    status, collector.process = collector.process.returncode, None
    return status


def last_line(collector):
    return collector.log.read_text().strip().splitlines()[-1]


def refuses_to_start(collector):
    """The one line it says instead of serving."""
    done = run(collector.program, "serve", "--data", collector.data, "--intake", "tcp://127.0.0.1:0",
               "--feed", "tcp://127.0.0.1:0", "--desk", "tcp://127.0.0.1:0", "--http-port", "0",
               check=False, timeout=READY_S)
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if line.startswith("earful-collector:")]
    assert len(said) == 1, done.stderr
    return said[0]


def into_the_file(collector):
    """Everything from the log into store.db itself, as the last connection does when it closes."""
    collector.stop()
    with contextlib.closing(sqlite3.connect(collector.data / "store.db")) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def overwrite(path, at, size):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * size)


# --- Damage ---


def test_a_store_whose_first_page_is_damaged_is_refused_with_the_way_to_restore_it(collector, station):
    station.deliver([station.tagged()])
    into_the_file(collector)
    overwrite(collector.data / "store.db", 0, 100)
    said = refuses_to_start(collector)
    assert "store.db" in said
    assert "earful-collector restore" in said


def damage_every_page_but_the_first_table(collector):
    path = collector.data / "store.db"
    with contextlib.closing(sqlite3.connect(path)) as store:
        [(meta,)] = store.execute("SELECT rootpage FROM sqlite_master WHERE name = 'meta'")
    for page in range(2, path.stat().st_size // PAGE + 1):
        if page != meta:
            overwrite(path, (page - 1) * PAGE, 200)


def test_damaged_pages_end_it_with_the_way_to_restore_it_and_stations_heal_the_backup(tmp_path, collector, station):
    first = [station.tagged() for _ in range(100)]
    station.deliver(first)
    collector.command("backup", tmp_path / "backup")
    later = [station.tagged() for _ in range(100)]
    station.deliver(later)
    into_the_file(collector)
    damage_every_page_but_the_first_table(collector)
    said = refuses_to_start(collector)
    assert "earful-collector restore" in said
    assert collector.verify(check=False).returncode == 1

    collector.command("restore", tmp_path / "backup")
    collector.start()
    assert station.connect().hello().have_seq == 100
    station.send(station.events_message(later, first_seq=101))
    assert station.receive("ack").have_seq == 200
    assert records(collector) == 200


def test_damage_met_while_serving_is_not_acknowledged_and_ends_it(collector, station):
    station.deliver([station.tagged() for _ in range(100)])
    with contextlib.closing(sqlite3.connect(collector.data / "store.db")) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        # As a program that wrote into the file leaves it: a table whose pages are not there.
        store.execute("PRAGMA writable_schema=ON")
        store.execute("UPDATE sqlite_master SET rootpage=1000000 WHERE name='events'")
        store.execute("PRAGMA schema_version=99")
        store.commit()
    send_rows(station)
    assert_not_acknowledged(station)
    assert ended(collector) == 1
    assert "restore" in last_line(collector)


# --- Locked, full ---


def test_while_another_process_locks_the_store_nothing_is_acknowledged_and_nothing_is_lost(collector, station):
    station.deliver([station.tagged()])
    with contextlib.closing(sqlite3.connect(collector.data / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        raws = send_rows(station, 10)
        # Longer than SQLite itself waits: by then one commit was refused.
        wait_until(lambda: readyz(collector)[0] == 503)
        assert "nothing is acknowledged" in readyz(collector)[1]
        assert_not_acknowledged(station)
        other.execute("ROLLBACK")
    assert station.receive("ack").have_seq == 11
    wait_until(lambda: readyz(collector)[0] == 200)
    station.send(station.events_message(raws, first_seq=2))
    assert station.receive("ack").have_seq == 11
    assert records(collector) == 11


def test_a_start_on_a_locked_store_says_who_is_in_the_way(collector):
    collector.stop()
    with contextlib.closing(sqlite3.connect(collector.data / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = refuses_to_start(collector)
        other.execute("ROLLBACK")
    assert "another program" in said and "store.db" in said


def test_a_full_disk_holds_every_acknowledgement_until_there_is_space(collector, station, fault):
    station.deliver([station.tagged()])
    with fault.failing(errno.ENOSPC, "store.db-wal"):
        send_rows(station, 10)
        wait_until(lambda: readyz(collector)[0] == 503)
        assert_not_acknowledged(station)
        assert records(collector) == 1
    assert station.receive("ack").have_seq == 11
    assert readyz(collector)[0] == 200
    assert records(collector) == 11
    assert "0 faults" in collector.verify().stdout


# --- Broken ---


@pytest.mark.parametrize("only", ["", "sync"])
def test_a_disk_that_fails_ends_it_and_stations_deliver_again_what_it_did_not_keep(only, collector, station, fault):
    station.deliver([station.tagged() for _ in range(10)])
    with fault.failing(errno.EIO, "store.db-wal", only):
        raws = send_rows(station, 10)
        assert_not_acknowledged(station)
        assert ended(collector) == 1
    assert "check the disk" in last_line(collector)
    for raw in raws:
        station.seq, station.chain = station.seq + 1, next_chain(station.chain, raw)
    collector.start()
    # What a failed sync left in the log may be read again; what was acknowledged must be.
    have = station.connect().hello().have_seq
    assert have >= 10
    if have < 20:
        station.send(station.events_message(raws[have - 10:], first_seq=have + 1))
        assert station.receive("ack").have_seq == 20
    assert records(collector) == 20
    assert "0 faults" in collector.verify().stdout


def test_a_log_deleted_under_it_ends_it_and_nothing_acknowledged_is_lost(collector, station):
    kept = [station.tagged() for _ in range(10)]
    station.deliver(kept)
    (collector.data / "store.db-wal").unlink()
    lost = send_rows(station, 5)
    assert_not_acknowledged(station)
    assert ended(collector) == 1
    assert "store.db-wal" in last_line(collector)
    collector.start()
    assert station.connect().hello().have_seq == 10
    station.deliver(lost)
    assert records(collector) == 15
    assert "0 faults" in collector.verify().stdout


def test_a_log_deleted_after_a_crash_is_an_older_store_and_starts_a_new_epoch(collector, station):
    station.deliver([station.tagged() for _ in range(10)])
    epoch = collector.tail()[0]["position"].split(":")[0]
    into_the_file(collector)
    collector.start()
    station.connect().hello()
    lost = [station.tagged() for _ in range(5)]
    station.deliver(lost)
    # The witness is written once a second.
    wait_until(lambda: '"feed_seq":15' in (collector.data / "witness.json").read_text())
    collector.kill()
    for name in ("store.db-wal", "store.db-shm"):
        (collector.data / name).unlink()
    collector.start()
    assert "older than it once was" in collector.log.read_text()
    assert station.connect().hello(chain_at_last=station.chain).have_seq == 10
    station.send(station.events_message(lost, first_seq=11))
    assert station.receive("ack").have_seq == 15
    assert {line["position"].split(":")[0] for line in collector.tail()} != {epoch}
    assert records(collector) == 15
