"""docs/wire.md is tried out: its reader is run, its bytes decoded, its SQL compared with the report, its limits
looked up in the code."""

import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import uuid

import pytest
from harness import BUILD, ROOT, SAMPLES, Collector, Station, wait_until
from peer import Peer, next_chain, uuid7, wire

PAGE = (ROOT / "docs" / "wire.md").read_text()
DESCRIPTORS = BUILD / "proto" / "earful.v1.descriptors.binpb"
LINE_SCHEMA = json.loads((ROOT / "proto" / "earful" / "v1" / "line.schema.json").read_text())
MAX_READER_LINES = 40


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def text_id(raw):
    return str(uuid.UUID(bytes=raw))


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


def enrolled_station(tmp_path, programs, collector):
    station = programs(Station(tmp_path / "station"))
    station.join(collector.invite("one"))
    station.add_calls(2)
    return station.start()


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


def payload_event(peer, name, personal=None, **fields):
    """An event with this payload, encoded, and its id."""
    event = peer.event(type=f"earful.v1.{name}")
    event.ClearField("tagged")
    fields_of = {"Erased": "erased_events"}
    payload = getattr(event, fields_of.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower())
    payload.SetInParent()
    for field, value in fields.items():
        if isinstance(value, list):
            getattr(payload, field).extend(value)
        else:
            setattr(payload, field, value)
    if personal:
        event.personal.note = personal
    return event


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


def bytes_of(block):
    """The hex of a block: each line's first column, up to two spaces."""
    return bytes.fromhex("".join(re.split(r" {2,}", line.strip())[0] for line in block.splitlines()))


def test_the_bytes_of_the_example_are_what_is_said_beside_them():
    event_block, message_block, _ = blocks("hex")
    raw = bytes_of(event_block)
    assert f"the same {len(raw)} bytes everywhere" in PAGE
    event = wire().Event.FromString(raw)
    assert event.SerializeToString(deterministic=True) == raw
    assert (event.type, event.tagged.kind, event.personal.note) == (
        "earful.v1.Tagged", "wrong-charge", "promised a refund")
    assert event.tagged.pressed_position == 72 * 48000
    assert int.from_bytes(event.id[:6], "big") == event.time.ToMilliseconds()

    message = wire().StationMessage.FromString(bytes_of(message_block) + raw)
    assert message.events.first_seq == 1 and list(message.events.raw) == [raw]
    said = re.findall(r"(\w+) \(\d+\) = (\d+)", event_block)
    for field, number in said:
        holders = (event.tagged, event.time)
        assert int(number) in [getattr(holder, field, None) for holder in holders], field


def test_the_chain_of_the_example_is_right():
    raw = bytes_of(blocks("hex")[0])
    digest, chain = (re.match(r"\w+", line)[0] for line in blocks("hex")[2].splitlines())
    assert hashlib.blake2b(raw, digest_size=32).hexdigest() == digest
    assert next_chain(bytes(32), raw).hex() == chain


def test_a_collector_takes_the_bytes_of_the_example(collector):
    peer = Peer.enrolled(collector, "one")
    peer.hello()
    event = wire().Event.FromString(bytes_of(blocks("hex")[0]))
    event.source = peer.station_id
    ack = peer.deliver([event.SerializeToString()])
    assert ack.have_seq == 1
    (line,) = collector.tail()
    assert line["id"] == text_id(event.id) and line["data"]["personal"]["note"] == "promised a refund"


# --- The customer key ---


def vectors():
    return re.findall(r"^\| `(.+?)` \| (?:`(\w\w)`)? ?\| `(.+?)` \| `(k1:[0-9a-f]{32})` \|$", PAGE, re.MULTILINE)


def key_of(normal, site_key, version=1):
    return f"k{version}:" + hashlib.blake2b(normal.encode(), key=site_key, digest_size=32).digest()[:16].hex()


def test_the_vectors_of_the_customer_key_are_right():
    assert len(vectors()) == 6
    for _, _, normal, key in vectors():
        assert key_of(normal, bytes(range(32))) == key


