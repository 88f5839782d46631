"""`earful-agent record`: one call without a server, ended by time, by the source or by Ctrl-C."""

import json
import signal
import subprocess

import pytest
from harness import AGENT, Station, run, wait_until
from live_stream import AUDIO, ENDED, FRAME, LiveStream


@pytest.fixture
def station(tmp_path, programs):
    return programs(Station(tmp_path / "station"))


def listed(station):
    return [json.loads(line) for line in station.command("calls", "--json").stdout.splitlines()]


def test_a_call_of_so_many_seconds_is_kept_with_its_facts(station):
    done = station.command("record", "--source", "tone:440?rate=8000&speed=20", "--seconds", "10",
                           "--queue", "billing", "--external-id", "pbx-9", "--agent-name", "Dana")
    (call,) = listed(station)
    assert call["call_id"] == done.stdout.strip()
    assert call["duration_ms"] >= 10_000 and not call["live"]
    assert (call["queue"], call["external_id"], call["agent_name"]) == ("billing", "pbx-9", "Dana")


def test_ctrl_c_ends_the_call_and_keeps_it(station):
    process = subprocess.Popen(
        [AGENT, "record", "--data", station.data, "--agent", "tone:440", "--customer", "tone:660"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    call_id = process.stdout.readline().strip()
    wait_until(lambda: (found := listed(station)) and found[0]["live"])
    wait_until(lambda: next(station.data.rglob("*.opus.live")).stat().st_size > 2000)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0, process.stderr.read()
    (call,) = listed(station)
    assert call["call_id"] == call_id and call["legs"] == 2 and call["duration_ms"] > 200
    assert not call["live"]


def test_a_killed_recording_is_kept_until_the_cut(station):
    process = subprocess.Popen(
        [AGENT, "record", "--data", station.data, "--source", "tone:440?rate=8000"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    call_id = process.stdout.readline().strip()
    wait_until(lambda: next(station.data.rglob("*.opus.live")).stat().st_size > 2000)
    written = next(station.data.rglob("*.opus.live")).stat().st_size
    process.kill()
    process.wait()
    station.start()
    (call,) = listed(station)
    assert call["call_id"] == call_id and call["cut"] and not call["live"]
    assert call["duration_ms"] > 200 and call["measures"]["legs"][0]["talk_ms"] > 0
    assert [(note["kind"], note["end_ms"]) for note in call["notes"]] == [("cut", call["duration_ms"])]
    audio = next(station.data.rglob("*.opus"))
    assert audio.stat().st_size >= written and not list(station.data.rglob("*.live"))
    probe = run("ffmpeg", "-v", "error", "-i", audio, "-f", "null", "-")
    assert probe.stderr == ""


def test_a_device_that_was_away_at_the_cut_is_a_gap_up_to_it(station):
    process = subprocess.Popen(
        [AGENT, "record", "--data", station.data, "--source", "tone:440?rate=8000&gaps=600-600000:device_lost"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    wait_until(lambda: next(station.data.rglob("*.notes")).stat().st_size > 0)
    written = next(station.data.rglob("*.opus.live")).stat().st_size
    wait_until(lambda: next(station.data.rglob("*.opus.live")).stat().st_size > written)
    process.kill()
    process.communicate()
    station.start()
    (call,) = listed(station)
    gap, cut = call["notes"]
    assert (gap["kind"], gap["cause"]) == ("gap", "device_lost") and abs(gap["start_ms"] - 600) < 20
    assert cut["kind"] == "cut" and gap["end_ms"] == cut["start_ms"] == call["duration_ms"]


def test_a_recording_beside_a_server_is_not_taken_for_a_cut_one(station):
    process = subprocess.Popen(
        [AGENT, "record", "--data", station.data, "--source", "tone:440?rate=8000"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    station.start()
    (call,) = listed(station)
    assert call["live"]
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0, process.stderr.read()
    (call,) = listed(station)
    assert not call["live"] and not call["cut"]


def test_a_call_recorded_beside_a_server_is_told_by_it(station):
    station.start()
    done = station.command("record", "--source", "tone:440?speed=20", "--seconds", "2")
    call_id = done.stdout.strip()
    assert station.calls() == [call_id]
    events = wait_until(lambda: len(lines := station.command("journal").stdout.splitlines()) >= 2 and lines)
    assert [json.loads(line)["event"]["type"] for line in events] == \
           ["earful.v1.CallStarted", "earful.v1.CallEnded"]


@pytest.fixture
def recorder(station):
    """A recording of two legs beside a server, which can hear it."""
    station.start()
    process = subprocess.Popen(
        [AGENT, "record", "--data", station.data, "--agent", "tone:440", "--customer", "tone:660"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.call_id = process.stdout.readline().strip()
    wait_until(lambda: station.request("GET", f"/api/v1/calls/{process.call_id}/peaks")[0] == 200)
    yield process
    process.kill()
    process.communicate()


def test_a_call_recorded_beside_a_server_is_heard_and_tagged_while_it_goes_on(station, recorder):
    call = recorder.call_id
    with LiveStream(station, call, start=0) as stream:
        assert stream.head["legs"] == 2
        stream.until(AUDIO, lambda audio: audio.position >= 48000)
        tag = {"call_id": call, "kind": "long-wait", "position_ms": 900}
        assert station.request("POST", "/api/v1/tags", tag)[0] == 201
        ahead = station.request("POST", "/api/v1/tags", {**tag, "position_ms": 3_600_000})
        assert (ahead[0], ahead[1]["error"]["code"]) == (422, "E_POSITION")
        peaks = station.ask("GET", f"/api/v1/calls/{call}/peaks")["peaks"]
        assert len(peaks) == 2 and max(peaks[0]) > 0.1 and max(peaks[1]) > 0.1
        recorder.send_signal(signal.SIGINT)
        records = stream.rest()
    assert records[-1].kind == ENDED
    shown = station.ask("GET", f"/api/v1/calls/{call}")
    assert records[-1].json["duration_ms"] == shown["duration_ms"] and not shown["live"] and not shown["cut"]
    (kept,) = shown["tags"]
    assert kept["position_ms"] == 900
    places = [record.position for record in records if record.kind == AUDIO]
    assert [b - a for a, b in zip(places, places[1:])] == [FRAME] * (len(places) - 1)


def test_a_recorder_that_dies_beside_a_server_leaves_a_call_that_was_cut(station, recorder):
    wait_until(lambda: station.ask("GET", f"/api/v1/calls/{recorder.call_id}")["duration_ms"] >= 400)
    recorder.kill()
    cut = wait_until(lambda: not (call := station.ask("GET", f"/api/v1/calls/{recorder.call_id}"))["live"] and call)
    assert cut["cut"] and cut["duration_ms"] > 200


def test_a_source_that_is_not_there_is_one_line(station):
    done = station.command("record", "--source", "file:/none/such.wav", check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "such.wav" in done.stderr
    assert not list(station.data.rglob("*.live"))


@pytest.mark.parametrize("arguments", [[], ["--agent", "tone:440"],
                                       ["--source", "tone:440", "--customer", "tone:660"]])
def test_half_a_source_is_wrong_use(station, arguments):
    done = run(AGENT, "record", "--data", station.data, *arguments, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


@pytest.mark.parametrize("seconds", ["-1", "nan", "1e300"])
def test_a_length_that_no_call_has_is_refused(station, seconds):
    done = run(AGENT, "record", "--data", station.data, "--source", "tone:440", "--seconds", seconds,
               check=False)
    assert done.returncode == 2 and "--seconds must be from 0" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["capture-child", "inbox-worker"])
def test_what_only_the_station_starts_says_so_to_a_person(command):
    done = subprocess.run([AGENT, command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=20, check=False)
    assert done.returncode == 2
    assert done.stderr == f"earful-agent: {command} is for earful-agent itself to start\n"
