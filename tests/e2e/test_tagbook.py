"""The tag book: a change at one station is everybody's, in the order of the store; nothing counted is lost."""

import contextlib
import http.client
import json
import threading

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2
from harness import COLLECTOR, Collector, Station, run, wait_until
from peer import Peer, ask_desk, wire
from wire_page import payload_event

KINDS = "/api/v1/tagbook/kinds"
EVER = ("--since", "2020-01-01", "--until", "2098-12-31")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """(collector, one, two): one store and two stations that share it. Each test takes kinds of its own."""
    folder = tmp_path_factory.mktemp("site")
    with contextlib.ExitStack() as stack:
        collector = stack.enter_context(Collector(folder / "collector"))
        stations = []
        for name in ("one", "two"):
            station = Station(folder / name)
            station.join(collector.invite(name))
            station.add_calls(1)
            stations.append(stack.enter_context(station))
        yield collector, *stations


def kind(station, kind_id):
    found = [one for one in station.ask("GET", "/api/v1/tagbook")["kinds"] if one["id"] == kind_id]
    return found[0] if found else None


def make(station, label, **more):
    """A kind that is far from all others."""
    return station.ask("POST", KINDS, {"family": "idea", "labels": {"en": label}, **more})["id"]


def change(station, kind_id, **changes):
    return station.ask("PUT", f"{KINDS}/{kind_id}", {"revision": kind(station, kind_id)["revision"], **changes})


def refused(answer):
    status, body = answer
    return status, body["error"]["code"], body["error"]["message"]


def agree(one, two, kind_id):
    """What both stations say of a kind, once they say the same."""
    return wait_until(lambda: kind(one, kind_id) and kind(one, kind_id) == kind(two, kind_id) and kind(one, kind_id))


def counts(collector, *options):
    return {row["kind"]: row for row in collector.report(*EVER, *options)["rows"]}


def test_a_kind_made_at_one_station_is_used_at_the_other(site):
    collector, one, two = site
    made = make(one, "Parking", key="Digit4", shape="range", lead_ms=3000, sets=["hour", "desk"])
    assert made == "parking"
    seen = agree(one, two, made)
    assert (seen["key"], seen["shape"], seen["lead_ms"], seen["sets"]) == ("Digit4", "range", 3000, ["hour", "desk"])
    tag = two.tag(two.calls()[0], made)["event_id"]
    wait_until(lambda: tag in [line["id"] for line in collector.tail()])
    assert counts(collector)[made]["label"] == "Parking"
    change(two, made, labels={"en": "No parking", "ko": "주차"}, key="")
    assert agree(one, two, made)["labels"] == {"en": "No parking", "ko": "주차"}
    assert counts(collector)[made]["former_labels"] == ["Parking"]


def test_what_does_not_fit_is_refused_with_a_word(site):
    _, one, _ = site
    status, code, why = refused(one.request("POST", KINDS, {"family": "idea", "labels": {"en": "Lift"}, "key": "KeyQ"}))
    assert (status, code) == (409, "E_KEY") and "Charged wrongly" in why
    assert refused(one.request("PUT", f"{KINDS}/fault", {"revision": 99, "hint": "x"}))[:2] == (409, "E_REVISION")
    assert refused(one.request("PUT", f"{KINDS}/nothing", {"revision": 1}))[:2] == (404, "E_NO_KIND")
    assert refused(one.request("POST", KINDS, {"family": "idea", "labels": {"en": "a\u202eb"}}))[:2] == (422, "E_FIELD")
    assert refused(one.request("POST", KINDS, {"family": "idea", "labels": "Lift"}))[:2] == (422, "E_FIELD")
    assert refused(one.request("POST", KINDS, {"familly": "idea"}))[1:] == (
        "E_FIELD", "There is no field familly here; docs/api.md lists those there are.")
    assert refused(one.request("POST", f"{KINDS}/fault/merge", {"into": "fault"}))[:2] == (409, "E_RING")


def test_a_new_name_is_answered_with_the_nearest_kinds_first(site):
    _, one, _ = site
    body = {"family": "response", "labels": {"he": "המתנה ארוכה"}}
    status, answer = one.request("POST", KINDS, body)
    assert (status, answer["error"]["code"]) == (409, "E_NEAR")
    assert [near["id"] for near in answer["near"]] == ["long-wait"]
    made = one.ask("POST", KINDS, {**body, "sure": True})["id"]
    one.ask("POST", f"{KINDS}/{made}/retire", {})


def test_a_hostile_name_is_text(site):
    collector, one, two = site
    label = "<script>alert(1)</script>" + "x" * 175
    made = make(one, label, id="hostile", sure=True)
    assert agree(one, two, made)["labels"]["en"] == label
    one.tag(one.calls()[0], made)
    wait_until(lambda: made in counts(collector))
    table = collector.command("report").stdout
    assert max(map(len, table.splitlines())) < 160


