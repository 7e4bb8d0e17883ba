"""Clips of livestreams. The front of the package is `front`, loaded with the first name that is
asked for: the processes of a capture enter through this package too, and need nothing of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.clips.front import *  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        front = import_module("bot.clips.front")
        if name not in front.__all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(front, name)
