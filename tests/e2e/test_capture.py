"""Calls that go on: started, heard, tagged, paused and ended through the API, told to the collector once."""

import http.client
import json
import math
import struct
import wave

import pytest
from harness import AGENT, Collector, Station, run, wait_until
from live_stream import AUDIO, ENDED, FRAME, NOTE, SKIPPED, LiveStream

TAG = "0192f0c0-0000-7000-8000-0000000000a1"
SETTINGS = """
[[capture]]
name = "desk"
source = "tone:440?rate=16000&channels=2"
queue = "billing"
agent_ref = "a-17"

[[capture]]
name = "line"
agent = "tone:440?rate=8000"
customer = "tone:660?rate=8000"
"""


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def station(tmp_path, programs):
    made = programs(Station(tmp_path / "station"))
    made.configure(SETTINGS)
    return made.start()


def start(station, name="desk", **facts):
    return station.ask("POST", f"/api/v1/captures/{name}/start", facts)["call_id"]


def stop(station, name="desk"):
    return station.ask("POST", f"/api/v1/captures/{name}/stop")


def refused(station, verb, name="desk", body=None):
    status, answer = station.request("POST", f"/api/v1/captures/{name}/{verb}", body)
    return status, answer["error"]["code"], answer["error"]["message"]


def capture(station, name="desk"):
    return next(one for one in station.ask("GET", "/api/v1/captures")["captures"] if one["name"] == name)


def call(station, call_id):
    return station.ask("GET", f"/api/v1/calls/{call_id}")


def long_enough(station, name="desk", ms=1000):
    return wait_until(lambda: capture(station, name)["position_ms"] >= ms)


def play_s(path):
    probed = run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", path)
    assert probed.stderr == ""
    return float(json.loads(probed.stdout)["format"]["duration"])


def kept_file(station, call_id):
    return station.data / "library" / "calls" / call_id[:2] / f"{call_id}.opus"


def told(collector, call_id, *types):
    """The events of a call in the store, in feed order."""
    return [line for line in collector.tail()
            if line.get("subject") == call_id and line["type"].removeprefix("earful.v1.") in types]


def test_a_call_is_live_from_its_start_to_its_end(station):
    assert capture(station)["state"] == "idle"
    call_id = start(station, external_id="pbx-1", team="north", customer_id="+1 650 253 0000")
    shown = capture(station)
    assert shown["state"] == "recording" and shown["call_id"] == call_id and shown["legs"] == 2
    listed = station.ask("GET", "/api/v1/calls")["calls"][0]
    assert listed["live"] and listed["call_id"] == call_id
    assert (listed["queue"], listed["team"], listed["agent_ref"]) == ("billing", "north", "a-17")
    assert listed["external_id"] == "pbx-1"
    long_enough(station)
    assert call(station, call_id)["capture"] == "desk"
    assert call(station, call_id)["duration_ms"] >= 1000
    peaks = station.ask("GET", f"/api/v1/calls/{call_id}/peaks")["peaks"]
    assert len(peaks) == 2 and len(peaks[0]) >= 100 and max(peaks[0]) > 0.1
    assert station.request("GET", f"/api/v1/calls/{call_id}/audio")[0] == 409
    stopped = stop(station)
    assert stopped["call_id"] == call_id
    ended = call(station, call_id)
    assert not ended["live"] and ended["duration_ms"] == stopped["duration_ms"]
    assert not ended["cut"] and ended["notes"] == []
    assert abs(play_s(kept_file(station, call_id)) - ended["duration_ms"] / 1000) < 0.03
    assert capture(station)["state"] == "idle"
    assert station.request("GET", f"/api/v1/calls/{call_id}/live")[0] == 409


def test_a_call_that_has_ended_has_measures(station):
    call_id = start(station)
    long_enough(station)
    stop(station)
    measures = call(station, call_id)["measures"]
    assert measures["version"] == 1 and len(measures["legs"]) == 2


def test_the_stream_gives_every_frame_from_the_beginning_to_the_end(station):
    call_id = start(station)
    long_enough(station, ms=4000)
    with LiveStream(station, call_id, start=0) as stream:
        assert stream.head["legs"] == 2 and stream.head["sample_rate_hz"] == 16000
        assert stream.head["from_ms"] == 0 and stream.head["edge_ms"] >= 3900
        stream.until(AUDIO, lambda audio: audio.position >= 5 * 48000)
        stopped = stop(station)
        rest = stream.rest()
    assert rest[-1].kind == ENDED and rest[-1].json["duration_ms"] == stopped["duration_ms"]
    with LiveStream(station, start(station, "line"), start=0) as other:
        assert other.head["legs"] == 2 and other.head["sample_rate_hz"] == 8000
        other.until(AUDIO)


