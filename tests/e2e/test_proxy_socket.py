"""A station behind a reverse proxy: who comes by its Unix socket is who the proxy says, and nobody else is."""

import json
import os
import socket
import stat
import subprocess

import pytest
from entrances import HEADER, HOST, ORIGIN, Client, tcp, unix_socket
from harness import AGENT, Collector, Station, run, wait_until

NOA = {HEADER: "noa@example.com"}
CHANGE = {"X-Earful": "1"}


def settings(path, more=""):
    return (f'[http]\nlisten = "unix:{path}"\npublic_origin = "{ORIGIN}"\nidentity_header = "{HEADER}"\n'
            f'identity_name_header = "X-Forwarded-Name"\n{more}')


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("proxy")


@pytest.fixture(scope="module")
def station(folder):
    with Station(folder / "station") as started:
        started.stop()
        started.configure(settings(folder / "console.sock"))
        started.add_calls(1)
        yield started.start()


@pytest.fixture
def proxy(station, folder):
    return Client(unix_socket(folder / "console.sock"), HOST)


@pytest.fixture
def loopback(station):
    return Client(tcp(station.port), f"127.0.0.1:{station.port}")


def cookie_of(loopback, station):
    token = (station.data / "console.token").read_text().strip()
    opened = loopback.ask("POST", "/api/v1/session", {}, {"token": token})
    return {"Cookie": opened.headers["set-cookie"].split(";")[0]}


def test_the_header_names_a_listener_who_can_tag(proxy, station):
    session = proxy.ask("GET", "/api/v1/session", NOA)
    assert session.status == 200 and session.body["bound"] and session.body["listener"]["name"] == "noa@example.com"
    assert "set-cookie" not in session.headers
    call = station.calls()[0]
    made = proxy.ask("POST", "/api/v1/tags", {**NOA, **CHANGE},
                     {"call_id": call, "kind": "long-wait", "position_ms": 1000})
    assert made.status == 201
    tag = next(tag for tag in station.ask("GET", f"/api/v1/calls/{call}")["tags"] if tag["event_id"] == made.body["event_id"])
    assert tag["listener"] == session.body["listener"]
    assert session.body["listener"] in station.ask("GET", "/api/v1/listeners")["listeners"]


def test_the_listener_is_defined_once_and_renamed_when_the_proxy_says_so(proxy, station):
    header = {HEADER: "u4711"}
    named = {**header, "X-Forwarded-Name": "דנה לוי"}
    identity = proxy.ask("GET", "/api/v1/session", header).body["listener"]["id"]
    for _ in range(3):
        assert proxy.ask("GET", "/api/v1/session", named).body["listener"] == {"id": identity, "name": "דנה לוי"}
    known = lambda: [one["name"] for one in station.ask("GET", "/api/v1/listeners")["listeners"] if one["id"] == identity]
    wait_until(lambda: known() == ["דנה לוי"])
    lines = [json.loads(line) for line in station.command("journal").stdout.splitlines()]
    assert sum(identity in json.dumps(line) and "ListenerDefined" in json.dumps(line) for line in lines) == 2


def test_without_a_name_from_the_proxy_nobody_is_let_in(proxy, station, loopback):
    token = (station.data / "console.token").read_text().strip()
    for headers in ({}, {HEADER: ""}, {HEADER: "  "}, {"Authorization": f"Bearer {token}"}, cookie_of(loopback, station),
                    {"X_Forwarded_User": "noa"}, {"X-Forwarded-Name": "Noa"}):
        assert proxy.code("GET", "/api/v1/session", headers) == (401, "E_IDENTITY"), headers
        assert proxy.code("POST", "/api/v1/session", {**headers, **CHANGE}, {"token": token}) == (401, "E_IDENTITY"), headers
    assert proxy.ask("GET", "/").status == 200  # the empty page holds nothing


@pytest.mark.parametrize("pairs", [
    [(HEADER, "noa"), (HEADER, "noa")],
    [(HEADER, "noa"), (HEADER.lower(), "dana")],
    [(HEADER, "n" * 201)],
    [(HEADER, b"\xff\xfe")],
    [(HEADER, b"no\xc3")],
    [(HEADER, "no\u0085a")],
    [(HEADER, "no\ta")],
    [(HEADER, "noa"), ("X-Forwarded-Name", "x"), ("X-Forwarded-Name", "x")],
])
def test_a_header_that_cannot_be_a_name_is_refused(proxy, pairs):
    assert proxy.code("GET", "/api/v1/session", pairs) == (400, "E_IDENTITY_VALUE")


