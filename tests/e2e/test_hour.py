"""A listening hour is drawn alike by the program and by an implementation of the documented procedure."""

import datetime
import json
import random
import uuid

import pytest
from draw_hour import draw
from harness import AGENT, Station, run
from recordings import tone, write_wav


def frame_bytes(made, calls, **rules):
    """Calls as a year of a contact center has them, with names in four scripts."""
    head = {"frame": "earful-hour-1", "since": "2026-11-15T00:00:00.000Z", "until": "2026-11-22T00:00:00.000Z",
            "hour_ms": 3600000, "shortest_ms": 20000, "longest_ms": 1800000, "strata": ["queue", "length"], **rules}
    lines = [head] + sorted(
        ({"id": str(uuid.UUID(int=made.getrandbits(128), version=4)), "ms": int(1000 * made.lognormvariate(5.2, 0.9)),
          "queue": made.choice(["billing", "חיובים", "요금", "ບໍລິການ", "é", 'a"\\b']), "team": made.choice(["", "north"]),
          "language": made.choice(["he", "ko", "lo"]), "tier": made.choice(["", "gold"]),
          "heard": made.random() < rules.get("heard_share", 0.2)} for _ in range(calls)), key=lambda call: call["id"])
    head.pop("heard_share", None)
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines).encode()


@pytest.mark.parametrize("calls, rules", [
    (1, {}), (9, {}), (40, {"heard_share": 0.9}), (12, {"heard_share": 1}), (400, {}), (4212, {}),
    (400, {"strata": []}), (400, {"strata": ["team", "language", "tier", "queue", "length"]}),
    (4212, {"hour_ms": 86400000, "longest_ms": 60000, "heard_share": 0.1}), (4212, {"hour_ms": 86400000, "longest_ms": 60000, "heard_share": 1}),
    (400, {"hour_ms": 1200000, "longest_ms": 600000}), (30, {"shortest_ms": 0, "longest_ms": 86400000}),
])
def test_an_independent_draw_of_the_same_frame_and_seed_is_the_same(tmp_path, calls, rules):
    made = random.Random(calls)
    frame = frame_bytes(made, calls, **rules)
    (tmp_path / "frame.jsonl").write_bytes(frame)
    for _ in range(3):
        seed = f"{made.getrandbits(256):064x}"
        answer = json.loads(run(AGENT, "hour", "--frame", tmp_path / "frame.jsonl", "--seed", seed, "--json").stdout)
        expected = draw(frame, seed)
        assert answer["frame_sha256"] == expected["frame_sha256"]
        assert [(call["id"], call["probability"]) for call in answer["calls"]] == expected["calls"]
        assert answer["seed"] == seed


def test_the_library_is_the_frame_and_a_saved_frame_draws_the_same_again(tmp_path):
    station = Station(tmp_path / "station")
    now = datetime.datetime.now(datetime.timezone.utc)
    for i in range(6):
        write_wav(tmp_path / f"{i}.wav", 8000, [tone(8000, 300 + 10 * i, 2, 4000)])
        started = now - datetime.timedelta(days=1 if i < 4 else 30)
        (tmp_path / f"{i}.json").write_text(json.dumps({"started_at": started.isoformat(), "queue": "billing"}))
    station.command("import", tmp_path)

    empty = station.command("hour").stdout
    assert "4 too short" in empty and "No call can be drawn" in empty
    frame = tmp_path / "frame.jsonl"
    station.command("hour", "--save-frame", frame)
    text = frame.read_text().replace('"shortest_ms":20000', '"shortest_ms":1000')
    frame.write_text(text)
    assert len(text.splitlines()) == 5
    first = station.command("hour", "--frame", frame).stdout
    seed = first.split("seed")[1].split()[0]
    assert first == station.command("hour", "--frame", frame, "--seed", seed).stdout
    assert "4 calls" in first


@pytest.mark.parametrize("text, says", [
    ("", "line 1: this is no frame"), ("{}\n", "line 1: this is no frame"), ("\x00\xff\n", "line 1: this is no frame"),
    ('{"frame":"earful-hour-1","since":"2026-11-15T00:00:00Z","until":"2026-11-22T00:00:00Z","hour_ms":0,'
     '"shortest_ms":1,"longest_ms":2,"strata":[]}\n', "hour_ms is 1 to"),
    (frame_bytes(random.Random(1), 2).decode() + "[]\n", "line 4: a call has id"),
    ("\n".join((lambda lines: [lines[0], lines[2], lines[1]])(frame_bytes(random.Random(1), 2).decode().splitlines())),
     "line 3: calls stand in the order"),
])
def test_what_is_no_frame_is_refused_with_its_line(tmp_path, text, says):
    (tmp_path / "frame").write_bytes(text.encode("latin-1", "surrogateescape") if "\xff" in text else text.encode())
    answer = run(AGENT, "hour", "--frame", tmp_path / "frame", check=False)
    assert answer.returncode == 1 and says in answer.stderr and answer.stderr.count("\n") == 1


@pytest.mark.parametrize("path", ["", "nowhere"])
def test_a_frame_that_cannot_be_read_says_so(tmp_path, path):
    answer = run(AGENT, "hour", "--frame", tmp_path / path, check=False)
    assert answer.returncode == 1 and "it cannot be read" in answer.stderr


@pytest.mark.parametrize("arguments", [("--seed", "12"), ("--strata", "mood"), ("--since", "soon"), ("--minutes", "0")])
def test_wrong_use_says_what_is_wrong(tmp_path, arguments):
    answer = run(AGENT, "hour", "--data", tmp_path, *arguments, check=False)
    assert answer.returncode == 2 and arguments[0] in answer.stderr
