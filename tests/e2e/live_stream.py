"""A listener to a call that goes on: the records of GET /api/v1/calls/ID/live (docs/api.md).

    with LiveStream(station, call) as stream:
        stream.head["edge_ms"]
        audio = stream.until(AUDIO)          # .position, .paused, .legs: [(low, high, packet), ...]
"""

import http.client
import json
import socket
import struct
import types

HEAD, AUDIO, NOTE, SKIPPED, ENDED = 1, 2, 3, 4, 5
FRAME = 960  # 20 ms of 1/48000 s
MOST = 20_000  # records without the one that is waited for


def parse(kind, payload):
    if kind != AUDIO:
        return types.SimpleNamespace(kind=kind, json=json.loads(payload))
    position, flags, count = struct.unpack_from("<qBB", payload)
    at, legs = 10, []
    for _ in range(count):
        low, high, length = struct.unpack_from("<bbH", payload, at)
        at += 4
        legs.append((low, high, payload[at:at + length]))
        assert len(legs[-1][2]) == length
        at += length
    assert at == len(payload), "bytes that belong to nothing"
    return types.SimpleNamespace(kind=kind, position=position, paused=bool(flags & 1), legs=legs)


class LiveStream:
    def __init__(self, station, call, start="edge", receive_buffer=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", station.port, timeout=30)
        if receive_buffer:
            made = socket.socket()
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            made.settimeout(30)
            made.connect(("127.0.0.1", station.port))
            self.connection.sock = made
        token = (station.data / "console.token").read_text().strip()
        self.connection.request("GET", f"/api/v1/calls/{call}/live?from={start}",
                                headers={"Authorization": "Bearer " + token})
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        first = self.next()
        assert first.kind == HEAD
        self.head = first.json

    def next(self):
        """The next record; nothing at the end of the stream."""
        length = self.response.read(4)
        if len(length) < 4:
            return None
        body = self.response.read(struct.unpack("<I", length)[0])
        return parse(body[0], body[1:])

    def until(self, kind, good=lambda record: True):
        for _ in range(MOST):
            record = self.next()
            if not record or (record.kind == kind and good(record)):
                break
        assert record and record.kind == kind, f"there was no record of kind {kind}"
        return record

    def rest(self):
        records = []
        while record := self.next():
            records.append(record)
        return records

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
