"""Recordings made by other tools go in through `earful-agent import`; what comes out is judged by other
tools again: opusinfo, ffprobe, opusdec and ffmpeg.

Program: EARFUL_BUILD (default build/release). Nothing here needs a network or a sound card.
"""

import array
import json
import math
import os
import pathlib
import random
import shutil
import subprocess
import wave

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EARFUL_BUILD", ROOT / "build" / "release"))
AGENT = BUILD / "earful-agent"
SECONDS = 2.347  # not a whole number of frames at any rate
FRAME_S = 0.020
TONES_HZ = (500, 1300)  # agent, customer
SEPARATION_DB = -40


def run(*command, check=True, **kwargs):
    done = subprocess.run([str(part) for part in command], capture_output=True, **kwargs)
    if check:
        assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done


def agent(*arguments, check=True):
    return run(AGENT, *arguments, check=check)


def import_json(data, *paths, expect=0):
    done = agent("import", "--json", "--data", data, *paths, check=False)
    assert done.returncode == expect, done.stdout.decode() + done.stderr.decode()
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return {pathlib.Path(line["file"]).name: line for line in lines if "file" in line}, lines[-1]


def calls(data):
    return [json.loads(line) for line in agent("calls", "--json", "--data", data).stdout.splitlines()]


def audio_of(data, call_id):
    return data / "library" / "calls" / call_id[:2] / f"{call_id}.opus"


# --- Sound ---


def write_wav(path, rate, legs):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(len(legs))
        out.setsampwidth(2)
        out.setframerate(rate)
        samples = array.array("h")
        for row in zip(*legs):
            samples.extend(row)
        out.writeframes(samples.tobytes())
    return path


def tone(rate, hz, seconds, amplitude=8000):
    step = 2 * math.pi * hz / rate
    return [round(amplitude * math.sin(step * i)) for i in range(round(rate * seconds))]


def read_wav(path):
    with wave.open(str(path)) as source:
        samples = array.array("h", source.readframes(source.getnframes()))
        channels = source.getnchannels()
        return source.getframerate(), [samples[i::channels] for i in range(channels)]


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
        "language", "customer_key", "legs", "live", "sample", "tags"}


