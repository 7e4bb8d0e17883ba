"""No test leaves anything behind, and none talks to anybody but this machine."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import ipaddress
import os
import shutil
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio
from hypothesis import settings

from bot.demo.livekit.server import find_server
from bot.demo.world import World
from bot.store import Store
from tests.child_processes import threads_since
from tests.databases.by_path import Databases, databases, instead_of_files
from tests.databases.far_host import FarHost
from tests.databases.programs import MISSING, find_programs, require_postgres
from tests.databases.quick import give_threads, make_databases_quick, make_servers_quick
from tests.patience import PATIENCE
from tests.quick_segments import segments_made_once

# `make test` is to be quick, and runs often: `--hypothesis-profile default` tries twice as many.
settings.register_profile("quick", max_examples=50)
settings.load_profile("quick")

make_databases_quick()

# Collecting makes very many objects and no garbage worth a look.
gc.disable()

_LONGEST_NAME = 40
_BIRTHS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"})
_NAMES = {"localhost", "", None}
_WITH_THREADS = ("tests/store/", "tests/soak/", "tests/bench/")


def require_livekit_server() -> None:
    """Where there is no LiveKit server, its tests skip with one loud line; in CI they fail."""
    if find_server() is not None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail("there is no livekit-server, and CI must have one: `make livekit-server`")
    pytest.skip("NO LIVEKIT SERVER: `make livekit-server` builds it")


def pytest_make_parametrize_id(val: object) -> str | None:
    """A long value names its test by its beginning and its length: whole it would be written, sent
    and kept, megabytes of it, wherever the name of the test is."""
    if isinstance(val, (str, bytes)) and len(val) > _LONGEST_NAME:
        return f"{val[:_LONGEST_NAME]!a}...{len(val)}"
    return None


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several workers share the tests, those end to end, which mostly wait, are spread among
    the others, which mostly compute, and none of them is the last. Those that share what their
    module has made for them all stay together: else it would be made for each of them anew."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    for item in items:
        if isinstance(item, pytest.Function) and _shares_with_its_module(item):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    waiting = [item for item in items if "/e2e/" in item.nodeid]
    others = [item for item in items if "/e2e/" not in item.nodeid]
    place = {item: 0.8 * n / len(waiting) for n, item in enumerate(waiting)}
    place |= {item: n / len(others) for n, item in enumerate(others)}
    items.sort(key=place.__getitem__)


def _shares_with_its_module(item: pytest.Function) -> bool:
    of_item = chain.from_iterable(item._fixtureinfo.name2fixturedefs.values())
    return any(one.scope == "module" and one.baseid.endswith(".py") for one in of_item)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported and collected lives to the end: the garbage collector need not look at it
    again and again, nor now, where each worker would do it for half a second."""
    _require_groups(session)
    gc.freeze()
    gc.enable()


