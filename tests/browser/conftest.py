"""The page in a real browser: Debian's Chromium, driven by Playwright, nothing downloaded."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from bot.kit.timing.clock import SystemClock
from bot.store import Store
from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.nginx import find_nginx
from tests.browser.tab import Tab
from tests.child_processes import threads_since
from tests.patience import PATIENCE
from tests.platforms.local.conftest import Service

expect.set_options(timeout=1000 * PATIENCE)


def require_chromium() -> str:
    """Where there is no Chromium, its tests skip with one loud line; in CI they fail."""
    found = find_chromium()
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("there is no chromium, and CI must have one: apt-get install chromium")
    pytest.skip("NO CHROMIUM: apt-get install chromium")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All by one worker: there is one browser for them all."""
    for item in items:
        if item.nodeid.startswith("tests/browser/"):
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say it where nobody overlooks it."""
    if find_chromium() is None:
        terminalreporter.write_line(
            "CHROMIUM MISSING: every test of the page in a browser was left out",
            red=True,
            bold=True,
        )
    if find_nginx() is None:
        terminalreporter.write_line(
            "NGINX MISSING: every test of the page behind it was left out", red=True, bold=True
        )


@pytest.fixture(autouse=True)
def no_process_or_thread_left() -> Iterator[None]:
    """In place of the one for all tests: a browser serves them all, and starts and ends
    processes as it likes. `browser` looks for those at its end."""
    threads = set(threading.enumerate())
    yield
    mine = threads_since(threads)
    for thread in mine:
        thread.join(PATIENCE)
    left = [thread.name for thread in mine if thread.is_alive()]
    assert not left, f"left behind: {left}"


@pytest_asyncio.fixture(autouse=True, loop_scope="package")
async def no_task_left() -> AsyncIterator[None]:
    """In place of the one for all tests, in the loop of the browser."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        await asyncio.wait(left, timeout=5.0)
    names = [task.get_name() for task in left if not task.done()]
    assert not names, f"tasks left behind: {names}"


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    """Headless, for all tests here, and gone after the last: a start costs seconds."""
    chromium = require_chromium()
    before = set(psutil.Process().children(recursive=True))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        await browser.close()
    left = set(psutil.Process().children(recursive=True)) - before
    _, alive = psutil.wait_procs(left, timeout=PATIENCE)
    assert not alive, f"left behind: {alive}"


@pytest_asyncio.fixture(loop_scope="package")
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """In this machine's time: the browser has no other."""
    async with Store(tmp_path / "mintcast.db") as store:
        yield Service(tmp_path, store, SystemClock())


@pytest_asyncio.fixture(loop_scope="package")
async def origin(service: Service) -> AsyncIterator[str]:
    async with service.serving() as origin:
        yield origin


@pytest_asyncio.fixture(loop_scope="package")
async def tab(browser: Browser, origin: str) -> AsyncIterator[Tab]:
    """The page on a desktop, open and connected."""
    async with Tab.opened(browser, origin) as tab:
        yield tab
