"""`/subscriptions`: everything that a place follows, by target, and where nothing can be posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.commands import writing
from bot.commands.command import Command
from bot.commands.ports import Request
from bot.commands.tools import Tools
from bot.model import (
    Button,
    Line,
    Message,
    Stream,
    StreamState,
    Subscription,
    Target,
    Verb,
)
from bot.texts import commands as said
from bot.texts import following as told
from bot.texts.alerts import disabled_because

COMMAND = Command("subscriptions", said.SUMMARIES["subscriptions"])

_MOST_LINES = 30
_MOST_BUTTONS = 6


@dataclass(frozen=True, slots=True)
class _Overview:
    """All of it, as of one moment. `names` are made harmless."""

    targets: tuple[Target, ...]
    followed: Mapping[int, Sequence[Subscription]]
    names: Mapping[str, str]
    tickers: Mapping[str, str]
    streams: Mapping[str, Stream]


async def run(tools: Tools, request: Request, target: Target) -> Message:
    """Of the whole place: whoever looks for a coin need not know in which channel it is."""
    overview = await _read(tools, target)
    mints = list(dict.fromkeys(one.mint for subs in overview.followed.values() for one in subs))
    lines: list[Line] = []
    for each in sorted(overview.targets, key=lambda one: one.id != target.id):
        lines += _of_target(each, overview, is_here=each.id == target.id)
    if not mints:
        lines.append(writing.line(told.first_subscription()))
    return Message(
        title=told.subscriptions_title(len(mints), len(overview.followed)),
        lines=writing.listed(lines, _MOST_LINES),
        buttons=writing.rows(_buttons(mints, overview), width=2),
    )


async def _read(tools: Tools, target: Target) -> _Overview:
    async with tools.store.read() as unit:
        targets = await unit.places.in_use(target.place_id)
        subscriptions = await unit.subscriptions.of_place(target.place_id)
        mints = {one.mint for one in subscriptions}
        coins = await unit.coins.many(mints)
        streams = await unit.streams.open()
    followed: dict[int, list[Subscription]] = {}
    for one in subscriptions:
        followed.setdefault(one.target_id, []).append(one)
    open_here = {mint: stream for mint, stream in streams.items() if mint in mints}
    names, tickers = writing.names_of(coins, mints), writing.tickers_of(coins, mints)
    return _Overview(targets, followed, names, tickers, open_here)


def _of_target(target: Target, overview: _Overview, *, is_here: bool) -> list[Line]:
    subscriptions = overview.followed.get(target.id, ())
    if not subscriptions and target.disabled is None:
        return []
    lines = [writing.line(writing.bold(writing.channel(target, is_here=is_here)))]
    if target.disabled is not None:
        lines.append(writing.line(told.target_broken(disabled_because(target.disabled))))
    lines += [_of_coin(one, overview) for one in subscriptions]
    return lines


def _of_coin(subscription: Subscription, overview: _Overview) -> Line:
    stream = overview.streams.get(subscription.mint)
    words = [told.state(stream.broadcast.state if stream is not None else None)]
    if subscription.checked_at is None:
        words.append(told.unchecked())
    name = overview.names[subscription.mint]
    return writing.line("• ", writing.bold(name), f": {', '.join(words)}")


def _buttons(mints: Sequence[str], overview: _Overview) -> list[Button]:
    """For each that is live: its details, and a clip."""
    live = [m for m in mints if m in overview.streams and _is_live(overview.streams[m])]
    return [
        button
        for mint in live[: _MOST_BUTTONS // 2]
        for button in (
            writing.press(told.about(overview.tickers[mint]), Verb.LIVE, mint),
            writing.press(told.clip_of(overview.tickers[mint]), Verb.CLIP, mint),
        )
    ]


def _is_live(stream: Stream) -> bool:
    return stream.broadcast.state is StreamState.LIVE