def test_a_station_makes_the_key_the_page_describes(tmp_path, programs, collector):
    facts = json.loads(min(SAMPLES.glob("*-*.json")).read_text())
    site_keys = Peer.enrolled(collector, "curious").hello().site_keys
    station = enrolled_station(tmp_path, programs, collector)
    call = wait_until(lambda: [call for call in station.ask("GET", "/api/v1/calls")["calls"]
                               if call["external_id"] == facts["external_id"] and call["customer_key"]])[0]
    assert re.fullmatch(r"C-\d+", facts["customer_id"]), "an account number is its own normal form"
    assert call["customer_key"] == key_of(facts["customer_id"], site_keys[0].key, site_keys[0].version)


# --- Lines ---


def faults(value, schema, at="line"):
    """What is wrong with a value, by the keywords line.schema.json uses. Stricter than JSON Schema in one thing:
    a property that no schema names is a fault, because then the schema has been forgotten."""
    if isinstance(schema, bool):
        return [] if schema else [f"{at}: must not be there"]
    if "$ref" in schema:
        return faults(value, LINE_SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], at)
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
             "boolean": bool, "null": type(None)}
    found = []
    if "type" in schema:
        right = isinstance(value, kinds[schema["type"]]) and (schema["type"] == "boolean") == isinstance(value, bool)
        if not right:
            return [f"{at}: is no {schema['type']}"]
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is not allowed")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{at}: {value!r} does not match")
    if not schema.get("minimum", 0) <= (value if isinstance(value, (int, float)) else 0) <= schema.get(
            "maximum", float("inf")):
        found.append(f"{at}: {value} is out of range")
    if "anyOf" in schema and all(faults(value, one, at) for one in schema["anyOf"]):
        found.append(f"{at}: {value!r} is none of those allowed")
    for part in schema.get("allOf", ()):
        if "if" in part:
            part = part.get("then" if not faults_if(value, part["if"]) else "else", {})
        found += faults(value, part, at)
    if isinstance(value, dict):
        found += [f"{at}: lacks {name}" for name in schema.get("required", ()) if name not in value]
        for name, part in value.items():
            if name in schema.get("properties", ()):
                found += faults(part, schema["properties"][name], f"{at}.{name}")
            elif "additionalProperties" in schema:
                found += faults(part, schema["additionalProperties"], f"{at}.{name}")
    if isinstance(value, list):
        for part in value:
            found += faults(part, schema.get("items", {}), f"{at}[]")
    return found


def faults_if(value, condition):
    return [name for name, part in condition["properties"].items() if name in value and faults(value[name], part)]


def unnamed(line):
    """Properties of a line, its data, its call or its personal part that the schema does not name."""
    defs = LINE_SCHEMA["$defs"]
    payload = defs[line["type"].rpartition(".")[2]]["properties"] if "data" in line else {}
    data = line.get("data", {})
    return (set(line) - set(LINE_SCHEMA["properties"]) | set(data) - set(payload)
            | set(data.get("call", {})) - set(defs["call"]["properties"])
            | set(data.get("personal", {})) - set(defs["personal"]["properties"]))


def one_of_every_type(peer):
    an_id = uuid7()
    made = {
        "CallStarted": {}, "CallUpdated": {}, "CallEnded": {"duration_position": 48000, "legs": 2},
        "Tagged": {"kind": "idea", "playback_rate": 1.0}, "TagRevised": {"tag": an_id, "kind": "fault"},
        "TagRetracted": {"tag": an_id}, "ListenerDefined": {"listener": an_id},
        "ListenerMerged": {"from": an_id, "into": uuid7()}, "ListeningStarted": {"listening": an_id},
        "Listened": {"listening": an_id, "intervals": [wire().Interval(end_position=9)], "playback_rate": 1.0},
        "ListeningEnded": {"listening": an_id}, "TagKindDefined": {"kind": "own", "family": "x"},
        "TagKindMerged": {"from": "own", "into": "idea"}, "TagKindRetired": {"kind": "own"},
        "FollowUpOpened": {"follow_up": an_id, "kind": "call-back", "tag": an_id},
        "FollowUpClosed": {"follow_up": an_id, "outcome": "done"},
        "AudioGap": {"leg": 1, "end_position": 9, "cause": "rtp-loss"}, "Paused": {"end_position": 9},
        "JournalGap": {"station": an_id, "journal": an_id, "from_seq": 1, "to_seq": 2},
        "Erased": {"events": [an_id], "reason": "asked"},
    }
    events = [payload_event(peer, name, "a note", **fields) for name, fields in made.items()]
    for event in events:
        event.call.started_at.GetCurrentTime()
        event.call.direction, event.call.labels["city"] = 1, "Haifa"
    return events


