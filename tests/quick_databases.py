"""Tests open thousands of databases, a service one, and what is little for one was most of all that
tests computed and waited for."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.backends.sqlite import engine


class _OfAllEngines(dict[tuple[Any, ...], Any]):
    """SQLAlchemy looks a compiled statement up by the dialect, of which each engine has its own,
    and by what the statement says. All of ours are of one dialect, configured alike."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(key[1:], value)


_compiled = _OfAllEngines()


def make_databases_quick() -> None:
    """From now on, in this process: each statement is compiled once, and nothing waits for the
    disk, which only a power cut would tell from what a service does."""
    pragmas = {
        kind: tuple(one.replace("synchronous = FULL", "synchronous = OFF") for one in of_kind)
        for kind, of_kind in engine._PRAGMAS.items()
    }
    patch.object(engine, "create_async_engine", _open_engine).start()
    patch.object(engine, "_PRAGMAS", pragmas).start()


def _open_engine(*arguments: Any, **options: Any) -> AsyncEngine:
    opened = create_async_engine(*arguments, **options)
    opened.update_execution_options(compiled_cache=_compiled)
    return opened
