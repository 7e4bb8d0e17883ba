"""Each statement is compiled once in a run of the tests. A service opens one database; tests open
thousands, and compiling the same for each was a third of all that they computed."""

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


def share_compiled_statements() -> None:
    """From now on, in this process."""
    patch.object(engine, "create_async_engine", _open_engine).start()


def _open_engine(*arguments: Any, **options: Any) -> AsyncEngine:
    opened = create_async_engine(*arguments, **options)
    opened.update_execution_options(compiled_cache=_compiled)
    return opened
