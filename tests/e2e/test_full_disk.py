"""A disk that fills up while a call is recorded: recording stops in time and says so once, what was kept
plays, tags are still saved, and once there is space again recording goes on without a restart.

Needs root, to mount a small disk.
"""

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import threading

import pytest
from harness import AGENT, Station, run, wait_until
from inboxes import Inbox, samples
from test_capture import call, capture, kept_file, long_enough, play_s, refused, start, stop

# Room for the logs of the databases (20 MB) and the reserve (8); imports stop at 26 and recording at 20, as a
# sixth and an eighth of this disk.
DISK = "size=160m,mode=0700"
SETTINGS = """
[[capture]]
name = "desk"
agent = "tone:440?rate=16000"
customer = "tone:660?rate=16000"

[[capture]]
name = "line"
agent = "tone:440?rate=8000"
customer = "tone:660?rate=8000"
"""
TAGS = 200


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "station"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"mounting a small disk needs root: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def station(disk, programs):
    made = programs(Station(disk))
    made.configure(SETTINGS)
    return made.start()


def fill(disk, left):
    """Somebody else's file, so that this many bytes are left."""
    with open(disk / "other", "wb") as other:
        for _ in range(100):
            space = os.statvfs(disk)
            with contextlib.suppress(OSError):  # somebody wrote in between, and all was given back
                return os.posix_fallocate(other.fileno(), 0, space.f_bavail * space.f_frsize - left)
    raise AssertionError("the disk could not be filled")


class Alarms:
    """What the station alarms about, as whoever has the page open is told."""

    def __init__(self, station):
        token = (station.data / "console.token").read_text().strip()
        self.connection = http.client.HTTPConnection("127.0.0.1", station.port, timeout=60)
        self.connection.request("GET", "/api/v1/events", headers={"Authorization": "Bearer " + token})
        self.stream = self.connection.getresponse()
        self.told = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        kind = ""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            for line in self.stream:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                kind = value if name == "event" else kind
                if name == "data" and kind == "alarm":
                    self.told.append(json.loads(value))


def tag_positions(station, call_id):
    return {tag["position_ms"] for tag in call(station, call_id)["tags"]}


@pytest.mark.parametrize("left", [0, 10 << 20], ids=["nothing-left", "little-left"])
def test_a_full_disk_stops_recording_and_nothing_else(station, disk, left):
    alarms = Alarms(station)
    call_ids = {name: start(station, name) for name in ("desk", "line")}
    for name in call_ids:
        long_enough(station, name, ms=2000)
    fill(disk, left)

    for name, call_id in call_ids.items():
        wait_until(lambda name=name: capture(station, name)["state"] == "failed")
        message = capture(station, name)["message"]
        assert "again" in message and "\n" not in message
        kept = call(station, call_id)
        assert not kept["live"] and kept["duration_ms"] >= 1000
        assert abs(play_s(kept_file(station, call_id)) - kept["duration_ms"] / 1000) < 0.03

    status, code, message = refused(station, "start")
    assert (status, code) == (503, "E_DISK_FULL")
    assert "MB from that disk and start again" in message and "\n" not in message

    kind = station.kinds()[0]
    call_id = call_ids["desk"]
    for i in range(TAGS):
        station.tag(call_id, kind, position_ms=i)
    wait_until(lambda: alarms.told)
    assert [alarm["code"] for alarm in alarms.told] == ["E_DISK_FULL"]
    station.kill()
    station.start()
    assert tag_positions(station, call_id) == set(range(TAGS))
    assert refused(station, "start")[:2] == (503, "E_DISK_FULL")

    (disk / "other").unlink()
    again = start(station)
    long_enough(station)
    stop(station)
    assert call(station, again)["duration_ms"] >= 1000
    assert abs(play_s(kept_file(station, call_id)) - call(station, call_id)["duration_ms"] / 1000) < 0.03


def test_tags_use_what_is_held_back_and_it_is_held_again_when_there_is_space(station, disk):
    call_id = start(station)
    long_enough(station)
    stop(station)
    fill(disk, 0)
    wait_until(lambda: not (disk / "reserve").exists())
    station.tag(call_id, station.kinds()[0], position_ms=500)
    (disk / "other").unlink()
    wait_until((disk / "reserve").exists)
    assert tag_positions(station, call_id) == {500}


@pytest.mark.parametrize("left", [0, 10 << 20], ids=["nothing-left", "little-left"])
def test_a_recorder_without_a_server_ends_its_call_in_one_line(disk, left):
    recorder = subprocess.Popen([AGENT, "record", "--data", disk, "--source", "tone:440?rate=16000&channels=2"],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    call_id = recorder.stdout.readline().strip()
    audio = disk / "library" / "calls" / call_id[:2] / f"{call_id}.opus"
    wait_until(lambda: audio.with_suffix(".opus.live").stat().st_size > 5000)
    fill(disk, left)
    said = [line for line in recorder.communicate(timeout=30)[1].splitlines() if line.startswith("earful-agent:")]
    assert recorder.returncode == 1
    assert len(said) == 1 and "again" in said[0]
    assert play_s(audio) >= 0.5
    refusal = run(AGENT, "record", "--data", disk, "--source", "tone:440", check=False)
    assert refusal.returncode == 1 and refusal.stdout == ""
    assert "MB from that disk and start again" in refusal.stderr
    (disk / "other").unlink()
    run(AGENT, "record", "--data", disk, "--source", "tone:440?speed=20", "--seconds", "1")


def test_imports_leave_room_to_a_call_that_goes_on_and_to_tags(disk, tmp_path, programs):
    inbox = Inbox(tmp_path, programs, SETTINGS)
    station = inbox.start().station
    wait_until((disk / "reserve").exists)
    call_id = start(station)
    fill(disk, 24 << 20)
    old, waiting, later = samples(3)

    said = run(AGENT, "import", "--data", disk, "--jobs", "2", old, waiting, check=False)
    assert said.returncode == 1
    assert "refused  " not in said.stdout and "0 taken" in said.stdout
    [line] = said.stderr.splitlines()
    assert "MB from that disk and import again" in line

    shutil.copyfile(waiting, inbox.folder / "waiting.opus")
    message = wait_until(lambda: inbox.state()["state"] == "trouble" and inbox.state()["message"])
    assert "goes on by itself" in message and "\n" not in message
    assert inbox.refused() == {}
    station.tag(call_id, station.kinds()[0], position_ms=0)
    long_enough(station)
    assert capture(station)["state"] == "recording"

    (disk / "other").unlink()
    shutil.copyfile(later, inbox.folder / "later.opus")
    wait_until(lambda: inbox.state()["taken"] > 0)
    stop(station)
    assert call(station, call_id)["notes"] == []
