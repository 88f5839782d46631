"""Finding calls by what is said about them: the index follows imports and tags, and is made again when it is gone."""

import json
import time
import urllib.parse

import pytest
from harness import Station
from recordings import tone, write_wav

LAO = "ລູກຄ້າບໍ່ພໍໃຈກັບການບໍລິການຫຼັງການຂາຍ"
SECONDS = 2


def recording(folder, name, **facts):
    write_wav(folder / f"{name}.wav", 8000, [tone(8000, 500, SECONDS, 4000)] * 2)
    (folder / f"{name}.json").write_text(json.dumps({"external_id": f"tel-{name}", "legs": ["agent", "customer"], **facts}))
    return folder / f"{name}.wav"


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finding")
    station = Station(folder / "station")
    for file in (recording(folder, "4711", queue="billing", agent_name="José Álvarez", started_at="2026-11-17T14:05:00Z"),
                 recording(folder, "4712", queue="support", agent_name="김민지", started_at="2026-11-18T14:05:00Z")):
        station.command("import", file)
    with station.start():
        yield station


def found(station, text="", **filters):
    query = urllib.parse.urlencode({"q": text, **filters})
    return station.ask("GET", f"/api/v1/calls?{query}")["calls"]


def expect(station, external_ids, text="", **filters):
    """The index follows a moment later: waits for it."""
    deadline = time.monotonic() + 30
    while True:
        seen = [call["external_id"] for call in found(station, text, **filters)]
        if seen == external_ids or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    assert seen == external_ids, text


def call_id(station, external_id):
    return station.ask("GET", f"/api/v1/calls?external_id={external_id}")["calls"][0]["call_id"]


def test_facts_are_found_in_any_script(station):
    expect(station, ["tel-4711"], "alvarez BILL")
    expect(station, ["tel-4712"], "민지")
    expect(station, ["tel-4712", "tel-4711"], "tel")
    expect(station, ["tel-4711"], "tel", until="2026-11-18T00:00:00Z")
    expect(station, [], "tel absent")


def test_a_note_is_found_until_it_is_reworded_and_a_tag_until_it_is_taken_back(station):
    call = call_id(station, "tel-4711")
    tag = station.ask("POST", "/api/v1/tags", {"call_id": call, "kind": "wrong-charge", "position_ms": 500, "note": LAO})["event_id"]
    expect(station, ["tel-4711"], "ບໍລິການ")
    [match] = found(station, "ບໍລິການ")[0]["matches"]
    assert match["field"] == "note" and match["event_id"] == tag
    assert [match["text"][begin:end] for begin, end in match["marks"]] == ["ບໍລິການ"]
    expect(station, ["tel-4711"], kind="wrong-charge")
    station.ask("POST", f"/api/v1/tags/{tag}/revise", {"note": "환불요청"})
    expect(station, ["tel-4711"], "환불")
    expect(station, [], "ບໍລິການ")
    station.ask("POST", f"/api/v1/tags/{tag}/retract")
    expect(station, [], "환불")
    expect(station, [], kind="wrong-charge")


@pytest.mark.parametrize("text", ['"', '" OR "', "tokens:billing", "NEAR(billing)", "-billing", "^billing*", "💥", "'; DROP TABLE words"])
def test_a_search_is_text_and_never_an_error(station, text):
    status, answer = station.request("GET", "/api/v1/calls?" + urllib.parse.urlencode({"q": text}))
    assert status == 200, answer


def test_a_search_that_is_too_long_is_refused_in_one_line(station):
    status, answer = station.request("GET", "/api/v1/calls?q=" + "a" * 10_000)
    assert status == 400
    assert answer["error"] == {"code": "E_QUERY", "message": "q is longer than 1000 bytes; search for fewer words."}


def test_the_index_is_made_again_when_it_is_gone(station):
    call = call_id(station, "tel-4712")
    station.ask("POST", "/api/v1/tags", {"call_id": call, "kind": "fault", "position_ms": 500, "note": "dropped line"})
    station.stop()
    for file in station.data.glob("find.db*"):
        file.unlink()
    station.start()
    expect(station, ["tel-4712"], "dropped")
    assert (station.data / "find.db").stat().st_mode & 0o777 == 0o600
