"""A child process that is one of our own modules, spoken to in JSON lines."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Self

from bot.errors import ChildError
from bot.kit.processes.resource_limits import Limits
from bot.kit.secrets import scrub
from bot.kit.tasks import spawn
from bot.kit.untrusted import parse_json

Message = dict[str, Any]

_LINE_LIMIT = 1 << 20
_LINE_SHOWN = 400
_LOG_SECONDS = 1.0
_END_SECONDS = 2.0
"""So long a process may take to end that has nothing more to say."""

_LAST_WORDS = 20
"""How many lines of what a child printed are kept, to explain its end."""

_LAUNCHER = str(Path(__file__).with_name("launcher.py"))
_PASSED = frozenset({
    "HOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONHOME",  # where packages may be
    "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "COVERAGE_PROCESS_CONFIG",
    "LANG", "LANGUAGE", "PYTHONUTF8", "PYTHONCOERCECLOCALE",  # names of files are read alike
    "TZ", "TMPDIR", "PATH",
    "LD_LIBRARY_PATH", "LD_PRELOAD",  # what the operator has put under every program
})  # fmt: skip


def command_of(module: str, *arguments: str) -> tuple[str, ...]:
    """What runs one of our own modules, wherever we are; never a file of the current folder."""
    return (sys.executable, "-P", _LAUNCHER, module, *arguments)


def environment_of_child(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a child is told of our environment: no token, no password, no setting, no proxy.

    Of `PYTHONPATH`, what is absolute: an empty or relative entry means the current folder.
    """
    passed = {k: v for k, v in environment.items() if k in _PASSED or k.startswith("LC_")}
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    if absolute := [path for path in paths if Path(path).is_absolute()]:
        passed["PYTHONPATH"] = os.pathsep.join(absolute)
    return passed


class Child:
    """One of our modules with commands going in by stdin and events coming out of a pipe.

    It starts with little of our environment, and finds no module in the current folder.
    It runs in a process group of its own, so that Ctrl-C in a terminal reaches the parent alone,
    and in the parent's session: Linux shares the processor among sessions first, and `nice` counts
    within one only (sched(7), autogroup).
    `stop` may be called any number of times and awaits the process.
    """

    def __init__(
        self, name: str, process: asyncio.subprocess.Process, events: asyncio.StreamReader,
        transport: asyncio.ReadTransport,
    ) -> None:  # fmt: skip
        self.name = name
        self._process = process
        self._events = events
        self._transport = transport
        self._printed: deque[str] = deque(maxlen=_LAST_WORDS)
        self._log = spawn(self._keep_printed(), f"{name}-printed")

    @classmethod
    async def spawn(
        cls, module: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> Self:
        """Start `module`. Raises ChildError where the process cannot be made.

        `env` comes on top of what `environment_of_child` passes.
        """
        try:
            return await cls._spawn(module, arguments, env or {})
        except OSError as error:
            raise ChildError(f"{module} could not be started: {error.strerror}") from error
        except RuntimeError as error:  # no thread for asyncio to wait for its end, before 3.12
            raise ChildError(f"{module} could not be started: {error}") from error

    @classmethod
    async def _spawn(cls, module: str, arguments: tuple[str, ...], env: Mapping[str, str]) -> Self:
        read_fd, write_fd = os.pipe()
        try:
            events, transport = await _events_from(read_fd)
            try:
                process = await asyncio.create_subprocess_exec(
                    *command_of(module, "--events-fd", str(write_fd), *arguments),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    pass_fds=(write_fd,),
                    process_group=0,
                    env={**environment_of_child(), "PYTHONUNBUFFERED": "1", **env},
                )
            except BaseException:
                transport.close()
                raise
        finally:
            os.close(write_fd)
        return cls(module, process, events, transport)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process has not ended, as far as we have been told."""
        return self._process.returncode is None

    @property
    def last_words(self) -> str:
        """What it printed last, without tokens."""
        return "\n".join(self._printed)

    def limit(self, limits: Limits, most: Limits | None = None) -> None:
        """Bound what it may take from now on. Only up to `most`, as it was at first, can it be
        given more later."""
        if self.alive:
            limits.hold(self.pid, most)

    async def send(self, command: str, payload: bytes = b"", **data: Any) -> None:
        """Send one command, and bytes that belong to it. Raises ChildError when nobody reads it
        any more."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.writelines((json.dumps({"command": command, **data}).encode(), b"\n", payload))
            await stdin.drain()
        except (ConnectionError, RuntimeError):
            raise ChildError(f"{self.name} has ended") from None

    async def next_event(self) -> Message | None:
        """The next event, or None when the child has closed its end or writes what is none."""
        try:
            line = await self._events.readline()
        except ValueError:  # a line beyond the limit: the child does not speak our language
            return None
        if not line.endswith(b"\n"):
            return None
        try:
            message = parse_json(line)
        except ValueError:
            return None
        return message if isinstance(message, dict) else None

    async def payload(self, count: int) -> bytes:
        """The `count` bytes that belong to the last event. Raises ChildError where fewer come."""
        try:
            return await self._events.readexactly(count)
        except asyncio.IncompleteReadError:
            raise ChildError(f"{self.name} has ended") from None

    async def events(self) -> AsyncIterator[Message]:
        """Every event to the end of the child."""
        while (event := await self.next_event()) is not None:
            yield event

    async def wait(self) -> str:
        """Wait for its end; says how it ended: `exit 0`, `SIGKILL` …"""
        code = await self._process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit {code}"

    async def end(self) -> str:
        """As `wait`, once there is no next event: what lives on all the same is killed soon."""
        try:
            async with asyncio.timeout(_END_SECONDS):
                return await self.wait()
        except TimeoutError:
            self.kill()
            return await self.wait()

    async def stop(self, grace: float = 3.0) -> None:
        """Close its stdin and wait `grace` seconds for it to end; then kill it."""
        stdin = self._process.stdin
        if stdin is not None:
            stdin.close()
        try:
            async with asyncio.timeout(grace):
                await self._process.wait()
        except TimeoutError:
            self.kill()
        finally:
            self.kill()
            await self._process.wait()
            self._transport.close()
            with contextlib.suppress(TimeoutError):  # a grandchild may hold its end open
                await asyncio.wait_for(self._log, _LOG_SECONDS)
            if stdin is not None:
                with contextlib.suppress(ConnectionError):
                    await stdin.wait_closed()

    def kill(self) -> None:
        """End it now."""
        # Not by `Process.kill`: that looks whether it has ended and so takes its exit status away
        # from whoever waits, who is told 255 (CPython 3.11).
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def _keep_printed(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        rest = b""
        while chunk := await stdout.read(1 << 14):
            *lines, rest = (rest + chunk).split(b"\n")
            self._keep(*lines)
            if len(rest) > _LINE_LIMIT:
                self._keep(rest)
                rest = b""
        self._keep(rest)

    def _keep(self, *lines: bytes) -> None:
        """Scrubbed as whole lines: a token may come in two pieces."""
        self._printed.extend(
            scrub(line.decode(errors="replace").rstrip())[:_LINE_SHOWN] for line in lines if line
        )


async def _events_from(fd: int) -> tuple[asyncio.StreamReader, asyncio.ReadTransport]:
    """What is written at the other end of that pipe."""
    events = asyncio.StreamReader(limit=_LINE_LIMIT)
    pipe = os.fdopen(fd, "rb", 0)
    try:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(events), pipe
        )
    except BaseException:
        pipe.close()
        raise
    return events, transport
