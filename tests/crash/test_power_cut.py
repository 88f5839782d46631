"""The power fails while a call is recorded. A disk that logs every block and every flush (logged_disk.c)
gives whatever a cut may have left: all that came before a flush, and any part of what came after it. On
each of these disks the call is repaired as the next start does, must play, and lacks a second at most.

Needs root, FUSE and loop devices.
"""

import collections
import contextlib
import os
import pathlib
import random
import struct
import subprocess
import time

import pytest
from harness import AGENT, BUILD, Stalls, wait_until

SOURCE = pathlib.Path(__file__).with_name("logged_disk.c")
CHECK = BUILD / "tests" / "repaired_call"
STATES = 500
RECORD_S = 6
LOST_MS = 1000
DISK_BYTES = 160 << 20  # sparse: what recording wants to see free, and some
WRITE, FLUSH = 1, 2
HEAD = struct.Struct("=QQQQ")

Entry = collections.namedtuple("Entry", "kind at offset data")  # at: seconds of time.monotonic()
Recording = collections.namedtuple("Recording", "before log call_id began stalls")


def go_first():
    """A second is promised of a machine that has a processor for a recorder, so not behind a build."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)


def do(*command, **options):
    subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options)


@contextlib.contextmanager
def mounted(kind, what, folder, options="rw"):
    folder.mkdir(exist_ok=True)
    do("mount", "-t", kind, "-o", options, what, folder)
    try:
        yield folder
    finally:
        # Something of the system may look at a new file system for a moment.
        wait_until(lambda: subprocess.run(["umount", folder], capture_output=True).returncode == 0)


@contextlib.contextmanager
def logged(work, image, log):
    """The block device's file, over the image."""
    program, folder = work / "logged_disk", work / "fuse"
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fuse3"], check=True, capture_output=True, text=True)
    do("gcc", "-O1", "-o", program, SOURCE, *flags.stdout.split())
    folder.mkdir()
    server = subprocess.Popen([program, folder, "-f", "-s"], env={**os.environ, "IMAGE": str(image), "LOG": str(log)},
                              preexec_fn=go_first)
    try:
        wait_until((folder / "disk").exists)
        yield folder / "disk"
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False)
        server.wait(20)


@pytest.fixture
def work(tmp_path):
    """A folder in memory: hundreds of disks are made in it."""
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse") or not os.path.exists("/dev/loop-control"):
        pytest.skip("needs root, /dev/fuse and loop devices")
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(mounted("tmpfs", "tmpfs", tmp_path / "work", "size=512m,mode=0700"))
        except subprocess.CalledProcessError as refused:
            pytest.skip(f"mounting is not allowed here: {refused.stderr.strip()}")
        yield tmp_path / "work"


def record(work):
    """A few seconds of a call; what was on the disk before and all that happened to it."""
    image, log, before = work / "image", work / "log", work / "before"
    with open(image, "wb") as made:
        made.truncate(DISK_BYTES)
    do("mkfs.ext4", "-q", "-J", "size=4", "-E", "lazy_itable_init=0,lazy_journal_init=0", image)
    with mounted("ext4", image, work / "disk", "loop"):
        # The first start makes the databases.
        do(AGENT, "record", "--data", work / "disk" / "station", "--source", "tone:440", "--seconds", "1")
    do("cp", "--sparse=always", image, before)
    with logged(work, image, log) as disk, mounted("ext4", disk, work / "disk", "loop") as folder:
        command = [AGENT, "record", "--data", folder / "station", "--source", "tone:440?rate=16000&channels=2"]
        recorder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                    preexec_fn=go_first)
        stalls = Stalls()
        call_id = recorder.stdout.readline().strip()
        began = time.monotonic()
        time.sleep(RECORD_S)  # the length of the call
        recorder.kill()
        recorder.wait()
        killed = time.monotonic()
    return Recording(before, [entry for entry in entries(log) if entry.at < killed], call_id, began, stalls)


def entries(log):
    with open(log, "rb") as file:
        while head := file.read(HEAD.size):
            kind, ns, offset, length = HEAD.unpack(head)
            yield Entry(kind, ns / 1e9, offset, file.read(length))


def apply(image, writes):
    with open(image, "r+b") as disk:
        for write in writes:
            disk.seek(write.offset)
            disk.write(write.data)


def stretches(log):
    """The writes between two flushes, in order, each list with the flush that went before it."""
    flush, writes = None, []
    for entry in log:
        if entry.kind == FLUSH:
            yield flush, writes
            flush, writes = entry, []
        else:
            writes.append(entry)
    yield flush, writes


def cuts(recording, dice):
    """(what the disk holds for sure, what else a cut left of it, when that was)."""
    parts = [(flush, writes) for flush, writes in stretches(recording.log)]
    each = -(-STATES // (len(parts) - 1))
    durable = []
    for flush, writes in parts:
        if flush:
            for i in range(each):
                happened = writes[:dice.randint(0, len(writes))] if i else []
                left = [write for write in happened if dice.random() < 0.5]
                yield durable, left, happened[-1].at if happened else flush.at
        durable = writes


def test_a_power_cut_loses_a_second_of_a_call_at_most(work):
    recording = record(work)
    dice = random.Random(7)
    sure, state = recording.before, work / "state"
    states = kept = worst = 0
    applied = None
    for durable, left, at in cuts(recording, dice):
        if durable is not applied:
            apply(sure, durable)
            applied = durable
        do("cp", "--sparse=always", sure, state)
        apply(state, left)
        with mounted("ext4", state, work / "disk", "loop") as disk:
            checked = subprocess.run([CHECK, disk / "station" / "library", recording.call_id],
                                     capture_output=True, text=True)
        told = f"state {states}: {checked.stdout}{checked.stderr}"
        assert checked.returncode == 0, told
        states += 1
        there_ms = 0 if checked.stdout == "gone\n" else int(checked.stdout)
        kept += there_ms > 0
        stood_ms = 1000 * recording.stalls.between(at - LOST_MS / 1000, at)
        worst = max(worst, (at - recording.began) * 1000 - there_ms - stood_ms)
        assert worst <= LOST_MS, told
    print(f"{states} states, {kept} with audio, at most {worst:.0f} ms lost")
    assert states >= STATES and kept >= STATES / 2
