"""Sound devices, as a call hears them: a real sound server, real capture processes, real harm.

Programs: EARFUL_BUILD (default build/release). Needs pulseaudio, not a sound card.
"""

import array
import collections
import json
import os
import pathlib
import random
import re
import signal
import subprocess

import pytest
from harness import AGENT, BUILD, run, wait_until
from sound_server import SoundServer, boot_time

PROBE = BUILD / "tests" / "earful-live-probe"
# Everything a real-time callback may call: none of these waits, allocates or enters the kernel (the clock is
# read from memory that the kernel shares).
CALLBACK_MAY_CALL = {"clock_gettime", "memcpy", "memset", "memmove", "__stack_chk_fail"}
GAP_LIMIT_S = 0.1
# What the ring holds of two channels at 48 kHz: 256 slots, two for each 25 ms.
RING_S = 3.2


def noise(seconds, rate, seed):
    """No two stretches of it are alike, and no sample is zero."""
    return random.Random(seed).randbytes(int(seconds * rate) * 2).replace(b"\0", b"\1")


class Probe:
    """earful-live-probe on some devices; `blocks(leg)` is what it heard so far."""

    def __init__(self, sound, folder, *devices, seconds=60):
        self.folder = folder
        self.out = folder / "probe.out"
        self.err = folder / "probe.err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen([PROBE, str(seconds), *devices], cwd=folder, env=sound.environment,
                                            stdin=subprocess.PIPE, stdout=out, stderr=err, text=True)

    def lines(self):
        whole = self.out.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def opened(self, leg=0):
        return next((line for line in self.lines() if line["leg"] == leg and "opened" in line), None)

    def blocks(self, leg=0):
        return [line for line in self.lines() if line["leg"] == leg and "samples" in line]

    def gaps(self, cause=None, leg=0):
        """Those of that cause. A busy machine loses more than a test did, and says so as well: "device_lost"."""
        return [block for block in self.blocks(leg) if "gap" in block and cause in (None, block["gap"]["cause"])]

    def wait_for_samples(self, leg=0):
        return wait_until(lambda: self.blocks(leg) or self.process.poll() is not None and pytest.fail(self.err.read_text()))

    def heard(self, leg=0):
        return (self.folder / f"leg-{leg}.raw").read_bytes()

    def said(self, leg=0):
        """All that is not silence: noise() has no zero byte, and a player that is late leaves silence."""
        return self.heard(leg).translate(None, b"\0")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def time_of(self, at, leg=0):
        """When the sample at that place in what was heard was taken, as its block says."""
        done = 0
        for block in self.blocks(leg):
            if at < done + block["samples"]:
                return block["end_ns"] / 1e9 - (done + block["samples"] - at) / block["rate_hz"]
            done += block["samples"]
        raise AssertionError(f"no sample {at}")

    def end(self):
        self.say("end")
        assert self.process.wait(20) == 0, self.err.read_text()


@pytest.fixture
def sound():
    with SoundServer(customer=48000, agent=16000) as server:
        yield server


@pytest.fixture
def probe(sound, tmp_path):
    started = []

    def start(*devices):
        started.append(Probe(sound, tmp_path, *devices))
        for leg in range(len(devices)):
            started[-1].wait_for_samples(leg)
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def devices_of(sound):
    listed = run(AGENT, "devices", "--json", env=sound.environment)
    return listed.stderr, {device["name"]: device for device in map(json.loads, listed.stdout.splitlines())}


def refusal(sound, folder, device):
    """The one line for which a device is not opened."""
    one = Probe(sound, folder, device)
    assert one.process.wait(20) == 1
    said = one.err.read_text()
    assert said.count("\n") == 1, said
    return said


def test_devices_are_listed_by_name_and_what_they_take(sound):
    noise_on_stderr, devices = devices_of(sound)
    assert noise_on_stderr == ""
    for name in ("customer", "agent"):
        assert devices[name]["host_api"] == "ALSA"
        assert devices[name]["channels"] > 0
        assert {8000, 16000, 48000} <= set(devices[name]["rates_hz"])
    assert devices["loudspeaker"]["channels"] == 0
    assert sum(device["default"] for device in devices.values()) == 1
    table = run(AGENT, "devices", env=sound.environment).stdout
    assert "customer" in table and "loudspeaker" not in table