def test_frames_of_the_past_and_of_the_edge_follow_each_other(station):
    call_id = start(station)
    long_enough(station, ms=4000)
    with LiveStream(station, call_id, start=1000) as stream:
        positions = [stream.until(AUDIO) for _ in range(200)]
        first = positions[0].position + stream.head["pre_skip_48k"]
        assert first == 48000
        assert [audio.position - positions[0].position for audio in positions] == \
               [FRAME * i for i in range(200)]
        assert all(len(audio.legs) == 2 and audio.legs[0][1] > 20 for audio in positions)
        stop(station)


def test_a_stream_from_the_edge_begins_at_the_edge(station):
    call_id = start(station)
    long_enough(station, ms=1000)
    with LiveStream(station, call_id) as stream:
        assert stream.head["from_ms"] == stream.head["edge_ms"] >= 1000
        assert stream.until(AUDIO).position + stream.head["pre_skip_48k"] == stream.head["from_ms"] * 48
        stop(station)


@pytest.mark.parametrize("query", ["from=-1", "from=x", "from=nan", "since=1"])
def test_a_place_that_is_none_is_refused(station, query):
    call_id = start(station)
    assert station.request("GET", f"/api/v1/calls/{call_id}/live?{query}")[0] == 400


def test_a_listener_who_does_not_read_misses_something_and_harms_nobody(station):
    """At twenty times the speed, so that what fits in the sockets is over before the server takes the
    silence of ten seconds for a dead peer."""
    station.stop()
    station.configure('[[capture]]\nname = "desk"\nsource = "tone:440?rate=48000&channels=2&speed=20"\n')
    station.start()
    call_id = start(station)
    with LiveStream(station, call_id, receive_buffer=4096) as stalled:
        long_enough(station, ms=40_000)
        skipped = stalled.until(SKIPPED).json["skipped"]
        assert skipped["to_ms"] > skipped["from_ms"]
        after = stalled.until(AUDIO)
        assert after.position + stalled.head["pre_skip_48k"] == skipped["to_ms"] * 48
        stop(station)
    ended = call(station, call_id)
    assert ended["notes"] == [] and ended["duration_ms"] >= 40_000


def test_a_tag_on_a_live_call_stands_where_it_was_heard(station):
    call_id = start(station)
    long_enough(station, ms=2000)
    kind = station.kinds()[0]
    station.tag(call_id, kind, position_ms=1500)
    status, answer = station.request("POST", "/api/v1/tags",
                                     {"call_id": call_id, "kind": kind, "position_ms": 3_600_000})
    assert (status, answer["error"]["code"]) == (422, "E_POSITION")
    stop(station)
    (tag,) = call(station, call_id)["tags"]
    assert tag["position_ms"] == 1500


def test_a_pause_is_silence_of_the_same_length_and_a_note(station):
    call_id = start(station)
    long_enough(station)
    paused = station.ask("POST", "/api/v1/captures/desk/pause", {"limit_s": 60})
    assert paused["call_id"] == call_id
    shown = capture(station)
    assert shown["state"] == "paused" and shown["paused_until"]
    with LiveStream(station, call_id) as stream:
        stream.until(AUDIO, lambda audio: audio.paused)  # the pause begins somewhere in this one
        silent = stream.until(AUDIO)
        assert silent.paused and all(low == high == 0 for low, high, _ in silent.legs)
        long_enough(station, ms=shown["position_ms"] + 500)
        station.ask("POST", "/api/v1/captures/desk/resume")
        note = stream.until(NOTE).json
        loud = stream.until(AUDIO, lambda audio: not audio.paused)
        assert loud.position > silent.position
    assert capture(station)["state"] == "recording" and not capture(station)["paused_until"]
    stop(station)
    (kept,) = call(station, call_id)["notes"]
    assert kept == note
    assert kept["kind"] == "pause" and kept["end_ms"] - kept["start_ms"] >= 400


