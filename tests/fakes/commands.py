"""Commands that do as the test says, and keep what they were asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from bot.commands import Command, Kind, Parameter, Request, Sees, Suggestion
from bot.model import Address, plain

Act = Callable[[Request], Awaitable[None]]


def suggestion(text: str, label: str) -> Suggestion:
    """A whole line that could be typed."""
    return Suggestion(value=text, label=label, text=text)


async def echo(request: Request) -> None:
    """Say that it was heard, and by whom."""
    await request.reply.show(plain(f"heard {request.caller.person.name}"))


@dataclass
class FakeCommands:
    """`acts` says what a text or an action does; whatever is not named is echoed."""

    acts: dict[str, Act] = field(default_factory=dict)
    suggestions: list[Suggestion] = field(default_factory=list)
    asked: list[tuple[str, Request]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    catalogue: tuple[Command, ...] = (
        Command(
            "subscribe",
            "Hear of a coin when it goes live",
            (Parameter("mint…", "Which coins", Kind.MINTS, required=True),),
        ),
        Command("help", "What I can do"),
    )

    async def run(self, request: Request, text: str) -> None:
        await self._act(request, text)

    async def call(self, request: Request, name: str, words: Iterable[str]) -> None:
        await self._act(request, " ".join((f"/{name}", *words)))

    async def press(self, request: Request, action: str) -> None:
        await self._act(request, action)

    async def suggest(
        self, address: Address, text: str, limit: int, sees: Sees | None = None
    ) -> tuple[Suggestion, ...]:
        assert (address.platform, address.channel) == ("local", "page")
        found = (s for s in self.suggestions if s.text.startswith(text) and s.text != text)
        return tuple(found)[:limit]

    async def followed(self, address: Address) -> tuple[tuple[Suggestion, ...], ...]:
        return ()

    async def left(self, platform: str, place: str) -> None:
        pass

    async def returned(
        self, platform: str, place: str, can_post: Callable[[Address], bool | None]
    ) -> int:
        return 0

    async def places(self, platform: str) -> tuple[str, ...]:
        return ()

    async def _act(self, request: Request, text: str) -> None:
        self.asked.append((text, request))
        self.came.set()
        await self.acts.get(text, echo)(request)
