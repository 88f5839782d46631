"""A disk that fails while a test wants it to, under a real program.

    fault = DiskFault(tmp_path)
    fault.under(collector)                     # before its start
    with fault.failing(errno.EIO, "store.db-wal"):
        ...                                    # every write and sync of that file fails
    with fault.failing(errno.EIO, "store.db-wal", "sync"):
        ...                                    # its syncs only
"""

import contextlib
import os
import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).with_name("disk_fault.c")


class DiskFault:
    def __init__(self, folder):
        self.library = folder / "disk_fault.so"
        self.control = folder / "disk_fault"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", self.library, SOURCE, "-ldl"], check=True)

    def under(self, program):
        # Behind any library that must be loaded first, as a sanitizer's.
        preloaded = [*filter(None, [os.environ.get("LD_PRELOAD")]), str(self.library)]
        program.environment = {"LD_PRELOAD": ":".join(preloaded), "EARFUL_FAULT": str(self.control)}
        return program

    def begin(self, error, suffix, only=""):
        draft = self.control.with_suffix(".new")
        draft.write_text(f"{error} {suffix} {only}")
        draft.rename(self.control)  # never seen half-written

    def end(self):
        self.control.unlink(missing_ok=True)

    @contextlib.contextmanager
    def failing(self, error, suffix, only=""):
        self.begin(error, suffix, only)
        try:
            yield
        finally:
            self.end()
