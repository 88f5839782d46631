"""A station over HTTPS without a proxy: a personal link lets one person in as one listener, until it is removed."""

import json
import os
import socket
import ssl
import stat
import subprocess
import uuid
import warnings

import pytest
from entrances import HEADER, HOST, Client, certificate, free_port, over_tls, tcp
from harness import AGENT, Station, run, wait_until
from recordings import tone, write_wav

ADDRESS = "127.0.0.3"
CHANGE = {"X-Earful": "1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("links")


@pytest.fixture(scope="module")
def pair(folder):
    return certificate(folder)


@pytest.fixture(scope="module")
def station(folder, pair):
    made = Station(folder / "station")
    made.tls_port = free_port(ADDRESS)
    made.origin = f"https://{HOST}:{made.tls_port}"
    made.configure(f'[http]\nlisten = "{ADDRESS}:{made.tls_port}"\npublic_origin = "{made.origin}"\n'
                   f'tls_cert = "{pair[0]}"\ntls_key = "{pair[1]}"\n'
                   '[[capture]]\nname = "desk"\nsource = "tone:440"\n')
    made.add_calls(1)
    with made:
        yield made


@pytest.fixture
def web(station, pair):
    return Client(over_tls(ADDRESS, station.tls_port, pair[0], HOST), f"{HOST}:{station.tls_port}")


def listener(station, what, *arguments, **options):
    return run(AGENT, "listener", what, "--data", station.data, *arguments, **options)


def invite(station, name):
    """The token of a new link."""
    line = listener(station, "add", name, "--config", station.settings).stdout
    assert line.startswith(f"{station.origin}/#token=") and line.count("\n") == 1
    return line.split("token=")[1].strip()


def enter(web, token):
    opened = web.ask("POST", "/api/v1/session", CHANGE, {"token": token})
    assert opened.status == 200, opened
    return opened, {"Cookie": opened.headers["set-cookie"].split(";")[0]}


def test_a_link_lets_its_listener_in_beside_the_running_station(web, station):
    opened, cookie = enter(web, invite(station, "Noa"))
    assert opened.body["bound"] and opened.body["listener"]["name"] == "Noa"
    for part in (f"__Host-earful-{station.tls_port}=", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"):
        assert part in opened.headers["set-cookie"]
    assert web.ask("GET", "/api/v1/session", cookie).body == opened.body
    call = station.calls()[0]
    made = web.ask("POST", "/api/v1/tags", {**cookie, **CHANGE}, {"call_id": call, "kind": "long-wait", "position_ms": 5})
    assert made.status == 201
    assert [tag["listener"]["name"] for tag in station.ask("GET", f"/api/v1/calls/{call}")["tags"]] == ["Noa"]
    assert web.code("POST", "/api/v1/tags", cookie, {"call_id": call, "kind": "long-wait", "position_ms": 5}) == (403, "E_HEADER")


def test_a_link_is_for_one_person(web, station):
    _, noa = enter(web, invite(station, "Noa Levi"))
    dana, _ = enter(web, invite(station, "Dana"))
    change = {**noa, **CHANGE}
    assert web.code("PUT", "/api/v1/session", change, {"listener": dana.body["listener"]["id"]}) == (403, "E_BOUND")
    assert web.code("PUT", "/api/v1/session", change, {"listener": None}) == (403, "E_BOUND")
    assert web.code("POST", "/api/v1/listeners", change, {"name": "Somebody"}) == (403, "E_BOUND")
    again = listener(station, "add", "Dana", "--config", station.settings, check=False)
    assert again.returncode == 1 and "Dana has a link already" in again.stderr


def test_who_is_known_here_already_goes_on_under_the_same_id(web, station):
    known = station.ask("POST", "/api/v1/listeners", {"name": "Moshe"})
    wait_until(lambda: known in station.ask("GET", "/api/v1/listeners")["listeners"])
    assert enter(web, invite(station, "Moshe"))[0].body["listener"] == known


def test_only_a_hash_of_the_token_is_kept(station):
    token = invite(station, "Hash")
    for file in station.data.iterdir():
        if file.is_file():
            assert token.encode() not in file.read_bytes(), file
    assert stat.S_IMODE((station.data / "links.json").stat().st_mode) == 0o600
    listed = listener(station, "list").stdout
    assert "Hash" in listed and token not in listed


def test_removing_a_link_ends_its_sessions_and_what_they_hear(web, station, pair):
    call = station.ask("POST", "/api/v1/captures/desk/start", {})["call_id"]
    token = invite(station, "Gone")
    _, cookie = enter(web, token)
    _, stays = enter(web, invite(station, "Stays"))
    with web.send("GET", f"/api/v1/calls/{call}/live", cookie) as live, web.send("GET", "/api/v1/events", cookie) as events:
        assert live.recv(4096) and events.recv(4096)
        listener(station, "remove", "Gone")
        assert web.code("GET", "/api/v1/session", cookie) == (401, "E_LINK")
        assert web.code("POST", "/api/v1/session", {}, {"token": token}) == (401, "E_LINK")
        station.tag(call, "long-wait", position_ms=0)  # a stream ends when it would tell something
        for stream in (live, events):
            while stream.recv(65536):
                pass
    assert web.ask("GET", "/api/v1/session", stays).status == 200
    station.ask("POST", "/api/v1/captures/desk/stop")
    # A new link for the same name opens nothing for the old one's cookie.
    enter(web, invite(station, "Gone"))
    assert web.code("GET", "/api/v1/session", cookie) == (401, "E_LINK")


def test_removing_names_the_nearest(station):
    invite(station, "Yael Cohen")
    done = listener(station, "remove", "Yael Cohn", check=False)
    assert done.returncode == 1 and "is it Yael Cohen?" in done.stderr and done.stderr.count("\n") == 1


def test_a_session_survives_a_restart(web, station):
    _, cookie = enter(web, invite(station, "Restart"))
    station.stop()
    station.start()
    assert web.ask("GET", "/api/v1/session", cookie).body["listener"]["name"] == "Restart"


def test_sessions_of_one_entrance_are_none_at_the_other(web, station):
    loopback = Client(tcp(station.port), f"127.0.0.1:{station.port}")
    token = (station.data / "console.token").read_text().strip()
    link = invite(station, "Entrance")
    cookie = enter(web, link)[1]["Cookie"].split("=", 1)[1]
    own = loopback.ask("POST", "/api/v1/session", {}, {"token": token}).headers["set-cookie"].split(";")[0].split("=", 1)[1]
    names = (f"__Host-earful-{station.tls_port}", f"earful-{station.port}", f"earful-{station.tls_port}")
    # What loopback knows means nothing here,
    assert web.code("POST", "/api/v1/session", {}, {"token": token}) == (401, "E_LINK")
    for headers in ({"Authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {link}"}, {HEADER: "Entrance"}, {},
                    *({"Cookie": f"{name}={own}"} for name in names)):
        assert web.code("GET", "/api/v1/session", headers) == (401, "E_LINK"), headers
    # nor the other way round.
    assert loopback.code("POST", "/api/v1/session", {}, {"token": link}) == (401, "E_SESSION")
    for headers in ({"Authorization": f"Bearer {link}"}, *({"Cookie": f"{name}={cookie}"} for name in names)):
        assert loopback.code("GET", "/api/v1/session", headers) == (401, "E_SESSION"), headers


def test_a_token_that_is_not_one_gets_always_the_same(web, station):
    token = invite(station, "Same")
    wrong = ["", "x", token[:-1], token + "0", token[:-1] + ("0" if token[-1] != "0" else "1"), token.upper() + "A"]
    assert len({(web.ask("POST", "/api/v1/session", {}, {"token": text}).status,
                 json.dumps(web.ask("POST", "/api/v1/session", {}, {"token": text}).body)) for text in wrong}) == 1


def test_only_the_public_origin_is_answered(web, station):
    for host in (HOST, f"{ADDRESS}:{station.tls_port}", f"127.0.0.1:{station.port}", "evil.example"):
        assert web.ask("GET", "/healthz", {"Host": host}).status == 421, host
    assert web.ask("GET", "/healthz").status == 200
    assert web.code("POST", "/api/v1/session", {"Origin": "https://evil.example"}, {"token": "x"}) == (403, "E_ORIGIN")
    for path in ("/metrics", "/readyz"):
        assert web.ask("GET", path).status == 404


def test_old_tls_and_plain_http_get_nothing(station, pair):
    with warnings.catch_warnings(), pytest.raises(ssl.SSLError):
        warnings.simplefilter("ignore", DeprecationWarning)
        over_tls(ADDRESS, station.tls_port, pair[0], HOST, ssl.TLSVersion.TLSv1_1)()
    with socket.create_connection((ADDRESS, station.tls_port), timeout=20) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert b"HTTP" not in plain.recv(4096)
        except ConnectionResetError:
            pass


def test_who_never_ends_the_handshake_keeps_nobody_out(web, station):
    with socket.create_connection((ADDRESS, station.tls_port), timeout=20) as silent:
        silent.sendall(b"\x16\x03\x01")
        assert web.ask("GET", "/healthz").status == 200


@pytest.mark.parametrize("damage, said", [
    (lambda path: path.chmod(0o644), "others can read it; run: chmod 600"),
    (lambda path: path.write_text("{"), "it is damaged"),
    (lambda path: (path.unlink(), path.symlink_to("/dev/null")), "it is a symbolic link"),
])
def test_a_file_of_links_that_cannot_be_trusted_lets_nobody_in(web, station, damage, said):
    path = station.data / "links.json"
    _, cookie = enter(web, invite(station, f"Damage {said[:8]}"))
    kept = path.read_bytes()
    damage(path)
    try:
        assert web.code("GET", "/api/v1/session", cookie) == (401, "E_LINK")
        assert said in station.log.read_text()
        done = listener(station, "list", check=False)
        assert done.returncode == 1 and said in done.stderr
        assert listener(station, "add", "Anybody", "--config", station.settings, check=False).returncode == 1
    finally:
        path.unlink()
        path.touch(0o600)
        path.chmod(0o600)
        path.write_bytes(kept)
    assert web.ask("GET", "/api/v1/session", cookie).status == 200


# --- certificate and key

def start_with(folder, cert, key, origin=f"https://{HOST}:8443"):
    return subprocess.run([AGENT, "serve", "--data", folder / "refused", "--port", "0", "--listen", "192.0.2.1:8443",
                           "--public-origin", origin, "--tls-cert", cert, "--tls-key", key],
                          capture_output=True, text=True, timeout=30)


@pytest.fixture(scope="module")
def bad(folder, pair):
    """Files that are wrong, by name: (certificate, key)."""
    other = certificate(folder, "other")
    text = folder / "text.pem"
    text.write_text("not a certificate\n")
    text.chmod(0o600)
    fifo = folder / "fifo"
    os.mkfifo(fifo, 0o600)
    open_to_all = folder / "open.key"
    open_to_all.write_bytes(pair[1].read_bytes())
    open_to_all.chmod(0o644)
    return {"missing": (folder / "none.pem", pair[1]), "no key": (pair[0], folder / "none.key"), "text": (text, pair[1]),
            "text key": (pair[0], text), "fifo": (fifo, pair[1]), "folder": (folder, pair[1]), "open": (pair[0], open_to_all),
            "other": (pair[0], other[1]), "swapped": (pair[1], pair[0])}


@pytest.mark.parametrize("what, said", [
    ("missing", "No such file"), ("no key", "No such file"), ("text", "holds no certificate in PEM"),
    ("text key", "give a private key in PEM"), ("fifo", "it is not a file"), ("folder", "it is not a file"),
    ("open", "run: chmod o-rwx"), ("other", "is not that of the certificate"), ("swapped", "others can read it"),
])
def test_a_certificate_or_key_that_does_not_fit_is_refused_at_the_start(folder, bad, what, said):
    done = start_with(folder, *bad[what])
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and said in done.stderr, done.stderr


def test_a_certificate_for_another_host_is_said(folder, pair):
    def warned(cert, key, host):
        return start_with(folder, cert, key, f"https://{host}:8443").stderr
    assert "is not for other.example" in warned(*pair, "other.example")
    assert "warning" not in warned(*pair, HOST)


def test_a_header_cannot_be_believed_over_the_network(folder, pair):
    done = subprocess.run([AGENT, "serve", "--data", folder / "refused", "--port", "0", "--listen", "127.0.0.1:8443",
                           "--public-origin", f"https://{HOST}", "--tls-cert", pair[0], "--tls-key", pair[1],
                           "--identity-header", HEADER], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "anybody could send that header here" in done.stderr


def test_a_link_needs_the_address_that_people_open(folder):
    done = subprocess.run([AGENT, "listener", "add", "Noa", "--data", folder / "none"], capture_output=True, text=True)
    assert done.returncode == 1 and "give --config FILE with public_origin" in done.stderr
    assert not (folder / "none" / "links.json").exists()


def test_an_agents_link_shows_what_was_heard_of_their_own_calls_and_nothing_else(web, station, folder):
    recordings = folder / "agents"
    recordings.mkdir()
    for i, agent in enumerate(["a7", "a7", "a8"]):
        write_wav(recordings / f"{i}.wav", 8000, [tone(8000, 400 + i, 3, 4000)])
        (recordings / f"{i}.json").write_text(json.dumps({"agent_ref": agent, "queue": f"q{i}", "agent_name": "Somchai"}))
    station.command("import", recordings)
    calls = {call["queue"]: call["call_id"] for call in station.ask("GET", "/api/v1/calls")["calls"]}
    for queue in ("q0", "q2"):
        station.ask("POST", "/api/v1/listening", {"call_id": calls[queue], "listening": str(uuid.uuid4()), "what": "heard",
                                                  "intervals": [[0, 3000]]})
        station.tag(calls[queue], "wrong-charge", 1000, note="fee taken twice")
        station.tag(calls[queue], "went-beyond", 1000, note="so kind")

    for wrong in ("", "a\x1b7"):
        refused = listener(station, "add", "Nobody", "--agent", wrong, "--config", station.settings, check=False)
        assert refused.returncode == 1 and "E_NAME" in refused.stderr, refused
    line = listener(station, "add", "Somchai", "--agent", "a7", "--config", station.settings).stdout
    opened, cookie = enter(web, line.split("token=")[1].strip())
    assert opened.body == {"listener": None, "bound": True, "agent": {"ref": "a7", "name": "Somchai"}}
    mine = web.ask("GET", "/api/v1/mine", cookie).body
    assert mine["agent"] == {"ref": "a7", "name": "Somchai"}
    [call] = mine["calls"]
    assert (call["call_id"], call["queue"], call["listeners"]) == (calls["q0"], "q0", 1) and call["heard_at"]
    assert [(thank["kind"], thank["note"]) for thank in mine["thanks"]] == [("went-beyond", "so kind")]
    assert "fee taken" not in json.dumps(mine)
    assert [(kind["id"], kind["labels"]["en"]) for kind in mine["kinds"]] == [("went-beyond", "Went beyond")]

    change = {**cookie, **CHANGE}
    for path in ("calls", f"calls/{calls['q0']}", f"calls/{calls['q0']}/audio", "tags", "listeners", "hour", "cadence", "events",
                 "thanks", "tagbook"):
        assert web.code("GET", f"/api/v1/{path}", cookie) == (403, "E_AGENT"), path
    assert web.code("POST", "/api/v1/tags", change, {"call_id": calls["q0"], "kind": "long-wait", "position_ms": 5}) == (403, "E_AGENT")
    assert web.code("PUT", "/api/v1/session", change, {"listener": None}) == (403, "E_AGENT")
    assert "Somchai" not in [one["name"] for one in station.ask("GET", "/api/v1/listeners")["listeners"]]
    assert "(agent a7)" in listener(station, "list").stdout
    assert station.request("GET", "/api/v1/mine")[1]["error"]["code"] == "E_NO_AGENT"
