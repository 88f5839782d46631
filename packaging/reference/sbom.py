#!/usr/bin/env python3
"""Writes an SPDX 2.3 document of what the packages are made of: Debian's libraries that are linked, headers that
are compiled in, npm modules that are shipped. The same machine and commit make the same bytes."""

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Libraries that are all headers leave no trace in a program.
COMPILED_IN = ["cppzmq-dev", "nlohmann-json3-dev", "libcli11-dev", "libtomlplusplus-dev", "libboost-dev"]
SHIPPED = ["preact", "htm", "wavesurfer.js"]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def linked_files(program):
    """Where the libraries are that a program names itself; those they name in turn are Debian's affair."""
    needed = re.findall(r"NEEDED\s+(\S+)", output("objdump", "-p", program))
    places = dict(re.findall(r"^\s*(\S+) => (\S+)", output("ldd", program), re.M))
    return [places[name] for name in needed if name in places]


def owner(path):
    for candidate in (path, os.path.realpath(path), path.replace("/lib/", "/usr/lib/", 1)):
        done = subprocess.run(["dpkg", "-S", candidate], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise SystemExit(f"sbom: no Debian package owns {path}")


def spdx_id(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def debian_package(name):
    version, source = output("dpkg-query", "-W", "-f=${Version} ${source:Package}\n", name).splitlines()[0].split()
    return {
        "SPDXID": spdx_id(f"deb-{name}"), "name": name, "versionInfo": version, "supplier": "Organization: Debian",
        "downloadLocation": f"https://packages.debian.org/source/bookworm/{source}", "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
        "copyrightText": f"see /usr/share/doc/{name}/copyright",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/{name}@{version}?distro=bookworm"}],
    }


def npm_package(name, lock):
    entry = lock["packages"][f"node_modules/{name}"]
    algorithm, _, digest = entry["integrity"].partition("-")
    return {
        "SPDXID": spdx_id(f"npm-{name}"), "name": name, "versionInfo": entry["version"],
        "downloadLocation": f"https://registry.npmjs.org/{name}/-/{name}-{entry['version']}.tgz", "filesAnalyzed": False,
        "licenseConcluded": entry["license"], "licenseDeclared": entry["license"], "copyrightText": "NOASSERTION",
        "checksums": [{"algorithm": algorithm.upper(), "checksumValue": base64.b64decode(digest).hex()}],
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:npm/{name}@{entry['version']}"}],
    }


def ours(name, version, program):
    package = {
        "SPDXID": spdx_id(name), "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0",
        "copyrightText": "2026 the earful maintainers",
    }
    return package, hashlib.sha256(program.read_bytes()).hexdigest() if program else ""


def document(programs):
    version = re.search(r"VERSION (\d[\d.]*)", (ROOT / "CMakeLists.txt").read_text().split("project(")[1]).group(1)
    lock = json.loads((ROOT / "packaging/npm/package-lock.json").read_text())
    packages, relations, digest = {}, [], hashlib.sha256()

    def add(package):
        packages[package["SPDXID"]] = package
        return package["SPDXID"]

    def relate(one, kind, other):
        relations.append({"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other})

    for name in ("earful-agent", "earful-collector"):
        package, hashed = ours(name, version, programs / name)
        digest.update(hashed.encode())
        relate("SPDXRef-DOCUMENT", "DESCRIBES", add(package))
        for library in sorted({owner(path) for path in linked_files(programs / name)}):
            relate(package["SPDXID"], "DYNAMIC_LINK", add(debian_package(library)))
        for headers in COMPILED_IN:
            relate(package["SPDXID"], "STATIC_LINK", add(debian_package(headers)))
    package, _ = ours("earful-common", version, None)
    relate("SPDXRef-DOCUMENT", "DESCRIBES", add(package))
    for name in SHIPPED:
        relate(package["SPDXID"], "CONTAINS", add(npm_package(name, lock)))
    created = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", "0")))
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"earful-{version}", "documentNamespace": f"https://earful.example/spdx/{digest.hexdigest()}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", created),
                         "creators": ["Organization: earful maintainers", "Tool: packaging/reference/sbom.py"]},
        "packages": [packages[key] for key in sorted(packages)], "relationships": relations,
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--programs", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    given.out.write_text(json.dumps(document(given.programs), indent=1) + "\n")


if __name__ == "__main__":
    main()