def test_a_pause_that_nobody_ends_ends_by_itself(station):
    start(station)
    station.ask("POST", "/api/v1/captures/desk/pause", {"limit_s": 1})
    wait_until(lambda: capture(station)["state"] == "recording")
    assert refused(station, "pause", body={"limit_s": 0})[:2] == (422, "E_FIELD")
    stop(station)


def test_what_happened_is_told_once(station, collector):
    station.stop()
    station.configure(SETTINGS + '[[capture]]\nname = "bad"\n'
                                 'source = "tone:440?rate=8000&gaps=400-600:overflow"\n')
    station.join(collector.invite("one"))
    station.start()
    call_id = start(station, "bad", queue="orders")
    wait_until(lambda: told(collector, call_id, "CallStarted"))
    assert not told(collector, call_id, "CallEnded"), "it goes on"
    long_enough(station, "bad", ms=1000)
    station.ask("POST", "/api/v1/captures/bad/pause")
    long_enough(station, "bad", ms=2000)
    station.ask("POST", "/api/v1/captures/bad/resume")
    stopped = stop(station, "bad")
    types = ("CallStarted", "CallEnded", "AudioGap", "Paused")
    events = wait_until(lambda: len(found := told(collector, call_id, *types)) >= 4 and found)
    station.stop()
    station.start()
    again = start(station, "bad")
    wait_until(lambda: told(collector, again, "CallStarted"))
    events = told(collector, call_id, *types)
    assert sorted(event["type"].removeprefix("earful.v1.") for event in events) == sorted(types)
    data = {event["type"].removeprefix("earful.v1."): event["data"] for event in events}
    assert int(data["CallEnded"]["duration_position"]) == stopped["duration_ms"] * 48
    assert data["AudioGap"]["own_fault"] and data["AudioGap"]["cause"] == "overflow"
    missing_ms = (int(data["AudioGap"]["end_position"]) - int(data["AudioGap"]["start_position"])) / 48
    assert 180 < missing_ms < 220


def test_whoever_follows_the_events_sees_states_and_notes(station):
    connection = http.client.HTTPConnection("127.0.0.1", station.port, timeout=30)
    token = (station.data / "console.token").read_text().strip()
    connection.request("GET", "/api/v1/events", headers={"Authorization": "Bearer " + token})
    stream = connection.getresponse()
    call_id = start(station)
    station.ask("POST", "/api/v1/captures/desk/pause")
    long_enough(station, ms=capture(station)["position_ms"] + 300)
    station.ask("POST", "/api/v1/captures/desk/resume")
    stop(station)
    states, notes = [], []
    while states[-1:] != ["idle"]:
        kind = stream.readline().decode().removeprefix("event: ").strip()
        if kind not in ("captures", "note"):
            continue
        data = json.loads(stream.readline().decode().removeprefix("data: "))
        states += [data["state"]] if kind == "captures" else []
        notes += [data] if kind == "note" else []
    connection.close()
    assert states == ["starting", "recording", "paused", "recording", "idle"]
    assert [(note["call_id"], note["note"]["kind"]) for note in notes] == [(call_id, "pause")]


def test_the_counters_tell_what_goes_on(station):
    call_id = start(station)
    with LiveStream(station, call_id):
        text = station.ask("GET", "/metrics")
        assert 'earful_captures{state="recording"} 1' in text and "earful_live_readers 1" in text
    stop(station)
    text = station.ask("GET", "/metrics")
    assert "earful_live_calls_total 1" in text and call_id not in text


def test_a_tag_sent_again_after_the_end_is_the_same_tag(station):
    call_id = start(station)
    long_enough(station, ms=1000)
    kind = station.kinds()[0]
    first = station.tag(call_id, kind, position_ms=900, event_id=TAG)
    stop(station)
    assert station.tag(call_id, kind, position_ms=900, event_id=TAG) == first
    assert len(call(station, call_id)["tags"]) == 1


def test_a_capture_nobody_knows_is_answered_with_the_nearest(station):
    status, code, message = refused(station, "start", "dask")
    assert (status, code) == (404, "E_NO_CAPTURE") and '"desk"' in message


def test_starting_and_stopping_twice_is_refused(station):
    assert refused(station, "stop")[:2] == (409, "E_NOT_STARTED")
    assert refused(station, "pause")[:2] == (409, "E_NOT_STARTED")
    call_id = start(station)
    status, code, message = refused(station, "start")
    assert (status, code) == (409, "E_STARTED") and call_id in message
    stop(station)
    assert refused(station, "stop")[:2] == (409, "E_NOT_STARTED")