def test_a_line_of_every_type_is_as_its_schema_says(collector):
    peer = Peer.enrolled(collector, "one")
    peer.hello()
    events = one_of_every_type(peer)
    assert len(events) == len(wire().Event.DESCRIPTOR.oneofs_by_name["payload"].fields)
    peer.deliver([event.SerializeToString() for event in events] + [b"\xff", b"\x0a\x01x"])
    peer.deliver([payload_event(peer, "Erased", events=[events[0].id]).SerializeToString()])
    lines = collector.tail()
    assert len(lines) == len(events) + 3
    assert [fault for line in lines for fault in faults(line, LINE_SCHEMA)] == []
    assert [name for line in lines for name in unnamed(line)] == []
    assert sum("quarantine" in line for line in lines) == 2
    assert sum(line.get("erased", False) and len(line["digest"]) == 64 for line in lines) == 1


def test_the_schema_finds_a_wrong_line(collector):
    peer = Peer.enrolled(collector, "one")
    peer.hello()
    peer.deliver([peer.tagged()])
    (line,) = collector.tail()
    assert faults(line, LINE_SCHEMA) == []
    for wrong in ({"id": "x"}, {"seq": 0}, {"time": 5}, {"data": {}}, {"quarantine": "E_MOOD"}):
        assert faults({**line, **wrong}, LINE_SCHEMA)


# --- Limits and codes ---


def sources():
    folders = ("base", "proto", "agent", "collector")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".h", ".cpp")]
    return "\n".join(path.read_text() for path in paths)


def values(name, code):
    """The values of the constants of that name, where they are products of numbers and of constants."""
    found = set()
    for text in re.findall(rf"\b{name}\s*(?:=|{{)\s*([^;}}]*)", code):
        text = re.sub(r"std::chrono::|uint64_t|int64_t", "", text)
        text = re.sub(r"\bk[A-Z]\w+", lambda other: str(max(values(other[0], code))), text)
        text = re.sub(r"(?<=\d)[a-z]+|[a-z_]+(?=[({])", "", text).replace("{", "(")
        found.add(eval(text, {"__builtins__": {}}))
    return found


def test_every_limit_on_the_page_is_the_one_in_the_code():
    rows = re.findall(r"^\| .+? \| ([^|]+) \| `(k\w+)` \|$", PAGE, re.MULTILINE)
    assert len(rows) >= 30
    code = sources()
    wrong = {name: said for said, name in rows if int(re.search(r"\d+", said)[0]) not in values(name, code)}
    assert wrong == {}


def test_every_code_of_quarantine_is_on_the_page():
    codes = set(LINE_SCHEMA["properties"]["quarantine"]["enum"])
    assert codes == set(re.findall(r"`(E_\w+)`", PAGE.split("### Quarantine")[1].split("\n## ")[0]))
    told = (ROOT / "proto" / "event.h").read_text() + (ROOT / "collector" / "store" / "judge.h").read_text()
    assert codes == set(re.findall(r"\bE_[A-Z_]+", told))


def test_every_message_and_every_type_is_on_the_page():
    unnamed_messages = [name for name in vars(wire()) if not re.search(rf"\b{name}\b", PAGE)]
    assert set(unnamed_messages) <= {"Interval", "SiteKey"}


def test_every_place_the_page_points_to_is_there():
    headings = {re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
                for line in PAGE.splitlines() if line.startswith("#")}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= headings
