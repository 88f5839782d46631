"""Data of every released version is opened by this one, and nothing in it is lost; data of a newer version is
refused in one line. What each version left behind is in golden/, kept by golden/make."""

import json
import sqlite3
import tarfile
from pathlib import Path

import pytest
from harness import AGENT, COLLECTOR, READY_S, Collector, Station, run, wait_until

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.tar.xz"))
assert GOLDEN
NOTE = "golden note"


@pytest.fixture(params=GOLDEN, ids=[file.name.removesuffix(".tar.xz") for file in GOLDEN])
def home(request, tmp_path):
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def test_what_was_kept_is_there_and_goes_on(home, programs):
    collector = programs(Collector(home / "collector")).start()
    station = programs(Station(home / "station"))
    identity = json.loads((home / "station/identity.json").read_text())
    for name in ("intake", "feed", "desk"):
        identity["collector"][f"{name}_port"] = int(getattr(collector, name).rpartition(":")[2])
    (home / "station/identity.json").write_text(json.dumps(identity))
    station.start()

    [call] = station.calls()
    [tag] = station.ask("GET", f"/api/v1/calls/{call}")["tags"]
    assert (tag["kind"], tag["note"]) == ("wrong-charge", NOTE)
    before = collector.tail()
    assert [line for line in before if NOTE in json.dumps(line)]
    assert "Noa Levi" in run(AGENT, "listener", "list", "--data", station.data).stdout

    event = station.tag(call, "wrong-charge", position_ms=9000)["event_id"]
    wait_until(lambda: event in [line["id"] for line in collector.tail()])
    assert [line["id"] for line in collector.tail()][: len(before)] == [line["id"] for line in before]
    assert collector.verify().stdout.splitlines()[-1].startswith("clean")


NEWER = {
    "journal.db": ("station", "UPDATE meta SET value = '99' WHERE key = 'format'"),
    "library/library.db": ("station", "PRAGMA user_version = 99"),
    "store.db": ("collector", "UPDATE meta SET value = 99 WHERE key = 'format'"),
    "keys.db": ("collector", "UPDATE server SET format = 99"),
}


@pytest.mark.parametrize("file", NEWER)
def test_what_a_newer_version_wrote_is_refused_in_one_line_and_left_alone(file, home):
    program, change = NEWER[file]
    with sqlite3.connect(home / program / file) as database:
        database.execute(change)
    database.close()
    before = (home / program / file).read_bytes()
    ports = ("--port", 0) if program == "station" else ("--http-port", 0, "--intake", "tcp://127.0.0.1:0",
                                                        "--feed", "tcp://127.0.0.1:0", "--desk", "tcp://127.0.0.1:0")
    done = run(AGENT if program == "station" else COLLECTOR, "serve", "--data", home / program, *ports,
               check=False, timeout=READY_S)
    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if line.startswith("earful-")]
    assert Path(file).stem in line and "newer" in line
    assert (home / program / file).read_bytes() == before


@pytest.mark.parametrize("file", ["station/state.db", "station/inbox.db", "collector/customers.db"])
def test_a_cache_of_a_newer_version_is_made_again(file, home, programs):
    with sqlite3.connect(home / file) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    if file.startswith("station"):
        station = programs(Station(home / "station")).start()
        [call] = station.calls()
        assert wait_until(lambda: station.ask("GET", f"/api/v1/calls/{call}")["tags"])
    else:
        collector = programs(Collector(home / "collector")).start()
        assert collector.tail()
