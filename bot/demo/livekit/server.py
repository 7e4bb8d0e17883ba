"""The real LiveKit server, on this machine only, for as long as we want it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
from collections import deque
from pathlib import Path
from typing import Any, Self

from bot.demo.livekit.rooms import Rooms
from bot.demo.ports import free_port
from bot.errors import ChildError
from bot.kit.processes.child import command_of, environment_of_child
from bot.kit.secrets import scrub
from bot.kit.tasks import spawn

BINARY_VARIABLE = "MINTCAST_LIVEKIT_SERVER"
_START_SECONDS = 30.0
_TRIES = 4
_LAST_LINES = 40


def find_server() -> Path | None:
    """The server's program: the environment's, else the one beside our Python, else the path's."""
    named = os.environ.get(BINARY_VARIABLE)
    if named:
        program = Path(os.path.expanduser(named))  # noqa: PTH111 - it raises for no user
        return program if os.access(program, os.X_OK) else None
    beside = Path(sys.executable).parent / "livekit-server"
    if os.access(beside, os.X_OK):
        return beside
    found = shutil.which("livekit-server")
    return Path(found) if found else None


class LiveKitServer(Rooms):
    """`async with LiveKitServer() as server:` runs one server on free loopback ports.

    Ports and keys stay the same over `kill` and `restart`, so that clients can come back to it.
    Raises ChildError where the program is missing or does not answer within 30 s; the error
    carries the server's last lines, without tokens.
    """

    def __init__(self, *, sync_streams: bool = False) -> None:
        super().__init__("demo", secrets.token_hex(24))
        self._sync_streams = sync_streams
        self._port = 0
        self._udp_port = 0
        self._process: asyncio.subprocess.Process | None = None
        self._printed: deque[str] = deque(maxlen=_LAST_LINES)
        self._log: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._start_on_free_ports()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"ws://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The id of the server's process. Raises ChildError when it does not run."""
        return self._running().pid

    @property
    def last_lines(self) -> str:
        """What it printed last, without tokens."""
        return "\n".join(self._printed)

    async def stop(self, grace: float = 2.0) -> None:
        """End it, politely for `grace` seconds; safe to call again."""
        process = self._process
        if process is None:
            return
        self._signal(signal.SIGCONT)
        try:
            for patience in (0.1, grace):  # asked once it waits for everybody to leave; twice, not
                self._signal(signal.SIGTERM)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), patience)
        finally:
            self._signal(signal.SIGKILL)
            await self._reap()

    async def kill(self) -> None:
        """End it as a crash would; `restart` brings it back."""
        self._signal(signal.SIGKILL)
        await self._reap()

    async def restart(self) -> None:
        """Start it again on the same ports and with the same keys."""
        await self.kill()
        await self._start()

    def pause(self) -> None:
        """Freeze it: nothing is forwarded and nothing is answered until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on; what waited in its sockets comes in one burst."""
        self._signal(signal.SIGCONT)

    async def _start_on_free_ports(self) -> None:
        for last in (False,) * (_TRIES - 1) + (True,):
            self._port, self._udp_port = free_port(), free_port(kind=socket.SOCK_DGRAM)
            try:
                await self._start()
            except ChildError:
                if last or "address already in use" not in self.last_lines:
                    raise
            else:
                return

    async def _start(self) -> None:
        program = find_server()
        if program is None:
            raise ChildError(
                f"livekit-server is missing: run `make livekit-server`, or set {BINARY_VARIABLE}"
            )
        self._process = await asyncio.create_subprocess_exec(
            *command_of("bot.demo.livekit.die_with_parent", "--", str(program)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            process_group=0,
            env={**environment_of_child(), "LIVEKIT_CONFIG": json.dumps(self._settings())},
        )
        self._log = spawn(self._keep_printed(self._process), "livekit-printed")
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._answers(self._process)
        except TimeoutError:
            await self.kill()
            raise ChildError(f"livekit-server doesn't respond:\n{self.last_lines}") from None

    async def _answers(self, process: asyncio.subprocess.Process) -> None:
        while not await _answers_http(self._port):
            if process.returncode is not None:
                await self._reap()
                raise ChildError(f"livekit-server stopped at once:\n{self.last_lines}")
            await asyncio.sleep(0.02)

    def _settings(self) -> dict[str, Any]:
        """Loopback only, and no STUN server of the world is ever asked."""
        return {
            "port": self._port,
            "bind_addresses": ["127.0.0.1"],
            "development": True,
            "keys": {self.api_key: self.api_secret},
            "logging": {"level": "info"},
            "rtc": {
                "udp_port": self._udp_port,
                "tcp_port": 0,
                "use_external_ip": False,
                "node_ip": "127.0.0.1",
                "enable_loopback_candidate": True,
                "interfaces": {"includes": ["lo"]},
                "stun_servers": ["127.0.0.1:9"],  # the discard port: nobody answers
            },
            "room": {"sync_streams": self._sync_streams},
        }

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            raise ChildError(f"livekit-server isn't running:\n{self.last_lines}")
        return self._process

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(which)

    async def _reap(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.wait()
        if self._log is not None:
            await self._log

    async def _keep_printed(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while chunk := await process.stdout.read(1 << 14):
            lines = chunk.decode(errors="replace").splitlines()
            self._printed.extend(scrub(line)[:400] for line in lines)


async def _answers_http(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return (await reader.readline()).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