def test_facts_nobody_knows_are_refused_before_anything_is_opened(station):
    status, code, message = refused(station, "start", body={"quueue": "billing"})
    assert (status, code) == (422, "E_FACTS") and '"queue"' in message
    assert capture(station)["state"] == "idle" and station.calls() == []


def test_a_source_that_is_not_there_fails_in_one_line_and_the_station_serves(station, tmp_path):
    station.stop()
    station.configure(f'[[capture]]\nname = "tape"\nsource = "file:{tmp_path}/none.wav"\n')
    station.start()
    status, code, message = refused(station, "start", "tape")
    assert status == 503 and "none.wav" in message and "\n" not in message
    shown = capture(station, "tape")
    assert shown["state"] == "failed" and shown["message"] == message and shown["call_id"] is None
    assert station.calls() == []


def write_wav(path, seconds, rate=8000):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"".join(
            struct.pack("<hh", int(9000 * math.sin(i * 0.3)), int(9000 * math.sin(i * 0.4)))
            for i in range(int(seconds * rate))))


def test_a_file_that_ends_ends_the_call(station, tmp_path):
    station.stop()
    write_wav(tmp_path / "a.wav", 3)
    station.configure(f'[[capture]]\nname = "tape"\nsource = "file:{tmp_path}/a.wav?speed=5"\n')
    station.start()
    call_id = start(station, "tape")
    wait_until(lambda: capture(station, "tape")["state"] == "idle")
    ended = call(station, call_id)
    assert not ended["live"] and abs(ended["duration_ms"] - 3000) <= 40


def test_a_call_goes_to_its_end_when_the_server_is_stopped(station):
    call_id = start(station)
    long_enough(station)
    assert station.stop() == 0
    station.start()
    ended = call(station, call_id)
    assert not ended["live"] and not ended["cut"] and ended["duration_ms"] >= 1000


def test_a_call_that_was_cut_off_is_whole_to_the_cut_after_the_next_start(station):
    call_id = start(station)
    long_enough(station, ms=3000)
    station.kill()
    station.start()
    ended = call(station, call_id)
    assert not ended["live"] and ended["cut"] and ended["duration_ms"] >= 2000
    assert [note["kind"] for note in ended["notes"]] == ["cut"]
    assert abs(play_s(kept_file(station, call_id)) - ended["duration_ms"] / 1000) < 0.03
    assert capture(station)["state"] == "idle"


@pytest.mark.parametrize(("settings", "line", "says"), [
    ('[[capture]]\nname = "a"\nsuorce = "tone:440"\n', 3, "did you mean capture.source?"),
    ('[[capture]]\nname = "a"\nname = "b"\nsource = "tone:440"\n', 3, "name"),
    ('[[capture]]\nname = "a"\n', 1, "needs a source"),
    ('[[capture]]\nname = "a b"\nsource = "tone:440"\n', 1, "letters, digits"),
    ('[[capture]]\nname = "a"\nsource = "tone:x"\n', 1, "tone:x"),
    ('[[capture]]\nname = "a"\nsource = "mic"\n[[capture]]\nname = "b"\nsource = "mic"\n', 4, '"mic"'),
    ('[[capture]]\nname = "a"\nsource = "mic"\n[[capture]]\nname = "a"\nsource = "mac"\n', 4, "already"),
    ('[[capture]]\nname = "a"\nsource = "mic"\nrate_hz = -1\n', 4, "from 0 to"),
    ('[[capture]]\nname = "a"\nsource = "mic"\nlegs = "customer,caller"\n', 1, "caller"),
    ('[capture]\nname = "a"\nsource = "mic"\n', 1, "[[capture]]"),
])
def test_settings_that_do_not_fit_stop_the_start_in_one_line(tmp_path, settings, line, says):
    (tmp_path / "agent.toml").write_text(settings)
    for command in (["check-config", tmp_path / "agent.toml"],
                    ["serve", "--data", tmp_path / "data", "--config", tmp_path / "agent.toml"]):
        done = run(AGENT, *command, check=False)
        assert done.returncode == 1 and done.stderr.count("\n") == 1
        assert f"agent.toml:{line}: " in done.stderr and says in done.stderr
