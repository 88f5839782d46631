"""The reader of docs/wire.md is run and killed, and its table compared with the report."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest
from harness import BUILD, Collector, wait_until
from peer import Peer, uuid7, wire
from wire_page import blocks, enrolled_station, payload_event, text_id

DESCRIPTORS = BUILD / "proto" / "earful.v1.descriptors.binpb"
MAX_READER_LINES = 40


# --- The reader ---


class Reader:
    """The code of the page, in a process."""

    def __init__(self, folder, invite_line):
        self.code, self.database, self.invite = folder / "reader.py", folder / "events.db", folder / "invite"
        self.code.write_text(blocks("python")[0])
        self.invite.write_text(invite_line + "\n")
        self.process = None

    def start(self):
        with open(self.invite) as line:
            self.process = subprocess.Popen([sys.executable, self.code, DESCRIPTORS, self.database], stdin=line,
                                            stderr=subprocess.PIPE, text=True)
        return self

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stderr.close()
        self.process = None

    def query(self, sql, *values):
        if not self.database.exists():
            return []
        database = sqlite3.connect(self.database, timeout=20)
        try:
            return database.execute(sql, values).fetchall()
        except sqlite3.OperationalError as fault:
            assert "no such table" in str(fault)
            return []
        finally:
            database.close()

    def ids(self):
        return [text_id(bytes.fromhex(row[0])) for row in self.query("SELECT id FROM events ORDER BY seq")]


def stored_ids(collector):
    return [line["id"] for line in collector.tail() if "quarantine" not in line]


def has_all(reader, collector):
    return reader.ids() == stored_ids(collector) != []


@pytest.fixture
def make_reader(tmp_path, programs):
    def make(collector):
        folder = tmp_path / "reader"
        folder.mkdir()
        return programs(Reader(folder, collector.invite("warehouse", "--reader"))).start()

    return make


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


def test_the_reader_fits_in_forty_lines():
    assert len(blocks("python")) == 1
    assert len(blocks("python")[0].splitlines()) <= MAX_READER_LINES


# 127.0.0.2 stands for another machine's address: the invite line names it, CURVE guards it.
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
def test_the_reader_has_every_event_once_whoever_is_killed(tmp_path, programs, make_reader, host):
    collector = programs(Collector(tmp_path / "collector", host)).start()
    station = enrolled_station(tmp_path, programs, collector)
    reader = make_reader(collector)
    call, kind = station.calls()[0], station.kinds()[0]
    for turn in range(6):
        for _ in range(50):
            station.tag(call, kind)
        if turn == 3:
            collector.kill()
            collector.start()
        wait_until(lambda: len(reader.ids()) > 0)
        reader.kill()
        station.tag(call, kind)
        reader.start()
    wait_until(lambda: len(stored_ids(collector)) >= 306 and has_all(reader, collector))
    assert len(set(reader.ids())) == len(reader.ids())
    assert reader.database.stat().st_mode & 0o777 == 0o600


def test_the_reader_sees_what_it_missed_while_it_was_stopped(collector, make_reader):
    peer = Peer.enrolled(collector, "busy")
    peer.hello()
    reader = make_reader(collector)
    peer.deliver([peer.tagged()])
    wait_until(lambda: has_all(reader, collector))
    os.kill(reader.process.pid, signal.SIGSTOP)
    for _ in range(5):
        peer.deliver([peer.tagged() for _ in range(500)])
    os.kill(reader.process.pid, signal.SIGCONT)
    wait_until(lambda: has_all(reader, collector))
    assert len(reader.ids()) == 2501


def test_the_reader_takes_everything_again_from_0(collector, make_reader):
    peer = Peer.enrolled(collector, "one")
    peer.hello()
    for _ in range(3):
        peer.deliver([peer.tagged() for _ in range(500)])
    reader = make_reader(collector)
    wait_until(lambda: has_all(reader, collector))
    reader.kill()
    database = sqlite3.connect(reader.database)
    with database:
        database.execute("UPDATE me SET seq = 0")
        database.execute("UPDATE events SET event = ''")
    reader.start()
    wait_until(lambda: not reader.query("SELECT 1 FROM events WHERE event = ''"))
    wait_until(lambda: reader.query("SELECT seq FROM me") == [(1500,)])
    assert has_all(reader, collector)


def put_back_a_backup(collector, folder):
    yield collector.command("backup", folder / "backup")
    collector.stop()
    collector.command("restore", folder / "backup")


def put_back_a_copied_store(collector, folder):
    collector.stop()
    shutil.copy(collector.data / "store.db", folder / "store.db")
    yield collector.start()
    collector.stop()
    for left_over in collector.data.glob("store.db*"):
        left_over.unlink()
    shutil.copy(folder / "store.db", collector.data / "store.db")


def put_back_the_whole_folder(collector, folder):
    collector.stop()
    shutil.copytree(collector.data, folder / "copy")
    yield collector.start()
    collector.stop()
    shutil.rmtree(collector.data)
    shutil.copytree(folder / "copy", collector.data)


@pytest.mark.parametrize("put_back", [put_back_a_backup, put_back_a_copied_store, put_back_the_whole_folder])
def test_the_reader_follows_a_store_that_was_put_back(tmp_path, programs, collector, make_reader, put_back):
    station = enrolled_station(tmp_path, programs, collector)
    reader = make_reader(collector)
    call, kinds = station.calls()[0], station.kinds()
    station.tag(call, kinds[0])
    wait_until(lambda: has_all(reader, collector))
    steps = put_back(collector, tmp_path)
    next(steps)
    for _ in range(20):
        station.tag(call, kinds[1])
    wait_until(lambda: len(stored_ids(collector)) >= 26 and has_all(reader, collector))
    assert next(steps, None) is None
    collector.start()
    last = station.tag(call, kinds[2])["event_id"]
    wait_until(lambda: last in stored_ids(collector) and has_all(reader, collector), 60)
    assert len(set(reader.ids())) == len(reader.ids()) == len(stored_ids(collector))


def test_the_reader_says_why_it_was_not_let_in(tmp_path, programs, collector, make_reader):
    reader = make_reader(collector)
    wait_until(lambda: reader.query("SELECT epoch FROM me") not in ([], [(0,)]))
    (tmp_path / "late").mkdir()
    late = programs(Reader(tmp_path / "late", reader.invite.read_text().strip())).start()
    assert late.process.wait(20) == 1
    assert "used already" in late.process.stderr.read()


# --- Your table ---


def tag_of(peer, kind, note="", sample=False, **more):
    event = peer.event(**more)
    event.tagged.kind, event.personal.note, event.call.sample = kind, note, sample
    event.call.queue = "billing"
    return event


def deliver_what_a_fold_can_get_wrong(peer):
    call = uuid7()
    plain = [tag_of(peer, "long-wait", subject=call) for _ in range(3)]
    revised, retracted, early = (tag_of(peer, "idea", "first") for _ in range(3))
    merged = [tag_of(peer, kind) for kind in ("own-a", "own-b", "own-c", "own-d")]
    erased = tag_of(peer, "serious", "a name that must go")
    events = [
        payload_event(peer, "TagRetracted", tag=early.id),  # before the tag itself
        *plain, revised, retracted, early, *merged, erased, tag_of(peer, "long-wait", sample=True),
        payload_event(peer, "TagRevised", "second", tag=revised.id, kind="fault", note_revised=True),
        payload_event(peer, "TagRevised", tag=revised.id, start_position=0, end_position=4800),
        payload_event(peer, "TagRetracted", tag=retracted.id),
        # own-a and own-b are one; so merging own-a once more takes own-b along.
        payload_event(peer, "TagKindMerged", **{"from": "own-a", "into": "own-b"}),
        payload_event(peer, "TagKindMerged", **{"from": "own-a", "into": "own-c"}),
        payload_event(peer, "TagKindMerged", **{"from": "own-c", "into": "own-b"}),  # a ring: nothing
        payload_event(peer, "Erased", events=[erased.id]),
    ]
    peer.deliver([event.SerializeToString() for event in events])
    return {"revised": revised.id.hex(), "erased": erased.id.hex()}


def test_your_table_counts_what_report_counts(collector, make_reader):
    peer = Peer.enrolled(collector, "one")
    peer.hello()
    named = deliver_what_a_fold_can_get_wrong(peer)
    reader = make_reader(collector)
    wait_until(lambda: has_all(reader, collector))
    database = sqlite3.connect(reader.database)
    views, count = blocks("sql")
    database.executescript(views)

    period = {"since": "2020-01-01", "until": "2099-01-01"}
    counted = [list(row) for row in database.execute(count, period)]
    told = collector.report("--since", "2020-01-01", "--until", "2098-12-31")["rows"]
    assert sorted(counted) == sorted([row["kind"], row["count"], row["calls"]] for row in told)
    assert dict((kind, number) for kind, number, _ in counted) == {
        "long-wait": 3, "fault": 1, "own-c": 3, "own-d": 1, "serious": 1}

    row = "SELECT kind, start_ms, end_ms, note, erased FROM tags WHERE id = ?"
    assert database.execute(row, [named["revised"]]).fetchone() == ("fault", 0, 100, "second", 0)
    assert database.execute(row, [named["erased"]]).fetchone()[3:] == ("", 1)


def test_the_reader_removes_what_was_erased_after_it_came(collector, make_reader):
    peer = Peer.enrolled(collector, "one")
    peer.hello()
    reader = make_reader(collector)
    told = tag_of(peer, "serious", "a name that must go")
    peer.deliver([told.SerializeToString()])
    wait_until(lambda: reader.query("SELECT 1 FROM events WHERE event LIKE '%must go%'"))
    peer.deliver([payload_event(peer, "Erased", events=[told.id]).SerializeToString()])
    wait_until(lambda: len(reader.ids()) == 2)
    assert not reader.query("SELECT 1 FROM events WHERE event LIKE '%must go%'")
    assert told.id.hex() in [row[0] for row in reader.query("SELECT id FROM events")]


# --- Bytes ---
