"""Runs the test suites and prints what happened to each test. Called by tests/run.

Each suite leaves a JUnit file or TAP; they meet here as (suite, name, outcome, detail).
"""

import argparse
import collections
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
RESULTS = BUILD / "test-results"
PYTHON = "/usr/bin/python3"
CORES = str(os.cpu_count() or 1)
FILE_S = 600  # for a file of browser tests; the longest takes a minute

Outcome = collections.namedtuple("Outcome", "suite name result detail")  # passed, failed, skipped


def say(text):
    print(text, flush=True)


def from_junit(suite, path):
    """The outcomes of a JUnit file, as ctest and pytest write it."""
    if not path.exists():
        return [Outcome(suite, "the suite itself", "failed", "it left no results")]
    outcomes = []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        if case.get("classname") and suite != "unit":
            name = f"{case.get('classname').split('.')[-1]}: {name}"
        failure = case.find("failure") if case.find("failure") is not None else case.find("error")
        skipped = case.find("skipped")
        output = case.findtext("system-out") or ""
        if skipped is not None or case.get("status") == "notrun":
            reason = skipped.get("message") if skipped is not None else ""
            told = re.search(r": Skipped\n(.*)", output)
            outcomes.append(Outcome(suite, name, "skipped", told.group(1) if told else reason or ""))
        elif failure is not None or case.get("status") == "fail":
            detail = (failure.text or failure.get("message") or "") if failure is not None else ""
            outcomes.append(Outcome(suite, name, "failed", detail or output))
        else:
            outcomes.append(Outcome(suite, name, "passed", ""))
    return outcomes


def from_tap(suite, text):
    """The outcomes of TAP, as node --test writes it: the leaves, not the files that hold them."""
    outcomes = []
    lines = text.splitlines()
    for at, line in enumerate(lines):
        match = re.match(r"( *)(not )?ok \d+ - (.*?)(?: # (SKIP)\b ?(.*))?$", line)
        if not match or match.group(3).endswith(".mjs"):
            continue
        detail = "\n".join(lines[at + 1 : at + 60]) if match.group(2) else match.group(5) or ""
        result = "skipped" if match.group(4) else "failed" if match.group(2) else "passed"
        outcomes.append(Outcome(suite, match.group(3), result, detail))
    return outcomes


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, **options).returncode


def unit(build=BUILD, suite="unit"):
    results = RESULTS / f"{suite}.xml"
    run(["ctest", "--test-dir", build, "-j", CORES, "--output-on-failure", "--no-tests=error",
         "--progress", "--output-junit", results], stdout=sys.stdout)
    return from_junit(suite, results)


def pytest(suite, *paths):
    results = RESULTS / f"{suite}.xml"
    env = dict(os.environ, EARFUL_BUILD=str(BUILD), PYTHONDONTWRITEBYTECODE="1")
    run([PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={results}", *paths], env=env)
    return from_junit(suite, results)


def browser(folder="tests/browser", suite="browser"):
    env = dict(os.environ, EARFUL_BUILD=str(BUILD))
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).glob("*_test.mjs"))
    outcomes = []
    for file in files:  # one after another: each starts a browser and two programs of its own
        returncode, text = tap_of(file, env)
        (RESULTS / f"{Path(file).stem}.tap").write_text(text)
        told = from_tap(suite, text)
        if returncode and not any(outcome.result == "failed" for outcome in told):
            told.append(Outcome(suite, file, "failed", text[-4000:]))
        outcomes += told
    return outcomes


def tap_of(file, env):
    """A file of browser tests, with its exit code. What a test leaves open would keep its process for ever."""
    with subprocess.Popen(["node", "--test", "--test-reporter=tap", file], cwd=ROOT, env=env, stdout=subprocess.PIPE,
                          text=True, start_new_session=True) as tests:
        try:
            text, _ = tests.communicate(timeout=FILE_S)
            return tests.returncode, text
        except subprocess.TimeoutExpired:
            os.killpg(tests.pid, signal.SIGTERM)
            text, _ = tests.communicate()
            return 1, f"{text}\nnot ended after {FILE_S} s\n"
        except KeyboardInterrupt:
            os.killpg(tests.pid, signal.SIGINT)
            raise


def sanitized(preset):
    configured = run(["cmake", "--preset", preset], stdout=subprocess.DEVNULL)
    if configured or run(["cmake", "--build", "--preset", preset]):
        return [Outcome(preset, "the build", "failed", "see above")]
    return unit(ROOT / "build" / preset, preset)


SUITES = {
    "unit": unit,
    "layers": lambda: pytest("layers", "tests/layers"),
    "e2e": lambda: pytest("e2e", "tests/e2e"),
    "crash": lambda: pytest("crash", "tests/crash"),
    "browser": browser,
}


def packages():
    """Not among all: it installs tools, compiles everything again and boots a Debian of its own."""
    if run(["packaging/install-missing", "build", "test", "packages"]):
        return [Outcome("packages", "its tools", "failed", "see above")]
    return pytest("packages", "tests/packages")


def engines():
    """Not among all: it installs two more browsers."""
    if run(["packaging/install-missing", "build", "test", "engines"]):
        return [Outcome("engines", "its browsers", "failed", "see above")]
    return browser("tests/engines", "engines")


ASKED_FOR = {"engines": engines, "packages": packages}  # suites that run when they are named


def print_table(outcomes, seconds):
    say("")
    for outcome in outcomes:
        if outcome.result == "failed":
            say(f"FAILED  {outcome.suite}  {outcome.name}")
            for line in outcome.detail.strip().splitlines()[-60:]:
                say(f"        {line}")
    for outcome in outcomes:
        if outcome.result == "skipped":
            say(f"skipped {outcome.suite}  {outcome.name}: {outcome.detail.strip() or 'no reason given'}")
    say("")
    say(f"{'suite':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for suite, taken in seconds.items():
        count = collections.Counter(o.result for o in outcomes if o.suite == suite)
        say(f"{suite:<12}{count['passed']:>8}{count['failed']:>8}{count['skipped']:>9}{taken:>9.0f}")
    say("")


def main():
    arguments = argparse.ArgumentParser(prog="tests/run", description=__doc__)
    arguments.add_argument("suite", nargs="*", help="unit, layers, e2e, crash, browser (default: all), engines, packages")
    arguments.add_argument("--sanitizers", action="store_true", help="also unit tests under asan and tsan")
    chosen = arguments.parse_args()
    known = {**SUITES, **ASKED_FOR}
    unknown = set(chosen.suite) - set(known)
    if unknown:
        arguments.error(f"no suite is named {', '.join(unknown)}; there are {', '.join(known)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    for old in RESULTS.iterdir():
        old.unlink()
    work = {name: known[name] for name in known if name in (chosen.suite or SUITES)}
    if chosen.sanitizers:
        work.update({preset: lambda preset=preset: sanitized(preset) for preset in ("asan", "tsan")})
    outcomes, seconds = [], {}
    for name, suite in work.items():
        say(f"== {name}")
        begun = time.monotonic()
        outcomes += suite()
        seconds[name] = time.monotonic() - begun
    print_table(outcomes, seconds)
    count = collections.Counter(outcome.result for outcome in outcomes)
    say(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
