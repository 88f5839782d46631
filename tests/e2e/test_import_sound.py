"""Recordings made by other tools go in through `earful-agent import`; what comes out is judged by other
tools again: opusinfo, ffprobe, opusdec and ffmpeg."""

import json
import math
import shutil
import wave

import pytest
from harness import SAMPLES
from recordings import audio_of, calls, import_json, read_wav, run, tone, write_wav

SECONDS = 2.347  # not a whole number of frames at any rate
FRAME_S = 0.020
TONES_HZ = (500, 1300)  # agent, customer
SEPARATION_DB = -40


def decode(audio, folder, tool="ffmpeg"):
    out = folder / f"{audio.stem}.{tool}.wav"
    if tool == "ffmpeg":
        run("ffmpeg", "-v", "error", "-y", "-i", audio, "-c:a", "pcm_s16le", out)
    else:
        run("opusdec", "--quiet", "--no-dither", audio, out)
    return read_wav(out)


def power_db(samples):
    return 10 * math.log10(sum(s * s for s in samples) / max(len(samples), 1) + 1e-9)


def goertzel_db(samples, rate, hz):
    """Power of one frequency over a second in the middle, where nothing fades in or out."""
    start = max(0, (len(samples) - rate) // 2)
    samples = samples[start : start + rate]
    factor = 2 * math.cos(2 * math.pi * hz / rate)
    one = two = 0.0
    for sample in samples:
        one, two = sample + factor * one - two, one
    power = one * one + two * two - factor * one * two
    return 10 * math.log10(power / max(len(samples), 1) ** 2 + 1e-9)


# --- What other tools make ---


def ffmpeg(*options):
    return lambda source, out: run("ffmpeg", "-v", "error", "-y", "-i", source, *options, out)


def ffmpeg_pipe(source, out):
    out.write_bytes(run("ffmpeg", "-v", "error", "-i", source, "-f", "wav", "-").stdout)


def sox(*options):
    return lambda source, out: run("sox", source, *options, out)


def sox_pipe(source, out):
    """Raw samples through pipes, so that sox can neither know the length nor go back to the header."""
    with wave.open(str(source)) as wav:
        shape = ["-r", wav.getframerate(), "-c", wav.getnchannels()]
        out.write_bytes(run("sox", "-t", "raw", "-e", "signed", "-b", "16", *shape, "-", "-t", "wav", "-",
                            input=wav.readframes(wav.getnframes())).stdout)


# name: (extension, maker, keeps the legs apart)
FORMATS = {
    "pcm_u8": ("wav", ffmpeg("-c:a", "pcm_u8"), True),
    "pcm_s16": ("wav", shutil.copyfile, True),
    "pcm_s24": ("wav", ffmpeg("-c:a", "pcm_s24le"), True),
    "pcm_s32": ("wav", ffmpeg("-c:a", "pcm_s32le"), True),
    "float": ("wav", ffmpeg("-c:a", "pcm_f32le"), True),
    "double": ("wav", ffmpeg("-c:a", "pcm_f64le"), True),
    "mulaw": ("wav", ffmpeg("-c:a", "pcm_mulaw"), True),
    "alaw_sox": ("wav", sox("-e", "a-law"), True),
    "rf64": ("wav", ffmpeg("-rf64", "always"), True),
    "piped_ffmpeg": ("wav", ffmpeg_pipe, True),
    "piped_sox": ("wav", sox_pipe, True),
    "flac": ("flac", lambda s, o: run("flac", "--silent", "-f", "-o", o, s), True),
    "flac_ffmpeg": ("flac", ffmpeg("-c:a", "flac"), True),
    "mp3_lame": ("mp3", lambda s, o: run("lame", "--quiet", "-b", "128", s, o), False),
    "mp3_ffmpeg": ("mp3", ffmpeg("-c:a", "libmp3lame"), False),
    "vorbis": ("ogg", lambda s, o: run("oggenc", "-Q", "-o", o, s), False),
    "opusenc": ("opus", lambda s, o: run("opusenc", "--quiet", s, o), False),
    "opus_ffmpeg": ("opus", ffmpeg("-c:a", "libopus"), False),
    "aiff_sox": ("aiff", sox(), True),
    "au_sox": ("au", sox("-e", "mu-law"), True),
}
RATES = (8000, 11025, 16000, 22050, 44100, 48000)
# Every format at every rate would say little more than this.
CASES = [
    (name, rate, legs)
    for name in FORMATS
    for rate in RATES
    for legs in (1, 2)
    if rate in (8000, 16000, 44100, 48000) or name in ("pcm_s16", "flac", "vorbis")
]


def case_name(name, rate, legs):
    return f"{name}-{rate}-{'two' if legs == 2 else 'one'}"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """All cases as files, imported in one go."""
    folder = tmp_path_factory.mktemp("recordings")
    data = tmp_path_factory.mktemp("data")
    for rate in RATES:
        for legs in (1, 2):
            tones = [tone(rate, hz, SECONDS) for hz in TONES_HZ[:legs]]
            write_wav(folder / f".source-{rate}-{legs}.wav", rate, tones)
    for name, rate, legs in CASES:
        extension, make, _ = FORMATS[name]
        make(folder / f".source-{rate}-{legs}.wav", folder / f"{case_name(name, rate, legs)}.{extension}")
    results, summary = import_json(data, folder)
    return data, results, summary["summary"]


@pytest.mark.parametrize("name,rate,legs", CASES, ids=[case_name(*case) for case in CASES])
def test_a_recording_of_every_kind_becomes_a_clean_call(made, tmp_path, name, rate, legs):
    data, results, _ = made
    extension, _, apart = FORMATS[name]
    result = results[f"{case_name(name, rate, legs)}.{extension}"]
    assert result["result"] == "taken"
    assert result["legs"] == legs
    assert abs(result["duration_ms"] / 1000 - SECONDS) <= FRAME_S
    audio = audio_of(data, result["call_id"])

    info = run("opusinfo", audio)
    assert b"WARNING" not in info.stdout + info.stderr and b"rror" not in info.stdout + info.stderr
    probe = run("ffprobe", "-v", "warning", "-of", "json", "-show_streams", "-show_format", audio)
    assert probe.stderr == b""
    described = json.loads(probe.stdout)
    assert described["streams"][0]["channels"] == legs

    decoded_rate, decoded = decode(audio, tmp_path)
    assert abs(len(decoded[0]) / decoded_rate - SECONDS) <= FRAME_S
    for leg in range(legs):
        own = goertzel_db(decoded[leg], decoded_rate, TONES_HZ[leg])
        assert own > 50, "the tone itself is there"
        if legs == 2 and apart:
            other = goertzel_db(decoded[1 - leg], decoded_rate, TONES_HZ[leg])
            assert other - own < SEPARATION_DB


def test_nothing_was_refused_and_hidden_files_were_left_alone(made):
    _, results, summary = made
    assert summary["refused"] == 0
    assert summary["taken"] == len(CASES) == len(results)


def test_calls_lists_what_was_imported(made):
    data, results, _ = made
    listed = calls(data)
    assert {call["call_id"] for call in listed} == {line["call_id"] for line in results.values()}
    assert set(listed[0]) == {
        "call_id", "external_id", "started_at", "duration_ms", "queue", "team", "agent_ref", "agent_name",
        "language", "customer_key", "legs", "live", "sample", "tags", "capture", "cut", "notes", "measures"}
    assert all(call["measures"]["version"] == 1 and not call["cut"] for call in listed)


# --- Both legs at once ---


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Two people talking over each other for eight seconds: two bundled calls, one leg of each."""
    folder = tmp_path_factory.mktemp("speech")
    found = sorted(SAMPLES.glob("*.opus"))
    assert len(found) >= 2, "packaging/samples holds the bundled calls"
    voices = []
    for number, path in enumerate(found[:2]):
        out = folder / f"{number}.wav"
        run("ffmpeg", "-v", "error", "-i", path, "-ar", "8000", "-af", "pan=mono|c0=c0+c1", "-c:a",
            "pcm_s16le", out)
        rate, legs = read_wav(out)
        voices.append(list(legs[0][rate : 9 * rate]))
    return voices


@pytest.mark.parametrize("tool", ["ffmpeg", "opusdec"])
def test_what_one_leg_says_changes_nothing_on_the_other(tmp_path, speech, tool):
    silence = [0] * len(speech[0])
    folder = tmp_path / "in"
    folder.mkdir()
    write_wav(folder / "both.wav", 8000, speech)
    write_wav(folder / "agent.wav", 8000, [speech[0], silence])
    write_wav(folder / "customer.wav", 8000, [silence, speech[1]])
    data = tmp_path / "data"
    results, _ = import_json(data, folder)
    sound = {name: decode(audio_of(data, line["call_id"]), tmp_path, tool)[1] for name, line in results.items()}
    # Bit for bit: the other leg might as well not be there.
    assert sound["both.wav"][0] == sound["agent.wav"][0]
    assert sound["both.wav"][1] == sound["customer.wav"][1]
    assert power_db(sound["agent.wav"][1]) - power_db(sound["agent.wav"][0]) < SEPARATION_DB
    assert power_db(sound["customer.wav"][0]) - power_db(sound["customer.wav"][1]) < SEPARATION_DB


def test_the_legs_can_be_swapped(tmp_path):
    write_wav(tmp_path / "call.wav", 8000, [tone(8000, hz, 1.5) for hz in TONES_HZ])
    (tmp_path / "call.json").write_text(json.dumps({"legs": ["customer", "agent"]}))
    results, _ = import_json(tmp_path / "data", tmp_path / "call.wav")
    rate, legs = decode(audio_of(tmp_path / "data", results["call.wav"]["call_id"]), tmp_path)
    assert goertzel_db(legs[0], rate, TONES_HZ[1]) > goertzel_db(legs[0], rate, TONES_HZ[0]) + 40
