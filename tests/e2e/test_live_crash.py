"""A recorder is killed in the middle of a call, at any moment: the next start finds the call, which plays
and lacks a second at most.

Program: EARFUL_BUILD (default build/release). Nothing here needs a sound card: tones stand in for it.
"""

import json
import random
import subprocess
import time

from harness import AGENT, Stalls, run

MOMENTS = 50
AT_ONCE = 10
LOST_S = 1.0
LONGEST_S = 4.0


class Recorder:
    """One `earful-agent record`, to be killed."""

    def __init__(self, data, source):
        command = [AGENT, "record", "--data", data, "--source", source]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.call_id = self.process.stdout.readline().strip()
        self.began = time.monotonic()

    def kill(self):
        self.killed = time.monotonic()  # it lives on for a moment
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    @property
    def lived(self):
        return self.killed - self.began


def audio_of(data, call_id):
    return data / "library" / "calls" / call_id[:2] / f"{call_id}.opus"


def seconds_of(path):
    """Of audio that a player finds no fault with."""
    done = run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", path)
    assert done.stderr == "", f"{path}: {done.stderr}"
    played = run("ffmpeg", "-v", "error", "-i", path, "-f", "null", "-")
    assert played.stderr == "", f"{path}: {played.stderr}"
    return float(json.loads(done.stdout)["format"]["duration"])


def test_a_killed_recorder_loses_a_second_at_most(tmp_path):
    data = tmp_path / "station"
    dice = random.Random(20)
    killed = []
    stalls = Stalls()
    while len(killed) < MOMENTS:
        recorders = [Recorder(data, f"tone:{300 + 20 * n}?rate=8000&channels=2") for n in range(AT_ONCE)]
        assert all(recorder.call_id for recorder in recorders)
        start = time.monotonic()
        for moment, recorder in sorted(((dice.uniform(0, LONGEST_S), r) for r in recorders),
                                       key=lambda pair: pair[0]):
            time.sleep(max(0.0, start + moment - time.monotonic()))
            recorder.kill()
        killed += recorders

    run(AGENT, "record", "--data", data, "--source", "tone:440", "--seconds", "1")

    lines = run(AGENT, "calls", "--json", "--data", data).stdout.splitlines()
    calls = {call["call_id"]: call for call in map(json.loads, lines)}
    kept = 0
    for recorder in killed:
        stood = stalls.between(recorder.killed - LOST_S, recorder.killed)
        call = calls.get(recorder.call_id)
        if call is None:
            assert recorder.lived < LOST_S + stood, f"{recorder.call_id} is gone after {recorder.lived:.2f} s"
            continue
        kept += 1
        assert call["cut"], call
        audio = audio_of(data, recorder.call_id)
        assert not audio.with_suffix(".opus.live").exists()
        seconds = seconds_of(audio)
        assert seconds >= recorder.lived - LOST_S - stood, f"{seconds:.2f} s of {recorder.lived:.2f} s are left"
        assert abs(seconds - call["duration_ms"] / 1000) < 0.01
    assert kept >= MOMENTS / 2
