"""What is in the packages, as Debian's own tools see it."""

import filecmp
import json
import os
import re
import shutil

import pytest
from conftest import ROOT, run

MOST_BYTES = 8_000_000  # of all packages together, without debug symbols
PROGRAMS = ["earful-agent", "earful-collector"]


def test_lintian_has_nothing_to_say(packages):
    assert run("lintian", "--allow-root", "--fail-on", "error,warning", *packages.glob("*.deb")).stdout == ""


def test_they_are_small(packages):
    sizes = {package.name: package.stat().st_size for package in packages.glob("*.deb")}
    assert len(sizes) == 3 and sum(sizes.values()) < MOST_BYTES, sizes


def test_another_folder_another_time_and_another_language_make_the_same_bytes(packages, tmp_path):
    """Both programs are compiled again, so this takes minutes."""
    if run("git", "status", "--porcelain", cwd=ROOT).stdout:
        pytest.skip("this tree has changes that no commit has")
    other = tmp_path / "another" / "folder"
    run("git", "clone", "-q", ROOT, other)
    run("git", "checkout", "-q", run("git", "rev-parse", "HEAD", cwd=ROOT).stdout.strip(), cwd=other)
    env = {**os.environ, "TZ": "Asia/Vientiane", "LC_ALL": "C", "CCACHE_DISABLE": "1"}
    run("packaging/build", cwd=other, env=env)
    for name in (packages / "SHA256SUMS").read_text().split()[1::2]:
        assert filecmp.cmp(packages / name, other / "build/release/packages" / name, shallow=False), name
    shutil.rmtree(other)  # two gigabytes


@pytest.mark.parametrize(("unit", "most"), [("earful-collector", 1.5), ("earful-agent", 2.0)])
def test_the_units_are_shut_in(unpacked, unit, most):
    file = unpacked / f"lib/systemd/system/{unit}.service"
    said = run("systemd-analyze", "security", "--offline=yes", file).stdout
    assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1]) <= most


@pytest.mark.parametrize("program", PROGRAMS)
def test_man_pages_are_clean_and_name_every_command_and_option(unpacked, program):
    for page in (f"man1/{program}.1", f"man5/{program}.toml.5"):
        text = run("zcat", unpacked / f"usr/share/man/{page}.gz").stdout
        assert run("mandoc", "-T", "lint", "-W", "warning", input=text, check=False).stdout == ""
        assert "@" not in re.sub(r"\S+@\S+", "", text)
    shown = run("mandoc", "-T", "utf8", unpacked / f"usr/share/man/man1/{program}.1.gz").stdout
    shown = re.sub(r".\x08", "", shown)
    for path in commands(unpacked / "usr/bin" / program):
        said = run(unpacked / "usr/bin" / program, *path, "--help").stdout
        for option in re.findall(r"^  (?:-\w,)?(--[\w-]+)", said, re.M):
            assert option in ("--help", "--version") or option in shown, (path, option)


def commands(program, path=()):
    """Every path of subcommands that --help shows."""
    yield path
    said = run(program, *path, "--help").stdout.partition("Subcommands:\n")[2]
    for name in re.findall(r"^  (\S+)", said, re.M):
        yield from commands(program, (*path, name))


@pytest.mark.parametrize("program", PROGRAMS)
def test_completions_complete(unpacked, program):
    share = unpacked / "usr/share"
    bash = share / "bash-completion/completions" / program
    zsh = share / "zsh/vendor-completions" / f"_{program}"
    fish = share / "fish/vendor_completions.d" / f"{program}.fish"
    run("bash", "-n", bash)
    run("zsh", "-n", zsh)
    run("fish", "-n", fish)

    def by_bash(*words):
        script = (f"source {bash}; COMP_WORDS=({program} {' '.join(words)}{'' if words[-1] else chr(39) * 2});"
                  f" COMP_CWORD={len(words)}; _{program.replace('-', '_')} 2>/dev/null; echo ${{COMPREPLY[@]}}")
        return run("bash", "-c", script).stdout.split()

    def by_fish(line):
        return run("fish", "-c", f"source {fish}; complete -C '{line}'").stdout

    for path in commands(unpacked / "usr/bin" / program):
        if path:
            assert path[-1] in by_bash(*path[:-1], path[-1][:2]), path
            assert path[-1] in by_fish(" ".join([program, *path])[:-1]), path
            assert "--help" in by_bash(*path, "--h"), path
            assert "--help" in by_fish(" ".join([program, *path, "--h"])), path
            assert f"_{program}".replace("-", "_") + "".join(f"_{part}".replace("-", "_") for part in path) in zsh.read_text()


def test_the_desktop_finds_the_console(unpacked):
    share = unpacked / "usr/share"
    run("desktop-file-validate", share / "applications/org.earful.Station.desktop")
    run("appstreamcli", "validate", "--no-net", share / "metainfo/org.earful.Station.metainfo.xml")


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_settings_are_those_the_program_knows(unpacked, program):
    file = unpacked / f"etc/earful/{program.removeprefix('earful-')}.toml"
    assert run(unpacked / "usr/bin" / program, "check-config", file).stdout.endswith(" is fine.\n")


def test_the_sbom_names_what_is_linked_and_what_is_shipped(packages):
    told = json.loads((packages / "earful.spdx.json").read_text())
    assert told["spdxVersion"] == "SPDX-2.3" and told["dataLicense"] == "CC0-1.0"
    by_id = {package["SPDXID"]: package for package in told["packages"]}
    assert all(package["versionInfo"] and package["downloadLocation"] for package in by_id.values())
    for relation in told["relationships"]:
        assert relation["relatedSpdxElement"] in by_id
    names = {package["name"] for package in by_id.values()}
    assert {"libzmq5", "libsqlite3-0", "libsodium23", "libopus0", "nlohmann-json3-dev", "preact", "wavesurfer.js"} <= names
    depends = run("dpkg-deb", "-f", next(packages.glob("earful-agent_*.deb")), "Depends").stdout
    for library in re.findall(r"\b(lib[\w.+-]+)", depends):
        # "libspdlog1.10-fmt9" is a promise of libspdlog1.10 about its insides.
        known = library in names or any(library.startswith(name + "-") for name in names)
        assert known or library in ("libgcc-s1", "libc6"), library
