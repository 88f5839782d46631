"""A clean Debian 12 that boots its own systemd, so that units run exactly as they do for an administrator.

    with Machine(root) as machine:
        machine.run("systemctl", "is-active", "earful-collector")

As root only. It has no way to the outside while it runs; packages are installed before.
"""

import os
import shutil
import subprocess
import time

from conftest import run

MIRROR = "http://deb.debian.org/debian"
BASE = ("systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "init-system-helpers",
        "sqlite3")


def make_root(cache, target):
    """A fresh root, made from a cached one where there is one."""
    if not cache.exists():
        part = cache.with_name(cache.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        run("debootstrap", "--variant=minbase", f"--include={','.join(BASE)}", "bookworm", part, MIRROR)
        part.rename(cache)
    run("cp", "-a", "--reflink=auto", cache, target)
    return target


def in_root(root, *command, check=True):
    """In the root while it does not run, with the machine's own network."""
    return run("systemd-nspawn", "-q", "--register=no", "--keep-unit", "--pipe", "-D", root,
               "--setenv=DEBIAN_FRONTEND=noninteractive", *command, check=check, stdin=subprocess.DEVNULL)


class Machine:
    def __init__(self, root):
        self.root = root
        self.process = self.leader = None

    def __enter__(self):
        self.log = open(self.root.parent / "console.log", "wb")
        self.process = subprocess.Popen(
            ["systemd-nspawn", "-q", "--register=no", "--keep-unit", "--private-network", "--console=pipe",
             "-D", self.root, "-b"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.wait_for(lambda: self.find_leader() and self.run(
            "systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"), 90)
        return self

    def find_leader(self):
        children = run("pgrep", "-P", str(self.process.pid), check=False).stdout.split()
        self.leader = children[0] if children else None
        return self.leader

    def wait_for(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            assert self.process.poll() is None, (self.root.parent / "console.log").read_text(errors="replace")[-3000:]
            assert time.monotonic() < end, f"still not so after {seconds} s"
            time.sleep(0.1)

    def enter(self, *command):
        return ["nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-r/proc/" + self.leader + "/root", *command]

    def run(self, *command, check=True, **options):
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
        return run(*self.enter(*map(str, command)), check=check, env=env, **options)

    def request(self, method, path, token, body=None):
        """(status, answer) of HTTP on the machine's own loopback, asked with our tools."""
        done = run("nsenter", "-t", self.leader, "-n", "curl", "-s", "-o", "-", "-w", "\n%{http_code}", "-X", method,
                   "-H", "Authorization: Bearer " + token, "-H", "Content-Type: application/json",
                   *(["-d", body] if body else []), f"http://127.0.0.1:7370{path}")
        answer, _, status = done.stdout.rpartition("\n")
        return int(status), answer

    def sh(self, script, check=True):
        return self.run("sh", "-ec", script, check=check).stdout.strip()

    def __exit__(self, *_):
        if self.leader and os.path.exists(f"/proc/{self.leader}"):
            os.kill(int(self.leader), 9)  # its PID 1: the kernel ends all the others
        self.process.wait(30)
        self.log.close()
