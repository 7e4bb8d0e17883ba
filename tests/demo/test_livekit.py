"""The LiveKit server as we run it: found, on loopback only, and gone when its parent is."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.livekit.server import BINARY_VARIABLE, LiveKitServer, find_server
from bot.errors import ChildError
from tests.conftest import require_livekit_server
from tests.demo.conftest import ROOM, Watching
from tests.patience import PATIENCE


async def test_it_listens_on_loopback_and_nowhere_else(server: LiveKitServer) -> None:
    """Neither the signalling nor the media is open to the network."""
    sockets = psutil.Process(server.pid).net_connections("inet")
    assert sockets
    assert {entry.laddr.ip for entry in sockets} <= {"127.0.0.1", "::1"}


async def test_its_secret_is_not_among_its_arguments(server: LiveKitServer) -> None:
    """Whoever may list processes could read it there."""
    assert server.api_secret not in " ".join(psutil.Process(server.pid).cmdline())


async def test_it_is_the_same_server_after_a_kill(server: LiveKitServer) -> None:
    """Same port and same keys, so that clients come back with what they have."""
    before, url = server.pid, server.url
    await server.kill()
    with pytest.raises(ChildError):
        _ = server.pid
    await server.restart()
    assert (server.pid != before, server.url) == (True, url)
    assert await server.participants(ROOM) == []


async def test_a_paused_server_answers_when_it_is_resumed(server: LiveKitServer) -> None:
    """As a bad network: late, but nothing is lost; and it can be stopped while it is paused."""
    server.pause()
    asked = asyncio.create_task(server.participants(ROOM))
    done, _ = await asyncio.wait([asked], timeout=0.3)
    assert not done
    server.resume()
    assert await asked == []
    server.pause()


async def test_rooms_and_people_are_shown_the_door(server: LiveKitServer) -> None:
    """`participants`, `remove` and `delete_room` speak to the server's own API."""
    caster = Broadcaster.start(
        url=server.url, token=server.token(ROOM, "caster", publish=True),
        width=320, height=180, content="plain",
    )  # fmt: skip
    async with caster, Watching(server) as viewer:
        await viewer.frame()
        assert sorted(await server.participants(ROOM)) == ["caster", "viewer-stage"]
        await server.remove(ROOM, "caster")
        await viewer.until("gone")
        assert await server.participants(ROOM) == ["viewer-stage"]
        await server.delete_room(ROOM)
        assert await server.participants(ROOM) == []


async def test_it_dies_with_its_parent() -> None:
    """Even when the parent is killed outright."""
    require_livekit_server()
    script = (
        "import asyncio\n"
        "from bot.demo.livekit.server import LiveKitServer\n"
        "async def main():\n"
        "    async with LiveKitServer() as server:\n"
        "        print(server.pid, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    server = psutil.Process(int(await parent.stdout.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    gone, _ = await asyncio.to_thread(psutil.wait_procs, [server], timeout=PATIENCE)
    assert gone


def test_the_environment_names_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before all other places; a name that cannot be run is no server, not a wish for another."""
    program = tmp_path / "livekit"
    program.touch()
    monkeypatch.setenv(BINARY_VARIABLE, str(program))
    assert find_server() is None
    program.chmod(0o700)
    assert find_server() == program


async def test_a_program_that_ends_at_once_is_an_error_with_its_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And no token is in them."""
    program = tmp_path / "livekit"
    program.write_text("#!/bin/sh\necho no luck eyJhbGciOi.eyJzdWIi.c2ln\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setenv(BINARY_VARIABLE, str(program))
    with pytest.raises(ChildError, match=r"no luck \[token\]"):
        async with LiveKitServer():
            pass
