#!/usr/bin/env python3
"""Makes what the packages hold beside the programs: OUT/{agent,collector,common}, each as below /usr/share."""

import argparse
import gzip
import os
import shutil
import subprocess
import time
from pathlib import Path

import command_tree
import completions
import manual

PACKAGING = Path(__file__).resolve().parent.parent
ROOT = PACKAGING.parent
COMPLETIONS = {
    completions.bash: "bash-completion/completions/{}",
    completions.zsh: "zsh/vendor-completions/_{}",
    completions.fish: "fish/vendor_completions.d/{}.fish",
}
MAINTAINER = "earful maintainers <maintainers@users.noreply.h-seed-12b38b1c.example>"
PAGES = ("operations.md", "api.md", "wire.md", "glossary.md", "sampling.md", "architecture.md")


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def zipped(text):
    return gzip.compress(text.encode(), 9, mtime=0)


def when():
    """The commit's time, so that it does not matter when a package is made."""
    return time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", "0")))


def program_files(name, programs, version, share):
    program = f"earful-{name}"
    tree = command_tree.read(programs / program)
    for make, place in COMPLETIONS.items():
        write(share / place.format(program), make(program, tree))
    date = time.strftime("%Y-%m-%d", when())
    default_file = subprocess.run([programs / program, "check-config", "--print-default"],
                                  capture_output=True, text=True, check=True).stdout
    write(share.parent / "settings" / f"{name}.toml", default_file)
    for section, parts in ((1, {"COMMANDS": manual.commands(program, tree)}),
                           (5, {"KEYS": manual.settings(default_file)})):
        page = f"{program}.{section}" if section == 1 else f"{program}.toml.{section}"
        prose = (PACKAGING / "man" / f"{page}.in").read_text()
        write(share / f"man/man{section}/{page}.gz", zipped(manual.page(prose, version, date, **parts)))


def documents(package, version, share):
    doc = share / "doc" / package
    changelog = (PACKAGING / "debian/changelog").read_text()
    changelog = changelog.replace("@VERSION@", version).replace("@MAINTAINER@", MAINTAINER)
    write(doc / "changelog.gz", zipped(changelog.replace("@DATE@", time.strftime("%a, %d %b %Y %H:%M:%S +0000", when()))))
    write(doc / "copyright", (PACKAGING / "debian/copyright").read_bytes())
    overrides = PACKAGING / "debian" / f"{package}.lintian-overrides"
    if overrides.exists():
        write(share / "lintian/overrides" / package, overrides.read_bytes())


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--programs", type=Path, required=True)
    arguments.add_argument("--version", required=True)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    os.umask(0o022)
    shutil.rmtree(given.out, ignore_errors=True)
    for name in ("agent", "collector", "common"):
        documents(f"earful-{name}", given.version, given.out / name)
    for name in ("agent", "collector"):
        program_files(name, given.programs, given.version, given.out / name)
    agent, common = given.out / "agent", given.out / "common"
    write(agent / "applications/org.earful.Station.desktop", (PACKAGING / "desktop/org.earful.Station.desktop").read_bytes())
    write(agent / "metainfo/org.earful.Station.metainfo.xml",
          (PACKAGING / "desktop/org.earful.Station.metainfo.xml").read_text()
          .replace("@VERSION@", given.version).replace("@DATE@", time.strftime("%Y-%m-%d", when())))
    write(agent / "icons/hicolor/scalable/apps/org.earful.Station.svg", (ROOT / "agent/console/icon.svg").read_bytes())
    for page in PAGES:
        write(common / "doc/earful-common" / page, (ROOT / "docs" / page).read_bytes())


if __name__ == "__main__":
    main()
