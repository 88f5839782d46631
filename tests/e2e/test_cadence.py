"""`earful-collector cadence` and `estimate`, of a simulated year that a station delivered, against what is known of it."""

import datetime
import json
import math
import random
import subprocess
import uuid
import zoneinfo

import pytest
from harness import COLLECTOR, Collector
from peer import Peer, uuid7

ZONE = zoneinfo.ZoneInfo("Asia/Jerusalem")
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
# 52 weeks across week 53 of 2020 and both changes of the clocks; three of them are missed.
FIRST = {"sunday": datetime.date(2020, 3, 29), "monday": datetime.date(2020, 3, 30)}
MISSED = (0, 39, 51)
OFF = 20
# The calls of four hours: probability of each, calls heard, and those tagged with a problem.
HOURS = ((0.01, 14, 5), (0.004, 12, 2), (0.02, 15, 6), (0.01, 9, 0))


def moment(day, hours=0, ms=0):
    """That long after the first moment of a day there."""
    start = datetime.datetime.combine(day, datetime.time(), ZONE)
    return round(start.timestamp() * 1000) + hours * HOUR_MS + ms


class Teller:
    """Makes events of one listener and delivers them by one station."""

    def __init__(self, peer, listener, name):
        self.peer, self.listener, self.name = peer, listener, name

    def event(self, kind, at_ms, call=None, listener=None):
        event = self.peer.wire.Event()
        event.id, event.source, event.type = uuid7(), self.peer.station_id, f"earful.v1.{kind}"
        event.time.seconds, event.time.nanos = at_ms // 1000, at_ms % 1000 * 1_000_000
        event.listener, event.personal.listener_name = listener or self.listener, self.name
        if call:
            event.subject = call
            event.call.queue, event.call.team = "billing", "north"
        return event

    def plan(self, week, at_ms, calls, probability):
        event = self.event("HourPlanned", at_ms)
        hour = event.hour_planned
        hour.week, hour.iso_week = str(week), "{0}-W{1:02}".format(*(week + datetime.timedelta(3)).isocalendar())
        hour.since.seconds, hour.until.seconds = at_ms // 1000 - 7 * 86400, at_ms // 1000
        hour.seed = hour.frame_sha256 = bytes(32)
        hour.hour_ms, hour.shortest_ms, hour.longest_ms = HOUR_MS, 20_000, HOUR_MS // 2
        hour.drawn_from.add(calls=round(len(calls) / probability), drawn=len(calls))
        for call in calls:
            hour.calls.add(call=call, probability=probability, duration_ms=4 * MINUTE_MS)
        return event

    def heard(self, at_ms, minutes, call, listener=None, sample=False):
        event = self.event("Listened", at_ms, call, listener)
        event.call.sample = sample
        event.listened.listening, event.listened.playback_rate = uuid7(), 1.5
        event.listened.intervals.add(start_position=0, end_position=minutes * MINUTE_MS * 48)
        return event

    def tag(self, at_ms, call, kind):
        event = self.event("Tagged", at_ms, call)
        event.tagged.kind, event.tagged.playback_rate = kind, 1
        return event


def a_year(first_day, teller, other):
    """Listening of 52 weeks: in all but three at least 20 minutes, sometimes at their first and last moments."""
    chance = random.Random(53)
    events = []
    for i in range(52):
        day = FIRST[first_day] + datetime.timedelta(7 * i)
        begin, end = moment(day), moment(day + datetime.timedelta(7))
        events.append(teller.plan(day, begin, [uuid.uuid4().bytes], 0.01))
        call = uuid.uuid4().bytes
        if i in MISSED:
            events += [teller.heard(chance.randrange(begin, end), 19, call) for _ in range(3)]
            events.append(teller.heard(begin, 60, uuid.uuid4().bytes, sample=True))
        else:
            at = chance.choice((begin, end - 1, chance.randrange(begin, end)))
            # Every other week under the name that was merged later.
            events.append(teller.heard(at, 20, call, other if i % 2 else None))
        if i == OFF:
            off = teller.event("WeekTakenOff", begin)
            off.week_taken_off.week = str(day)
            taken_back = teller.event("WeekTakenOff", begin)
            taken_back.week_taken_off.week, taken_back.week_taken_off.withdrawn = str(day), True
            events += [off, taken_back]
    chance.shuffle(events)
    merged = teller.event("ListenerMerged", moment(FIRST[first_day]))
    setattr(merged.listener_merged, "from", other)
    merged.listener_merged.into = teller.listener
    return events + [merged]


