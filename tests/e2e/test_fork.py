"""Folders that were copied, put back, cloned or lost, on either side: nothing shown as delivered is missing
from the store."""

import shutil
import sqlite3

import pytest
from harness import Collector, Station, wait_until
from test_delivery import all_delivered, assert_clean, states, tagged_ids


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def station(tmp_path, programs, collector):
    made = programs(Station(tmp_path / "station"))
    made.join(collector.invite("one"))
    made.add_calls(1)
    return made.start()


def tag(station, count):
    [call] = station.calls()
    return [station.tag(call, station.kinds()[0])["event_id"] for _ in range(count)]


def delivered(station):
    """The tags of the only call, once all of them are shown as delivered."""
    [call] = station.calls()
    return set(wait_until(lambda: all_delivered(station, call), 60))


def copy(program, to):
    """The program's folder as it is on disk; the program is not running."""
    shutil.copytree(program.data, to)


def put_back(program, copied):
    shutil.rmtree(program.data)
    shutil.copytree(copied, program.data)


def journals(collector):
    return collector.verify().stdout.count("\njournal: ")


def assert_nothing_is_missing(collector, *shown):
    stored = tagged_ids(collector)
    assert len(stored) == len(set(stored))
    for ids in shown:
        assert set(ids) <= set(stored)


def test_a_folder_that_was_run_on_and_put_back_forks_and_loses_nothing(tmp_path, collector, station):
    before = tag(station, 20)
    delivered(station)
    station.stop()
    copy(station, tmp_path / "copy")
    station.start()
    ran_on = tag(station, 20)
    delivered(station)
    station.stop()
    put_back(station, tmp_path / "copy")
    station.start()
    after = tag(station, 20)
    wait_until(lambda: set(tagged_ids(collector)) == {*before, *ran_on, *after})
    assert journals(collector) == 2
    assert_clean(collector)
    # Its own later tags come back to it from the feed.
    [call] = station.calls()
    wait_until(lambda: set(states(station, call)) == {*before, *ran_on, *after})
    assert delivered(station) == {*before, *ran_on, *after}
    assert "opened journal" in station.log.read_text()


def test_a_folder_put_back_with_tags_that_were_not_delivered_yet_delivers_them(tmp_path, collector, station):
    first = tag(station, 10)
    delivered(station)
    collector.kill()
    waiting = tag(station, 10)
    station.stop()
    copy(station, tmp_path / "copy")
    station.start()
    ran_on = tag(station, 5)
    collector.start()
    wait_until(lambda: len(tagged_ids(collector)) == 25)
    station.stop()
    put_back(station, tmp_path / "copy")
    station.start()
    after = tag(station, 3)
    wait_until(lambda: set(tagged_ids(collector)) == {*first, *waiting, *ran_on, *after})
    assert_nothing_is_missing(collector, delivered(station))
    assert_clean(collector)


def test_a_copy_that_ran_on_further_than_the_store_knows_is_told_by_its_chain(tmp_path, collector, station):
    """The store has 5 rows after the copy, the copy itself made 10 others: same numbers, other rows."""
    first = tag(station, 10)
    delivered(station)
    station.stop()
    copy(station, tmp_path / "copy")
    station.start()
    ran_on = tag(station, 5)
    delivered(station)
    station.stop()
    put_back(station, tmp_path / "copy")
    collector.kill()
    station.start()
    others = tag(station, 10)
    collector.start()
    wait_until(lambda: set(tagged_ids(collector)) == {*first, *ran_on, *others})
    assert delivered(station) >= {*first, *others}
    assert journals(collector) == 2
    assert_clean(collector)


def test_two_stations_with_one_folder_take_turns_and_both_lose_nothing(tmp_path, programs, collector, station):
    first = tag(station, 10)
    delivered(station)
    station.stop()
    copy(station, tmp_path / "clone")
    clone = programs(Station(tmp_path / "clone"))
    station.start()
    clone.start()
    # Both tag while both are up: the same seqs, other events.
    of_station, of_clone = [], []
    for _ in range(10):
        of_station += tag(station, 1)
        of_clone += tag(clone, 1)
    wait_until(lambda: "another station connected with the same key"
               in station.log.read_text() + clone.log.read_text())
    # Whoever goes first, the other still delivers.
    clone.stop()
    station.stop()
    station.start()
    assert_nothing_is_missing(collector, delivered(station), of_station)
    station.stop()
    clone.start()
    assert_nothing_is_missing(collector, delivered(clone), of_clone, of_station, first)
    wait_until(lambda: set(tagged_ids(collector)) == {*first, *of_station, *of_clone})
    assert_clean(collector)


# --- The collector's folder ---


def test_a_collector_put_back_from_a_copy_is_healed_by_its_stations(tmp_path, collector, station):
    first = tag(station, 10)
    delivered(station)
    collector.stop()
    copy(collector, tmp_path / "copy")
    collector.start()
    lost = tag(station, 10)
    delivered(station)
    collector.kill()
    put_back(collector, tmp_path / "copy")
    assert set(tagged_ids(collector)) == set(first)
    collector.start()
    later = tag(station, 1)
    wait_until(lambda: set(tagged_ids(collector)) == {*first, *lost, *later})
    assert delivered(station) == {*first, *lost, *later}
    assert_clean(collector)