def test_a_header_with_control_characters_is_refused(proxy):
    for value in (b"no\x01a", b"no\x7fa", b"no\ra", b"no\x00a"):
        assert proxy.ask("GET", "/api/v1/session", [(HEADER, value)]).status == 400, value


def test_the_header_is_believed_nowhere_else(loopback, station):
    assert loopback.code("GET", "/api/v1/session", NOA) == (401, "E_SESSION")
    session = loopback.ask("GET", "/api/v1/session", {**NOA, **cookie_of(loopback, station)})
    assert session.body == {"listener": None}


def test_only_the_public_origin_is_answered(proxy, station):
    for host in (f"127.0.0.1:{station.port}", "localhost", HOST + ":443", "evil.example", HOST + ".evil.example", ""):
        answer = proxy.ask("GET", "/api/v1/session", {**NOA, "Host": host})
        assert (answer.status, answer.body) == (421, ""), host
    assert proxy.ask("GET", "/api/v1/session", {**NOA, "Origin": ORIGIN}).status == 200
    for origin in ("null", "http://" + HOST, "https://evil.example", ORIGIN + ":8443"):
        assert proxy.code("GET", "/api/v1/session", {**NOA, "Origin": origin}) == (403, "E_ORIGIN"), origin


def test_loopback_does_not_answer_to_the_public_name(loopback):
    assert loopback.ask("GET", "/healthz", {"Host": HOST}).status == 421


def test_a_change_needs_the_header_that_no_form_can_send(proxy, station):
    body = {"call_id": station.calls()[0], "kind": "long-wait", "position_ms": 1}
    assert proxy.code("POST", "/api/v1/tags", NOA, body) == (403, "E_HEADER")


def test_nobody_is_anybody_else(proxy):
    own = proxy.ask("GET", "/api/v1/session", NOA).body["listener"]["id"]
    other = proxy.ask("GET", "/api/v1/session", {HEADER: "dana"}).body["listener"]["id"]
    change = {**NOA, **CHANGE}
    assert proxy.code("PUT", "/api/v1/session", change, {"listener": other}) == (403, "E_BOUND")
    assert proxy.code("PUT", "/api/v1/session", change, {"listener": None}) == (403, "E_BOUND")
    assert proxy.code("POST", "/api/v1/listeners", change, {"name": "Somebody"}) == (403, "E_BOUND")
    assert proxy.ask("PUT", "/api/v1/session", change, {"listener": own}).status == 200


def test_a_merge_makes_one_person_another_only_where_the_settings_say_who_may(proxy, station):
    person = lambda name: proxy.ask("GET", "/api/v1/session", {HEADER: name}).body["listener"]
    old, new = person("d.levi"), person("dana.levi")
    merge = ("POST", f"/api/v1/listeners/{old['id']}/merge")
    assert not proxy.ask("GET", "/api/v1/tagbook", NOA).body["may_merge_listeners"]
    assert proxy.code(*merge, {HEADER: "dana.levi", **CHANGE}, {"into": new["id"]}) == (403, "E_EDITOR")
    assert person("d.levi") == old
    wait_until(lambda: {old["id"], new["id"]} <= {one["id"] for one in station.ask("GET", "/api/v1/listeners")["listeners"]})
    station.ask(*merge, {"into": new["id"]})  # on this machine
    assert person("d.levi") == new
    made = proxy.ask("POST", "/api/v1/tags", {HEADER: "d.levi", **CHANGE},
                     {"call_id": station.calls()[0], "kind": "fault", "position_ms": 1})
    assert made.status == 201
    tags = station.ask("GET", f"/api/v1/calls/{station.calls()[0]}")["tags"]
    assert [tag["listener"] for tag in tags if tag["event_id"] == made.body["event_id"]] == [new]


def test_what_is_wrong_with_this_machine_is_told_on_this_machine(proxy, loopback):
    for path in ("/metrics", "/readyz"):
        assert proxy.ask("GET", path, NOA).status == 404
        assert loopback.ask("GET", path).status == 200


def test_streams_are_marked_so_that_the_proxy_passes_them_on(proxy):
    with proxy.send("GET", "/api/v1/events", NOA) as stream:
        head = b""
        while b"\r\n\r\n" not in head:
            head += stream.recv(4096)
        assert b"X-Accel-Buffering: no" in head
        assert b"text/event-stream" in head


