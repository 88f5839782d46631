"""A private sound server with named devices, for tests that capture from real ones without a sound card.

    with SoundServer(customer=48000, agent=16000) as sound:
        subprocess.run([AGENT, "devices"], env=sound.environment)
        sound.play("customer", samples)       # returns when the last one was played
        sound.kill(); sound.start()           # as when a sound server crashes

Each device is a null sink of PulseAudio; what is played into it is captured from its monitor, which a
private ALSA configuration names like the sink. Captured at the sink's rate, samples are what was played,
bit by bit. Nothing of this touches the user's own sound server; it runs as any user, also as root.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from harness import wait_until

# "norewinds" or a third of the samples come late, in bursts.
SINK = "module-null-sink sink_name={name} rate={rate} channels={channels} format=s16le norewinds=1"
ALSA = """</usr/share/alsa/alsa.conf>
# Listed, but only to play to.
pcm.loudspeaker {{ type asym playback.pcm "pulse" }}
{devices}"""
ALSA_DEVICE = 'pcm.{name} {{ type pulse device "{name}.monitor" }}\n'


def boot_time():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SoundServer:
    def __init__(self, channels=1, **rates):
        self.rates = rates
        self.channels = channels
        # Not a test's own folder: the path of a socket may be 107 bytes long.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="earful-sound-"))
        devices = "".join(ALSA_DEVICE.format(name=name) for name in rates)
        (self.folder / "asound.conf").write_text(ALSA.format(devices=devices))
        (self.folder / "client.conf").write_text("autospawn = no\n")
        mine = {"XDG_RUNTIME_DIR": self.folder, "HOME": self.folder, "ALSA_CONFIG_PATH": self.folder / "asound.conf",
                "PULSE_CLIENTCONFIG": self.folder / "client.conf"}
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("PULSE_", "ALSA_", "XDG_"))}
        self.environment.update({name: str(value) for name, value in mine.items()})
        self.process = None

    def start(self):
        sinks = [part for name, rate in self.rates.items()
                 for part in ("-L", SINK.format(name=name, rate=rate, channels=self.channels))]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--realtime=no",
                 "--high-priority=no", "-L", "module-native-protocol-unix", *sinks],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self._answers)
        return self

    def _answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        listed = subprocess.run(["pactl", "list", "short", "sinks"], env=self.environment, capture_output=True, text=True)
        return all(name in listed.stdout for name in self.rates)

    def kill(self):
        """SIGKILL: whoever captures hears nothing more, not even an error."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def playing(self, name, samples):
        """A process that plays 16-bit samples (bytes, as the device has them) and ends after the last one."""
        with tempfile.TemporaryFile() as file:  # a pipe would hold us up for most of the time it plays
            file.write(samples)
            file.seek(0)
            return subprocess.Popen(
                ["pacat", "--playback", "--raw", "--format=s16le", f"--channels={self.channels}",
                 f"--rate={self.rates[name]}", f"--device={name}"],
                env=self.environment, stdin=file, stderr=subprocess.DEVNULL)

    def play(self, name, samples):
        assert self.playing(name, samples).wait() == 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
