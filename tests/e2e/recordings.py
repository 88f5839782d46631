"""Recordings for the tests of `earful-agent import`, and what came out of it. Nothing here needs a network or
a sound card.
"""

import array
import json
import math
import pathlib
import random
import subprocess
import wave

from harness import AGENT


def run(*command, check=True, **kwargs):
    done = subprocess.run([str(part) for part in command], capture_output=True, **kwargs)
    if check:
        assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done


def agent(*arguments, check=True):
    return run(AGENT, *arguments, check=check)


def import_json(data, *paths, expect=0):
    done = agent("import", "--json", "--data", data, *paths, check=False)
    assert done.returncode == expect, done.stdout.decode() + done.stderr.decode()
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return {pathlib.Path(line["file"]).name: line for line in lines if "file" in line}, lines[-1]


def calls(data):
    return [json.loads(line) for line in agent("calls", "--json", "--data", data).stdout.splitlines()]


def audio_of(data, call_id):
    return data / "library" / "calls" / call_id[:2] / f"{call_id}.opus"


def write_wav(path, rate, legs):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(len(legs))
        out.setsampwidth(2)
        out.setframerate(rate)
        samples = array.array("h")
        for row in zip(*legs):
            samples.extend(row)
        out.writeframes(samples.tobytes())
    return path


def tone(rate, hz, seconds, amplitude=8000):
    step = 2 * math.pi * hz / rate
    return [round(amplitude * math.sin(step * i)) for i in range(round(rate * seconds))]


def read_wav(path):
    with wave.open(str(path)) as source:
        samples = array.array("h", source.readframes(source.getnframes()))
        channels = source.getnchannels()
        return source.getframerate(), [samples[i::channels] for i in range(channels)]


def short_call(path, seed=1, rate=8000):
    noise = random.Random(seed)
    return write_wav(path, rate, [[noise.randrange(-900, 900) for _ in range(rate // 2)] for _ in range(2)])