def _require_groups(session: pytest.Session) -> None:
    """Where xdist groups nothing (as with pytest 9.2), each worker would start what one is to
    start for all: said at once, for it only shows as a suite that takes twice as long."""
    if not session.config.getoption("loadgroup", default=False):
        return
    for item in session.items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
            pytest.exit(f"xdist ignores the group of {item.nodeid}", returncode=1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What a store promises it promises with its threads, and a soak leaves nothing out. All
    others only use one, but where they are marked."""
    is_whole = item.nodeid.startswith(_WITH_THREADS)
    give_threads(is_whole or item.get_closest_marker("database_threads") is not None)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say it where nobody overlooks it."""
    missing = []
    if find_server() is None:
        missing.append("LIVEKIT SERVER MISSING: every test on the real server was left out")
    if find_programs() is None:
        missing.append(MISSING)
    if find_spec("obstore") is None:
        missing.append("OBSTORE MISSING: nothing was tried on a bucket (pip install '.[s3]')")
    for line in missing:
        terminalreporter.write_line(line, red=True, bold=True)


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: raising here keeps the call from happening."""
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise PermissionError(f"a test reached out to {address}")
    elif event == "socket.getaddrinfo" and not _is_loopback(arguments[0]):
        raise PermissionError(f"a test looked up {arguments[0]}")


def _is_loopback(host: Any) -> bool:
    if host in _NAMES or host in FarHost.reachable:
        return True
    try:
        return ipaddress.ip_address(os.fsdecode(host)).is_loopback
    except ValueError:
        return False


class _Family:
    """Our child processes. To look for them is to look at all that the machine runs, and most
    tests start none: so only once one was started since."""

    def __init__(self) -> None:
        self._born = self._known_at = 0
        self._known: set[psutil.Process] = set()

    def heed(self, event: str, _: tuple[Any, ...], births: frozenset[str] = _BIRTHS) -> None:
        """An audit hook: called to the very end, when this module's own names are gone."""
        if event in births:
            self._born += 1

    def remember(self) -> None:
        """Those who live now are no newcomers."""
        if self._known_at != self._born:
            self._known_at, self._known = self._born, self._living()

    def newcomers(self) -> set[psutil.Process]:
        """But for those of PostgreSQL, of which each connection is one: their server ends them."""
        if self._known_at == self._born:
            return set()
        return {child for child in self._living() - self._known if _name_of(child) != "postgres"}

    def _living(self) -> set[psutil.Process]:
        return set(psutil.Process().children(recursive=True))


def _name_of(child: psutil.Process) -> str:
    try:
        return child.name()
    except psutil.NoSuchProcess:
        return ""


_family = _Family()
sys.addaudithook(_only_loopback)
sys.addaudithook(_family.heed)


@pytest.fixture(autouse=True)
def no_process_or_thread_left() -> Iterator[None]:
    """Fails the test that leaves a child process or a thread."""
    threads = set(threading.enumerate())
    _family.remember()
    yield
    deadline = time.monotonic() + PATIENCE
    while (left := _left(threads)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for child in _family.newcomers():
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    assert not left, f"left behind: {left}"


def _left(threads: set[threading.Thread]) -> list[str]:
    new = [thread.name for thread in threads_since(threads)]
    return [*new, *(f"process {child.pid} {name}" for child, name in _running())]


def _running() -> Iterator[tuple[psutil.Process, str]]:
    for child in _family.newcomers():
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE:
                yield child, child.name()


@pytest.fixture(autouse=True)
def no_task_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the test that leaves a task running. Half of them have no loop for one, and get none:
    to make it takes as long as all else that is done for such a test."""
    if not _has_a_loop(request.node):
        yield
        return
    runner: asyncio.Runner = request.getfixturevalue("_function_scoped_runner")
    yield
    if asyncio.all_tasks(runner.get_loop()):
        runner.run(_require_no_tasks())


def _has_a_loop(item: pytest.Function) -> bool:
    of_item = chain.from_iterable(item._fixtureinfo.name2fixturedefs.values())
    return pytest_asyncio.is_async_test(item) or any(_is_async(one.func) for one in of_item)


def _is_async(function: Callable[..., object]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


async def _require_no_tasks() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        await asyncio.wait(left, timeout=0.2)
    names = [task.get_name() for task in left if not task.done()]
    assert not names, f"tasks left behind: {names}"


@pytest.fixture(scope="session", autouse=True)
def quick_segments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the look-alike's recorder makes is made once, for all the workers."""
    of_run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_run = of_run.parent
    folder = of_run / "segments"
    folder.mkdir(exist_ok=True)
    with segments_made_once(folder):
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="which one stores are opened on",
    )


@pytest.fixture(scope="session", autouse=True)
def postgres_databases(request: pytest.FixtureRequest) -> Iterator[Databases | None]:
    """Those that are there instead of files, where tests run on PostgreSQL."""
    if request.config.getoption("database") == "sqlite":
        yield None
        return
    require_postgres()
    make_servers_quick()
    with databases() as made, instead_of_files(made):
        yield made


@pytest.fixture(autouse=True)
def no_database_left(postgres_databases: Databases | None) -> Iterator[None]:
    if postgres_databases is None:
        yield
        return
    before = postgres_databases.paths()
    yield
    for path in postgres_databases.paths() - before:
        postgres_databases.forget(path)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without rows, to be copied: to migrate a new one takes longer."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    asyncio.run(_make_database(path))
    return path


async def _make_database(path: Path) -> None:
    async with Store(path):
        pass


@pytest.fixture
def database(
    request: pytest.FixtureRequest, postgres_databases: Databases | None, tmp_path: Path
) -> Path:
    """A database of the test's own, without rows."""
    path = tmp_path / "mintcast.db"
    if postgres_databases is None:
        shutil.copy(request.getfixturevalue("empty_database"), path)
    return path


@pytest.fixture
async def store(database: Path) -> AsyncIterator[Store]:
    """It, opened."""
    async with Store(database) as opened:
        yield opened


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The site and the real LiveKit server, nobody on air."""
    require_livekit_server()
    async with World() as running:
        yield running
