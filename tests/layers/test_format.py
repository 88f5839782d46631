"""Every source is as clang-format would write it, and the tree holds nothing that was left undone."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name]


def test_sources_are_formatted():
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *tracked("*.h", "*.cpp")],
                          cwd=ROOT, capture_output=True, text=True)
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.M)))
    assert not wrong, f"run clang-format -i on: {' '.join(wrong)}"


def test_nothing_was_left_undone():
    mark = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
    for name in tracked("*.h", "*.cpp", "*.js", "*.mjs", "*.py", "*.proto"):
        assert not mark.search((ROOT / name).read_text()), name
