"""A listener's hour at a station: drawn once a week, gone on with anywhere, and what it says afterwards."""

import concurrent.futures
import datetime
import hashlib
import http.client
import json
import random
import sqlite3
import time
import uuid

import pytest
from draw_hour import draw
from harness import Collector, Station, wait_until
from peer import uuid7
from recordings import tone, write_wav

SETTINGS = """
[site]
name = "Seoul"
time_zone = "Asia/Seoul"
first_day = "sunday"
[hour]
minutes = 1
shortest = "1s"
longest = "30s"
"""
SEOUL = datetime.timezone(datetime.timedelta(hours=9))


def week_start(weeks_ago):
    """The beginning of a Sunday in Seoul, which knows no summer time."""
    now = datetime.datetime.now(SEOUL)
    sunday = now - datetime.timedelta(days=(now.weekday() + 1) % 7)
    return sunday.replace(hour=0, minute=0, second=0, microsecond=0) - datetime.timedelta(weeks=weeks_ago)


def add_calls(station, folder, starts, seconds=12):
    folder.mkdir(exist_ok=True)
    for i, started in enumerate(starts):
        name = folder / str(i)
        write_wav(name.with_suffix(".wav"), 8000, [tone(8000, 300 + 7 * i, seconds, 4000)])
        name.with_suffix(".json").write_text(json.dumps(
            {"started_at": started.isoformat(), "queue": ["billing", "support"][i % 2], "team": "north",
             "agent_name": f"Agent {i}", "agent_ref": f"a{i % 2}"}))
    station.command("import", folder)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A station with 20 calls of last week, 4 of this one, and an hour of one minute."""
    folder = tmp_path_factory.mktemp("hour")
    collector = Collector(folder / "collector").start()
    station = Station(folder / "station")
    station.configure(SETTINGS)
    starts = [week_start(1) + datetime.timedelta(hours=7 * i) for i in range(20)]
    add_calls(station, folder / "calls", starts + [week_start(0) + datetime.timedelta(seconds=1)] * 4)
    station.join(collector.invite("one"))
    station.start()
    yield folder, collector, station
    station.kill()
    collector.kill()


def hear(station, call, to_ms, **more):
    station.ask("POST", "/api/v1/listening", {"call_id": call, "listening": str(uuid.UUID(bytes=uuid7())), "what": "heard",
                                              "intervals": [[0, to_ms]], **more})


@pytest.fixture(scope="module")
def hour(site):
    """Asked for by eight browsers at once."""
    with concurrent.futures.ThreadPoolExecutor(8) as browsers:
        answers = list(browsers.map(lambda _: site[2].request("POST", "/api/v1/hour", {}), range(8)))
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    [hour] = {json.dumps(hour): hour for _, hour in answers}.values()
    return hour


def test_an_hour_is_drawn_from_the_last_whole_week_of_the_site(site, hour):
    station = site[2]
    assert len(hour["calls"]) == 5 and hour["hour_ms"] == 60_000
    frame = hour["frame"]
    assert (frame["calls"], frame["unheard"]) == (20, 20)
    assert frame["from"] == week_start(1).date().isoformat() and frame["here"] is True
    assert hour["week"]["from"] == week_start(0).date().isoformat() and hour["site"] == "Seoul"
    assert all(call["random"] and call["probability"] == 0.25 and not call["heard"] for call in hour["calls"])
    assert set(hour["calls"][0]["stratum"]) == {"queue", "length"}
    again = station.request("POST", "/api/v1/hour", {})
    assert again == (200, hour) and station.ask("GET", "/api/v1/hour") == hour


def test_anybody_can_draw_it_again(site, hour):
    station = site[2]
    frame = station.ask("GET", f"/api/v1/hours/{hour['hour_id']}/frame").encode()
    assert hashlib.sha256(frame).hexdigest() == hour["frame"]["sha256"]
    drawn = draw(frame, hour["frame"]["seed"])
    assert [call for call, _ in drawn["calls"]] == [call["call_id"] for call in hour["calls"]]


def test_the_plan_is_in_the_store_with_every_probability(site, hour):
    collector = site[1]

    def plans():
        return [line for line in collector.tail() if line["type"] == "earful.v1.HourPlanned"]

    wait_until(plans)
    [plan] = plans()
    assert plan["id"] == hour["hour_id"]
    assert plan["data"]["seed"] == hour["frame"]["seed"] and plan["data"]["frame_sha256"] == hour["frame"]["sha256"]
    assert [call["probability"] for call in plan["data"]["calls"]] == [0.25] * 5


def test_what_becomes_of_its_calls_and_what_it_says_of_all(site, hour):
    station = site[2]
    calls = [call["call_id"] for call in hour["calls"]]
    path = f"/api/v1/hours/{hour['hour_id']}"
    kinds = {kind["id"]: kind for kind in station.ask("GET", "/api/v1/tagbook")["kinds"]}
    hear(station, calls[0], 5000)
    now = station.ask("GET", path)
    assert now["calls"][0]["resume_ms"] == 5000 and now["heard_ms"] == 5000 and not now["calls"][0]["heard"]
    hear(station, calls[0], 12_000)
    hear(station, calls[1], 3000, playback_rate=4)   # faster than twice: nobody heard it
    hear(station, calls[2], 9000)                    # three quarters
    hear(station, calls[3], 12_000, opened_early=True)
    station.ask("POST", f"{path}/calls/{calls[4]}/skip", {})
    other = next(call for call in station.calls() if call not in calls)
    station.ask("POST", f"{path}/calls/{other}/add", {})
    hear(station, other, 12_000)
    station.tag(calls[0], "wrong-charge", 4000)
    station.tag(calls[0], "wrong-charge", 8000)
    station.tag(calls[3], "wrong-charge", 4000)
    praised = station.tag(calls[0], "went-beyond", 9000, note="thank you, Dana")["event_id"]
    station.tag(other, "promise-made", 100)
    station.ask("POST", f"{path}/words", {"words": "fees again"})

    now = station.ask("GET", path)
    state = {call["call_id"]: call for call in now["calls"]}
    assert [state[call]["heard"] for call in calls] == [True, False, False, True, False]
    assert state[calls[1]]["heard_ms"] == [] and state[calls[2]]["resume_ms"] == 9000
    assert state[calls[3]]["opened_early"] and not state[calls[3]]["random"]
    assert state[calls[4]]["skipped"] and state[calls[4]]["random"]
    assert state[other]["added"] and not state[other]["random"] and "probability" not in state[other]
    assert now["heard_ms"] == 12_000 + 9000 + 12_000 + 12_000 and now["words"] == "fees again"

    note = station.ask("GET", f"{path}/note")
    assert (note["drawn"], note["calls_heard"], note["random_heard"], note["skipped"]) == (5, 3, 1, 1)
    [problem] = note["problems"]
    assert (problem["kind"], problem["calls"], problem["of"], problem["tags"]) == ("wrong-charge", 1, 1, 3)
    assert len({clip["call_id"] for clip in problem["clips"]}) == 2 and "agent_name" not in problem["clips"][0]
    assert problem["share"] == 1 and 0 < problem["low"] < 0.03
    [praise] = note["praise"]
    assert praise["event_id"] == praised and praise["agent_name"].startswith("Agent")
    assert [tag["kind"] for tag in note["promises"]] == ["promise-made"] and kinds["promise-made"]["family"] == "promise"
    [line] = station.ask("GET", "/api/v1/hours?limit=1")["hours"]
    assert station.ask("GET", f"/api/v1/hours?after={line['week']['from']}") == {"hours": [], "next": ""}
    for wrong, code in [("limit=0", "E_QUERY"), ("limit=201", "E_QUERY"), ("after=x", "E_AFTER"), ("page=2", "E_QUERY")]:
        status, answer = station.request("GET", f"/api/v1/hours?{wrong}")
        assert (status, answer["error"]["code"]) == (400, code)
    assert (line["calls"], line["heard"], line["skipped"]) == (6, 3, 1)

    station.ask("POST", f"{path}/calls/{calls[4]}/skip", {"withdrawn": True})
    assert station.ask("GET", path)["calls"][4]["skipped"] is False


@pytest.mark.parametrize("wrong_by", [-3 * 3600, 9 * 86400])
def test_a_browser_whose_clock_is_wrong_loses_no_minute(site, hour, wrong_by):
    station = site[2]
    call, before = hour["calls"][2]["call_id"], station.ask("GET", "/api/v1/hour")["heard_ms"]
    theirs = int((time.time() + wrong_by) * 1000)
    event_id = str(uuid.UUID(int=theirs << 80 | 7 << 76 | 2 << 62 | random.getrandbits(60)))
    from_ms = 9000 + (1000 if wrong_by > 0 else 0)
    station.ask("POST", "/api/v1/listening", {"call_id": call, "listening": str(uuid.uuid4()), "what": "heard", "now_ms": theirs,
                                              "event_id": event_id, "intervals": [[from_ms, from_ms + 1000]]})
    assert station.ask("GET", "/api/v1/hour")["heard_ms"] == before + 1000
    wait_until(lambda: any(line["id"] == event_id for line in site[1].tail()))
    [told] = [line for line in site[1].tail() if line["id"] == event_id]
    when = datetime.datetime.fromisoformat(told["time"].replace("Z", "+00:00"))
    assert -30 < (datetime.datetime.now(datetime.timezone.utc) - when).total_seconds() < 30


def test_a_thank_you_is_made_once(site, hour):
    station = site[2]
    call = hour["calls"][1]["call_id"]
    tag = station.tag(call, "went-beyond", 2000, note="so kind")["event_id"]
    [thank] = [one for one in station.ask("GET", "/api/v1/thanks")["open"] if one["event_id"] == tag]
    assert thank["agent_name"] and thank["note"] == "so kind" and thank["done"] is None
    event_id = str(uuid.UUID(bytes=uuid7()))
    said = {"how": "visit", "day": "2026-11-20", "words": "coffee", "event_id": event_id}
    assert station.request("POST", f"/api/v1/tags/{tag}/thanked", said)[0] == 201
    assert station.request("POST", f"/api/v1/tags/{tag}/thanked", said)[0] == 200
    status, refused = station.request("POST", f"/api/v1/tags/{tag}/thanked", {"how": "note"})
    assert (status, refused["error"]["code"]) == (409, "E_DONE") and "2026-11-20" in refused["error"]["message"]
    thanks = station.ask("GET", "/api/v1/thanks")
    assert tag not in [one["event_id"] for one in thanks["open"]]
    [done] = [one["done"] for one in thanks["done"] if one["event_id"] == tag]
    assert (done["how"], done["day"], done["words"]) == ("visit", "2026-11-20", "coffee")


@pytest.mark.parametrize("how, code", [({}, "E_FIELD"), ({"how": "letter"}, "E_FIELD"), ({"how": "note", "day": "soon"}, "E_FIELD"),
                                       ({"how": "note", "thanks": 1}, "E_FIELD"), ({"how": "note", "words": "x" * 5000}, "E_NOTE_SIZE")])
def test_a_thank_you_that_cannot_be_is_refused(site, hour, how, code):
    station = site[2]
    tag = station.tag(hour["calls"][1]["call_id"], "went-beyond", 2000)["event_id"]
    assert station.request("POST", f"/api/v1/tags/{tag}/thanked", how)[1]["error"]["code"] == code
    plain = station.tag(hour["calls"][1]["call_id"], "wrong-charge", 2000)["event_id"]
    assert station.request("POST", f"/api/v1/tags/{plain}/thanked", {"how": "note"})[1]["error"]["code"] == "E_NO_THANKS"


def test_the_year_tells_who_has_listened_and_where_nobody_has(site, hour):
    station = site[2]
    told = station.ask("GET", "/api/v1/cadence")
    assert len(told["weeks"]) == 52 and told["weeks"][-1]["now"] and told["weeks"][-1]["from"] == hour["week"]["from"]
    [leader] = told["leaders"]
    assert set(leader["weeks"][:-1]) == {"before"}
    heard = station.ask("GET", "/api/v1/hour")["heard_ms"]
    assert leader["weeks"][-1] == ("heard" if heard >= 20_000 else "open") and leader["ms"][-1] == heard
    assert sum(place["ms"] for place in told["places"]) == heard
    silent = {(place["queue"], place["team"]) for place in told["unheard"]}
    assert silent | {(place["queue"], place["team"]) for place in told["places"]} == {("billing", "north"), ("support", "north")}
    year = station.ask("GET", "/api/v1/cadence?year=2026")
    assert len(year["weeks"]) == 53 and year["weeks"][-1]["iso"] == "2026-W53"
    assert len(station.ask("GET", "/api/v1/cadence?year=2025")["weeks"]) == 52
    assert station.request("GET", "/api/v1/cadence?year=soon")[1]["error"]["code"] == "E_QUERY"


def test_a_week_taken_off_is_not_missed_and_can_be_had_back(site, hour):
    station = site[2]
    coming = week_start(-1).date().isoformat()
    path = f"/api/v1/cadence/weeks/{coming}"
    assert station.request("POST", path, {"off": True})[0] == 201

    def state():
        [leader] = station.ask("GET", f"/api/v1/cadence?year={coming[:4]}")["leaders"]
        weeks = [week["from"] for week in station.ask("GET", f"/api/v1/cadence?year={coming[:4]}")["weeks"]]
        return leader["weeks"][weeks.index(coming)] if coming in weeks else None

    assert state() in ("off", None)
    assert station.request("POST", path, {"off": False})[0] == 201
    assert state() in ("ahead", None)
    monday = (week_start(-1) + datetime.timedelta(days=1)).date().isoformat()
    assert coming in station.request("POST", f"/api/v1/cadence/weeks/{monday}", {"off": True})[1]["error"]["message"]


def test_the_reminder_is_a_calendar_that_says_nothing_about_anybody(site):
    connection = http.client.HTTPConnection("127.0.0.1", site[2].port, timeout=10)
    connection.request("GET", "/api/v1/hour.ics?day=tuesday&at=08:30&language=lo")
    response = connection.getresponse()
    raw = response.read()
    assert response.status == 200 and response.headers["Content-Type"].startswith("text/calendar")
    lines = raw.split(b"\r\n")
    assert lines.pop() == b"" and all(len(line) <= 75 and line.decode() for line in lines)
    fields = dict(line.split(":", 1) for line in raw.decode().replace("\r\n ", "").splitlines())
    start = datetime.datetime.strptime(fields["DTSTART"], "%Y%m%dT%H%M%S")
    assert (start.weekday(), start.hour, start.minute) == (1, 8, 30)
    assert fields["RRULE"] == "FREQ=WEEKLY;BYDAY=TU" and fields["DURATION"] == "PT1M"
    assert fields["SUMMARY"] == "ຊົ່ວໂມງຮັບຟັງຂອງຂ້ອຍ" and fields["URL"].endswith("/#/hour")
    for query in ("day=someday", "at=25:00", "at=8", "who=noa"):
        assert site[2].request("GET", f"/api/v1/hour.ics?{query}")[1]["error"]["code"] == "E_QUERY"


def test_what_is_no_hour_of_mine_is_refused(site, hour):
    station = site[2]
    for path in ["no-id", str(uuid.uuid4())]:
        assert station.request("GET", f"/api/v1/hours/{path}")[1]["error"]["code"] == "E_NO_HOUR"
        assert station.request("POST", f"/api/v1/hours/{path}/words", {"words": "x"})[1]["error"]["code"] == "E_NO_HOUR"
    mine = f"/api/v1/hours/{hour['hour_id']}"
    stranger = str(uuid.uuid4())
    assert station.request("POST", f"{mine}/calls/{stranger}/skip", {})[1]["error"]["code"] == "E_NO_CALL"
    assert station.request("POST", f"{mine}/calls/{stranger}/add", {})[1]["error"]["code"] == "E_NO_CALL"
    assert station.request("POST", f"{mine}/words", {"words": "x" * 5000})[1]["error"]["code"] == "E_NOTE_SIZE"
    assert station.request("POST", "/api/v1/hour", {"seed": "mine"})[1]["error"]["code"] == "E_FIELD"


def test_an_empty_or_unfit_library_is_said_in_a_word(tmp_path, programs):
    station = programs(Station(tmp_path / "station"))
    station.configure(SETTINGS)
    station.add_calls(2, "--sample")
    station.start()
    assert station.ask("POST", "/api/v1/hour", {})["why"] == "no-calls"
    assert station.ask("GET", "/api/v1/hour")["why"] == "not-drawn"
    add_calls(station, tmp_path / "long", [week_start(1)], seconds=40)
    told = station.ask("POST", "/api/v1/hour", {})
    assert (told["why"], told["frame"]["too_long"]) == ("none-fits", 1)


def test_a_thin_week_widens_the_period_and_a_call_erased_after_the_plan_is_said(tmp_path, programs):
    station = programs(Station(tmp_path / "station"))
    station.configure(SETTINGS)
    add_calls(station, tmp_path / "calls", [week_start(1), week_start(2), week_start(3), week_start(4), week_start(4)])
    station.start()
    hour = station.ask("POST", "/api/v1/hour", {})
    assert len(hour["calls"]) == 5 and hour["frame"]["from"] == week_start(4).date().isoformat()
    add_calls(station, tmp_path / "more", [week_start(1)] * 3, seconds=13)
    again = station.ask("GET", "/api/v1/hour")
    assert again["calls"] == hour["calls"], "what arrives after the plan changes nothing"
    station.stop()
    gone = hour["calls"][2]["call_id"]
    with sqlite3.connect(station.data / "library" / "library.db") as library:
        library.execute("DELETE FROM calls WHERE id = ?", (uuid.UUID(gone).bytes,))
    station.start()
    assert [call["here"] for call in station.ask("GET", "/api/v1/hour")["calls"]] == [True, True, False, True, True]
    station.ask("POST", f"/api/v1/hours/{hour['hour_id']}/calls/{gone}/skip", {})
    assert station.ask("GET", "/api/v1/hour")["calls"][2]["skipped"]
