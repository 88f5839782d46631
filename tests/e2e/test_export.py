"""A call's tags and clips, read by the programs they are made for: ffprobe, a CSV reader, the vCon working
group's JSON schema, Audacity's label format as its manual gives it."""

import array
import csv
import io
import json
import math
import pathlib
import re
import subprocess
import urllib.request
import wave

import pytest
from harness import AGENT, Station, run
from recordings import tone, write_wav

jsonschema = pytest.importorskip("jsonschema")

RATE = 16000
SECONDS = 20
# A word that would end a cue, a cell, a line or a page where it is not escaped, in three scripts.
NOTE = '=1+1, "quoted" <b>&amp; --> 00:00\n\n\tשלום 안녕'


def two_legs(path):
    """500 Hz for the agent, 1,500 Hz for the customer; the second half is twice as loud."""
    legs = [tone(RATE, hz, SECONDS / 2, 4000) + tone(RATE, hz, SECONDS / 2, 8000) for hz in (500, 1500)]
    return write_wav(path, RATE, legs)


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """A station with one call that has a tag with that note, one without, and one taken back."""
    folder = tmp_path_factory.mktemp("export")
    two_legs(folder / "call.wav")
    facts = {"external_id": "pbx-77", "started_at": "2026-11-17T14:05:00Z", "queue": "@billing", "direction": "inbound",
             "agent_ref": "a17", "agent_name": "דנה, כהן", "legs": ["agent", "customer"], "language": "he",
             "customer_id": "+972 3 555 0100"}
    (folder / "call.json").write_text(json.dumps(facts))
    station = Station(folder / "station")
    station.command("import", folder / "call.wav")
    with station.start():
        station.call = station.calls()[0]
        post = lambda **tag: station.ask("POST", "/api/v1/tags", {"call_id": station.call, **tag})["event_id"]
        station.noted = post(kind="wrong-charge", position_ms=15000, note=NOTE)
        station.plain = post(kind="long-wait", position_ms=4000.5)
        station.ask("POST", f"/api/v1/tags/{post(kind='fault', position_ms=9000)}/retract")
        yield station


def exported(station, name, language="en"):
    """The same text from the API and from the command."""
    status, answer = station.request("GET", f"/api/v1/calls/{station.call}/export?format={name}&language={language}")
    assert status == 200, answer
    printed = station.command("export", station.call, "--format", name, "--language", language).stdout
    if name == "vcon":
        assert {**json.loads(printed), "created_at": ""} == {**answer, "created_at": ""}
    else:
        assert printed.replace("\r\n", "\n") == answer.replace("\r\n", "\n")
    return answer


def test_webvtt_is_read_by_ffprobe(heard, tmp_path):
    (tmp_path / "tags.vtt").write_text(exported(heard, "webvtt"))
    cues = json.loads(run("ffprobe", "-v", "error", "-show_packets", "-show_data", "-of", "json", tmp_path / "tags.vtt").stdout)["packets"]
    tags = heard.ask("GET", f"/api/v1/calls/{heard.call}")["tags"]
    assert [float(cue["pts_time"]) for cue in cues] == pytest.approx([tag["start_ms"] / 1000 for tag in tags], abs=0.00051)
    assert [float(cue["duration_time"]) for cue in cues] == pytest.approx([(tag["end_ms"] - tag["start_ms"]) / 1000 for tag in tags], abs=0.002)
    plain = run("ffmpeg", "-v", "error", "-i", tmp_path / "tags.vtt", "-f", "srt", "-").stdout
    assert "=1+1, \"quoted\" <b>&amp; --> 00:00 שלום 안녕" in plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;amp;", "&amp;")


def test_webvtt_speaks_the_language_asked_for(heard):
    for language, word in (("en", "Charged wrongly"), ("he", "חיוב שגוי"), ("ko", "청구 오류"), ("xx", "Charged wrongly")):
        assert f"\n{word}\n" in exported(heard, "webvtt", language)


