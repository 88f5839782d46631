"""A station that records real devices of a real sound server through its API."""

import os

import pytest
from harness import Station, wait_until
from sound_server import SoundServer

SETTINGS = """
[[capture]]
name = "desk"
agent = "agent"
customer = "customer"

[[capture]]
name = "gone"
agent = "agnet"
customer = "loudspeaker"
"""


@pytest.fixture
def sound():
    with SoundServer(customer=48000, agent=16000) as server:
        yield server


@pytest.fixture
def station(tmp_path, programs, sound):
    made = programs(Station(tmp_path / "station"))
    made.environment = sound.environment
    made.configure(SETTINGS)
    return made.start()


def capture(station, name="desk"):
    return next(one for one in station.ask("GET", "/api/v1/captures")["captures"] if one["name"] == name)


def grown(station, ms):
    """The call has grown by that much."""
    end = capture(station)["position_ms"] + ms
    wait_until(lambda: capture(station)["position_ms"] >= end)


def noise(seconds, rate):
    return os.urandom(int(seconds * rate) * 2)


def loud_ms(peaks):
    """How long a leg is not silent."""
    return sum(20 for low, high in zip(peaks[::2], peaks[1::2]) if high - low > 0.5)


def test_two_devices_are_two_legs_and_neither_is_heard_on_the_other(station, sound):
    call = station.ask("POST", "/api/v1/captures/desk/start")["call_id"]
    assert capture(station)["legs"] == 2
    grown(station, 300)
    sound.play("customer", noise(1, 48000))
    grown(station, 500)
    station.ask("POST", "/api/v1/captures/desk/stop")
    agent, customer = station.ask("GET", f"/api/v1/calls/{call}/peaks")["peaks"]
    notes = station.ask("GET", f"/api/v1/calls/{call}")["notes"]
    lost_ms = sum(note["end_ms"] - note["start_ms"] for note in notes if note["leg"] == 1)  # a busy machine's
    assert 900 - lost_ms <= loud_ms(customer) <= 1100
    assert max(agent) < 0.02


def test_a_sound_server_that_crashes_is_a_gap_and_the_call_goes_on(station, sound):
    call = station.ask("POST", "/api/v1/captures/desk/start")["call_id"]
    grown(station, 1000)
    sound.kill()
    grown(station, 1000)
    sound.start()

    def lost():
        return [note for note in station.ask("GET", f"/api/v1/calls/{call}")["notes"] if note["cause"] == "device_lost"]

    wait_until(lambda: {note["leg"] for note in lost()} == {0, 1})
    assert capture(station)["state"] == "recording"
    grown(station, 500)
    station.ask("POST", "/api/v1/captures/desk/stop")
    assert not any(note["own_fault"] for note in lost())


def test_a_device_that_is_not_there_fails_in_one_line_and_the_others_record(station):
    status, answer = station.request("POST", "/api/v1/captures/gone/start")
    error = answer["error"]
    assert (status, error["code"]) == (503, "E_DEVICE")
    assert "agnet" in error["message"] and "agent" in error["message"] and "\n" not in error["message"]
    shown = capture(station, "gone")
    assert (shown["state"], shown["message"]) == ("failed", error["message"])
    station.ask("POST", "/api/v1/captures/desk/start")
    assert capture(station)["state"] == "recording"
