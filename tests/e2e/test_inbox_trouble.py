"""Inboxes when something is in the way: folders that go, files that may not be read, a stop in the middle, a call."""

import os
import shutil

from harness import wait_until
from inboxes import Inbox, hour_bytes, samples, wav_bytes

CAPTURE = """
[[capture]]
name = "desk"
agent = "tone:440?rate=8000"
customer = "tone:660?rate=8000"
"""


def as_anybody(station, folder):
    """Root may read what nobody may; the station starts without that right."""
    if os.geteuid() != 0:
        return
    wrapper = folder / "earful-agent"
    wrapper.write_text(f'#!/bin/sh\nexec setpriv --bounding-set=-dac_override,-dac_read_search "{station.program}" "$@"\n')
    wrapper.chmod(0o700)
    station.program = wrapper


def parts(inbox):
    return set((inbox.station.data / "library" / "calls").rglob("*.part"))


def test_a_folder_that_is_deleted_and_made_again_is_watched_again(tmp_path, programs):
    inbox = Inbox(tmp_path, programs).start()
    first, second = samples(2)
    shutil.copyfile(first, inbox.folder / "a.opus")
    inbox.settle(taken=1)
    shutil.rmtree(inbox.folder)
    missing = wait_until(lambda: inbox.state()["state"] == "missing" and inbox.state())
    assert "\n" not in missing["message"] and str(inbox.folder) in missing["message"]
    (inbox.folder / "below").mkdir(parents=True)
    shutil.copyfile(first, inbox.folder / "below" / "a.opus")
    inbox.settle(taken=2)
    shutil.copyfile(second, inbox.folder / "below" / "b.opus")  # of this one an event tells
    inbox.settle(taken=3)
    assert len(inbox.calls()) == 2, "the same recording is the same call"
    assert inbox.station.log.read_text().count("miss inbox") == 1


def test_a_file_that_may_not_be_read_is_listed_once_and_taken_when_it_may(tmp_path, programs):
    inbox = Inbox(tmp_path, programs)
    as_anybody(inbox.station, tmp_path)
    shutil.copyfile(samples(1)[0], inbox.folder / "closed.opus")
    (inbox.folder / "closed.opus").chmod(0)
    inbox.start()
    inbox.settle(taken=0, refused=1)
    assert inbox.refused() == {"closed.opus": "E_ACCESS"}
    judged = inbox.rows()
    inbox.restart()
    shutil.copyfile(samples(2)[1], inbox.folder / "open.opus")
    inbox.settle(taken=1, refused=1)
    assert inbox.rows()["closed.opus"] == judged["closed.opus"], "it was not tried again"
    assert inbox.station.log.read_text().count("refuse recording") == 1
    (inbox.folder / "closed.opus").chmod(0o600)
    inbox.settle(taken=2, refused=0)
    assert len(inbox.calls()) == 2


def test_what_a_stop_cut_off_is_swept_at_the_next_start(tmp_path, programs):
    inbox = Inbox(tmp_path, programs).start()
    (inbox.folder / "long.wav").write_bytes(hour_bytes(tmp_path))
    cut_off = wait_until(lambda: parts(inbox))
    inbox.station.stop()
    assert parts(inbox) == cut_off, "its worker was killed"
    inbox.start()
    wait_until(lambda: not parts(inbox) & cut_off)
    wait_until(lambda: parts(inbox) or inbox.state()["taken"] == 1)  # it is imported again


def test_a_call_that_is_captured_meanwhile_misses_nothing(tmp_path, programs):
    inbox = Inbox(tmp_path, programs, more=CAPTURE, sidecar_wait="0ms").start()
    outside = tmp_path / "outside"
    outside.mkdir()
    for number in range(150):
        (outside / f"{number}.wav").write_bytes(wav_bytes(number, tmp_path))
    call_id = inbox.station.ask("POST", "/api/v1/captures/desk/start", {})["call_id"]
    kind = inbox.station.kinds()[0]
    for path in outside.iterdir():
        path.rename(inbox.folder / path.name)
    tags = 0
    while inbox.state()["taken"] < 150:
        inbox.station.tag(call_id, kind, position_ms=0)
        tags += 1
    inbox.station.ask("POST", "/api/v1/captures/desk/stop")
    assert inbox.settle(taken=150, refused=0)
    assert len(inbox.calls()) == 151, "each once, and the one that went on"
    call = inbox.station.ask("GET", f"/api/v1/calls/{call_id}")
    assert call["notes"] == [] and not call["cut"] and call["duration_ms"] > 0
    assert len(call["tags"]) == tags > 0