def test_audacity_labels_are_begin_end_and_text_by_tabs(heard):
    lines = exported(heard, "audacity").splitlines()
    tags = heard.ask("GET", f"/api/v1/calls/{heard.call}")["tags"]
    assert len(lines) == len(tags) == 2
    for line, tag in zip(lines, tags):
        begin, end, text = line.split("\t")
        assert (float(begin), float(end)) == pytest.approx((tag["start_ms"] / 1000, tag["end_ms"] / 1000), abs=1e-6)
        assert text
    assert lines[1].endswith('Charged wrongly: =1+1, "quoted" <b>&amp; --> 00:00 שלום 안녕')


def test_csv_holds_one_row_a_tag_and_runs_no_formula(heard):
    rows = list(csv.DictReader(io.StringIO(exported(heard, "csv").removeprefix("\ufeff"))))
    assert [row["tag_id"] for row in rows] == [heard.plain, heard.noted]
    noted = rows[1]
    assert noted["note"] == "'" + NOTE
    assert noted["queue"] == "'@billing"
    assert noted["agent_name"] == "דנה, כהן"
    assert (noted["kind"], noted["label"], noted["position_ms"]) == ("wrong-charge", "Charged wrongly", "15000.000")
    assert noted["started_at"] == "2026-11-17T14:05:00.000Z"


def test_csv_begins_with_a_mark_that_spreadsheets_know(heard):
    done = subprocess.run([AGENT, "export", "--data", heard.data, heard.call, "--format", "csv"], capture_output=True, check=True)
    assert done.stdout.startswith(b"\xef\xbb\xbfcall_id,")


def test_vcon_fits_the_working_groups_schema(heard):
    vcon = exported(heard, "vcon")
    schema = json.loads((pathlib.Path(__file__).parent / "vcon_core_04.json").read_text())
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(vcon)
    assert vcon["parties"][0]["name"] == "דנה, כהן"
    assert not re.search(r"555\D?0100", json.dumps(vcon)), "the customer's number stays at the station"
    (dialog,) = vcon["dialog"]
    assert (dialog["start"], dialog["duration"], dialog["originator"]) == ("2026-11-17T14:05:00.000Z", 20.0, 1)
    bodies = {part["type"]: part["body"] for part in vcon["analysis"]}
    assert [tag["event_id"] for tag in bodies["tags"]] == [heard.plain, heard.noted]
    assert bodies["tags"][1]["note"] == NOTE
    assert len(bodies["measures"]["legs"]) == 2


def test_a_vcon_is_named_by_what_it_holds(heard):
    first = exported(heard, "vcon")["uuid"]
    assert exported(heard, "vcon")["uuid"] == first
    extra = heard.ask("POST", "/api/v1/tags", {"call_id": heard.call, "kind": "fault", "position_ms": 100})["event_id"]
    assert exported(heard, "vcon")["uuid"] != first
    heard.ask("POST", f"/api/v1/tags/{extra}/retract")
    assert exported(heard, "vcon")["uuid"] == first


# --- Clips ---


