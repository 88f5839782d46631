"""Fixtures for the tests of the whole path."""

import pytest


@pytest.fixture
def programs():
    """Give it every Collector and Station: programs(Collector(...)). None outlives the test."""
    started = []

    def keep(program):
        started.append(program)
        return program

    yield keep
    for program in reversed(started):
        program.kill()
