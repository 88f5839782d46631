"""Stations with a watched folder, and recordings to put there.

    inbox = Inbox(tmp_path, programs, sidecar_wait="60s").start()
    shutil.copyfile(samples(1)[0], inbox.folder / "a.opus")
    inbox.settle(taken=1)
"""

import json
import os
import pathlib
import sqlite3
import struct
import wave

from harness import SAMPLES, Station, wait_until

SIDECAR_WAIT = "1s"


class Inbox:
    """A station with one watched folder."""

    def __init__(self, tmp_path, programs, more="", **settings):
        """settings: of the inbox; more: other tables of the file."""
        self.folder = tmp_path / "in"
        self.folder.mkdir()
        keys = {"path": str(self.folder), "sidecar_wait": SIDECAR_WAIT, "complexity": 0, **settings}
        lines = [f"{name} = {json.dumps(value)}" for name, value in keys.items()]
        self.station = programs(Station(tmp_path / "station"))
        self.station.configure("[[inbox]]\n" + "\n".join(lines) + "\n" + more)

    def start(self):
        self.station.start()
        return self

    def restart(self):
        self.station.stop()
        self.station.start()

    def state(self):
        return self.station.ask("GET", "/api/v1/inbox")["inboxes"][0]

    def calls(self, **filters):
        query = "&".join(f"{name}={value}" for name, value in {"limit": 500, **filters}.items())
        return self.station.ask("GET", f"/api/v1/calls?{query}")["calls"]

    def refused(self):
        return {file["name"]: file["code"] for file in self.state()["refused"]}

    def settle(self, taken=None, refused=None):
        """Until nothing waits and the counts are as given."""
        def settled():
            state = self.state()
            return (state["state"] == "watching" and state["waiting"] == 0
                    and taken in (None, state["taken"]) and refused in (None, state["refused_count"]) and state)
        return wait_until(settled, 60)

    def rows(self):
        """What the station remembers: {file name: when it was last judged}."""
        with sqlite3.connect(f"file:{self.station.data}/inbox.db?mode=ro", uri=True) as db:
            return {pathlib.Path(os.fsdecode(path)).name: at for path, at in db.execute("SELECT path, at FROM files")}


def samples(count):
    return sorted(SAMPLES.glob("*.opus"))[:count]


def wav_bytes(number, folder, seconds=0.2):
    """A short call of two legs, another for each number."""
    path = folder / f"made-{number}.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"".join(struct.pack("<hh", (i * 37 + number) % 2000, number % 3000)
                                 for i in range(int(8000 * seconds))))
    made = path.read_bytes()
    path.unlink()
    return made


def hour_bytes(folder):
    """A recording that takes a worker long enough to be found at it."""
    long = wav_bytes(0, folder, seconds=60)
    body = long[44:] * 60
    return long[:4] + struct.pack("<I", 36 + len(body)) + long[8:40] + struct.pack("<I", len(body)) + body