def test_only_the_store_put_back_is_noticed_and_starts_a_new_epoch(tmp_path, collector, station):
    first = tag(station, 5)
    delivered(station)
    collector.stop()
    copy(collector, tmp_path / "copy")
    collector.start()
    lost = tag(station, 5)
    delivered(station)
    collector.stop()
    epoch = collector.tail()[0]["position"].split(":")[0]
    for name in ("store.db", "store.db-wal", "store.db-shm"):
        (collector.data / name).unlink(missing_ok=True)
        if (tmp_path / "copy" / name).exists():
            shutil.copy(tmp_path / "copy" / name, collector.data / name)
    collector.start()
    wait_until(lambda: set(tagged_ids(collector)) == {*first, *lost})
    assert collector.tail()[0]["position"].split(":")[0] != epoch
    assert "older than it once was" in collector.log.read_text()
    assert delivered(station) == {*first, *lost}


def test_a_new_collector_gets_everything_the_station_ever_said(tmp_path, programs, collector, station):
    ids = tag(station, 10)
    delivered(station)
    collector.kill()
    other = programs(Collector(tmp_path / "other")).start()
    station.join(other.invite("one"))
    more = tag(station, 5)
    wait_until(lambda: set(tagged_ids(other)) == {*ids, *more})
    assert delivered(station) == {*ids, *more}
    assert_clean(other)


def test_a_collector_put_back_from_before_a_fork_is_healed_too(tmp_path, collector, station):
    """Rows of a journal that has since been closed: the store had them, the copy of it does not."""
    collector.stop()
    copy(collector, tmp_path / "collector-copy")
    collector.start()
    first = tag(station, 10)
    delivered(station)
    station.stop()
    copy(station, tmp_path / "station-copy")
    station.start()
    ran_on = tag(station, 1)
    delivered(station)
    station.stop()
    put_back(station, tmp_path / "station-copy")
    station.start()
    after = tag(station, 1)
    wait_until(lambda: set(tagged_ids(collector)) == {*first, *ran_on, *after})
    # Only now, with the first ten in a closed journal, does the store lose them.
    collector.kill()
    put_back(collector, tmp_path / "collector-copy")
    collector.start()
    wait_until(lambda: {*first, *after} <= set(tagged_ids(collector)))
    assert_nothing_is_missing(collector, first, after)
    assert_clean(collector)


def test_a_new_collector_gets_rows_of_closed_journals_too(tmp_path, programs, collector, station):
    first = tag(station, 10)
    delivered(station)
    station.stop()
    copy(station, tmp_path / "copy")
    station.start()
    tag(station, 1)
    delivered(station)
    station.stop()
    put_back(station, tmp_path / "copy")
    station.start()
    after = tag(station, 1)
    delivered(station)
    collector.kill()
    other = programs(Collector(tmp_path / "other")).start()
    station.join(other.invite("one"))
    wait_until(lambda: {*first, *after} <= set(tagged_ids(other)))
    assert_nothing_is_missing(other, first, after)


# --- The station's disk ---


def test_rows_the_station_lost_are_a_gap_that_verify_lists(tmp_path, collector, station):
    """Rows that were never delivered and are gone from the journal: the store goes on and says what is missing."""
    first = tag(station, 5)
    delivered(station)
    wait_until(lambda: any(line["type"].endswith("CallUpdated") for line in collector.tail()))  # no row of its own later
    collector.kill()
    lost = tag(station, 5)
    kept = tag(station, 5)
    station.stop()
    with sqlite3.connect(station.data / "journal.db") as journal:
        [(last,)] = journal.execute("SELECT max(seq) FROM entries").fetchall()
        # What a disk that lost its middle leaves: no row up to the lost ones, the chain goes on after them.
        [(chain,)] = journal.execute("SELECT chain FROM entries WHERE seq = ?", (last - 5,)).fetchall()
        journal.execute("DELETE FROM entries WHERE seq <= ?", (last - 5,))
        journal.execute("UPDATE journals SET chain_before_first = ?", (chain,))
    collector.start()
    station.start()
    wait_until(lambda: set(tagged_ids(collector)) == {*first, *kept})
    said = collector.verify().stdout
    assert f"rows {last - 9} to {last - 5}" in said
    assert "clean: 1 gaps" in said
    assert not set(lost) & set(tagged_ids(collector))
    tag(station, 1)
    delivered(station)


def test_a_station_that_lost_its_journal_begins_another_and_keeps_its_identity(tmp_path, collector, station):
    first = tag(station, 5)
    delivered(station)
    station.stop()
    for name in ("journal.db", "journal.db-wal", "journal.db-shm", "state.db", "state.db-wal", "state.db-shm"):
        (station.data / name).unlink(missing_ok=True)
    with sqlite3.connect(station.data / "library" / "library.db") as library:  # as a stop right after may leave it
        library.execute("UPDATE calls SET announced = 0, ended_told = 0")
    library.close()
    station.start()
    later = tag(station, 5)
    wait_until(lambda: set(tagged_ids(collector)) == {*first, *later})
    # What it lost comes back from the feed.
    [call] = station.calls()
    wait_until(lambda: set(states(station, call)) == {*first, *later})
    assert delivered(station) == {*first, *later}
    assert_clean(collector)
