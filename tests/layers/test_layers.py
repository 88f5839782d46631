"""The layers hold: who may include whom, and where each third-party header lives."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path.relative_to(ROOT)
    for top in ("base", "proto", "recorder", "agent", "collector")
    for path in (ROOT / top).rglob("*")
    if path.suffix in (".h", ".cpp")
)

# What a top-level folder may see besides itself.
MAY_SEE = {
    "base": set(),
    "proto": {"base"},
    "recorder": {"base", "proto"},
    "agent": {"base", "proto", "recorder"},
    "collector": {"base", "proto"},
}

# Inside a program, a folder may see those to its left.
ORDER = {
    "recorder": ["source", "frame", "codec", "library", "capture"],
    "agent": ["state", "book", "hour", "journal", "customer", "uplink", "import", "calls", "finding", "export", "live", "inbox", "http", "command"],
    "collector": ["setup", "store", "keys", "intake", "feed", "report", "http", "command"],
}

# Third-party headers and the only places that may include them. A header that is not here may be
# included anywhere; one that is, nowhere else.
HOMES = {
    r"zmq\.h(pp)?$|zmq_addon\.hpp$": ["base/socket.cpp"],
    r"sqlite3\.h$": ["base/sqlite.cpp", "collector/store/backup.cpp"],
    r"sodium\.h$": ["base/hash.cpp"],
    r"microhttpd\.h$": ["base/http_"],
    r"gnutls/": ["base/tls_files.cpp"],
    r"spdlog/": ["base/log.cpp"],
    r"toml\+\+/": ["base/config.cpp", "proto/tagbook.cpp"],
    r"google/protobuf/|earful/v1/": ["proto/"],
    r"opus/|opus\.h$|ogg/": ["recorder/codec/", "recorder/source/"],
    r"ebur128\.h$": ["recorder/codec/"],
    r"sndfile\.h$": ["recorder/source/"],
    r"portaudio\.h$|pa_linux_alsa\.h$|alsa/": ["recorder/source/capture_"],
    r"speex/": ["recorder/frame/"],
    r"unicode/": ["recorder/library/fold.cpp", "recorder/library/words.cpp", "agent/customer/customer_key.cpp", "base/", "agent/http/"],
    r"boost/": ["base/proportion.cpp"],
    r"phonenumbers/": ["agent/customer/customer_key.cpp"],
    r"CLI/": ["agent/command/", "agent/main.cpp", "collector/command/", "collector/main.cpp"],
}


def includes(path):
    return re.findall(r'^#include\s+[<"]([^>"]+)[>"]', (ROOT / path).read_text(), re.M)


def ours(include):
    return include.split("/")[0] in MAY_SEE


def test_a_layer_sees_only_what_it_may_see():
    for path in SOURCES:
        top = path.parts[0]
        for include in filter(ours, includes(path)):
            other = include.split("/")[0]
            assert other == top or other in MAY_SEE[top], f"{path} may not include {include}"


def test_a_folder_sees_nothing_to_its_right():
    for path in SOURCES:
        top, folder = path.parts[:2]
        if top not in ORDER or len(path.parts) < 3:
            continue
        order = ORDER[top]
        assert folder in order, f"{path}: name the folder {folder} in ORDER"
        for include in filter(ours, includes(path)):
            parts = include.split("/")
            if parts[0] == top and len(parts) > 2:
                seen = order[: order.index(folder) + 1]
                assert parts[1] in seen, f"{path} may not include {include}"


def test_third_party_headers_stay_at_home():
    for path in SOURCES:
        for include in includes(path):
            for pattern, homes in HOMES.items():
                if re.match(pattern, include) and not ours(include):
                    assert str(path).startswith(tuple(homes)), f"{path} includes {include}"


def test_headers_stand_alone():
    """A source includes its own header first, so compiling it proves the header. Others are compiled here."""
    proven = set()
    for path in SOURCES:
        own = path.with_suffix(".h")
        if path.suffix == ".cpp" and (ROOT / own).exists():
            assert includes(path)[0] == str(own), f"{path} must include {own} first"
            proven.add(own)
    alone = [p for p in SOURCES if p.suffix == ".h" and p not in proven]
    build = Path(os.environ.get("EARFUL_BUILD", "build/release"))
    for path in alone:
        done = subprocess.run(
            ["g++", "-std=c++20", "-fsyntax-only", f"-I{ROOT}", f"-I{ROOT / build / 'proto'}", "-xc++", "-"],
            input=f'#include "{path}"\n', text=True, capture_output=True)
        assert done.returncode == 0, f"{path} does not stand alone:\n{done.stderr}"


def test_sources_are_listed_and_never_globbed():
    for path in ROOT.rglob("CMakeLists.txt"):
        if "build" not in path.relative_to(ROOT).parts:
            assert not re.search(r"file\s*\(\s*GLOB", path.read_text()), path


def test_a_noun_has_one_idea():
    """400 lines are the most; past that there is a second idea."""
    long = [str(p) for p in SOURCES if len((ROOT / p).read_text().splitlines()) > 420]
    assert not long, long
