"""What the page needs of the commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.commands import Request
from bot.model import Address


class Described(Protocol):
    """A command as the page lists it."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def usage(self) -> str: ...


class Suggested(Protocol):
    """What may be meant: `text` replaces what is typed, `label` is for the eye."""

    @property
    def text(self) -> str: ...
    @property
    def label(self) -> str: ...


class Commands(Protocol):
    """Runs what is typed and what is pressed; `bot.commands.Commands` is one."""

    @property
    def catalogue(self) -> Sequence[Described]: ...
    async def run(self, request: Request, text: str) -> None: ...
    async def press(self, request: Request, action: str) -> None: ...
    async def suggest(self, address: Address, text: str, limit: int) -> Sequence[Suggested]: ...
