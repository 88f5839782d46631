"""What tests of hostile peers look at: what the collector stored, said and holds, and whether an honest
station beside them noticed anything."""

import pathlib
import re
import time

MIB = 1 << 20


def records(collector):
    return int(re.search(r": (\d+) records", collector.verify().stdout)[1])


def alarms(collector):
    return collector.log.read_text().count("raise alarm")


def resident_bytes(collector):
    status = pathlib.Path(f"/proc/{collector.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def assert_serves(witness):
    """The honest station is acknowledged, at once."""
    began = time.monotonic()
    witness.deliver([witness.tagged()])
    assert time.monotonic() - began < 2


def port_of(endpoint):
    return int(endpoint.rsplit(":", 1)[1])
