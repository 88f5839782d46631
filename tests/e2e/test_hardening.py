"""What packaging/hardening.cmake asks of the compiler is in the programs it made."""

import re
from pathlib import Path

import pytest
from harness import AGENT, COLLECTOR, ROOT, run


@pytest.fixture(params=[AGENT, COLLECTOR], ids=["agent", "collector"], scope="module")
def program(request):
    return request.param


def test_it_may_be_loaded_anywhere_and_nothing_in_it_is_written_and_run(program):
    assert re.search(r"Type:\s+DYN", run("readelf", "-hW", program).stdout)
    segments = run("readelf", "-lW", program).stdout
    assert "GNU_RELRO" in segments
    assert not re.search(r"GNU_STACK.*\bRWE\b", segments)
    assert not re.search(r"LOAD.*\bRWE\b", segments)
    assert re.search(r"FLAGS_1.*NOW.*PIE", run("readelf", "-dW", program).stdout)


def test_overflows_are_noticed(program):
    symbols = run("nm", "-D", program).stdout
    assert "__stack_chk_fail" in symbols
    assert len(re.findall(r"\b__\w+_chk\b", symbols)) > 2, "no checked functions of the C library"


def test_jumps_land_where_jumps_may_and_no_page_of_a_stack_is_leapt_over(program):
    code = run("objdump", "-d", "--no-show-raw-insn", program).stdout
    assert code.count("endbr64") > 1000
    assert re.search(r"orq? +\$0x0,(0x0)?\(%rsp\)", code), "no frame of several pages is probed"


def test_it_does_not_say_where_it_was_built(program):
    assert str(ROOT).encode() not in Path(program).read_bytes()