def test_a_machine_without_sound_has_no_devices_and_says_so_in_one_line(sound):
    sound.kill()
    done = run(AGENT, "devices", env=sound.environment)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and "sound server" in done.stderr


def test_an_absent_device_is_refused_with_the_nearest_names(sound, tmp_path):
    said = refusal(sound, tmp_path, "custmer")
    assert '"custmer"' in said and said.index('"customer"') < said.index('"agent"')


def test_a_device_without_a_sound_server_is_refused_in_one_line(sound, tmp_path):
    sound.kill()
    assert "Connection refused" in refusal(sound, tmp_path, "customer")


def test_a_device_that_only_plays_is_refused_in_one_line(sound, tmp_path):
    assert "no input channels" in refusal(sound, tmp_path, "loudspeaker")


def test_a_rate_no_call_can_have_is_refused_in_one_line(sound, tmp_path):
    assert "4000 to 192000" in refusal(sound, tmp_path, "customer,rate=300")


def test_an_odd_rate_and_two_channels_are_what_the_blocks_say(probe):
    one = probe("customer,rate=7350,channels=2")
    assert one.opened()["channels"] == 2
    wait_until(lambda: sum(block["samples"] for block in one.blocks()) >= 7350)
    assert {block["rate_hz"] for block in one.blocks()} == {7350}
    one.end()


def hear_both(sound, one, said):
    """Whether every sample came; False when the machine was too busy for that and the capture says so."""
    players = [sound.playing(name, samples) for name, samples in said.items()]
    assert [player.wait() for player in players] == [0, 0]

    def done():
        whole = [one.said(leg).endswith(samples) for leg, samples in enumerate(said.values())]
        lost = "lose device" in one.err.read_text() or any("gap" in line for line in one.lines())
        return all(whole) and "whole" or lost and "lost"

    return wait_until(done) == "whole"


def test_every_sample_of_two_devices_arrives_on_its_own_leg(sound, probe):
    said = {"customer": noise(5, 48000, 1), "agent": noise(5, 16000, 2)}
    one = probe("customer,rate=48000", "agent,rate=16000")
    if not hear_both(sound, one, said):  # only what is lost without a word is a fault
        one.end()
        one = probe("customer,rate=48000", "agent,rate=16000")
        assert hear_both(sound, one, said), one.err.read_text()
    one.end()
    assert one.said(0) == said["customer"] and one.said(1) == said["agent"]


