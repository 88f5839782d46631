"""The packages of this tree, built once for all tests here."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command, check=True, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


@pytest.fixture(scope="session")
def packages():
    """The folder with the packages."""
    run(ROOT / "packaging/build")
    return ROOT / "build/release/packages"


@pytest.fixture(scope="session")
def unpacked(packages, tmp_path_factory):
    """What the packages install, as if below /."""
    root = tmp_path_factory.mktemp("unpacked")
    for package in packages.glob("*.deb"):
        run("dpkg-deb", "-x", package, root)
    return root
