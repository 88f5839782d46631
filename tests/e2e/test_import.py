"""What `earful-agent import` knows about a call, and what it does with the same recording again, with parts
of one, and with files that are none."""

import array
import json
import os
import pathlib
import random
import shutil
import subprocess
import wave

import pytest
from harness import AGENT
from recordings import agent, audio_of, calls, import_json, run, short_call


# --- What is known about a call ---


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
