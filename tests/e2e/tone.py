"""A tone that is looked for everywhere: played at once when asked, found in memory, files and packets.

    tones = Tones(tmp_path)
    with Player(sound, "agent") as player:
        player.play(0.05)                      # returns when the last sample of it has sounded
    tones.in_process(pid)                      # where in its writable memory, as a core dump has it
    tones.in_files([path, ...])                # where the samples lie in the open
    loudest(decode(rate, packets))             # of a live stream's leg

Full strength is 32768; the tone is far from silence and from the codec's noise.
"""

import array
import contextlib
import ctypes
import math
import os
import pathlib
import subprocess

HZ = 1037  # no period of anything a program keeps
RATE_HZ = 16000
AMPLITUDE = 12000
SILENT = 200  # what is below is what the codec makes of silence
SOURCE = pathlib.Path(__file__).with_name("find_tone.c")
PLAYBACK, S16LE = 1, 3  # pulse/def.h, pulse/sample.h
OPUS_OK, MOST_SAMPLES = 0, 5760


def tone(seconds, hz=HZ):
    return array.array("h", (round(AMPLITUDE * math.sin(2 * math.pi * hz * at / RATE_HZ))
                             for at in range(round(seconds * RATE_HZ)))).tobytes()


def loudest(samples):
    return max(max(samples, default=0), -min(samples, default=0))


class Tones:
    def __init__(self, folder):
        self.program = folder / "find_tone"
        subprocess.run(["gcc", "-O2", "-o", self.program, SOURCE, "-lm"], check=True)

    def in_process(self, pid):
        return self._found(pid)

    def in_files(self, paths):
        return self._found(*paths)

    def _found(self, *where):
        done = subprocess.run([self.program, str(HZ), str(RATE_HZ), *map(str, where)], check=True, capture_output=True,
                              text=True)
        return done.stdout.splitlines()


class _SampleSpec(ctypes.Structure):
    _fields_ = [("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8)]


class _Buffer(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")]


class Player:
    """Plays on a device of the sound server with next to no buffer, so that short things stay short."""

    def __init__(self, sound, device):
        self.pulse = ctypes.CDLL("libpulse-simple.so.0")
        self.pulse.pa_simple_new.restype = ctypes.c_void_p
        self.server = f"unix:{sound.folder}/pulse/native".encode()
        self.device = device.encode()

    def play(self, seconds):
        anything, fault = 2 ** 32 - 1, ctypes.c_int()
        spec = _SampleSpec(S16LE, RATE_HZ, 1)
        buffer = _Buffer(anything, RATE_HZ * 2 // 50, anything, anything, anything)
        stream = ctypes.c_void_p(self.pulse.pa_simple_new(
            self.server, b"tone", PLAYBACK, self.device, b"tone", ctypes.byref(spec), None, ctypes.byref(buffer),
            ctypes.byref(fault)))
        assert stream, f"the sound server refused: {fault.value}"
        samples = tone(seconds)
        assert self.pulse.pa_simple_write(stream, samples, ctypes.c_size_t(len(samples)), ctypes.byref(fault)) == 0
        assert self.pulse.pa_simple_drain(stream, ctypes.byref(fault)) == 0
        self.pulse.pa_simple_free(stream)


def decode(packets):
    """The samples of one leg's packets, in order."""
    opus = ctypes.CDLL("libopus.so.0")
    opus.opus_decoder_create.restype = ctypes.c_void_p
    fault = ctypes.c_int()
    decoder = ctypes.c_void_p(opus.opus_decoder_create(RATE_HZ, 1, ctypes.byref(fault)))
    assert fault.value == OPUS_OK
    pcm, room = array.array("h"), (ctypes.c_int16 * MOST_SAMPLES)()
    for packet in packets:
        got = opus.opus_decode(decoder, packet, len(packet), room, MOST_SAMPLES, 0)
        assert got > 0, got
        pcm.extend(room[:got])
    opus.opus_decoder_destroy(decoder)
    return pcm


def decode_file(path):
    """The samples of each leg of a kept call."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-ar", str(RATE_HZ), "-"], check=True,
                          capture_output=True)
    both = array.array("h", done.stdout)
    return both[0::2], both[1::2]


def shared_memory(*pids):
    """Every piece these processes hold open, with a name in the file system or without."""
    held = []
    for pid in pids:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{fd}"
            with contextlib.suppress(FileNotFoundError):  # closed since it was listed
                if os.readlink(path).startswith(("/memfd:", "/dev/shm/")):
                    held.append(path)
    return held
