"""The nginx configuration that ships: who signs in there is heard here under that name, and nobody can say it for them."""

import base64
import http.server
import re
import socket
import subprocess
import threading

import pytest
from entrances import HEADER, HOST, Client, free_port, over_tls
from harness import Station, run, wait_until
from reverse_proxy import configure, settings

ADDRESS = "127.0.0.4"
CHANGE = {"X-Earful": "1"}


def basic(name, word=None):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{word or name}".encode()).decode()}


NOA = basic("noa@example.com")


class Nginx:
    def __init__(self, folder, port, command):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.folder, self.port = folder, port
        wait_until(self.answers)
        self.client = Client(over_tls(ADDRESS, port, folder / "server.pem", HOST), f"{HOST}:{port}")

    def answers(self):
        assert self.process.poll() is None, (self.folder / "error.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex((ADDRESS, self.port)) == 0

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def port():
    return free_port(ADDRESS)


@pytest.fixture(scope="module")
def station(folder, port):
    made = Station(folder / "station")
    made.configure(settings(folder / "console.sock", port) + '[[capture]]\nname = "desk"\nsource = "tone:440"\n')
    made.add_calls(1)
    with made:
        yield made


@pytest.fixture(scope="module")
def nginx(folder, port, station):
    started = Nginx(folder / "nginx", port, configure(folder / "nginx", folder / "console.sock", ADDRESS, port))
    yield started
    started.stop()


def test_who_signs_in_is_heard_under_that_name(nginx, station):
    assert nginx.client.ask("GET", "/api/v1/session").status == 401
    assert nginx.client.ask("GET", "/api/v1/session", basic("noa@example.com", "wrong")).status == 401
    session = nginx.client.ask("GET", "/api/v1/session", NOA)
    assert session.body["listener"]["name"] == "noa@example.com" and session.body["bound"]
    call = station.calls()[0]
    made = nginx.client.ask("POST", "/api/v1/tags", {**NOA, **CHANGE, "Origin": f"https://{HOST}:{nginx.port}"},
                            {"call_id": call, "kind": "long-wait", "position_ms": 1000})
    assert made.status == 201
    assert station.ask("GET", f"/api/v1/calls/{call}")["tags"][0]["listener"] == session.body["listener"]
    assert nginx.client.ask("GET", "/api/v1/session", basic("דנה")).body["listener"]["name"] == "דנה"


def test_a_name_that_a_client_sends_is_not_believed(nginx):
    for pairs in ([(HEADER, "boss")], [(HEADER.lower(), "boss")], [(HEADER, "boss"), (HEADER, "boss")], [("X_Forwarded_User", "boss")]):
        assert nginx.client.ask("GET", "/api/v1/session", pairs).status == 401
        answer = nginx.client.ask("GET", "/api/v1/session", [*NOA.items(), *pairs])
        assert answer.body["listener"]["name"] == "noa@example.com", pairs


def test_another_host_or_origin_gets_nothing(nginx):
    assert nginx.client.ask("GET", "/", {**NOA, "Host": "evil.example"}).status == 421
    assert nginx.client.ask("GET", "/api/v1/session", {**NOA, "Origin": "https://evil.example"}).status == 403


def test_events_and_a_live_call_come_through_as_they_happen(nginx, station):
    with nginx.client.send("GET", "/api/v1/events", NOA) as events:
        call = station.ask("POST", "/api/v1/captures/desk/start", {})["call_id"]
        seen = b""
        while b"event: captures" not in seen:
            part = events.recv(65536)
            assert part, seen
            seen += part
    with nginx.client.send("GET", f"/api/v1/calls/{call}/live", NOA) as live:
        seen = b""
        while len(seen) < 8000:  # seconds of sound, while the call goes on
            part = live.recv(65536)
            assert part
            seen += part
    station.ask("POST", "/api/v1/captures/desk/stop")


def test_ranges_come_through(nginx, station):
    path = f"/api/v1/calls/{station.calls()[-1]}/audio"
    part = nginx.client.ask("GET", path, {**NOA, "Range": "bytes=0-99"})
    assert part.status == 206 and part.headers["content-length"] == "100"


def test_the_browser_speaks_http_2(nginx):
    done = run("curl", "-s", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", "--cacert", nginx.folder / "server.pem",
               "--resolve", f"{HOST}:{nginx.port}:{ADDRESS}", "-u", "noa@example.com:noa@example.com",
               f"https://{HOST}:{nginx.port}/api/v1/session")
    assert done.stdout == "2 200"


def test_what_is_too_big_ends_at_the_proxy(nginx):
    with nginx.client.send("POST", "/api/v1/tags", {**NOA, **CHANGE, "Content-Length": "70000"}) as opened:
        assert b" 413 " in opened.recv(100)


def test_a_station_that_is_away_is_said_and_found_again(nginx, station):
    station.stop()
    assert nginx.client.ask("GET", "/api/v1/session", NOA).status == 502
    station.start()
    wait_until(lambda: nginx.client.ask("GET", "/api/v1/session", NOA).status == 200)


class SignOn(http.server.BaseHTTPRequestHandler):
    """A single sign-on that knows whoever has its cookie."""

    def do_GET(self):
        known = re.search(r"sso=(\w+)", self.headers.get("Cookie", ""))
        self.send_response(200 if known and self.path == "/oauth2/auth" else 401 if self.path == "/oauth2/auth" else 403)
        if known:
            self.send_header("X-Auth-Request-Email", known[1] + "@example.com")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_single_sign_on_says_who_is_there(folder, station, programs, tmp_path):
    sign_on = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SignOn)
    threading.Thread(target=sign_on.serve_forever, daemon=True).start()
    port = free_port(ADDRESS)
    own = programs(Station(tmp_path / "station"))
    own.configure(settings(tmp_path / "s.sock", port))
    own.start()
    # What the file says to do: the lines with passwords out, those behind a # in.
    command = configure(tmp_path / "nginx", tmp_path / "s.sock", ADDRESS, port, [
        ('    auth_basic "earful";\n', ""), ("    set $earful_user $remote_user;\n", ""),
        (f"    auth_basic_user_file {tmp_path}/nginx/users;\n", ""),
        ("    #auth_request /", "    auth_request /"), ("    #auth_request_set", "    auth_request_set"),
        ("    #error_page", "    error_page"), ("    #location /oauth2/ {", "    location /oauth2/ {"),
        ("    #    auth_request off;", "    auth_request off;"),
        ("    #    proxy_pass http://127.0.0.1:4180;", f"proxy_pass http://127.0.0.1:{sign_on.server_port};"),
        ("    #    proxy_set_header Host $host;", "proxy_set_header Host $host;"),
        ("    #    proxy_set_header X-Auth-Request-Redirect $request_uri;", ""), ("    #}", "    }")])
    nginx = Nginx(tmp_path / "nginx", port, command)
    try:
        assert nginx.client.ask("GET", "/api/v1/session", {"Cookie": "sso=dana"}).body["listener"]["name"] == "dana@example.com"
        for headers in ({}, {HEADER: "boss"}, basic("boss"), {"X-Auth-Request-Email": "boss"}):
            assert nginx.client.ask("GET", "/api/v1/session", headers).status == 403, headers
    finally:
        nginx.stop()
        sign_on.shutdown()
        sign_on.server_close()
