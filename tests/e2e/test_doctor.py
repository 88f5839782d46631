"""`doctor` of both programs names what is wrong, in one line that says what to do; nothing is found where
nothing is wrong. Each fault is planted in a copy of one healthy site."""

import json
import os
import shutil
import socket
import sqlite3
import threading
import time

import pytest
from harness import AGENT, COLLECTOR, Collector, Station, run, wait_until


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A collector and its station, healthy; the collector runs."""
    home = tmp_path_factory.mktemp("site")
    with Collector(home / "collector").start() as collector:
        station = Station(home / "station")
        station.join(collector.invite("desk"))
        station.add_calls(1)
        with station.start():
            station.tag(station.calls()[0], station.kinds()[0])
            wait_until(lambda: len(collector.tail()) > 1)
            station.stop()
        yield collector, station


@pytest.fixture
def station(site, tmp_path):
    """A copy of the station's folder."""
    shutil.copytree(site[1].data, tmp_path / "station")
    return tmp_path / "station"


@pytest.fixture
def collector(site, tmp_path):
    """A copy of the collector's folder as it stands after a stop, and nothing that runs."""
    home = tmp_path / "collector"
    home.mkdir(mode=0o700)
    for file in ("store.db", "keys.db"):
        with sqlite3.connect(f"file:{site[0].data / file}?mode=ro", uri=True) as source:
            source.execute("VACUUM INTO ?", [str(home / file)])
        (home / file).chmod(0o600)
    settings = tmp_path / "collector.toml"
    settings.write_text(f"[http]\nport = {free_port()}\n")
    return home


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def findings(program, data, *more, well=False):
    """{check: "what; todo"} of those that are faults (or notes); asserts that the exit code agrees."""
    done = run(program, "doctor", "--data", data, "--json", *more, check=False)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["healthy"] else 1)
    assert done.stderr == ""
    wanted = ("note",) if well else ("FAULT",)
    return {one["check"]: f"{one['what']}; {one['todo']}" for one in told["findings"] if one["health"] in wanted}


def at_station(folder, *more):
    """Faults of a station, whose settings are its own unless others are named."""
    given = () if "--config" in more else ("--config", "")
    return findings(AGENT, folder, *given, "--port", free_port(), *more)


def at_collector(folder):
    return findings(COLLECTOR, folder, "--config", folder.parent / "collector.toml")


def only(faults, check, *words):
    assert list(faults) == [check], faults
    for word in words:
        assert word in faults[check], faults


def settings(folder, text):
    file = folder.parent / "planted.toml"
    file.write_text(text)
    return "--config", file


def change(file, sql):
    with sqlite3.connect(file) as database:
        database.execute(sql)


def test_a_healthy_site_has_no_fault(site, station, collector):
    assert at_station(station) == {}
    assert at_collector(collector) == {}
    running, _ = site
    done = run(COLLECTOR, "doctor", "--data", running.data, "--config", "")
    assert done.stdout.endswith("\nhealthy\n") and "FAULT" not in done.stdout
    assert f"it answers on port {running.http_port}" in done.stdout


def test_each_check_is_one_line_of_text(station):
    lines = run(AGENT, "doctor", "--data", station, "--config", "", "--port", free_port()).stdout.splitlines()
    for line in lines[:-1]:
        assert line[:5].strip() in ("ok", "note", "FAULT") and line[5:7] == "  " and line[7] != " ", line


def test_1_a_setting_that_is_none(station):
    only(at_station(station, *settings(station, "[http]\nprot = 1\n")), "config", "planted.toml:2", "did you mean http.port")


def test_2_a_certificate_that_is_not_there(station):
    text = '[http]\nlisten = "0.0.0.0:8443"\npublic_origin = "https://e.example:8443"\ntls_cert = "/none.pem"\ntls_key = "/none.key"\n'
    only(at_station(station, *settings(station, text)), "config", "/none.pem")


def test_3_a_folder_others_may_look_into(station):
    station.chmod(0o755)
    only(at_station(station), "folder", "mode 0755", f"chmod 700 {station}")


def test_4_a_key_others_may_read(station):
    (station / "identity.json").chmod(0o644)
    only(at_station(station), "keys", f"chmod 600 {station / 'identity.json'}")


def test_5_a_token_others_may_read(station):
    (station / "console.token").chmod(0o640)
    only(at_station(station), "keys", f"chmod 600 {station / 'console.token'}")