# --- Both legs at once ---


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Two people talking over each other for eight seconds: two bundled calls, one leg of each."""
    folder = tmp_path_factory.mktemp("speech")
    found = sorted((ROOT / "packaging" / "samples").glob("*.opus"))
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


# --- What is known about a call ---


def short_call(path, seed=1, rate=8000):
    noise = random.Random(seed)
    return write_wav(path, rate, [[noise.randrange(-900, 900) for _ in range(rate // 2)] for _ in range(2)])


FACTS = {
    "external_id": "pbx-77", "started_at": "2026-11-17T14:05:00+02:00", "direction": "inbound",
    "queue": "billing", "team": "north", "agent_ref": "a17", "agent_name": "דנה כהן",
    "customer_id": "+972 3 555 0100", "customer_tier": "gold", "language": "he",
    "legs": ["agent", "customer"], "labels": {"city": "Haifa"},
}


def test_facts_stand_in_a_file_beside_the_recording(tmp_path):
    short_call(tmp_path / "call.wav")
    (tmp_path / "call.json").write_text(json.dumps(FACTS, ensure_ascii=False))
    results, _ = import_json(tmp_path / "data", tmp_path / "call.wav")
    assert results["call.wav"]["warnings"] == []
    (call,) = calls(tmp_path / "data")
    for field in ("external_id", "queue", "team", "agent_ref", "agent_name", "language"):
        assert call[field] == FACTS[field]
    assert call["started_at"] == "2026-11-17T12:05:00.000Z"
    assert call["sample"] is False
    assert call["customer_key"] == "", "no key before the collector gave one"


def test_facts_stand_in_a_manifest(tmp_path):
    short_call(tmp_path / "one.wav", 1)
    short_call(tmp_path / "two.wav", 2)
    (tmp_path / "calls.csv").write_bytes(
        b"\xef\xbb\xbffile,started_at,queue,labels\r\n"
        b'one.wav,2026-11-17T14:05:00Z,"billing, abroad",city=Haifa;line=2\r\n'
        b"two.wav,2026-11-17T15:05:00Z,care,\r\n")
    done = agent("import", "--data", tmp_path / "data", "--manifest", tmp_path / "calls.csv", tmp_path)
    assert b"2 taken" in done.stdout
    assert [call["queue"] for call in calls(tmp_path / "data")] == ["care", "billing, abroad"]


def test_facts_stand_in_the_name(tmp_path):
    short_call(tmp_path / "20261117-140500_billing_a17.wav")
    agent("import", "--data", tmp_path / "data", "--name-pattern",
          "{started_at:%Y%m%d-%H%M%S}_{queue}_{agent_ref}", tmp_path / "20261117-140500_billing_a17.wav")
    (call,) = calls(tmp_path / "data")
    assert (call["queue"], call["agent_ref"]) == ("billing", "a17")
    assert call["started_at"].startswith("2026-11-1")


def test_without_facts_the_guess_is_said(tmp_path):
    folder = tmp_path / "support"
    folder.mkdir()
    recording = short_call(folder / "x.wav")
    os.utime(recording, (1_700_000_000, 1_700_000_000))
    results, _ = import_json(tmp_path / "data", folder)
    assert all("guessed" in warning for warning in results["x.wav"]["warnings"])
    (call,) = calls(tmp_path / "data")
    assert call["queue"] == "support"
    assert call["started_at"] == "2023-11-14T22:13:20.000Z"


@pytest.mark.parametrize("facts,said", [
    ({"queu": "x"}, "queue"),
    ({"started_at": "yesterday"}, "started_at"),
    ({"team": 7}, "team"),
    ({"labels": {str(i): "x" for i in range(17)}}, "labels"),
    ({"legs": ["agent"]}, "legs"),
    ({"direction": "up"}, "direction"),
])
def test_wrong_facts_refuse_the_file_and_name_the_field(tmp_path, facts, said):
    short_call(tmp_path / "call.wav")
    (tmp_path / "call.json").write_text(json.dumps(facts))
    results, _ = import_json(tmp_path / "data", tmp_path / "call.wav", expect=1)
    assert results["call.wav"]["error"]["code"] == "E_FACTS"
    assert said in results["call.wav"]["error"]["message"]
    assert calls(tmp_path / "data") == []


# --- Again, in part, and wrong ---


def test_the_same_recording_twice_is_one_call(tmp_path):
    short_call(tmp_path / "first.wav")
    shutil.copy(tmp_path / "first.wav", tmp_path / "renamed.wav")
    results, summary = import_json(tmp_path / "data", tmp_path / "first.wav")
    again, summary = import_json(tmp_path / "data", tmp_path / "first.wav", tmp_path / "renamed.wav")
    assert summary["summary"]["here"] == 2
    assert len(calls(tmp_path / "data")) == 1
    assert again["renamed.wav"]["call_id"] == results["first.wav"]["call_id"]


def test_two_equal_recordings_with_their_own_ids_are_two_calls(tmp_path):
    for name in ("a", "b"):
        short_call(tmp_path / f"{name}.wav", seed=5)
        (tmp_path / f"{name}.json").write_text(json.dumps({"external_id": name}))
    import_json(tmp_path / "data", tmp_path)
    assert len(calls(tmp_path / "data")) == 2


def test_two_workers_meeting_the_same_recording_make_one_call(tmp_path):
    for number in range(6):
        short_call(tmp_path / f"{number}.wav", seed=1)
    done = agent("import", "--jobs", "4", "--data", tmp_path / "data", tmp_path)
    assert b"1 taken" in done.stdout and b"5 already here" in done.stdout
    assert len(calls(tmp_path / "data")) == 1


def test_the_same_call_is_the_same_bytes_everywhere(tmp_path):
    short_call(tmp_path / "call.wav")
    results, _ = import_json(tmp_path / "one", tmp_path / "call.wav")
    import_json(tmp_path / "two", tmp_path / "call.wav")
    call_id = results["call.wav"]["call_id"]
    assert audio_of(tmp_path / "one", call_id).read_bytes() == audio_of(tmp_path / "two", call_id).read_bytes()


def test_bad_files_never_stop_a_folder(tmp_path):
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    good = short_call(folder / "good.wav", 1).read_bytes()
    short_call(folder / "deeper" / "good.wav", 2)
    (folder / "empty.wav").write_bytes(b"")
    (folder / "header.wav").write_bytes(good[:44])
    (folder / "riff.wav").write_bytes(b"RIFF")
    (folder / "noise.flac").write_bytes(bytes(random.Random(3).randrange(256) for _ in range(4000)))
    (folder / "text.mp3").write_text("not a sound\n" * 50)
    (folder / "cut.wav").write_bytes(good[: len(good) // 2])
    (folder / "notes.txt").write_text("hello")
    run("lame", "--quiet", folder / "good.wav", folder / "renamed.mp3")
    (folder / "renamed.mp3").rename(folder / "renamed.opus")
    run("sox", folder / "good.wav", "-e", "ms-adpcm", folder / "adpcm.wav")
    (folder / ".hidden.wav").write_bytes(b"junk")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    done = agent("import", "--data", tmp_path / "data", "--json", folder, check=False)
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    codes = {pathlib.Path(l["file"]).name: l.get("error", {}).get("code", l.get("result")) for l in lines[:-1]}
    assert codes == {
        "good.wav": "taken", "empty.wav": "E_EMPTY", "header.wav": "E_EMPTY", "riff.wav": "E_SHORT",
        "noise.flac": "E_TYPE", "text.mp3": "E_TYPE", "cut.wav": "taken", "renamed.opus": "E_TYPE",
        "adpcm.wav": "E_CODEC"}
    messages = {pathlib.Path(l["file"]).name: l["error"]["message"] for l in lines[:-1] if "error" in l}
    assert "MP3" in messages["renamed.opus"] and "ADPCM" in messages["adpcm.wav"]
    assert [pathlib.Path(path).name for path in lines[-1]["summary"]["skipped"]] == ["notes.txt"]
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    library = tmp_path / "data" / "library" / "calls"
    assert not list(library.rglob("*.part")), "nothing half-written"
    assert len(list(library.rglob("*.opus"))) == len(calls(tmp_path / "data")) == 3


def test_an_import_killed_in_the_middle_leaves_nothing_half_written(tmp_path):
    data, rate = tmp_path / "data", 8000
    noise = random.Random(4)
    block = array.array("h", (noise.randrange(-9000, 9000) for _ in range(rate * 2)))
    with wave.open(str(tmp_path / "long.wav"), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(rate)
        for _ in range(15 * 60):
            out.writeframes(block.tobytes())
    library = data / "library" / "calls"
    with subprocess.Popen([AGENT, "import", "--data", data, tmp_path / "long.wav"],
                          stdout=subprocess.DEVNULL) as running:
        while running.poll() is None and not (library.is_dir() and list(library.rglob("*.part"))):
            pass
        running.kill()
    assert running.returncode < 0, "it was still at work"
    assert calls(data) == [] and not list(library.rglob("*.opus"))
    results, _ = import_json(data, tmp_path / "long.wav")
    assert results["long.wav"]["duration_ms"] == 15 * 60 * 1000


def test_a_terminal_gets_a_bar(tmp_path):
    short_call(tmp_path / "call.wav")
    shown = run("script", "-qec", f"{AGENT} import --data {tmp_path / 'data'} {tmp_path / 'call.wav'}", "/dev/null")
    assert b"1 of 1" in shown.stdout and b"left" in shown.stdout


def test_a_truncated_recording_is_kept_to_its_end_and_says_so(tmp_path):
    whole = short_call(tmp_path / "whole.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: 44 + 8000])  # a quarter of a second of two legs
    results, _ = import_json(tmp_path / "data", tmp_path / "cut.wav")
    assert results["cut.wav"]["duration_ms"] == 250
    assert any("truncated" in warning and "s" in warning for warning in results["cut.wav"]["warnings"])


def test_wrong_use_is_exit_2_and_one_line(tmp_path):
    recording = short_call(tmp_path / "call.wav")
    bad = tmp_path / "bad.csv"
    bad.write_text("file,queu\ncall.wav,x\n")
    for arguments in (
        ["/no/such/place"], ["--manifest", bad, recording], ["--manifest", "/no/such.csv", recording],
        ["--name-pattern", "{queu}", recording], ["--name-pattern", "{queue}{team}", recording],
        ["--complexity", "11", recording], ["--bitrate", "1", recording], ["--jobs", "-1", recording],
    ):
        done = agent("import", "--data", tmp_path / "data", *arguments, check=False)
        assert done.returncode == 2, arguments
        assert len(done.stderr.decode().strip().splitlines()) == 1, done.stderr
    assert not (tmp_path / "data" / "library").exists()


def test_samples_wear_their_badge(tmp_path):
    short_call(tmp_path / "call.wav")
    agent("import", "--sample", "--data", tmp_path / "data", tmp_path / "call.wav")
    assert calls(tmp_path / "data")[0]["sample"] is True


def test_output_is_plain_lines_without_a_terminal(tmp_path):
    short_call(tmp_path / "call.wav")
    done = agent("import", "--data", tmp_path / "data", tmp_path / "call.wav")
    assert b"\r" not in done.stdout + done.stderr and b"\x1b" not in done.stdout + done.stderr
    assert b"1 taken" in done.stdout
