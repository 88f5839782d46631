"""What a collector shows to who reads it: `tail` here and over the wire, `export`, and HTTP."""

import contextlib
import http.client
import json
import os
import re
import sqlite3
import stat
import subprocess

import pytest
from harness import COLLECTOR, Collector, run, wait_until
from peer import Peer, text_id, wire


@pytest.fixture
def collector(tmp_path, programs):
    return programs(Collector(tmp_path / "collector")).start()


@pytest.fixture
def station(collector):
    made = Peer.enrolled(collector, "one")
    made.hello()
    return made


def deliver(station, count):
    """The ids of that many new tags, once they are stored."""
    raws = [station.tagged() for _ in range(count)]
    for at in range(0, count, 500):
        station.deliver(raws[at:at + 500])
    return [text_id(wire().Event.FromString(raw).id) for raw in raws]


def ids(text):
    return [json.loads(line)["id"] for line in text.splitlines() if line]


@contextlib.contextmanager
def printing(*command, **options):
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, **options) as running:
        try:
            yield running
        finally:
            running.kill()


# --- tail ---


def tail(*options, environment=None, check=True):
    return run(COLLECTOR, "tail", *options, env=environment, check=check)


@pytest.fixture
def reader(tmp_path, collector):
    """A machine of its own: an invitation for a reader in a file, and nothing of the collector's folder."""
    invite = tmp_path / "reader.invite"
    invite.write_text(collector.invite("reader", "--reader") + "\n")
    invite.chmod(0o600)
    return ("--connect", invite, "--json")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_tail_from_elsewhere_prints_what_the_collector_prints_again_and_again(collector, station, reader, elsewhere):
    first = deliver(station, 30)
    over_the_wire = tail(*reader).stdout
    assert ids(over_the_wire) == first
    assert over_the_wire == collector.command("tail", "--json").stdout
    later = deliver(station, 5)
    assert ids(tail(*reader).stdout) == first + later, "the invitation is used, the key stays"
    middle = json.loads(over_the_wire.splitlines()[19])["position"]
    assert ids(tail(*reader, "--from", middle).stdout) == first[20:] + later


def test_tail_from_elsewhere_keeps_its_key_for_its_owner_alone(collector, station, reader, elsewhere):
    deliver(station, 1)
    tail(*reader)
    kept = [path for path in elsewhere.rglob("*") if path.is_file()]
    assert kept
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_tail_from_elsewhere_follows(collector, station, reader, elsewhere):
    first = deliver(station, 3)
    with printing(COLLECTOR, "tail", *reader, "--follow") as running:
        assert [json.loads(running.stdout.readline())["id"] for _ in range(3)] == first
        later = deliver(station, 3)
        assert [json.loads(running.stdout.readline())["id"] for _ in range(3)] == later


def test_tail_from_elsewhere_goes_on_when_its_invitation_is_over(collector, station, reader, elsewhere):
    first = deliver(station, 1)
    tail(*reader)
    with contextlib.closing(sqlite3.connect(collector.data / "keys.db")) as keys:
        keys.execute("UPDATE identities SET expires = 1 WHERE role = 'enroll'")
        keys.commit()
    assert ids(tail(*reader).stdout) == first


def test_tail_from_elsewhere_says_when_its_key_was_revoked(collector, station, reader, elsewhere):
    deliver(station, 1)
    tail(*reader)
    collector.command("revoke", "reader")
    done = tail(*reader, check=False)
    assert done.returncode == 1
    assert "still let in?" in done.stderr


def test_tail_here_follows_too(collector, station):
    first = deliver(station, 1)
    with printing(COLLECTOR, "tail", "--data", collector.data, "--json", "--follow") as running:
        assert [json.loads(running.stdout.readline())["id"]] == first
        later = deliver(station, 2)
        assert [json.loads(running.stdout.readline())["id"] for _ in later] == later


def test_tail_ends_when_nobody_reads_it_any_more(collector, station):
    deliver(station, 1)
    with printing(COLLECTOR, "tail", "--data", collector.data, "--json", "--follow") as running:
        running.stdout.readline()
        running.stdout.close()
        deliver(station, 1)
        wait_until(lambda: running.poll() is not None)


# --- export ---


def test_export_writes_every_event_and_never_over_a_file(tmp_path, collector, station):
    stored = deliver(station, 1500)  # more than one page of a reader
    file = tmp_path / "events.ndjson"
    assert collector.command("export", file).stdout == f"Wrote 1500 events to {file}.\n"
    assert ids(file.read_text()) == stored
    assert file.read_text() == collector.command("tail", "--json").stdout
    more = deliver(station, 1)
    again = collector.command("export", file, check=False)
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert ids(file.read_text()) == stored
    collector.command("export", "--force", file)
    assert ids(file.read_text()) == stored + more
    assert not list(tmp_path.glob("*.new"))


def test_an_export_never_takes_the_place_of_what_is_no_plain_file(tmp_path, collector, station):
    deliver(station, 1)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        done = collector.command("export", "--force", tmp_path / name, check=False)
        assert done.returncode == 2
        assert "not a plain file" in done.stderr
    assert (tmp_path / "folder").is_dir() and (tmp_path / "pipe").is_fifo()