def test_when_to_press_is_said_by_language_at_every_station(site):
    _, one, two = site
    made = make(one, "Piped tune", hints={"en": "When it plays", "he": "כשזה מתנגן"})
    assert agree(one, two, made)["hint"] == "When it plays"
    change(two, made, hints={"ko": "들릴 때", "he": ""})
    seen = agree(one, two, made)
    assert (seen["hint"], seen["hints"]) == ("When it plays", {"en": "When it plays", "ko": "들릴 때"})
    long = {"revision": 2, "hints": {"ko": "x" * 401}}
    assert refused(one.request("PUT", f"{KINDS}/{made}", long))[:2] == (422, "E_FIELD")


def old_event():
    """Event of a program from before `hints`."""
    file = descriptor_pb2.FileDescriptorProto()
    wire().Event.DESCRIPTOR.file.CopyToProto(file)
    [defined] = [message for message in file.message_type if message.name == "TagKindDefined"]
    [hints] = [number for number, field in enumerate(defined.field) if field.name == "hints"]
    del defined.field[hints]
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("earful.v1.Event"))


def test_a_program_from_before_hints_reads_and_writes_the_book(site):
    collector, one, two = site
    made = make(one, "Echo chamber", hints={"en": "When it echoes", "he": "כשיש הד"})
    agree(one, two, made)
    peer = Peer.enrolled(collector, "older")
    peer.hello()
    request = wire().DeskRequest()
    request.replay.filter.types.append("earful.v1.TagKindDefined")
    [raw] = [record.raw for record in ask_desk(peer.invite, request, peer.keys).records if made.encode() in record.raw]

    read = old_event().FromString(raw)
    assert read.tag_kind_defined.hint == "When it echoes"
    written_again = wire().Event.FromString(read.SerializeToString())
    assert written_again.tag_kind_defined.hints["he"] == "כשיש הד"

    def write(**fields):
        peer.deliver([payload_event(peer, "TagKindDefined", kind=made, family="idea", **fields).SerializeToString()])
        wait_until(lambda: kind(one, made)["labels"] == fields["labels"])
        return agree(one, two, made)["hints"]

    assert write(labels={"en": "Echo"}, hint="When it echoes") == {"en": "When it echoes", "he": "כשיש הד"}
    assert write(labels={"en": "Reverb"}, hint="When it rings") == {"en": "When it rings"}


def test_a_merge_keeps_every_count_and_old_reports_read_as_they_did(site):
    collector, one, two = site
    old, new = make(one, "Wrong invoice"), make(one, "Late courier")
    agree(one, two, new)
    for station, what in ((one, old), (two, old), (two, new)):
        station.tag(station.calls()[0], what)
    before = wait_until(lambda: len([k for k in (old, new) if k in counts(collector)]) == 2
                        and counts(collector)[old]["count"] == 2 and counts(collector))
    two.ask("POST", f"{KINDS}/{old}/merge", {"into": new})
    assert agree(one, two, old)["merged_into"] == new
    after = wait_until(lambda: old not in counts(collector) and counts(collector))
    assert sum(row["count"] for row in after.values()) == sum(row["count"] for row in before.values())
    assert after[new]["count"] == 3
    assert after[new]["merged"] == [{"kind": old, "label": "Wrong invoice", "count": 2}]
    merge = [line for line in collector.tail() if line["type"] == "earful.v1.TagKindMerged"][-1]
    assert counts(collector, "--names-at", merge["receivedat"]) == before
    assert f"Tagged {old} (now {new})" in collector.command("tail", "--from", "0:0").stdout
    status, code, why = refused(one.request("POST", "/api/v1/tags", {
        "call_id": one.calls()[0], "kind": old, "position_ms": 1000}))
    assert (status, code) == (422, "E_KIND") and new in why
    assert refused(one.request("POST", f"{KINDS}/{new}/merge", {"into": old}))[:2] == (409, "E_RING")
    assert one.request("POST", f"{KINDS}/{old}/merge", {"into": new})[0] == 200, "it is so already"


def test_a_retired_kind_is_brought_back(site):
    _, one, two = site
    made = make(one, "Umbrella stand")
    one.ask("POST", f"{KINDS}/{made}/retire", {})
    assert agree(one, two, made)["retired"]
    assert refused(one.request("POST", "/api/v1/tags", {
        "call_id": one.calls()[0], "kind": made, "position_ms": 1}))[:2] == (422, "E_KIND")
    two.ask("POST", f"{KINDS}/{made}/restore", {})
    assert not agree(one, two, made)["retired"]


