"""What was acknowledged is in the store exactly once, whatever was killed in between."""

import http.client
import os
import pathlib
import subprocess
import threading
import time

import pytest
from harness import Collector, Station, run, wait_until
from peer import text_id, uuid7

STATION_GONE = (OSError, http.client.HTTPException)


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def station(tmp_path, programs, collector):
    made = programs(Station(tmp_path / "station"))
    made.join(collector.invite("one"))
    made.add_calls(1)
    return made.start()


def tagged_ids(collector):
    """The ids of all tags in the store, in feed order, each as often as it is there."""
    return [line["id"] for line in collector.tail() if line["type"] == "earful.v1.Tagged"]


def states(station, call):
    """What the console shows of each tag: "saved" here, or "delivered"."""
    return {tag["event_id"]: tag["state"] for tag in station.ask("GET", f"/api/v1/calls/{call}")["tags"]}


def all_delivered(station, call):
    shown = states(station, call)
    return shown and set(shown.values()) == {"delivered"} and shown


def assert_clean(collector, gaps=0):
    assert f"clean: {gaps} gaps, 0 in quarantine, 0 faults" in collector.verify().stdout


class Posters:
    """Listeners who tag without pause. A tag that got no answer is tried again under its own id until it has
    one, as the console does."""

    def __init__(self, station, call, count, threads=4):
        self.station, self.call, self.kind = station, call, station.kinds()[0]
        self.todo = [text_id(uuid7()) for _ in range(count)]
        self.acknowledged, self.retried = [], 0
        self.lock = threading.Lock()
        self.stopped = False
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def work(self):
        while not self.stopped:
            with self.lock:
                if not self.todo:
                    return
                event_id = self.todo.pop()
            while not self.stopped:
                try:
                    assert self.station.tag(self.call, self.kind, event_id=event_id)["event_id"] == event_id
                    break
                except STATION_GONE:
                    with self.lock:
                        self.retried += 1
                    time.sleep(0.02)
            else:
                return
            with self.lock:
                self.acknowledged.append(event_id)

    def reach(self, count):
        wait_until(lambda: len(self.acknowledged) >= count or not any(t.is_alive() for t in self.threads),
                   60, every=0.001)
        assert len(self.acknowledged) >= count

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()


def test_a_thousand_tags_survive_five_kills_of_the_collector_and_two_of_the_station(collector, station):
    [call] = station.calls()
    posters = Posters(station, call, 1000)
    for count, victim in [(100, collector), (250, station), (350, collector), (500, collector),
                          (650, station), (750, collector), (900, collector)]:
        posters.reach(count)
        victim.kill()
        victim.start()
    posters.reach(1000)
    wait_until(lambda: len(tagged_ids(collector)) >= 1000)
    stored = tagged_ids(collector)
    assert sorted(stored) == sorted(posters.acknowledged)
    assert_clean(collector)
    assert set(wait_until(lambda: all_delivered(station, call))) == set(stored)
    station.stop()
    station.command("journal", "--verify")


def test_a_kill_in_the_middle_of_requests_loses_nothing_that_was_answered(collector, station):
    [call] = station.calls()
    posters = Posters(station, call, 100_000, threads=8)
    for count in (20, 60, 100):
        posters.reach(count)
        station.kill()
        station.start()
    posters.stop()
    assert posters.retried > 0, "no request was cut"
    stored = wait_until(lambda: set(posters.acknowledged) <= set(ids := tagged_ids(collector)) and ids)
    assert len(stored) == len(set(stored))
    assert_clean(collector)


def test_a_station_works_the_same_with_the_collector_away_and_delivers_when_it_is_back(collector, station):
    [call] = station.calls()
    collector.kill()
    posters = Posters(station, call, 5000, threads=4)
    posters.reach(5000)
    assert set(states(station, call).values()) == {"saved"}
    # Also over a restart of the station, as after a weekend.
    station.stop()
    station.start()
    assert len(states(station, call)) == 5000
    collector.start()
    wait_until(lambda: len(tagged_ids(collector)) >= 5000)
    assert sorted(tagged_ids(collector)) == sorted(posters.acknowledged)
    wait_until(lambda: all_delivered(station, call))
    assert_clean(collector)


