"""`mintcast` as a user meets it: typed in a folder, in a world of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs `mintcast` in a folder of its own, in the world."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._environment = {**os.environ, **environment, "COLUMNS": "200"}

    async def start(
        self, *arguments: str, encoding: str = "utf-8", types: bool = False
    ) -> asyncio.subprocess.Process:
        """`types`: something is written to its stdin."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            stdin=asyncio.subprocess.PIPE if types else None,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.folder,
            env={**self._environment, "PYTHONIOENCODING": encoding},
        )

    async def run(self, *arguments: str) -> Ran:
        return await self.ended(await self.start(*arguments))

    async def ended(self, process: asyncio.subprocess.Process) -> Ran:
        """What it said, once it has ended; no traceback and no token is in it."""
        out, err = await process.communicate()
        assert process.returncode is not None
        ran = Ran(process.returncode, out.decode(), err.decode())
        assert "Traceback" not in ran.err
        assert "eyJ" not in ran.err + ran.out, "a token was shown"
        return ran
