"""docs/wire.md is held to its word: its bytes decoded, its limits and names looked up in the code, a line of every
type tried against the schema."""

import hashlib
import json
import re

import pytest
from harness import ROOT, SAMPLES, Collector, wait_until
from peer import Peer, next_chain, uuid7, wire
from wire_page import PAGE, blocks, enrolled_station, payload_event, text_id

LINE_SCHEMA = json.loads((ROOT / "proto" / "earful" / "v1" / "line.schema.json").read_text())


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


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


def an_hour():
    from google.protobuf.timestamp_pb2 import Timestamp
    drawn = wire().HourCall(call=uuid7(), probability=0.5, duration_ms=60_000)
    again = wire().HourCall(call=uuid7(), probability=1, heard_before=True, duration_ms=60_000)
    return {"week": "2026-11-22", "iso_week": "2026-W48", "since": Timestamp(seconds=1_794_700_800),
            "until": Timestamp(seconds=1_795_305_600), "seed": bytes(32), "frame_sha256": bytes(32),
            "hour_ms": 3_600_000, "strata": ["queue"], "calls": [drawn, again], "expected_ms": 3.6e6,
            "drawn_from": [wire().HourStratum(values=["billing"], calls=2, drawn=1)]}


def one_of_every_type(peer):
    an_id = uuid7()
    made = {
        "CallStarted": {}, "CallUpdated": {}, "CallEnded": {"duration_position": 48000, "legs": 2},
        "Tagged": {"kind": "idea", "playback_rate": 1.0}, "TagRevised": {"tag": an_id, "kind": "fault"},
        "TagRetracted": {"tag": an_id}, "ListenerDefined": {"listener": an_id},
        "ListenerMerged": {"from": an_id, "into": uuid7()}, "ListeningStarted": {"listening": an_id},
        "Listened": {"listening": an_id, "intervals": [wire().Interval(end_position=9)], "playback_rate": 1.0,
                     "skipped_silence": [wire().Interval(start_position=9, end_position=12)]},
        "ListeningEnded": {"listening": an_id}, "TagKindDefined": {"kind": "own", "family": "x", "hints": {"he": "מתי"}},
        "TagKindMerged": {"from": "own", "into": "idea"}, "TagKindRetired": {"kind": "own"},
        "FollowUpOpened": {"follow_up": an_id, "kind": "call-back", "tag": an_id},
        "FollowUpClosed": {"follow_up": an_id, "outcome": "done", "day": "2026-11-22"},
        "AudioGap": {"leg": 1, "end_position": 9, "cause": "rtp-loss"}, "Paused": {"end_position": 9},
        "JournalGap": {"station": an_id, "journal": an_id, "from_seq": 1, "to_seq": 2},
        "Erased": {"events": [an_id], "reason": "asked"}, "HourPlanned": an_hour(),
        "HourCallSkipped": {"hour": an_id, "withdrawn": True}, "HourCallAdded": {"hour": an_id},
        "HourWords": {"hour": an_id},
        "WeekTakenOff": {"week": "2026-11-22", "iso_week": "2026-W48", "withdrawn": True},
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
    assert set(unnamed_messages) <= {"Interval", "SiteKey", "HourStratum", "HourCall"}


def test_every_place_the_page_points_to_is_there():
    headings = {re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
                for line in PAGE.splitlines() if line.startswith("#")}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= headings
