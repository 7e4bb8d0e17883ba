"""Services that are forked of one process (`template_process`), and are there in a moment."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from bot.demo.service import Service
from bot.kit.processes.child import command_of, environment_of_child
from bot.kit.tasks import cancel_and_wait, spawn
from tests.soak.cluster.template_process import MOST_BYTES


class Template:
    """The process that they are forked of. One fork at a time."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._turn = asyncio.Lock()
        self._begun: asyncio.Queue[int] = asyncio.Queue()
        self._codes: dict[int, asyncio.Future[int]] = {}

    async def listen(self) -> None:
        """Until cancelled, or until it ends."""
        loop = asyncio.get_running_loop()
        while said := await loop.sock_recv(self._link, MOST_BYTES):
            told = json.loads(said)
            if "code" in told:
                self._codes[told["pid"]].set_result(told["code"])
            else:
                self._codes[told["pid"]] = loop.create_future()
                self._begun.put_nowait(told["pid"])

    async def fork(self, environment: Mapping[str, str]) -> ForkedProcess:
        """A service, told nothing but that."""
        read, write = os.pipe()
        try:
            async with self._turn:
                socket.send_fds(self._link, [json.dumps(dict(environment)).encode()], [write])
                pid = await self._begun.get()
        finally:
            os.close(write)
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb")
        )
        return ForkedProcess(pid, reader, self._codes[pid])


class ForkedProcess:
    """As `asyncio.subprocess.Process`, as far as `Service` needs it."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader, code: asyncio.Future[int]) -> None:
        self.pid = pid
        self.stdout = stdout
        self._code = code

    def send_signal(self, number: int) -> None:
        """Raises ProcessLookupError where it has ended."""
        if self._code.done():
            raise ProcessLookupError
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Raises ProcessLookupError where it has ended."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit code."""
        return await asyncio.shield(self._code)


class ForkedService(Service):
    """One that is forked of `template`."""

    def __init__(self, template: Template, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(folder, environment)
        self._template = template

    async def _spawned(self, environment: Mapping[str, str]) -> ForkedProcess:
        return await self._template.fork(environment)


@contextlib.asynccontextmanager
async def template() -> AsyncIterator[Template]:
    """The process, which ends with this."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.setblocking(False)
        process = await asyncio.create_subprocess_exec(
            *command_of("tests.soak.cluster.template_process", str(theirs.fileno())),
            pass_fds=(theirs.fileno(),),
            env=environment_of_child(),
        )
        made = Template(ours)
        listening = spawn(made.listen(), "template")
        try:
            yield made
        finally:
            await cancel_and_wait(listening)
            process.kill()
            await process.wait()
