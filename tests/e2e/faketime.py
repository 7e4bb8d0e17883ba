"""The wall clock of a child, which a test sets while it runs; its monotonic clock goes on.

Debian's libfaketime (`apt-get install faketime`) stands between the child and the C library.
"""

from __future__ import annotations

from pathlib import Path

import pytest


class WallClock:
    """What `environment` is given to sees it. `folder` holds the file by which it is told."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "faketime"
        self.ahead = 0.0
        self.set(0.0)

    @property
    def environment(self) -> dict[str, str]:
        """Skips the test with one loud line where the library is missing."""
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not found:
            pytest.skip("NO LIBFAKETIME: `apt-get install faketime`")
        return {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, ahead: float) -> None:
        """So many seconds ahead of this machine's."""
        self.ahead = ahead
        part = self._file.with_suffix(".part")
        part.write_text(f"{ahead:+f}\n")
        part.replace(self._file)

    def step(self, seconds: float) -> None:
        """Set it forward, or back."""
        self.set(self.ahead + seconds)
