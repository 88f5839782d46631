"""docs/wire.md as the tests take it apart, and what more than one of them delivers."""

import re
import uuid

from harness import ROOT, Station

PAGE = (ROOT / "docs" / "wire.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def text_id(raw):
    return str(uuid.UUID(bytes=raw))


def enrolled_station(tmp_path, programs, collector):
    station = programs(Station(tmp_path / "station"))
    station.join(collector.invite("one"))
    station.add_calls(2)
    return station.start()


def payload_event(peer, name, personal=None, **fields):
    """An event with this payload, encoded, and its id."""
    event = peer.event(type=f"earful.v1.{name}")
    event.ClearField("tagged")
    fields_of = {"Erased": "erased_events"}
    payload = getattr(event, fields_of.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower())
    payload.SetInParent()
    for field, value in fields.items():
        if isinstance(value, list):
            getattr(payload, field).extend(value)
        elif isinstance(value, dict):
            getattr(payload, field).update(value)
        elif hasattr(value, "DESCRIPTOR"):
            getattr(payload, field).CopyFrom(value)
        else:
            setattr(payload, field, value)
    if personal:
        event.personal.note = personal
    return event
