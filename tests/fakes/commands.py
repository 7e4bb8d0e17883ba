"""Commands that do as the test says, and keep what they were asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.commands import Request
from bot.model import Address, plain

Act = Callable[[Request], Awaitable[None]]


@dataclass(frozen=True)
class FakeCommand:
    name: str
    summary: str
    usage: str


@dataclass(frozen=True)
class FakeSuggestion:
    text: str
    label: str


async def echo(request: Request) -> None:
    """Say that it was heard, and by whom."""
    await request.reply.show(plain(f"heard {request.caller.person.name}"))


@dataclass
class FakeCommands:
    """`acts` says what a text or an action does; whatever is not named is echoed."""

    acts: dict[str, Act] = field(default_factory=dict)
    suggestions: list[FakeSuggestion] = field(default_factory=list)
    asked: list[tuple[str, Request]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    catalogue: tuple[FakeCommand, ...] = (
        FakeCommand("subscribe", "Hear of a coin when it goes live", "/subscribe <mint…>"),
        FakeCommand("help", "What I can do", "/help"),
    )

    async def run(self, request: Request, text: str) -> None:
        await self._act(request, text)

    async def press(self, request: Request, action: str) -> None:
        await self._act(request, action)

    async def suggest(self, address: Address, text: str, limit: int) -> tuple[FakeSuggestion, ...]:
        assert (address.platform, address.channel) == ("local", "page")
        return tuple(s for s in self.suggestions if s.text.startswith(text))[:limit]

    async def _act(self, request: Request, text: str) -> None:
        self.asked.append((text, request))
        self.came.set()
        await self.acts.get(text, echo)(request)
