"""The wall clock of a child, which a test sets while it runs; its monotonic clock goes on.

`wall_clock.c` stands between the child and the C library. Debian's libfaketime (0.9.10) does the
same and more: it also takes over waits, so that a `sleep` of CPython's fails now and then, and a
thread that waits for the interpreter does so at full load. Nothing can be measured with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


class WallClock:
    """Whoever is given `environment` sees it. Skips the test, with one loud line, where there is
    no compiler."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("NO C COMPILER: nothing can set the clock of a child")
        self._file = folder / "ahead"
        self.ahead = 0
        self._write()
        library = folder / "wall_clock.so"
        source = Path(__file__).with_suffix(".c")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
        self.environment = {"LD_PRELOAD": str(library), "WALL_CLOCK_FILE": str(self._file)}

    def step(self, seconds: float) -> None:
        """Set it forward, or back."""
        self.ahead += int(seconds)
        self._write()

    def _write(self) -> None:
        """In place: the child has mapped it."""
        file = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(file, self.ahead.to_bytes(8, "little", signed=True), 0)
        finally:
            os.close(file)
