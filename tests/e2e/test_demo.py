"""packaging/demo from a built tree: it prints an address, the address works, Ctrl-C leaves nothing."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def free_ports(count):
    """All held at once: of two asked for one after the other, both may be the same."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class Demo:
    def __init__(self, data):
        self.data = data
        self.ports = free_ports(5)

    def start(self):
        names = ("--agent-port", "--collector-port", "--intake-port", "--feed-port", "--desk-port")
        ports = [word for name, port in zip(names, self.ports) for word in (name, str(port))]
        self.process = subprocess.Popen(
            [ROOT / "packaging/demo", "--data", self.data, *ports],
            stdout=subprocess.PIPE, text=True, start_new_session=True,
            # A shell that runs the tests in the background lets them ignore Ctrl-C; a terminal does not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        for line in self.process.stdout:
            if match := re.search(r"http://127\.0\.0\.1:(\d+)/#token=(\w+)", line):
                return match.groups()
        pytest.fail("the demo ended without an address")

    def stop(self):
        """What Ctrl-C in a terminal does: the whole foreground group hears it."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=30)

    def is_collector(self, pid):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return False
        return "earful-collector" in command and str(self.data) in command

    def left_over(self):
        """Programs that still use this demo's folder."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if entry.name.isdigit() and str(self.data) in command and int(entry.name) != os.getpid():
                found.append(command)
        return found


@pytest.fixture
def demo(tmp_path):
    made = Demo(tmp_path / "demo")
    yield made
    if made.process.poll() is None:
        os.killpg(made.process.pid, signal.SIGKILL)


def calls(port, token):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/calls?limit=100",
                                     headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["calls"]


def test_serves_the_bundled_calls_and_stops_without_a_trace(demo):
    if not os.environ.get("EARFUL_BUILD", "").endswith("build/release"):
        pytest.skip("the demo runs build/release, and another build is under test")
    port, token = demo.start()
    assert int(port) == demo.ports[0]
    bundled = calls(port, token)
    assert len(bundled) >= 12 and all(call["sample"] for call in bundled)
    assert {call["language"] for call in bundled} == {"en", "he", "ko"}
    assert demo.stop() == 0
    assert demo.left_over() == []
    # State stays where it was put, and a second start finds it.
    assert (demo.data / "agent" / "journal.db").exists() and (demo.data / "collector" / "store.db").exists()
    port, token = demo.start()
    assert len(calls(port, token)) == len(bundled)
    assert demo.stop() == 0


def test_ctrl_c_that_a_program_hears_first_is_no_fault(demo):
    if not os.environ.get("EARFUL_BUILD", "").endswith("build/release"):
        pytest.skip("the demo runs build/release, and another build is under test")
    demo.start()
    [collector] = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and demo.is_collector(pid)]
    os.kill(collector, signal.SIGINT)
    while demo.is_collector(collector):
        pass
    assert demo.stop() == 0
    assert demo.left_over() == []


@pytest.mark.parametrize("wrong", [["--nonsense"], ["--data"], ["--agent-port", "many"], ["--agent-port", "70000"]])
def test_refuses_wrong_use_in_one_line(wrong):
    done = subprocess.run([ROOT / "packaging/demo", *wrong], capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and done.stdout == ""