def some_hours(teller):
    """Hours of 2022, and one call that was heard in two of them."""
    events, shared = [], uuid.uuid4().bytes
    for i, (probability, count, tagged) in enumerate(HOURS):
        week = datetime.date(2022, 5, 1) + datetime.timedelta(7 * i)
        calls = [uuid.uuid4().bytes for _ in range(count)]
        if i < 2:
            calls[0] = shared
        skipped = uuid.uuid4().bytes
        hour = teller.plan(week, moment(week), [*calls, skipped], probability)
        skip = teller.event("HourCallSkipped", moment(week, 1), skipped)
        skip.hour_call_skipped.hour = hour.id
        events += [skip, hour]
        for at, call in enumerate(calls):
            events.append(teller.heard(moment(week, 1 + at), 4, call))
            if at < tagged:
                # Two kinds of which one was merged into the other, and one that is no problem.
                events += [teller.tag(moment(week, 1 + at), call, kind) for kind in ("nobody-called-back", "old-riddle", "went-beyond")]
        # Of an hour it says nothing what was tagged in other calls, or by others, or taken back.
        events.append(teller.tag(moment(week, 2), uuid.uuid4().bytes, "nobody-called-back"))
        stranger = teller.tag(moment(week, 2), calls[-1], "nobody-called-back")
        stranger.listener = uuid.uuid4().bytes
        mistake = teller.tag(moment(week, 2), calls[-1], "nobody-called-back")
        back = teller.event("TagRetracted", moment(week, 3), calls[-1])
        back.tag_retracted.tag = mistake.id
        events += [stranger, back, mistake]
    merged = teller.event("TagKindMerged", moment(datetime.date(2022, 6, 1)))
    setattr(merged.tag_kind_merged, "from", "old-riddle")
    merged.tag_kind_merged.into = "nobody-called-back"
    return events + [merged]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A collector that has it all, and the settings of a site by the day its weeks begin with."""
    folder = tmp_path_factory.mktemp("cadence")
    with Collector(folder / "collector").start() as collector:
        peer = Peer.enrolled(collector, "teller")
        peer.hello()
        for first_day, name in (("sunday", "Dana Levi"), ("monday", "Noa")):
            events = a_year(first_day, Teller(peer, uuid.uuid4().bytes, name), uuid.uuid4().bytes)
            raws = [event.SerializeToString() for event in events]
            for at in range(0, len(raws), 100):
                peer.deliver(raws[at : at + 100])
        peer.deliver([event.SerializeToString() for event in some_hours(Teller(peer, uuid.uuid4().bytes, "Kim"))])
        peer.close()
        assert not [line["quarantine"] for line in collector.tail() if line.get("quarantine")]

        def ask(command, *options, first_day="sunday"):
            settings = folder / f"{first_day}.toml"
            settings.write_text(f'[site]\nname = "Haifa"\ntime_zone = "Asia/Jerusalem"\nfirst_day = "{first_day}"\n')
            return collector.command(command, "--config", settings, *options).stdout

        yield ask


@pytest.mark.parametrize("first_day, name", [("sunday", "Dana Levi"), ("monday", "Noa")])
def test_three_missed_weeks_of_52_are_named(desk, first_day, name):
    until = FIRST[first_day] + datetime.timedelta(7 * 51 + 3)
    told = json.loads(desk("cadence", "--json", "--until", until, first_day=first_day))
    assert [week["from"] for week in told["weeks"]] == [
        str(FIRST[first_day] + datetime.timedelta(7 * i)) for i in range(52)]
    assert told["weeks"][39]["iso"] == "2020-W53"
    [leader] = [leader for leader in told["leaders"] if leader["name"] == name]
    assert (leader["heard"], leader["of"]) == (49, 52)
    assert leader["missed"] == [str(FIRST[first_day] + datetime.timedelta(7 * i)) for i in MISSED]
    assert leader["ms"] == [(19 if i in MISSED else 20) * MINUTE_MS for i in range(52)]


def test_a_person_reads_a_line_with_the_missed_weeks_by_their_dates(desk):
    text = desk("cadence", "--until", "2021-03-27")
    assert "Weeks with a listening hour, 2020-03-29 to 2021-03-27, Haifa (Asia/Jerusalem, weeks from sunday)" in text
    row, blocks = text[text.index("Dana Levi") :].splitlines()[:2]
    assert row == "Dana Levi: 49 of 52; missed 29 Mar–4 Apr, 27 Dec–2 Jan, 21–27 Mar"
    assert blocks.strip() == "░" + "█" * 38 + "░" + "█" * 11 + "░"
    assert "billing / north" in text


def test_a_year_has_its_week_53(desk):
    told = json.loads(desk("cadence", "--json", "--year", "2020", first_day="monday"))
    assert (len(told["weeks"]), told["weeks"][-1]["iso"]) == (53, "2020-W53")
    [noa] = [leader for leader in told["leaders"] if leader["name"] == "Noa"]
    assert noa["weeks"][:14] == ["before"] * 13 + ["missed"]
    assert noa["weeks"][-1] == "missed"


def share_with_interval(sample):
    """Clopper and Pearson at Kish's size, by summing up the density of beta; sample: (weight, has)."""
    weights = [weight for weight, _ in sample]
    size = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    share = sum(weight for weight, has in sample if has) / sum(weights)

    def quantile(a, b, p):
        steps = 200_000
        scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        below = 0
        for i in range(steps):
            x = (i + 0.5) / steps
            below += math.exp(scale + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x)) / steps
            if below >= p:
                return x

    x = size * share
    return share, quantile(x, size - x + 1, 0.025), quantile(x + 1, size - x, 0.975)


