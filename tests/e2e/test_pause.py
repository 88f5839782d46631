"""What is said in a pause is nowhere: not kept, not streamed, not in memory the station or a crash leaves.

A tone sounds only within pauses, and each pause is confirmed by the API before it sounds and ended after
its last sample was played. EARFUL_PAUSES is how many (100 takes about a minute).
"""

import os
import pathlib
import random
import threading

import pytest
from harness import Station, wait_until
from live_stream import AUDIO, LiveStream
from sound_server import SoundServer
from tone import AMPLITUDE, SILENT, Player, Tones, decode, decode_file, loudest, shared_memory, tone

PAUSES = int(os.environ.get("EARFUL_PAUSES", "40"))
NOBODY = 65534
SETTINGS = """
[[capture]]
name = "desk"
agent = "agent"
customer = "customer"
rate_hz = 16000
"""


@pytest.fixture
def sound():
    with SoundServer(customer=16000, agent=16000) as server:
        yield server


@pytest.fixture
def station(tmp_path, programs, sound):
    made = programs(Station(tmp_path / "station"))
    made.environment = sound.environment
    made.configure(SETTINGS)
    return made


@pytest.fixture
def tones(tmp_path):
    return Tones(tmp_path)


class Listener(threading.Thread):
    """Reads a live stream to its end."""

    def __init__(self, station, call):
        super().__init__()
        self.stream = LiveStream(station, call)
        self.records = []
        self.start()

    def run(self):
        self.records = self.stream.rest()
        self.stream.close()

    def packets(self, leg):
        self.join()
        return [record.legs[leg][2] for record in self.records if record.kind == AUDIO]


def capture(station):
    return station.ask("GET", "/api/v1/captures")["captures"][0]


def order(station, verb):
    return station.ask("POST", f"/api/v1/captures/desk/{verb}")


def grown(station, ms):
    end = capture(station)["position_ms"] + ms
    wait_until(lambda: capture(station)["position_ms"] >= end)


def children(station):
    found = []
    for task in pathlib.Path(f"/proc/{station.process.pid}/task").iterdir():
        found += (task / "children").read_text().split()
    return found if len(found) == 2 else None  # one for each device; one that was lost is without for a moment


def in_memory(station, tones):
    """Of the station as a core dump has it, and of all it shares with its children."""
    held = shared_memory(station.process.pid, *wait_until(lambda: children(station)))
    assert held, "the rings of both devices are shared memory"
    named = [path for path in pathlib.Path("/dev/shm").rglob("*")  # but those of the sound server and of browsers
             if path.is_file() and not path.name.startswith(("pulse-shm-", ".org.chromium."))]
    return tones.in_process(station.process.pid) + tones.in_files([*held, *named])


def in_the_open(station, tones):
    return tones.in_files([path for path in station.data.rglob("*") if path.is_file()])


def kept_file(station, call):
    return station.data / "library" / "calls" / call[:2] / f"{call}.opus"


def pause_once(station, player, dice):
    """Some shorter than what a device brings at once, some longer than all it holds back."""
    order(station, "pause")
    player.play(dice.choice((0.01, 0.02, dice.uniform(0.02, 0.4))))
    order(station, "resume")


def test_what_sounds_only_in_pauses_is_found_nowhere(station, sound, tones):
    dice = random.Random(os.environ.get("EARFUL_SEED", "pauses"))
    station.start()
    voice = sound.playing("customer", tone(PAUSES * 2 + 30, hz=440))  # goes on all the time
    player = Player(sound, "agent")
    call = order(station, "start")["call_id"]
    listeners = [Listener(station, call), Listener(station, call)]
    grown(station, 500)
    for at in range(PAUSES):
        pause_once(station, player, dice)
        grown(station, dice.randint(0, 400))
        if at % 10 == 9:
            assert in_memory(station, tones) == []
            assert in_the_open(station, tones) == []
    grown(station, 500)
    assert in_memory(station, tones) == []
    order(station, "stop")
    voice.kill()
    voice.wait()

    assert in_the_open(station, tones) == []
    agent, customer = decode_file(kept_file(station, call))
    assert loudest(agent) < SILENT
    assert loudest(customer) > AMPLITUDE / 2
    for listener in listeners:
        assert loudest(decode(listener.packets(0))) < SILENT
        assert loudest(decode(listener.packets(1))) > AMPLITUDE / 2
        assert all(leg[:2] == (0, 0) for record in listener.records if record.kind == AUDIO and record.paused
                   for leg in record.legs[:1])
    low_high = station.ask("GET", f"/api/v1/calls/{call}/peaks")["peaks"][0]
    assert max(low_high) < 0.01 and min(low_high) > -0.01
    notes = station.ask("GET", f"/api/v1/calls/{call}")["notes"]
    assert {note["kind"] for note in notes} <= {"pause", "gap"}
    # A busy machine loses samples and says so. If pauses did, there would be a gap for each.
    gaps = [note for note in notes if note["kind"] == "gap"]
    assert {note["cause"] for note in gaps} <= {"overflow", "stalled", "device_lost"}
    assert len(gaps) < PAUSES / 4 and len(notes) > len(gaps)


def test_the_same_sound_outside_a_pause_is_found_everywhere(station, sound, tones):
    """Or the test above could not fail."""
    station.start()
    call = order(station, "start")["call_id"]
    listener = Listener(station, call)
    grown(station, 500)
    Player(sound, "agent").play(0.03)
    grown(station, 300)
    assert in_memory(station, tones)
    order(station, "stop")
    agent, customer = decode_file(kept_file(station, call))
    assert loudest(agent) > AMPLITUDE / 2 and loudest(customer) < SILENT
    assert loudest(decode(listener.packets(0))) > AMPLITUDE / 2
    (station.data / "plain").write_bytes(b"\0" + tone(0.01))
    assert in_the_open(station, tones)


def test_a_crash_of_what_captures_leaves_no_dump(station):
    """What may not be dumped belongs to root in /proc, whoever runs it."""
    was = os.getresgid()
    if os.geteuid() == 0:
        os.setresgid(NOBODY, NOBODY, 0)
    try:
        station.start()
    finally:
        os.setresgid(*was)
    order(station, "start")

    def owner(pid):
        status = os.stat(f"/proc/{pid}/mem")
        return (status.st_uid, status.st_gid)

    assert owner(station.process.pid) != (0, 0)
    assert {owner(pid) for pid in wait_until(lambda: children(station))} == {(0, 0)}
    order(station, "stop")