def test_an_export_into_no_folder_is_refused_in_one_line(tmp_path, collector, station):
    deliver(station, 1)
    done = collector.command("export", tmp_path / "missing" / "events.ndjson", check=False)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "No such file or directory" in line


# --- HTTP ---


def token(collector):
    return (collector.data / "board.token").read_text().strip()


def ask(collector, path, bearer=None, host=None, method="GET"):
    """(status, headers, body)"""
    connection = http.client.HTTPConnection("127.0.0.1", collector.http_port, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        if host is not None:
            headers["Host"] = host
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def events(collector, query=""):
    status, headers, body = ask(collector, "/api/v1/events" + query, token(collector))
    assert (status, headers["Content-Type"]) == (200, "application/x-ndjson"), body
    return body


def test_the_token_is_its_owners_alone_and_stays_over_a_restart(collector):
    path = collector.data / "board.token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"[0-9a-f]{64}\n", path.read_text())
    before = token(collector)
    collector.stop()
    collector.start()
    assert token(collector) == before


def test_events_come_as_tail_prints_them_in_pieces_and_from_any_place(collector, station):
    stored = deliver(station, 200)
    everything = events(collector)
    assert everything == collector.command("tail", "--json").stdout
    assert ids(events(collector, "?limit=7")) == stored[:7]
    middle = json.loads(everything.splitlines()[99])["position"]
    assert ids(events(collector, f"?after={middle}")) == stored[100:]
    assert ids(events(collector, f"?after={middle}&limit=150")) == stored[100:]
    assert ids(events(collector, f"?after={middle}&limit=5")) == stored[100:105]
    last = json.loads(everything.splitlines()[-1])["position"]
    assert events(collector, f"?after={last}") == ""


def test_events_of_another_epoch_begin_at_the_beginning(collector, station):
    stored = deliver(station, 3)
    assert ids(events(collector, "?after=1:2")) == stored


def test_a_follower_gets_what_is_stored_while_it_waits_and_ends_at_its_limit(collector, station):
    first = deliver(station, 2)
    connection = http.client.HTTPConnection("127.0.0.1", collector.http_port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", "/api/v1/events?follow=1&limit=5",
                           headers={"Authorization": f"Bearer {token(collector)}"})
        stream = connection.getresponse()
        got = [json.loads(stream.readline())["id"] for _ in first]
        later = deliver(station, 4)
        got += [json.loads(stream.readline())["id"] for _ in range(3)]
        assert got == first + later[:3]
        assert stream.readline() == b"", "it ends at its limit"


@pytest.mark.parametrize("query", ["?after=x", "?after=1", "?limit=0", "?limit=-1", "?limit=x", "?follow=yes"])
def test_a_parameter_that_is_none_is_refused_by_its_name(query, collector):
    status, _, body = ask(collector, "/api/v1/events" + query, token(collector))
    assert status == 400
    error = json.loads(body)["error"]
    assert error["code"] == "E_PARAMETER"
    assert query.strip("?") in error["message"]


@pytest.mark.parametrize("bearer", [None, "", "0" * 64, "short", "é"])
def test_without_the_token_there_are_no_events(bearer, collector, station):
    [event_id] = deliver(station, 1)
    status, headers, body = ask(collector, "/api/v1/events", bearer and bearer.encode().decode("latin-1"))
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert json.loads(body)["error"]["code"] == "E_TOKEN"
    assert "board.token" in body and event_id not in body


def test_the_token_in_the_address_opens_nothing(collector):
    assert ask(collector, f"/api/v1/events?token={token(collector)}")[0] == 401


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/api/v1/events"])
def test_another_host_gets_nothing_anywhere(path, collector):
    for host in (f"evil.example:{collector.http_port}", "127.0.0.1:1", "evil.example"):
        status, _, body = ask(collector, path, token(collector), host=host)
        assert (status, body) == (421, "")


def test_health_readiness_and_counters_need_no_token_and_say_no_event(collector, station):
    [event_id] = deliver(station, 1)
    assert ask(collector, "/healthz")[::2] == (200, "alive\n")
    assert ask(collector, "/readyz")[::2] == (200, "ready\n")
    status, headers, text = ask(collector, "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert event_id not in text


def test_counters_are_in_the_format_of_prometheus_and_count(collector, station):
    before = metrics(collector)
    deliver(station, 3)
    raw = station.tagged()
    station.deliver([raw, raw])
    station.deliver([b"\xff" * 10])
    after = metrics(collector)
    grown = {name: after[name] - before[name] for name in after}
    assert grown["earful_collector_events_stored_total"] == 5
    assert grown["earful_collector_events_repeated_total"] == 1
    assert grown["earful_collector_events_quarantined_total"] == 1
    assert after["earful_collector_holding"] == 0


def metrics(collector):
    """name: value; every sample has a HELP and a TYPE."""
    lines = ask(collector, "/metrics")[2].splitlines()
    found = {}
    for help_line, type_line, sample in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name, value = sample.split(" ")
        assert help_line.startswith(f"# HELP {name} ")
        assert re.fullmatch(rf"# TYPE {name} (counter|gauge)", type_line)
        assert name.endswith("_total") == type_line.endswith("counter")
        found[name] = int(value)
    return found