def levels(path):
    """Root mean square of each leg, as ffmpeg decodes it."""
    pcm = array.array("h", subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-ar", str(RATE), "-ac", "2", "-"], capture_output=True, check=True).stdout)
    return [math.sqrt(sum(s * s for s in pcm[leg::2]) / max(1, len(pcm) // 2)) for leg in (0, 1)], len(pcm) // 2


@pytest.mark.parametrize("name", ["opus", "wav"])
def test_a_clip_is_that_stretch_of_the_call(heard, tmp_path, name):
    file = tmp_path / f"clip.{name}"
    heard.command("export", heard.call, "--format", name, "--from", "12.5", "--to", "13.75", "--out", file)
    (agent, customer), samples = levels(file)
    assert samples == 1.25 * RATE
    assert agent == pytest.approx(8000 / math.sqrt(2), rel=0.15) and customer == pytest.approx(8000 / math.sqrt(2), rel=0.15)


def clip_by_http(station, path, file):
    """The headers of an answer; its bytes are in the file."""
    token = (station.data / "console.token").read_text().strip()
    request = urllib.request.Request(f"http://127.0.0.1:{station.port}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        file.write_bytes(answer.read())
        return answer.headers


def test_a_tags_clip_is_its_stretch(heard, tmp_path):
    tag = heard.ask("GET", f"/api/v1/calls/{heard.call}")["tags"][1]
    headers = clip_by_http(heard, f"/api/v1/tags/{heard.noted}/clip?format=wav", tmp_path / "tag.wav")
    assert headers["Content-Type"] == "audio/wav"
    assert 'filename="earful-20261117-1405-' in headers["Content-Disposition"]
    with wave.open(str(tmp_path / "tag.wav")) as clip:
        assert (clip.getnchannels(), clip.getframerate()) == (2, RATE)
        assert clip.getnframes() == pytest.approx((tag["end_ms"] - tag["start_ms"]) / 1000 * RATE, abs=1)
    heard.command("export", heard.call, "--format", "wav", "--tag", heard.noted, "--out", tmp_path / "same.wav")
    assert (tmp_path / "same.wav").read_bytes() == (tmp_path / "tag.wav").read_bytes()


def test_an_opus_clip_holds_the_calls_own_packets(heard, tmp_path):
    clip_by_http(heard, f"/api/v1/calls/{heard.call}/clip?from=12500&to=13750", tmp_path / "clip.opus")
    found = json.loads(run("ffprobe", "-v", "error", "-show_streams", "-of", "json", tmp_path / "clip.opus").stdout)["streams"][0]
    assert (found["codec_name"], found["channels"], float(found["duration"])) == ("opus", 2, pytest.approx(1.25, abs=0.11))
    assert "without errors" not in run("opusinfo", tmp_path / "clip.opus", check=False).stderr


# --- What is refused ---


@pytest.mark.parametrize("path, status, code", [
    ("/calls/{call}/export", 400, "E_QUERY"),
    ("/calls/{call}/export?format=pdf", 400, "E_QUERY"),
    ("/calls/{call}/export?format=csv&lang=en", 400, "E_QUERY"),
    ("/calls/018f0000-0000-7000-8000-000000000000/export?format=csv", 404, "E_NO_CALL"),
    ("/calls/{call}/clip?from=5000&to=5000", 400, "E_QUERY"),
    ("/calls/{call}/clip?from=nan", 400, "E_QUERY"),
    ("/calls/{call}/clip?from=-1", 400, "E_QUERY"),
    ("/calls/{call}/clip?from=20001", 400, "E_QUERY"),
    ("/calls/{call}/clip?format=mp3", 400, "E_QUERY"),
    ("/tags/018f0000-0000-7000-8000-000000000000/clip", 404, "E_NO_TAG"),
    ("/tags/nonsense/clip", 404, "E_NO_TAG"),
])
def test_what_cannot_be_given_is_said(heard, path, status, code):
    answer = heard.request("GET", "/api/v1" + path.format(call=heard.call))
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)


@pytest.mark.parametrize("options, says", [
    (["nonsense"], "nonsense is no call id"),
    (["018f0000-0000-7000-8000-000000000000"], "there is no call 018f"),
    (["{call}", "--format", "wav", "--tag", "nonsense"], "no tag nonsense"),
    (["{call}", "--format", "wav", "--from", "30"], "begins before the call ends"),
    (["{call}", "--out", "/dev/full"], "writing /dev/full"),
])
def test_the_command_says_what_is_wrong(heard, options, says):
    done = heard.command("export", *[option.format(call=heard.call) for option in options], check=False)
    assert done.returncode == 1
    assert says in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_file_that_is_there_is_left_alone(heard, tmp_path):
    kept = tmp_path / "tags.vtt"
    kept.write_text("mine")
    done = heard.command("export", heard.call, "--out", kept, check=False)
    assert done.returncode == 1 and "--force" in done.stderr and kept.read_text() == "mine"
    heard.command("export", heard.call, "--out", kept, "--force")
    assert kept.read_text().startswith("WEBVTT")