def test_6_a_journal_of_a_newer_program(station):
    change(station / "journal.db", "UPDATE meta SET value = '99' WHERE key = 'format'")
    only(at_station(station), "journal", "newer earful (format 99)", "upgrade")


def test_7_a_damaged_journal(station):
    file = station / "journal.db"
    file.write_bytes(file.read_bytes()[:4096] + os.urandom(len(file.read_bytes()) - 4096))
    for rest in ("-wal", "-shm"):
        (station / f"journal.db{rest}").unlink(missing_ok=True)
    only(at_station(station), "journal", "restore it from a backup")


def test_8_a_clock_that_was_never_set(station, tmp_path):
    """To the program it is as early as its own file is late."""
    program = tmp_path / "earful-agent"
    shutil.copy(AGENT, program)
    (tmp_path / "share").symlink_to(AGENT.parent / "share")
    os.utime(program, (time.time() + 400 * 86400,) * 2)
    only(findings(program, station, "--config", "", "--port", free_port()), "clock", "timedatectl set-ntp true")


def test_9_a_microphone_that_is_not_there(station):
    only(at_station(station, *settings(station, '[[capture]]\nname = "desk"\nsource = "No Such Microphone"\n')),
         "sound", "capture desk", "No Such Microphone", "earful-agent devices")


def test_10_an_inbox_that_is_not_there(station):
    only(at_station(station, *settings(station, '[[inbox]]\npath = "/none/recordings"\n')), "inbox", "/none/recordings")


def test_11_a_port_somebody_else_has(station):
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(10)

        def answer():
            for _ in range(2):
                peer, _ = other.accept()
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                peer.close()

        threading.Thread(target=answer, daemon=True).start()
        port = other.getsockname()[1]
        only(findings(AGENT, station, "--config", "", "--port", port), "station", f"port {port} is taken")


def test_12_a_collector_that_does_not_run(station):
    identity = json.loads((station / "identity.json").read_text())
    identity["collector"]["desk_port"] = free_port()
    (station / "identity.json").write_text(json.dumps(identity))
    only(at_station(station), "collector", "its desk cannot be reached", "firewall")


def test_13_a_name_that_leads_nowhere(station):
    identity = json.loads((station / "identity.json").read_text())
    identity["collector"]["host"] = "collector.invalid"
    (station / "identity.json").write_text(json.dumps(identity))
    only(at_station(station), "collector", "collector.invalid", "mend the name")


def test_14_a_key_that_was_revoked(site, tmp_path):
    running, _ = site
    gone = Station(tmp_path / "gone")
    gone.join(running.invite("gone"))
    running.command("revoke", "gone")
    only(at_station(gone.data), "key", "revoked", "join again")


def test_15_keys_of_a_collector_others_may_read(collector):
    (collector / "keys.db").chmod(0o644)
    only(at_collector(collector), "keys", f"chmod 600 {collector / 'keys.db'}")


def test_16_a_store_of_a_newer_program(collector):
    change(collector / "store.db", "UPDATE meta SET value = 99 WHERE key = 'format'")
    only(at_collector(collector), "store", "format 99", "newer program")


def test_17_a_damaged_store(collector):
    file = collector / "store.db"
    file.write_bytes(file.read_bytes()[:-20000] + os.urandom(20000))
    only(at_collector(collector), "store", "restore the last backup")


def test_18_stations_newer_than_their_collector(collector):
    change(collector / "store.db", "UPDATE events SET reason = 'E_NEWER', event_id = NULL WHERE feed_seq = 1")
    only(at_collector(collector), "version", "1 events", "upgrade earful-collector")


def test_19_a_collector_whose_socket_is_closed(collector):
    with Collector(collector).start() as running:
        told = json.loads((collector / "endpoints.json").read_text())
        told["feed"] = f"tcp://127.0.0.1:{free_port()}"
        (collector / "endpoints.json").write_text(json.dumps(told))
        only(findings(COLLECTOR, collector, "--config", ""), "sockets", "the feed does not answer", "journalctl")
        assert running.running


def test_20_a_folder_that_is_not_there(tmp_path):
    faults = findings(COLLECTOR, tmp_path / "none", "--config", "")
    only(faults, "folder", "name the folder with --data")


def test_what_is_well_and_worth_knowing(collector, tmp_path):
    notes = findings(COLLECTOR, collector, "--config", tmp_path / "collector.toml", well=True)
    assert "every night" in notes["backup"]
    assert "on this machine alone" in notes["reach"]
    assert "systemctl start earful-collector" in notes["collector"]
