"""Every sentence that a person reads, as typed functions. Errors carry data, these make words.

A module for each part of the program, used by its name: `texts.clips.queue_full(3)`. What several
parts say alike is in `common`, what only one platform says in `platforms`. Each is imported where
it is first used, so that a command that ends at once waits for no other's; a service asks for all
of them (`load`).
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.texts import (
        alerts,
        checks,
        clip_results,
        clips,
        commands,
        common,
        health,
        preferences,
        service,
        settings,
        subscriptions,
        undo,
        units,
    )
    from bot.texts.platforms import discord, page, telegram

__all__ = [
    "alerts",
    "checks",
    "clip_results",
    "clips",
    "commands",
    "common",
    "discord",
    "health",
    "page",
    "preferences",
    "service",
    "settings",
    "subscriptions",
    "telegram",
    "undo",
    "units",
]

_OF_PLATFORMS = frozenset({"discord", "page", "telegram"})

if not TYPE_CHECKING:  # or mypy would take every name

    def __getattr__(name: str) -> ModuleType:
        """A module of this package, imported now."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(_module(name))
        globals()[name] = module
        return module


def load() -> None:
    """Import them all: what runs for long says what it said at its start, even while its files are
    changed for a newer version."""
    for name in __all__:
        import_module(_module(name))


def _module(name: str) -> str:
    return f"{__name__}.platforms.{name}" if name in _OF_PLATFORMS else f"{__name__}.{name}"
