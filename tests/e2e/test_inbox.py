"""Folders that a running station watches: real files, the real inotify, the real program."""

import json
import os
import pathlib
import shutil
import stat

import pytest
from harness import wait_until
from inboxes import Inbox, hour_bytes, samples, wav_bytes


@pytest.fixture
def inbox(tmp_path, programs):
    return Inbox(tmp_path, programs).start()


def test_recordings_that_were_there_and_that_arrive_are_taken(tmp_path, programs):
    inbox = Inbox(tmp_path, programs)
    first, second = samples(2)
    shutil.copyfile(first, inbox.folder / "there.opus")
    inbox.start()
    inbox.settle(taken=1)
    (inbox.folder / "2026").mkdir()
    shutil.copyfile(second, inbox.folder / "2026" / "later.opus")
    inbox.settle(taken=2)
    assert len(inbox.calls()) == 2

    def started():
        return {line["event"]["subject"] for line in map(json.loads, inbox.station.command("journal").stdout.splitlines())
                if line["event"]["type"] == "earful.v1.CallStarted"}
    wait_until(lambda: started() == set(inbox.station.calls()))


def test_a_file_that_is_copied_slowly_is_taken_whole(inbox, tmp_path):
    whole = wav_bytes(1, tmp_path, seconds=4)
    with open(inbox.folder / "slow.wav", "wb") as out:
        for at in range(0, len(whole), len(whole) // 8):
            out.write(whole[at : at + len(whole) // 8])
            out.flush()
            wait_until(lambda: inbox.state()["waiting"] == 1)
            assert inbox.calls() == []
    inbox.settle(taken=1)
    assert [call["duration_ms"] for call in inbox.calls()] == [4000]


def test_a_file_that_is_renamed_into_place_is_taken(inbox):
    hidden = inbox.folder / ".call.opus.tmp"
    shutil.copyfile(samples(1)[0], hidden)
    (inbox.folder / "bad.wav").write_text("no recording")
    inbox.settle(taken=0, refused=1)  # the one that came after it is judged, the hidden one is not
    hidden.rename(inbox.folder / "call.opus")
    inbox.settle(taken=1)


def test_a_sidecar_may_come_first_or_late(tmp_path, programs):
    inbox = Inbox(tmp_path, programs, sidecar_wait="60s").start()
    first, second = samples(2)
    (inbox.folder / "early.json").write_text('{"queue": "early", "external_id": "e-1"}')
    shutil.copyfile(first, inbox.folder / "early.opus")
    shutil.copyfile(second, inbox.folder / "late.opus")
    inbox_waits = wait_until(lambda: inbox.state()["taken"] == 1 and inbox.state())
    assert inbox_waits["waiting"] == 1, "the other still waits for its sidecar"
    (inbox.folder / "late.json").write_text('{"queue": "late"}')
    inbox.settle(taken=2)
    assert sorted(call["queue"] for call in inbox.calls()) == ["early", "late"]
    assert len(inbox.calls(external_id="e-1")) == 1


def test_facts_come_from_names_and_manifest_as_for_an_import(tmp_path, programs):
    manifest = tmp_path / "calls.csv"
    manifest.write_text("file,team\nin/billing_x.opus,north\n")
    inbox = Inbox(tmp_path, programs, name_pattern="{queue}_{external_id}", manifest=str(manifest)).start()
    shutil.copyfile(samples(1)[0], inbox.folder / "billing_x.opus")
    inbox.settle(taken=1)
    call = inbox.calls()[0]
    assert (call["queue"], call["external_id"], call["team"]) == ("billing", "x", "north")


def test_what_cannot_be_read_is_listed_once_and_after_a_restart_too(inbox):
    (inbox.folder / "text.wav").write_text("no recording")
    (inbox.folder / "empty.wav").write_bytes(b"")
    (inbox.folder / "notes.txt").write_text("left alone")
    os.mkfifo(inbox.folder / "pipe.wav")
    (inbox.folder / "link.wav").symlink_to(samples(1)[0])
    shutil.copyfile(samples(1)[0], inbox.folder / "facts.opus")
    (inbox.folder / "facts.json").write_text('{"queu": "x"}')
    expected = {"text.wav": "E_TYPE", "empty.wav": "E_EMPTY", "facts.opus": "E_FACTS"}
    inbox.settle(taken=0, refused=3)
    assert inbox.refused() == expected
    judged = inbox.rows()
    inbox.restart()
    shutil.copyfile(samples(2)[1], inbox.folder / "good.opus")
    inbox.settle(taken=1, refused=3)
    assert inbox.refused() == expected
    assert {name: at for name, at in inbox.rows().items() if name in expected} == judged, "none was tried again"
    (inbox.folder / "facts.json").write_text('{"queue": "x"}')  # mended
    (inbox.folder / "empty.wav").unlink()
    inbox.settle(taken=2, refused=1)
    assert inbox.refused() == {"text.wav": "E_TYPE"}


def test_a_refused_file_that_is_deleted_leaves_the_list_at_once(inbox):
    (inbox.folder / "bad.wav").write_text("no recording")
    inbox.settle(taken=0, refused=1)
    (inbox.folder / "bad.wav").unlink()
    inbox.settle(taken=0, refused=0)


def test_a_restart_reads_nothing_again(inbox):
    for number, sample in enumerate(samples(2)):
        shutil.copyfile(sample, inbox.folder / f"{number}.opus")
    inbox.settle(taken=2)
    judged = inbox.rows()
    inbox.station.kill()
    inbox.start()
    (inbox.folder / "bad.wav").write_text("no recording")
    inbox.settle(taken=2, refused=1)
    assert {name: at for name, at in inbox.rows().items() if name in judged} == judged


def test_the_same_recording_twice_is_one_call(inbox):
    for name in ("a.opus", "b.opus"):
        shutil.copyfile(samples(1)[0], inbox.folder / name)
    inbox.settle(taken=2)
    shutil.copyfile(samples(1)[0], inbox.folder / "a.opus")  # written again, the same bytes
    inbox.settle()
    assert len(inbox.calls()) == 1


def test_nothing_in_the_folder_is_ever_changed(tmp_path, programs):
    inbox = Inbox(tmp_path, programs)
    (inbox.folder / "below").mkdir()
    shutil.copyfile(samples(1)[0], inbox.folder / "below" / "a.opus")
    (inbox.folder / "below" / "a.json").write_text('{"queue": "x"}')
    (inbox.folder / "bad.wav").write_text("no recording")

    def picture():
        found = {}
        for path in [inbox.folder, *sorted(inbox.folder.rglob("*"))]:
            info = path.stat()
            found[str(path)] = (info.st_mode, info.st_mtime_ns, info.st_ctime_ns, info.st_size,
                                path.read_bytes() if path.is_file() else None)
        return found

    folders = [inbox.folder / "below", inbox.folder]
    for path in folders:
        path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        before = picture()
        inbox.start()
        inbox.settle(taken=1, refused=1)
        assert picture() == before
    finally:
        for path in folders:
            path.chmod(0o700)


def test_a_folder_that_is_missing_is_taken_up_when_it_is_back(tmp_path, programs):
    inbox = Inbox(tmp_path, programs)
    inbox.folder.rmdir()
    inbox.start()
    assert wait_until(lambda: inbox.state()["state"] == "missing" and inbox.state()["message"])
    inbox.folder.mkdir()
    shutil.copyfile(samples(1)[0], inbox.folder / "a.opus")
    inbox.settle(taken=1)
    inbox.folder.rename(tmp_path / "away")
    wait_until(lambda: inbox.state()["state"] == "missing")
    (tmp_path / "away").rename(inbox.folder)
    inbox.settle(taken=1)
    assert inbox.station.log.read_text().count("miss inbox") == 2, "one clear line each time"


def test_three_hundred_at_once_are_taken_while_the_station_answers(tmp_path, programs):
    inbox = Inbox(tmp_path, programs).start()
    outside = tmp_path / "outside"
    outside.mkdir()
    for number in range(300):
        (outside / f"{number}.wav").write_bytes(wav_bytes(number, tmp_path))
    outside.rename(inbox.folder / "all")
    answered = 0
    while inbox.state()["taken"] < 300:
        assert inbox.station.request("GET", "/healthz") == (200, "alive\n")
        answered += 1
    assert answered > 0
    inbox.settle(taken=300, refused=0)
    wait_until(lambda: len(inbox.calls()) == 300)
    metrics = inbox.station.request("GET", "/metrics")[1]
    assert "earful_inbox_taken_total 300\n" in metrics
    assert "earful_inbox_workers_died_total 0\n" in metrics


def test_a_dead_worker_costs_the_file_it_had_and_no_other(inbox, tmp_path):
    (inbox.folder / "long.wav").write_bytes(hour_bytes(tmp_path))

    def worker():
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if b"inbox-worker" in words and parent == inbox.station.process.pid:
                return int(entry.name)
        return None

    pid = wait_until(worker)
    wait_until(lambda: os.getpriority(os.PRIO_PROCESS, pid) == 10)  # the first thing it does
    wait_until(lambda: os.sched_getscheduler(pid) == os.SCHED_BATCH)
    os.kill(pid, 9)
    inbox.settle(refused=1)
    assert inbox.refused() == {"long.wav": "E_WORKER"}
    shutil.copyfile(samples(1)[0], inbox.folder / "next.opus")
    inbox.settle(taken=1, refused=1)