def test_two_stations_of_a_site_mean_the_same_person(folder, programs):
    collector = programs(Collector(folder / "collector")).start()
    ids = []
    for name in ("one", "two"):
        station = programs(Station(folder / name))
        station.join(collector.invite(name))
        station.configure(settings(folder / f"{name}.sock"))
        station.start()
        wait_until(lambda: '"site_keys": []' not in (station.data / "identity.json").read_text())
        ids.append(Client(unix_socket(folder / f"{name}.sock"), HOST).ask("GET", "/api/v1/session", NOA).body["listener"]["id"])
    assert ids[0] == ids[1] and ids[0][14] == "8"


# --- the socket itself

def refused(folder, text, *flags):
    config = folder / "refused.toml"
    config.write_text(text)
    done = subprocess.run([AGENT, "serve", "--data", folder / "refused", "--port", "0", "--config", config, *flags],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_the_socket_is_for_owner_and_group_and_goes_with_the_station(folder, programs):
    path = folder / "mode.sock"
    station = programs(Station(folder / "mode"))
    group = run("id", "-gn").stdout.strip()
    station.configure(settings(path, f'socket_group = "{group}"\n'))
    station.start()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660
    station.kill()
    assert path.exists()  # nobody was there to take it away
    station.start()       # it stands in nobody's way
    station.stop()
    assert not path.exists()


def test_what_stands_at_the_path_is_left_alone(folder, station):
    assert "another program listens there" in refused(folder, settings(folder / "console.sock"))
    assert Client(unix_socket(folder / "console.sock"), HOST).ask("GET", "/healthz").status == 200
    file = folder / "file"
    file.write_text("precious")
    assert "something else stands at this path" in refused(folder, settings(file))
    assert file.read_text() == "precious"
    link = folder / "link.sock"
    link.symlink_to(file)
    assert "something else stands at this path" in refused(folder, settings(link))
    if os.geteuid() == 0:
        other = folder / "other.sock"
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(other))
        os.chown(other, 1, 1)
        assert "a socket of another user" in refused(folder, settings(other))
        assert other.exists()


@pytest.mark.parametrize("path, said", [
    ("/tmp/" + "x" * 103, "longer than the 107 bytes"),
    ("console.sock", "give its whole path"),
    ("/nowhere/at/all/console.sock", "its folder must be there"),
])
def test_a_path_that_cannot_be_a_socket_is_refused(folder, path, said):
    assert said in refused(folder, settings(path))


@pytest.mark.parametrize("text, said", [
    ('listen = "unix:/tmp/x.sock"\npublic_origin = "https://a.example"', "identity_header is missing"),
    ('listen = "unix:/tmp/x.sock"\nidentity_header = "X-User"', "public_origin is missing"),
    ('listen = "unix:/tmp/x.sock"\nidentity_header = "Host"\npublic_origin = "https://a.example"', "a header of its own"),
    ('listen = "unix:/tmp/x.sock"\nidentity_header = "X User"\npublic_origin = "https://a.example"', "a header of its own"),
    ('listen = "unix:/tmp/x.sock"\nidentity_header = "X-User"\npublic_origin = "http://a.example"', "https://earful.example.com"),
    ('listen = "unix:/tmp/x.sock"\nidentity_header = "X-User"\npublic_origin = "https://a.example/"', "nothing after them"),
    ('listen = "unix:/tmp/x.sock"\nidentity_header = "X-User"\npublic_origin = "https://a.example:443"', "leave out :443"),
    ('listen = "unix:/tmp/x.sock"\nidentity_header = "X-User"\npublic_origin = "https://a.example"\ntls_cert = "c"', "TLS is the proxy's"),
    ('listen = "unix:/tmp/x.sock"\nidentity_header = "X-User"\npublic_origin = "https://a.example"\nsocket_group = "no-such"', "there is no group"),
    ('identity_header = "X-User"', "listen is not"),
])
def test_settings_that_do_not_fit_are_refused(folder, text, said):
    assert said in refused(folder, f"[http]\n{text}\n")


@pytest.mark.parametrize("listen", ["0.0.0.0:8443", "10.0.0.5:8443", "127.0.0.1:8443", "[::]:8443", "8443", "earful.example.com:8443",
                                    "0.0.0.0:0", "0.0.0.0:70000", "0.0.0.0", "unix", "tcp://0.0.0.0:8443"])
def test_anything_else_off_loopback_is_refused_with_both_ways_named(folder, listen):
    said = refused(folder, "", "--listen", listen, "--public-origin", ORIGIN)
    assert "unix:PATH behind a reverse proxy" in said and "--tls-cert and --tls-key" in said
