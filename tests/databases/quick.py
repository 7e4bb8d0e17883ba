"""Tests open thousands of databases, a service one, and what is little for one was most of all that
tests computed and waited for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.backends.postgres import engine as postgres
from bot.store.backends.postgres.dialect import Dialect
from bot.store.backends.sqlite import engine


class _OfAllEngines(dict[tuple[Any, ...], Any]):
    """SQLAlchemy looks a compiled statement up by the dialect, of which each engine has its own,
    and by what the statement says. All of ours are of one dialect, configured alike."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(key[1:], value)


_compiled = _OfAllEngines(), _OfAllEngines()
_of_server: dict[str, Any] = {}


def make_databases_quick() -> None:
    """From now on, in this process: each statement is compiled once, and nothing waits for the
    disk, which only a power cut would tell from what a service does."""
    pragmas = {
        kind: tuple(one.replace("synchronous = FULL", "synchronous = OFF") for one in of_kind)
        for kind, of_kind in engine._PRAGMAS.items()
    }
    for module, compiled in zip((engine, postgres), _compiled, strict=True):
        opening = functools.partial(_open_engine, compiled)
        patch.object(module, "create_async_engine", opening).start()
    patch.object(Dialect, "initialize", _initialize_once(Dialect.initialize)).start()
    patch.object(engine, "_PRAGMAS", pragmas).start()


def _open_engine(compiled: _OfAllEngines, *arguments: Any, **options: Any) -> AsyncEngine:
    opened = create_async_engine(*arguments, **options)
    opened.update_execution_options(compiled_cache=compiled)
    return opened


def _initialize_once(initialize: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """What an engine asks PostgreSQL of itself at its first connection, the server tells it once:
    all that tests use are alike."""

    def initialized(dialect: Any, connection: Any) -> None:
        if not _of_server:
            before = dict(vars(dialect))
            initialize(dialect, connection)
            told = vars(dialect).items()
            _of_server.update((name, is_so) for name, is_so in told if before.get(name) != is_so)
        vars(dialect).update(_of_server)

    return initialized
