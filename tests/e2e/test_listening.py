"""What a page has told of its listening is kept, whether the page, the browser or the station goes."""

import uuid

import pytest
from harness import Station, wait_until


@pytest.fixture
def station(tmp_path, programs):
    it = programs(Station(tmp_path / "station"))
    it.add_calls()
    it.start()
    return it


class Page:
    def __init__(self, station):
        self.station = station
        self.call = station.calls()[0]
        self.listening = str(uuid.uuid4())

    def tell(self, word, *intervals, **more):
        status, _ = self.station.request("POST", "/api/v1/listening", {
            "event_id": word, "call_id": self.call, "listening": self.listening, "what": "heard",
            "intervals": intervals, **more})
        return status

    def heard(self):
        return self.station.ask("GET", f"/api/v1/calls/{self.call}")["heard_ms"]


def words(station):
    return [line for line in station.command("journal").stdout.splitlines() if "Listened" in line]


def test_a_page_that_falls_silent_has_heard_what_it_told_last(station):
    page, word = Page(station), str(uuid.uuid4())
    assert page.tell(word, [0, 400], so_far=True) == 202
    assert page.tell(word, [0, 900], so_far=True) == 202
    assert page.heard() == []
    wait_until(page.heard)
    assert page.heard() == [[0, 900]]
    assert page.tell(word, [0, 1000]) == 201, "it was only suspended"
    assert page.heard() == [[0, 1000]]
    assert len(words(station)) == 2


def test_a_station_that_stops_keeps_what_was_told_so_far_and_takes_the_rest_when_it_is_back(station):
    page, word = Page(station), str(uuid.uuid4())
    assert page.tell(word, [0, 400], so_far=True) == 202
    station.stop()
    station.start()
    assert page.heard() == [[0, 400]]
    assert page.tell(word, [0, 600], so_far=True) == 202
    assert page.tell(word, [0, 800]) == 201
    assert page.tell(word, [0, 800]) == 200
    assert page.heard() == [[0, 800]]
    station.stop()
    assert len(words(station)) == 2
