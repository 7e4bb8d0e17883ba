"""What could be typed next: commands by how they begin, coins of the place from the store, and live
coins where a new one is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot import texts
from bot.commands import formatting
from bot.commands.channels import hidden_from
from bot.commands.command import Command, Kind, Suggestion
from bot.commands.parsing.time_zones import every_zone
from bot.commands.ports import Sees
from bot.commands.settings.suggestions import is_filled, suggest_change
from bot.model import Address, Coin, CoinMarks, WatchFindings
from bot.store import Store

_LONGEST_LABEL = 100
_LONGEST_TEXT = 200
_WITH_COINS = frozenset({Kind.MINT, Kind.MINTS, Kind.NEW_MINTS})


async def suggest(
    store: Store,
    catalogue: tuple[Command, ...],
    address: Address,
    text: str,
    limit: int,
    sees: Sees | None,
    findings: Callable[[], Awaitable[WatchFindings]],
) -> tuple[Suggestion, ...]:
    """At most `limit`. A text without a slash is the beginning of a coin alone. No coin that is
    followed only where whoever asks does not see it. `findings` have the coins that may be new
    here; those that moderators marked are nobody's first sight of pump.fun."""
    if len(text) > _LONGEST_TEXT or limit <= 0:
        return ()
    if not text.startswith("/"):
        return await _coins(store, address, "", text.strip(), limit, sees)
    before, _, last = text.rpartition(" ")
    if not before:
        return _commands(catalogue, last.removeprefix("/").lower(), limit)
    first, *typed = before.split()
    name = first.removeprefix("/").partition("@")[0].lower()
    kinds = {p.kind for command in catalogue if command.name == name for p in command.parameters}
    found: tuple[Suggestion, ...] = ()
    if Kind.CHANGE in kinds:
        zones = await asyncio.to_thread(every_zone)
        found = suggest_change(f"{before} ", typed, last, zones)[:limit]
    if not kinds & _WITH_COINS or (Kind.CHANGE in kinds and not is_filled(typed)):
        return found
    live = (await findings()).live if Kind.NEW_MINTS in kinds else ()
    coins = await _coins(store, address, f"{before} ", last, limit - len(found), sees, live)
    return (*found, *coins)


def _commands(catalogue: tuple[Command, ...], begun: str, limit: int) -> tuple[Suggestion, ...]:
    found = [command for command in catalogue if command.name.startswith(begun)]
    return tuple(
        Suggestion(f"/{c.name}", _label(f"/{c.name} – {c.summary}"), f"/{c.name} ")
        for c in found[:limit]
    )


def _fits(coin: Coin, begun: str) -> bool:
    word = begun.removeprefix("$").casefold()
    names = (coin.symbol.casefold(), coin.name.casefold())
    return any(word in name for name in names) or coin.mint.startswith(begun)


async def _coins(
    store: Store,
    address: Address,
    before: str,
    begun: str,
    limit: int,
    sees: Sees | None,
    live: Sequence[Coin] = (),
) -> tuple[Suggestion, ...]:
    """Those of `live` that are new here, then those that are followed."""
    fresh = [coin for coin in live if coin.marks == CoinMarks() and _fits(coin, begun)]
    coins: Sequence[Coin] = ()
    async with store.read() as unit:
        place_id = await unit.places.known(address)
        if place_id is not None:
            hidden = await hidden_from(unit, address, sees)
            coins = await unit.subscriptions.suggest(place_id, begun.lstrip("$"), limit, hidden)
            if fresh:
                followed = {one.mint for one in await unit.subscriptions.of_place(place_id)}
                fresh = [coin for coin in fresh if coin.mint not in followed]
    return tuple(_suggestion(coin, before) for coin in (*fresh, *coins)[:limit])


def _suggestion(coin: Coin, before: str) -> Suggestion:
    return Suggestion(coin.mint, _coin_label(coin), f"{before}{coin.mint}")


def _coin_label(coin: Coin) -> str:
    name = formatting.called(coin, coin.mint)
    return (
        name
        if name == texts.alerts.short(coin.mint)
        else _label(f"{name} {texts.alerts.short(coin.mint)}")
    )


def _label(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