def test_an_estimate_is_that_of_an_independent_program(desk):
    told = json.loads(desk("estimate", "--json", "--since", "2022-05-01", "--until", "2022-05-28"))
    sample = [(1 / probability, at < tagged)
              for i, (probability, count, tagged) in enumerate(HOURS)
              for at in range(count) if not (i == 1 and at == 0)]  # the call of two hours, with the first
    assert (told["hours"], told["skipped"], told["calls"]) == (4, 4, len(sample))
    assert told["drawn"] == 4 + sum(count for _, count, _ in HOURS)
    [problem] = told["problems"]
    assert (problem["kind"], problem["calls"], problem["of"]) == ("nobody-called-back", 12, len(sample))
    share, low, high = share_with_interval(sample)
    assert problem["share"] == pytest.approx(share, abs=1e-9)
    assert problem["low"] == pytest.approx(low, abs=2e-5)
    assert problem["high"] == pytest.approx(high, abs=2e-5)


def test_a_person_reads_a_sentence_for_a_problem(desk):
    text = desk("estimate", "--since", "2022-05-01", "--until", "2022-05-01")
    assert "1 hour, 15 calls drawn, 1 skipped, 14 heard at random" in text
    assert text.splitlines()[-1] == (
        "Nobody called back: in 5 of 14 calls heard at random, about 1 in 3; of all calls likely between 1 in 8 and 2 in 3")


def test_nothing_heard_is_said(desk):
    assert "so nothing can be said" in desk("estimate", "--year", "2010")
    assert "Nobody had planned an hour by then" in desk("cadence", "--year", "2010")


@pytest.mark.parametrize("options", [("cadence", "--until", "22.11.2026"), ("cadence", "--year", "1926"),
                                     ("estimate", "--since", "2026-11-31"),
                                     ("estimate", "--since", "2026-11-22", "--until", "2026-11-01"),
                                     ("cadence", "--year", "2026", "--until", "2026-11-22")])
def test_a_time_that_is_none_is_refused(options, tmp_path):
    done = subprocess.run([COLLECTOR, *options, "--data", tmp_path], capture_output=True, text=True)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
