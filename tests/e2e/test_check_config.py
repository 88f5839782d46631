"""`check-config` and `serve --config` of both programs: what is wrong is said in one line, with its place and
what to write instead."""

import pytest
from harness import AGENT, COLLECTOR, READY_S, run

PROGRAMS = {"earful-agent": AGENT, "earful-collector": COLLECTOR}
GOOD = '[http]\nport = 7371\n[site]\nname = "Seoul"\ntime_zone = "Asia/Seoul"\nfirst_day = "sunday"\n'
# What the file holds, where the fault is, and what the line must say of it.
FAULTS = {
    "an unknown key": ("[http]\nport = 7371\nprot = 7370\n", 3, ['"http.prot"', "did you mean http.port?"]),
    "an unknown section": ("# mine\n[htpt]\nport = 7371\n", 2, ['"htpt"', "did you mean http?"]),
    "a key that resembles none": ("[http]\nsomething_else = 1\n", 2, ['"http.something_else"', "check-config"]),
    "a doubled key": ("[http]\nport = 7371\nport = 7372\n", 3, ["port"]),
    "a doubled section": ("[http]\nport = 7371\n[http]\n", 3, ["http"]),
    "a wrong type": ('[http]\nport = "high"\n', 2, ["http.port", "a port number from 1 to 65535"]),
    "a value out of range": ("[http]\nport = 65536\n", 2, ["http.port", "a port number from 1 to 65535"]),
    "an unknown time zone": ('[site]\ntime_zone = "Asia/Seul"\n', 2, ["site.time_zone", 'did you mean "Asia/Seoul"?']),
    "an unknown day": ('[site]\n\nfirst_day = "Sunday"\n', 3, ["site.first_day", 'did you mean "sunday"?']),
    "a broken line": ("[http]\nport = \n", 2, []),
}


@pytest.fixture(params=PROGRAMS)
def program(request):
    return request.param


def check(program, *arguments):
    return run(PROGRAMS[program], "check-config", *arguments, check=False)


def only_line(done):
    [line] = done.stderr.splitlines()
    return line


def test_a_good_file_is_fine(program, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(GOOD)
    done = check(program, file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{file} is fine.\n"


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_one_line_with_its_place_and_what_to_write(what, program, tmp_path):
    text, line, words = FAULTS[what]
    file = tmp_path / "settings.toml"
    file.write_text(text)
    done = check(program, file)
    assert (done.returncode, done.stdout) == (1, "")
    said = only_line(done)
    assert said.startswith(f"{program}: {file}:{line}: ")
    for word in words:
        assert word in said


def test_the_default_file_is_accepted_as_it_is_and_with_every_key_set(program, tmp_path):
    text = check(program, "--print-default").stdout
    file = tmp_path / "settings.toml"
    for settings in (text, text.replace("\n#", "\n").replace("\n ", "\n# ")):
        # A [[table]] is somebody's own choice of names and paths; there is no fallback for those.
        settings = settings.partition("[[")[0]
        lines = [line if " = " in line or line.startswith("[") else "" for line in settings.splitlines()]
        file.write_text("\n".join(lines) + "\n")
        assert check(program, file).returncode == 0, check(program, file).stderr


def test_a_missing_file_and_no_file_are_told_apart(program, tmp_path):
    missing = check(program, tmp_path / "none.toml")
    assert missing.returncode == 1
    assert "none.toml" in only_line(missing) and "check the path" in only_line(missing)
    none = check(program)
    assert none.returncode == 2
    assert "needs a FILE" in only_line(none)


def test_serve_refuses_the_same_file_before_it_touches_anything(program, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(FAULTS["an unknown key"][0])
    done = run(PROGRAMS[program], "serve", "--data", tmp_path / "data", "--config", file, check=False, timeout=READY_S)
    assert done.returncode == 1
    assert f"{file}:3: " in only_line(done)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:99999", "127.0.0.1:7301", "tcp://127.0.0.1", "ipc://", ""])
def test_a_collectors_address_that_is_none_is_refused_with_an_example(address, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(f'[sockets]\nfeed = "{address}"\n')
    done = check("earful-collector", file)
    assert done.returncode == 1
    assert "feed" in only_line(done) and "tcp://127.0.0.1:7301" in only_line(done)


HOUR_FAULTS = {
    "strata = [\"quee\"]": 'did you mean "queue"?',
    'strata = ["length", "length"]': "twice",
    'longest = "10s"': "no call is both long and short enough",
    "minutes = 0": "a whole number from 1 to 1440",
}


@pytest.mark.parametrize("line", HOUR_FAULTS)
def test_an_hour_that_cannot_be_drawn_is_refused_with_what_to_write(line, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(f"[hour]\n{line}\n")
    done = check("earful-agent", file)
    assert done.returncode == 1
    assert f"{file}:2: hour." in only_line(done) and HOUR_FAULTS[line] in only_line(done)