def lateness(sound, one, seeds, enough=-1):
    """How long after a burst was given to the sound server its samples were taken, at the least of some bursts: a busy
    machine is late, none is early. Fewer bursts do when the least is `enough`."""
    least = float("inf")
    for seed in seeds:
        burst = noise(0.05, 48000, seed)
        gaps = len(one.gaps())
        began = boot_time()
        sound.play("customer", burst)
        wait_until(lambda: burst[:200] in one.heard() or len(one.gaps()) > gaps)
        if burst[:200] not in one.heard():
            continue  # lost, and it was said
        least = min(least, one.time_of(one.heard().index(burst[:200]) // 2) - began)
        if least < enough:
            break
    return least


def test_a_sound_server_that_crashes_leaves_a_gap_of_the_right_length(sound, probe):
    one = probe("customer,rate=48000")
    before = lateness(sound, one, range(10))
    sound.kill()
    killed = boot_time()
    wait_until(lambda: "lose device" in one.err.read_text())
    sound.start()
    gaps = wait_until(lambda: [gap for gap in one.gaps() if gap["end_ns"] / 1e9 > killed])
    after = lateness(sound, one, range(10, 50), enough=before + GAP_LIMIT_S)
    one.end()
    assert gaps[0]["gap"]["cause"] == "device_lost"
    # The times on both sides of the gap agree with the world's, so its length does.
    assert abs(after - before) < GAP_LIMIT_S


def test_a_capture_process_that_hangs_is_replaced(sound, probe):
    one = probe("customer,rate=48000")
    before = lateness(sound, one, range(10))
    child = one.opened()["child"]
    one.say("hang 0")
    gap = wait_until(lambda: one.gaps("stalled"))[0]
    assert gap["gap"] == {"cause": "stalled", "samples": -1}
    assert not alive(child)
    assert abs(lateness(sound, one, range(10, 50), enough=before + GAP_LIMIT_S) - before) < GAP_LIMIT_S
    one.end()


def test_a_station_that_stops_knows_how_much_it_lost(sound, probe):
    one = probe("customer,rate=48000,channels=2")
    said = noise(9, 48000, 4)
    player = sound.playing("customer", said)
    wait_until(lambda: len(one.blocks()) > 40)
    one.process.send_signal(signal.SIGSTOP)
    stopped = boot_time()
    wait_until(lambda: boot_time() > stopped + RING_S + 1)
    one.process.send_signal(signal.SIGCONT)
    wait_until(lambda: one.gaps("overflow"))
    assert player.wait() == 0
    one.end()
    blocks = one.blocks()
    at = blocks.index(one.gaps("overflow")[0])
    lost = blocks[at]["gap"]["samples"]
    assert lost > 0
    missing_s = (blocks[at]["end_ns"] - blocks[at - 1]["end_ns"]) / 1e9 - blocks[at]["samples"] / 48000
    assert abs(missing_s - lost / 48000) < GAP_LIMIT_S
    left = array.array("h", one.heard())[::2]
    first = sum(block["samples"] for block in blocks[:at])
    before, after = left[first - 50 : first].tobytes(), left[first : first + 50].tobytes()
    # Silence of a late player may lie in between, but nothing that was heard is counted as lost.
    assert 0 < said.index(after) - said.index(before) - len(before) <= 2 * lost


def test_a_pause_keeps_nothing_of_what_was_said_in_it(sound, probe):
    one = probe("customer,rate=48000")
    said = noise(8, 48000, 3)
    player = sound.playing("customer", said)
    wait_until(lambda: said[:200] in one.heard())
    one.say("pause 0")
    paused = wait_until(lambda: [block for block in one.blocks() if block.get("paused")])[0]
    wait_until(lambda: one.blocks()[-1]["end_ns"] - paused["end_ns"] > 1e9)
    resumed = boot_time()
    one.say("resume 0")
    wait_until(lambda: not one.blocks()[-1].get("paused"))
    assert player.wait() == 0
    one.end()
    heard, at, states = one.heard(), 0, []
    for block in one.blocks():
        samples = heard[2 * at : 2 * (at + block["samples"])]
        if block.get("paused"):
            assert not any(samples)
        elif states and states[-1]:
            assert block["end_ns"] / 1e9 - block["samples"] / 48000 >= resumed
            assert samples.translate(None, b"\0")[-64:] in said
        states.append(bool(block.get("paused")))
        at += block["samples"]
    changes = collections.Counter(zip(states, states[1:]))
    assert changes[False, True] == changes[True, False] == 1
    assert not one.gaps() or {gap["gap"]["cause"] for gap in one.gaps()} == {"device_lost"}  # told, and no pause's


@pytest.mark.parametrize("stopped", [False, True])
def test_a_capture_process_ends_with_the_station(probe, stopped):
    one = probe("customer")
    child = one.opened()["child"]
    if stopped:
        os.kill(child, signal.SIGSTOP)
    one.process.kill()
    wait_until(lambda: not alive(child))


def test_a_capture_process_has_no_plugin_in_it_but_its_devices(probe):
    maps = pathlib.Path(f"/proc/{probe('customer').opened()['child']}/maps").read_text()
    assert set(re.findall(r"libasound_module_pcm_(\w+)", maps)) == {"pulse"}


def test_the_audio_callback_calls_nothing_that_could_wait():
    (found,) = (BUILD / "recorder").rglob("capture_callback.cpp.o")
    calls = {line.split()[-1] for line in run("nm", "--undefined-only", found).stdout.splitlines()}
    assert calls and calls <= CALLBACK_MAY_CALL, calls - CALLBACK_MAY_CALL
