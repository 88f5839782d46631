"""What stands beside the player about a customer: asked of a real desk, over real sockets, by two stations."""

import json
import pathlib

import pytest
import zmq
from harness import SAMPLES, Collector, Station, wait_until
from peer import Invite, ask_desk, enroll, wire

DANA = "+1 650 253 0000"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A collector and two stations; each has one call of the same customer, taken in before it joined."""
    folder = tmp_path_factory.mktemp("customer")
    collector = Collector(folder / "collector").start()
    stations = []
    recordings = sorted(SAMPLES.glob("*.opus"))
    for name, recording in zip(["a", "b"], recordings):
        station = Station(folder / name)
        copy = folder / f"{name}.opus"
        copy.write_bytes(recording.read_bytes())
        copy.with_suffix(".json").write_text(json.dumps(
            {"customer_id": DANA, "queue": f"queue-{name}", "started_at": "2026-11-17T10:00:00Z"}))
        station.command("import", copy)
        station.join(collector.invite(name))
        station.start()
        wait_until(lambda s=station: s.ask("GET", "/api/v1/calls")["calls"][0]["customer_key"])
        stations.append(station)
    yield collector, *stations
    for program in [*stations, collector]:
        program.kill()


def past(station):
    return station.ask("GET", f"/api/v1/calls/{station.calls()[0]}/customer")


def listed(station, which):
    return [tag["event_id"] for tag in past(station)[which]]


def test_a_problem_tagged_at_one_station_is_beside_the_player_at_another(site):
    _, one, other = site
    tagged = one.tag(one.calls()[0], "wrong-charge", note="fee twice")["event_id"]
    wait_until(lambda: tagged in listed(other, "problems"))
    [told] = [tag for tag in past(other)["problems"] if tag["event_id"] == tagged]
    assert past(other)["state"] == "known"
    assert (told["kind"], told["queue"], told["note"]) == ("wrong-charge", "queue-a", "fee twice")
    assert told["started_at"] == "2026-11-17T10:00:00.000Z"
    assert tagged not in listed(one, "problems"), "there it is in the open call"
    one.retract(tagged)
    wait_until(lambda: tagged not in listed(other, "problems"))


def test_a_promise_is_open_until_it_is_kept(site):
    _, one, other = site
    promised = one.tag(one.calls()[0], "promise-made", note="a refund by Friday")["event_id"]
    wait_until(lambda: promised in listed(other, "promises"))
    # Kept by whoever calls back, at whatever station, once that has heard of it.
    wait_until(lambda: other.request("POST", f"/api/v1/tags/{promised}/kept", {})[0] == 200)
    assert promised not in listed(other, "promises"), "the desk need not have heard of it yet"
    again = one.tag(one.calls()[0], "promise-made")["event_id"]
    wait_until(lambda: again in listed(other, "promises"))
    one.ask("POST", f"/api/v1/tags/{again}/kept", {})
    wait_until(lambda: again not in listed(other, "promises"))


def test_a_reader_may_not_look_a_customer_up(site):
    collector, one, _ = site
    key = one.ask("GET", "/api/v1/calls")["calls"][0]["customer_key"]
    invite = Invite(collector.invite("reader", "--reader"))
    keys = zmq.curve_keypair()
    assert enroll(invite, "reader", keys[0]).role == "reader"
    assert ask_desk(invite, wire().DeskRequest(get_customer={"customer_key": key}), keys).code == "E_ROLE"


def test_the_index_is_made_again_when_it_is_gone_and_a_collector_that_is_away_is_told_as_such(site):
    collector, one, other = site
    tagged = one.tag(one.calls()[0], "fault")["event_id"]
    wait_until(lambda: tagged in listed(other, "problems"))
    collector.stop()
    wait_until(lambda: past(other)["state"] == "away")
    assert past(other)["problems"] == []
    for file in pathlib.Path(collector.data).glob("customers.db*"):
        file.unlink()
    collector.start()
    wait_until(lambda: past(other)["state"] == "known")
    assert tagged in listed(other, "problems")
