"""Real programs in temporary folders, for the tests that need the whole path.

    collector = Collector(tmp_path / "collector").start()
    station = Station(tmp_path / "station")
    station.join(collector.invite("one"))
    station.add_calls(2)
    station.start()
    event_id = station.tag(station.calls()[0], "long-wait", position_ms=1500)["event_id"]
    wait_until(lambda: event_id in [line["id"] for line in collector.tail()])
    collector.kill()         # SIGKILL; start() again uses the same ports
    station.stop()           # SIGTERM, and it must end by itself

Both take free ports at their first start and keep them afterwards, as a restarted server does. What
they print goes to NAME.log beside their data folder; when a start fails, the exception shows it. Used as
context managers, or collected by the fixture `programs` in conftest.py, they never outlive a test.

Programs: EARFUL_BUILD (default build/release).
"""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EARFUL_BUILD", ROOT / "build" / "release"))
AGENT = BUILD / "earful-agent"
COLLECTOR = BUILD / "earful-collector"
SAMPLES = ROOT / "packaging" / "samples"
READY_S = 20  # a loaded machine under a sanitizer
STOP_S = 20


def run(*command, check=True, **options):
    """A command that ends by itself; its output as text."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def wait_until(condition, seconds=30, every=0.05):
    """What `condition` returned when it was first true."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"still not so after {seconds} s"
        time.sleep(every)


class Stalls(threading.Thread):
    """When this machine stood still for everybody, as one sees who does nothing but look at the clock. A limit on
    what may be lost in a second is a limit for a second in which programs ran."""

    TICK_S = 0.01

    def __init__(self):
        super().__init__(daemon=True)
        self.late = []  # (until when, seconds), by time.monotonic()
        self.start()

    def run(self):
        before = time.monotonic()
        while True:
            time.sleep(self.TICK_S)
            now = time.monotonic()
            self.late.append((now, now - before - self.TICK_S))
            before = now

    def between(self, begin, end):
        """Seconds, of those stalls that reach into that stretch."""
        return sum(seconds for until, seconds in self.late if until > begin and until - seconds < end)


class Program:
    """One process that prints `ready` once it serves."""

    program = ready = None

    def __init__(self, data):
        self.data = pathlib.Path(data)
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log = self.data.with_name(self.data.name + ".log")
        self.process = None
        self.environment = {}  # beside what we have ourselves

    def command(self, name, *arguments, **options):
        return run(self.program, name, "--data", self.data, *arguments, **options)

    def launch(self, *arguments):
        assert self.process is None, "it runs already"
        with open(self.log, "ab") as log:
            begins = log.tell()
            command = [str(part) for part in (self.program, "serve", "--data", self.data, *arguments)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **self.environment})

        def ready_line():
            said = self.log.read_bytes()[begins:].decode(errors="replace")
            assert self.process.poll() is None, f"it ended at its start: {said}"
            return re.search(self.ready, said)

        return wait_until(ready_line, READY_S)

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM; the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """SIGKILL: no chance to put anything in order."""
        return self._end(signal.SIGKILL)

    def _end(self, how):
        process, self.process = self.process, None
        if process is None:
            return None
        process.send_signal(how)
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def __enter__(self):
        return self if self.running else self.start()

    def __exit__(self, *_):
        self.kill()


class Collector(Program):
    program = COLLECTOR
    ready = r"earful-collector is ready: intake (\S+) feed (\S+) desk (\S+) http (\S+)"

    def __init__(self, data, host="127.0.0.1"):
        super().__init__(data)
        self.intake = self.feed = self.desk = f"tcp://{host}:0"
        self.host = host
        self.http_port = 0

    def start(self):
        ready = self.launch("--intake", self.intake, "--feed", self.feed, "--desk", self.desk,
                            "--http-port", self.http_port)
        self.intake, self.feed, self.desk, http = ready.groups()
        self.http_port = int(re.search(r":(\d+)/", http)[1])
        return self

    def invite(self, name, *options):
        """A one-use enrolment line; needs one start before it, so that the ports are known."""
        return self.command("invite", "--address", self.host, *options, name).stdout.strip()

    def tail(self, *options):
        """Every record, as `tail --json` prints it."""
        return [json.loads(line) for line in self.command("tail", "--json", *options).stdout.splitlines()]

    def report(self, *options):
        return json.loads(self.command("report", "--json", *options).stdout)

    def verify(self, *options, check=True):
        return self.command("verify", *options, check=check)


class Station(Program):
    program = AGENT
    ready = r"earful-agent is ready: \S+"

    def __init__(self, data):
        super().__init__(data)
        self.port = 0
        self.settings = self.data.with_name(self.data.name + ".toml")

    def configure(self, text):
        """Settings for the next start, as they stand in a file."""
        self.settings.write_text(text)

    def start(self):
        settings = ["--config", self.settings] if self.settings.exists() else []
        address = self.launch("--port", self.port, *settings)[0]
        self.port = int(re.search(r":(\d+)/", address)[1])
        return self

    def join(self, invite_line):
        self.command("join", "-", input=invite_line)

    def add_calls(self, count=1, *options):
        """Imports that many bundled recordings, as real calls unless --sample is given."""
        return self.command("import", *options, *sorted(SAMPLES.glob("*.opus"))[:count])

    def request(self, method, path, body=None):
        """(status, answer) of the HTTP API, as the owner of console.token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": "Bearer " + (self.data / "console.token").read_text().strip()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status, json.loads(text) if is_json and text else text

    def ask(self, method, path, body=None):
        """The answer of a request that must succeed."""
        status, answer = self.request(method, path, body)
        assert status in (200, 201), (method, path, status, answer)
        return answer

    def calls(self):
        return [call["call_id"] for call in self.ask("GET", "/api/v1/calls")["calls"]]

    def kinds(self):
        return [kind["id"] for kind in self.ask("GET", "/api/v1/tagbook")["kinds"]]

    def tag(self, call_id, kind, position_ms=1000, **more):
        """Answered once it is durable: {"event_id", "seq"}."""
        body = {"call_id": call_id, "kind": kind, "position_ms": position_ms, **more}
        return self.ask("POST", "/api/v1/tags", body)

    def revise(self, event_id, **changes):
        return self.ask("POST", f"/api/v1/tags/{event_id}/revise", changes)

    def retract(self, event_id):
        return self.ask("POST", f"/api/v1/tags/{event_id}/retract", {})
