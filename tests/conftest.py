"""No test leaves anything behind, and none talks to anybody but this machine."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psutil
import pytest

from bot.demo.livekit import find_server
from bot.demo.world import World

_PATIENCE = 3.0
_FRAMES_COUNT = (
    "tests/clips/capture/",
    "tests/demo/test_broadcaster.py",
    "tests/e2e/test_beginnings.py",
    "tests/e2e/test_breaks.py",
    "tests/e2e/test_changes.py",
    "tests/e2e/test_command_line.py",
)
_NAMES = {"localhost", "", None}


def require_livekit_server() -> None:
    """Where there is no LiveKit server, its tests skip with one loud line; in CI they fail."""
    if find_server() is not None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail("there is no livekit-server, and CI must have one: `make livekit-server`")
    pytest.skip("NO LIVEKIT SERVER: `make livekit-server` builds it")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` gives these the processor before all others: what they lack costs frames."""
    for item in items:
        if item.nodeid.startswith(_FRAMES_COUNT):
            item.add_marker(pytest.mark.realtime)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say it where nobody overlooks it."""
    if find_server() is None:
        terminalreporter.write_line(
            "LIVEKIT SERVER MISSING: every test on the real server was left out",
            red=True,
            bold=True,
        )


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: raising here keeps the call from happening."""
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise PermissionError(f"a test reached out to {address}")
    elif event == "socket.getaddrinfo" and not _is_loopback(arguments[0]):
        raise PermissionError(f"a test looked up {arguments[0]}")


def _is_loopback(host: Any) -> bool:
    if host in _NAMES:
        return True
    try:
        return ipaddress.ip_address(os.fsdecode(host)).is_loopback
    except ValueError:
        return False


sys.addaudithook(_only_loopback)


@pytest.fixture(autouse=True)
def no_process_or_thread_left() -> Iterator[None]:
    """Fails the test that leaves a child process or a thread."""
    threads = set(threading.enumerate())
    children = set(psutil.Process().children(recursive=True))
    yield
    deadline = time.monotonic() + _PATIENCE
    while (left := _left(threads, children)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for child in psutil.Process().children(recursive=True):
        if child not in children:
            child.kill()
    assert not left, f"left behind: {left}"


def _left(threads: set[threading.Thread], children: set[psutil.Process]) -> list[str]:
    # asyncio keeps the threads of its default executor until the loop is closed, right after this.
    new = [t.name for t in threading.enumerate() if t not in threads and "asyncio_" not in t.name]
    running = (
        f"process {child.pid} {child.name()}"
        for child in psutil.Process().children(recursive=True)
        if child not in children and child.status() != psutil.STATUS_ZOMBIE
    )
    return [*new, *running]


@pytest.fixture(autouse=True)
async def no_task_left() -> AsyncIterator[None]:
    """Fails the test that leaves a task running."""
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        await asyncio.wait(left, timeout=0.2)
    names = [task.get_name() for task in left if not task.done()]
    assert not names, f"tasks left behind: {names}"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The site and the real LiveKit server, nobody on air."""
    require_livekit_server()
    async with World() as running:
        yield running