def test_a_station_that_never_met_a_collector_delivers_everything_once_it_joins(tmp_path, programs):
    station = programs(Station(tmp_path / "station"))
    station.add_calls(1)
    station.start()
    [call] = station.calls()
    ids = [station.tag(call, station.kinds()[0])["event_id"] for _ in range(20)]
    collector = programs(Collector(tmp_path / "collector")).start()
    station.join(collector.invite("late"))
    wait_until(lambda: sorted(tagged_ids(collector)) == sorted(ids))
    assert_clean(collector)


def test_a_retry_after_a_lost_answer_is_the_same_tag(collector, station):
    [call] = station.calls()
    first = station.tag(call, station.kinds()[0], event_id=text_id(uuid7()))
    station.kill()
    station.start()
    again = station.tag(call, station.kinds()[0], event_id=first["event_id"])
    assert again == first
    wait_until(lambda: tagged_ids(collector) == [first["event_id"]])


def test_undo_and_revision_made_while_the_collector_is_away_arrive_in_order(collector, station):
    [call] = station.calls()
    kind = station.kinds()[0]
    kept = station.tag(call, kind)["event_id"]
    wait_until(lambda: tagged_ids(collector))
    collector.kill()
    undone = station.tag(call, kind)["event_id"]
    station.retract(undone)
    station.revise(kept, note="said twice")
    collector.start()
    types = ["earful.v1.Tagged", "earful.v1.Tagged", "earful.v1.TagRetracted", "earful.v1.TagRevised"]
    wait_until(lambda: [line["type"] for line in collector.tail() if "Tag" in line["type"]] == types)
    assert wait_until(lambda: all_delivered(station, call)).keys() == {kept}


def test_two_stations_see_each_others_tags_after_both_were_away(tmp_path, programs, collector, station):
    other = programs(Station(tmp_path / "other"))
    other.join(collector.invite("two"))
    other.add_calls(1)
    other.start()
    [call] = station.calls()
    assert other.calls() == [call]
    collector.kill()
    ids = [at.tag(call, at.kinds()[0])["event_id"] for at in (station, other, station, other)]
    collector.start()
    for at in (station, other):
        wait_until(lambda at=at: set(ids) == set(states(at, call)))
        wait_until(lambda at=at: all_delivered(at, call))


# --- The disk ---


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root; run as root to test a full disk")
    where = tmp_path / "disk"
    where.mkdir()
    done = run("mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", where, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting a small tmpfs was refused here: {done.stderr.strip()}")
    yield where
    subprocess.run(["umount", "-l", where], check=True)


def fill(path):
    """Takes all space there is, so that the next block fails."""
    with open(path, "wb", buffering=0) as full:
        for size in (1 << 20, 4096):
            try:
                while True:
                    full.write(bytes(size))
            except OSError:
                pass


def test_a_full_disk_says_not_saved_loses_nothing_and_goes_on_when_space_returns(small_disk, programs, collector):
    station = programs(Station(small_disk / "station"))
    station.log = pathlib.Path(collector.log).with_name("station.log")
    station.join(collector.invite("small"))
    station.add_calls(1)
    station.start()
    [call] = station.calls()
    kind = station.kinds()[0]
    saved = [station.tag(call, kind)["event_id"] for _ in range(5)]
    fill(small_disk / "ballast")

    def refused():
        # The journal's own slack takes a few more.
        status, answer = station.request("POST", "/api/v1/tags",
                                         {"call_id": call, "kind": kind, "position_ms": 1000, "note": "n" * 4000})
        if status == 201:
            saved.append(answer["event_id"])
            return None
        return status, answer["error"]

    status, error = wait_until(refused)
    assert status in (500, 503, 507), status
    assert "NOT SAVED" in error["message"], error
    assert station.request("GET", "/readyz")[0] == 503
    assert set(states(station, call)) == set(saved)

    (small_disk / "ballast").unlink()
    saved.append(station.tag(call, kind)["event_id"])
    assert station.request("GET", "/readyz")[0] == 200
    wait_until(lambda: set(tagged_ids(collector)) == set(saved))
    assert len(tagged_ids(collector)) == len(saved)
    wait_until(lambda: all_delivered(station, call))
    assert_clean(collector)
    station.kill()
    station.start()
    assert set(states(station, call)) == set(saved)
    station.stop()
    station.command("journal", "--verify")
