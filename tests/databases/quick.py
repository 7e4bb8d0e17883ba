"""Tests open thousands of databases, a service one, and what is little for one was most of all that
tests computed and waited for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import aiosqlite
from aiosqlite.core import set_exception, set_result
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.backends.sqlite import engine


class _OfAllEngines(dict[tuple[Any, ...], Any]):
    """SQLAlchemy looks a compiled statement up by the dialect, of which each engine has its own,
    and by what the statement says. All of ours are of one dialect, configured alike."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(key[1:], value)


def make_databases_quick() -> None:
    """From now on, in this process: each statement is compiled once, and nothing waits for the
    disk, which only a power cut would tell from what a service does."""
    pragmas = {
        kind: tuple(one.replace("synchronous = FULL", "synchronous = OFF") for one in of_kind)
        for kind, of_kind in engine._PRAGMAS.items()
    }
    _compile_once(engine)
    _make_threads_rare()
    patch.object(engine, "_PRAGMAS", pragmas).start()


def make_servers_quick() -> None:
    """The same where databases are PostgreSQL's; what an engine asks of a server at its first
    connection is asked once, and `is_waiting` tells of them."""
    from sqlalchemy.dialects.postgresql import asyncpg

    from bot.store.backends.postgres import engine
    from bot.store.backends.postgres.dialect import Dialect

    _compile_once(engine)
    patch.object(Dialect, "initialize", _initialize_once(Dialect.initialize)).start()
    patch.object(asyncpg, "await_", _counted(vars(asyncpg)["await_"])).start()


def _compile_once(module: Any) -> None:
    compiled = _OfAllEngines()

    def open_engine(*arguments: Any, **options: Any) -> AsyncEngine:
        opened = create_async_engine(*arguments, **options)
        opened.update_execution_options(compiled_cache=compiled)
        return opened

    patch.object(module, "create_async_engine", open_engine).start()


def _initialize_once(initialize: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    told: dict[str, Any] = {}

    def initialized(dialect: Any, connection: Any) -> None:
        if not told:
            before = dict(vars(dialect))
            initialize(dialect, connection)
            now = vars(dialect).items()
            told.update((name, value) for name, value in now if before.get(name) != value)
        vars(dialect).update(told)

    return initialized


# Threads of SQLite's

_has_threads = True

_OF_A_STATEMENT = frozenset({"cursor", "fetchall", "close"})
"""What goes before and after one, and is answered within its turn: a round of the loop for each of
them took a tenth of what such tests compute."""


def give_threads(given: bool) -> None:
    """Whether connections to SQLite that are opened from now on have a thread each, as a service's
    have. One without computes what it is asked at once, and answers a statement in the next round
    of the loop: tasks still take turns at each, and nobody waits for the thread to have one."""
    global _has_threads
    _has_threads = given


def require_threads() -> None:
    """For whoever holds a lock: without threads, all stands still while somebody waits for it."""
    assert _has_threads, "mark the test with database_threads"


class _NoThread:
    daemon = True

    def start(self) -> None:
        """There is none."""

    def put_nowait(self, asked: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, compute = asked
        answer: Callable[[asyncio.Future[Any], Any], None] = set_result
        try:
            result = compute()
        except BaseException as error:  # noqa: BLE001 as their thread does
            answer, result = set_exception, error
        if future is None:
            return
        if _name_of(compute) in _OF_A_STATEMENT:
            answer(future, result)
        else:
            future.get_loop().call_soon(answer, future, result)


def _name_of(compute: Callable[[], Any]) -> str | None:
    return getattr(getattr(compute, "func", None), "__name__", None)


def _make_threads_rare() -> None:
    begin = aiosqlite.Connection.__init__

    def begin_without(self: Any, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        if not _has_threads:
            self._tx = self._thread = _NoThread()

    patch.object(aiosqlite.Connection, "__init__", begin_without).start()


# Waiting for a server

_waiting: set[object] = set()
_is_locked = False


def is_waiting() -> bool:
    """Whether something that was asked of a server is not answered yet, and may be soon."""
    return bool(_waiting) and not _is_locked


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Meanwhile what is asked waits for whoever has the lock."""
    global _is_locked
    _is_locked = True
    try:
        yield
    finally:
        _is_locked = False


def _counted(await_: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def counted(asked: Any) -> Any:
        _waiting.add(asked)
        try:
            return await_(asked)
        finally:
            _waiting.discard(asked)

    return counted
