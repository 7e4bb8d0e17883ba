"""A child process that believes somebody looks."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Shown:
    """How it ended, and what stood on its terminal, stdout and stderr in one, as it was written."""

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def on_terminal(
    *command: str, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Shown:
    """Run it to its end. The terminal is an xterm, unless `environment` says otherwise."""
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        command,
        cwd=folder,
        env={**plain, "TERM": "xterm", "COLUMNS": "100", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        text = _read(ours)
    finally:
        os.close(ours)
    return Shown(child.wait(timeout=60), text.decode().replace("\r\n", "\n"))


def _read(descriptor: int) -> bytes:
    """Until nobody has the other end any more."""
    data = b""
    while True:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:  # EIO, which is how Linux says it
            return data
        if not chunk:
            return data
        data += chunk