def test_changes_made_apart_end_alike(site):
    collector, one, two = site
    made, gone = make(one, "Coffee machine"), make(one, "Window seat")
    agree(one, two, gone)
    collector.stop()
    change(one, made, labels={"en": "Espresso"})
    change(two, made, labels={"en": "Teapot"})
    two.ask("POST", f"{KINDS}/{gone}/merge", {"into": made})
    one.ask("POST", f"{KINDS}/{gone}/retire", {})
    assert kind(one, made)["labels"]["en"] == "Espresso", "one's own change is seen at once"
    assert kind(two, made)["labels"]["en"] == "Teapot"
    collector.start()
    agree(one, two, gone)
    # Made, named twice, merged into: whoever has heard all four has the same.
    last = wait_until(lambda: agree(one, two, made)["revision"] == 4 and kind(one, made))["labels"]["en"]
    named = [line["data"]["labels"]["en"] for line in collector.tail()
             if line["type"] == "earful.v1.TagKindDefined" and line["data"]["kind"] == made]
    assert last == named[-1] and set(named[1:]) == {"Espresso", "Teapot"}
    assert agree(one, two, gone)["merged_into"] == made


def test_of_two_at_once_one_is_told(site):
    _, one, _ = site
    made = make(one, "Revolving door")
    revision = kind(one, made)["revision"]
    statuses = []

    def hurry(n):
        statuses.append(one.request("PUT", f"{KINDS}/{made}", {"revision": revision, "hint": f"mine {n}"})[0])

    threads = [threading.Thread(target=hurry, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 5


def test_an_answered_change_survives_a_kill(site):
    _, one, _ = site
    made = make(one, "Elevator music")
    change(one, made, hint="When it plays")
    one.kill()
    one.start()
    assert kind(one, made)["hint"] == "When it plays"


class Person:
    """Somebody in a browser: a session, and requests in its name."""

    def __init__(self, station, name):
        self.station, self.cookie = station, ""
        self.ask("POST", "session", {"token": (station.data / "console.token").read_text().strip()})
        self.id = self.ask("POST", "listeners", {"name": name})["id"]
        self.ask("PUT", "session", {"listener": self.id})

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.station.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, f"/api/v1/{path}", json.dumps(body) if body is not None else None, {
                "Cookie": self.cookie, "X-Earful": "1", "Content-Type": "application/json"})
            response = connection.getresponse()
            self.cookie = response.getheader("Set-Cookie", self.cookie).split(";")[0]
            return response.status, json.loads(response.read())

    def ask(self, *request):
        status, answer = self.request(*request)
        assert status in (200, 201), (request, answer)
        return answer


def test_two_names_of_one_person_become_one(site):
    _, one, two = site
    noa, low, full = (Person(one, name) for name in ("Noa", "noa", "Noa Cohen"))
    call = one.calls()[0]
    tag = low.ask("POST", "tags", {"call_id": call, "kind": "idea", "position_ms": 500})["event_id"]
    full.ask("POST", f"listeners/{low.id}/merge", {"into": noa.id})
    full.ask("POST", f"listeners/{noa.id}/merge", {"into": full.id})
    assert noa.ask("POST", f"listeners/{full.id}/merge", {"into": low.id})["id"] == full.id, "one already"
    assert low.ask("GET", "session")["listener"] == {"id": full.id, "name": "Noa Cohen"}
    low.ask("POST", "tags", {"call_id": call, "kind": "idea", "position_ms": 900})

    def listeners(station):
        ids = {each["id"] for each in station.ask("GET", "/api/v1/listeners")["listeners"]}
        return ids & {noa.id, low.id, full.id}

    def by(station):
        tags = station.ask("GET", f"/api/v1/calls/{call}")["tags"]
        return {(each["listener"]["id"], each["listener"]["name"]) for each in tags if each["kind"] == "idea"}

    for station in (one, two):
        wait_until(lambda: listeners(station) == {full.id})
        wait_until(lambda: by(station) == {(full.id, "Noa Cohen")})
    assert tag
    status, code, _ = refused(one.request("POST", f"/api/v1/listeners/{noa.id}/merge", {"into": "nobody"}))
    assert (status, code) == (404, "E_NO_LISTENER")


def test_only_those_named_in_the_settings_change_the_book(tmp_path, programs):
    station = programs(Station(tmp_path / "alone"))
    station.configure('[tagbook]\neditors = ["Dana Levi", "Noa"]\n')
    station.start()
    dana, omer = Person(station, "Dana Levi"), Person(station, "Omer")
    retire = ("POST", "tagbook/kinds/fault/retire", {})
    assert not omer.ask("GET", "tagbook")["may_edit"]
    status, code, why = refused(omer.request(*retire))
    assert (status, code) == (403, "E_EDITOR") and "Dana Levi, Noa" in why
    assert refused(omer.request("POST", f"listeners/{omer.id}/merge", {"into": dana.id}))[:2] == (403, "E_EDITOR")
    assert refused(station.request("POST", f"{KINDS}/fault/retire", {}))[:2] == (403, "E_EDITOR"), "the token alone"
    assert dana.ask("GET", "tagbook")["may_edit"]
    dana.ask(*retire)
    assert kind(station, "fault")["retired"]


def test_a_day_that_is_none_is_wrong_use(site):
    collector, _, _ = site
    done = run(COLLECTOR, "report", "--data", collector.data, "--names-at", "yesterday", check=False)
    assert done.returncode == 2 and "--names-at yesterday" in done.stderr
