"""The station's journal on a disk that fails it: broken, full, read-only, locked, or without its log. What
was not kept is never shown as saved, and every refusal says what to do."""

import contextlib
import errno
import json
import os
import sqlite3

import pytest
from disk_fault import DiskFault
from harness import AGENT, READY_S, Collector, Station, run, wait_until
from test_delivery import states, tagged_ids


@pytest.fixture
def fault(tmp_path):
    return DiskFault(tmp_path)


@pytest.fixture
def station(tmp_path, programs, fault):
    made = fault.under(programs(Station(tmp_path / "station")))
    made.add_calls(1)
    return made.start()


def press(station):
    """(status, answer) of one key press."""
    [call] = station.calls()
    return station.request("POST", "/api/v1/tags", {"call_id": call, "kind": station.kinds()[0], "position_ms": 1000})


def saved(station):
    status, answer = press(station)
    assert status == 201, answer
    return answer["event_id"]


def assert_not_saved(station, known):
    """Refused in words, and nothing is shown that is not kept."""
    status, answer = press(station)
    assert status in (500, 503, 507), answer
    assert "NOT SAVED" in answer["error"]["message"]
    assert station.request("GET", "/readyz")[0] == 503
    assert shown(station) == set(known)


def shown(station):
    [call] = station.calls()
    return set(states(station, call))


def kept(station):
    """The tags in the journal itself, in order; what the page shows comes from a cache beside it."""
    events = [json.loads(line)["event"] for line in station.command("journal").stdout.splitlines()]
    return [event["id"] for event in events if event["type"] == "earful.v1.Tagged"]


def assert_whole_after_a_kill(station, known):
    station.kill()
    assert set(kept(station)) == set(known)
    station.start()
    assert shown(station) == set(known)
    station.stop()
    station.command("journal", "--verify")


def refuses_to_start(*command):
    """The one line it says instead of serving."""
    done = run(*command, check=False, timeout=READY_S)
    assert done.returncode == 1, done.stdout
    said = [line for line in done.stderr.splitlines() if line.startswith("earful-agent:")]
    assert len(said) == 1, done.stderr
    return said[0]


def serve(station):
    return (AGENT, "serve", "--data", station.data, "--port", "0")


# --- Broken, full ---


@pytest.mark.parametrize("only", ["", "sync"])
def test_while_the_disk_fails_nothing_is_saved_and_afterwards_a_new_file_is(only, station, fault):
    known = [saved(station) for _ in range(5)]
    with fault.failing(errno.EIO, "journal.db-wal", only):
        assert_not_saved(station, known)
        assert_not_saved(station, known)
    known.append(saved(station))
    assert station.request("GET", "/readyz")[0] == 200
    assert list(station.data.glob("journal-failed-*.db")), "the failed file is set aside"
    assert_whole_after_a_kill(station, known)


def test_what_a_failed_sync_left_behind_is_delivered_once_or_not_at_all(tmp_path, programs, station, fault):
    collector = programs(Collector(tmp_path / "collector")).start()
    station.join(collector.invite("one"))
    known = [saved(station) for _ in range(5)]
    wait_until(lambda: set(tagged_ids(collector)) == set(known))
    with fault.failing(errno.EIO, "journal.db-wal", "sync"):
        assert_not_saved(station, known)
    known += [saved(station) for _ in range(5)]
    wait_until(lambda: len(tagged_ids(collector)) == len(known))
    assert set(tagged_ids(collector)) == set(known)


def test_a_full_disk_is_said_and_ends_when_there_is_space(station, fault):
    known = [saved(station) for _ in range(5)]
    with fault.failing(errno.ENOSPC, "journal.db-wal"):
        status, answer = press(station)
        assert "free some disk space" in answer["error"]["message"]
        assert_not_saved(station, known)
    known.append(saved(station))
    assert not list(station.data.glob("journal-failed-*.db")), "a full disk is no broken one"
    assert_whole_after_a_kill(station, known)


def test_a_log_deleted_under_it_loses_nothing_that_was_said_to_be_saved(station):
    known = [saved(station) for _ in range(5)]
    (station.data / "journal.db-wal").unlink()
    known.append(saved(station))
    assert_whole_after_a_kill(station, known)


# --- Locked ---


def test_a_second_station_on_the_folder_is_refused_and_the_first_goes_on(station):
    said = refuses_to_start(*serve(station))
    assert "another earful-agent" in said and "--data" in said
    saved(station)


def test_a_journal_locked_by_another_program_saves_nothing_until_it_is_free(station):
    known = [saved(station)]
    with contextlib.closing(sqlite3.connect(station.data / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert_not_saved(station, known)
        other.execute("ROLLBACK")
    known.append(saved(station))
    assert_whole_after_a_kill(station, known)


# --- Read-only ---


def bound_by_permissions():
    """What to put before a command so that they bind it: root otherwise writes anywhere."""
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


@pytest.fixture
def read_only(station):
    saved(station)
    station.stop()
    station.data.chmod(0o500)
    yield station
    station.data.chmod(0o700)


def test_a_read_only_folder_is_refused_with_what_to_do(read_only):
    said = refuses_to_start(*bound_by_permissions(), *serve(read_only))
    assert str(read_only.data) in said and "--data" in said


def test_a_read_only_journal_is_refused_with_what_to_do(station):
    saved(station)
    station.stop()
    (station.data / "journal.db").chmod(0o400)
    said = refuses_to_start(*bound_by_permissions(), *serve(station))
    (station.data / "journal.db").chmod(0o600)
    assert "journal.db" in said
    assert "writable" in said
