"""The service in the demo's world: `mintcast run`, nothing less, as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, Self

from bot.errors import ChildError
from bot.kit.processes.child import command_of, environment_of_child
from bot.kit.secrets import scrub
from bot.kit.tasks import cancel_and_wait, spawn

_STOP_SECONDS = 30.0
_LAST_LINES = 40


class Process(Protocol):
    """What a service needs of its process, as `asyncio.subprocess.Process` has it."""

    @property
    def pid(self) -> int: ...
    @property
    def stdout(self) -> asyncio.StreamReader | None: ...
    def send_signal(self, signal: int) -> None: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


class Service:
    """`async with Service(folder, environment):` runs it; `folder` holds its data and survives.

    `on_line` is handed every line that it logs. It dies with us, whatever happens to us.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        on_line: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._environment = environment
        self._on_line = on_line
        self._process: Process | None = None
        self._log: asyncio.Task[None] | None = None
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """The process id. Raises ChildError when it does not run."""
        if self._process is None:
            raise ChildError("Mintcast isn't running")
        return self._process.pid

    @property
    def last_lines(self) -> str:
        """What it logged last, without tokens."""
        return "\n".join(self._lines)

    @property
    def last_line(self) -> str:
        """The last of them: a service that refuses to run ends with why."""
        return self._lines[-1] if self._lines else "it gave no reason"

    async def start(self) -> None:
        """Start it; it answers on its port a moment later."""
        self._process = await self._spawned(
            {**_own_environment(), **self._data(), **self._environment}
        )
        self._log = spawn(self._read(self._process), "service-log")

    async def stop(self, grace: float = _STOP_SECONDS) -> int | None:
        """End it with SIGTERM; its exit code. Safe to call again."""
        return await self._end(signal.SIGTERM, grace)

    async def kill(self) -> None:
        """End it as a crash would; `start` brings it back to the same data."""
        await self._end(signal.SIGKILL, _STOP_SECONDS)

    async def wait(self) -> int:
        """Wait for its end; its exit code."""
        if self._process is None:
            raise ChildError("Mintcast isn't running")
        return await self._process.wait()

    async def _spawned(self, environment: Mapping[str, str]) -> Process:
        return await asyncio.create_subprocess_exec(
            *command_of("bot.demo.livekit.die_with_parent", "--", *command_of("bot", "run")),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            process_group=0,  # so that Ctrl-C reaches us alone
            env=environment,
        )

    async def _end(self, number: signal.Signals, grace: float) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            async with asyncio.timeout(grace):
                return await process.wait()
        except TimeoutError:
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if self._log is not None:
                await asyncio.wait({self._log}, timeout=1.0)
                await cancel_and_wait(self._log)

    def _data(self) -> dict[str, str]:
        return {
            "MINTCAST_CONFIG": os.devnull,
            "HTTP_PASSWORD": "",  # the page is watched from here, and by nobody from elsewhere
            "HTTP_PASSWORD_FILE": "",
            "MINTCAST_STORAGE__DATABASE": str(self._folder / "mintcast.db"),
            "MINTCAST_STORAGE__CLIPS": str(self._folder / "clips"),
        }

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            text = scrub(line.decode(errors="replace").rstrip())
            self._lines.append(text)
            self._on_line(text)


def _own_environment() -> dict[str, str]:
    """The settings of whoever runs the demo, and none of their tokens: its world has no use for
    them."""
    settings = {k: v for k, v in os.environ.items() if k.startswith("MINTCAST_")}
    return {**environment_of_child(), **settings, "PYTHONUNBUFFERED": "1"}
