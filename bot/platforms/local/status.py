"""The state of things, for the side of the page: coins, parts, last alerts, failures, disk."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot import __version__, texts
from bot.alerts import Why
from bot.commands import Lookback
from bot.kit.health import Health, Part
from bot.kit.timing.clock import Clock
from bot.kit.untrusted import inert
from bot.model import (
    Address,
    Coin,
    DeliveryKind,
    DeliveryState,
    HistoryRow,
    NodeState,
    Stream,
    StreamState,
    Subscription,
)
from bot.platforms.local.render import Json, instant
from bot.store import Store, Unit

_log = logging.getLogger(__name__)

_COINS = 200
_SHOWN = 8
_LOOKED_AT = 100
"""Deliveries among which the last alerts and failures are sought."""

_FAILED = frozenset({DeliveryState.DEAD, DeliveryState.UNCERTAIN})
_BY_CHOICE = frozenset({Why.ENDED_FIRST, Why.UNFOLLOWED, Why.NIGHT_SKIP, Why.NIGHT_DIGEST})
_SYMBOL, _NAME, _TITLE = 16, 48, 160
"""Characters of what others wrote."""

_STATES = {
    StreamState.LIVE: "live",
    StreamState.STARTING: "starting",
    StreamState.GRACE: "paused",
    StreamState.ENDED: "offline",
}
_ORDER = ("live", "paused", "starting", "offline")


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the database says, read in one snapshot."""

    subscriptions: tuple[Subscription, ...]
    latest: tuple[HistoryRow, ...]
    coins: Mapping[str, Coin]
    streams: Mapping[str, Stream]


class Status:
    """Reads it all. `folder` is where clips are kept."""

    def __init__(
        self,
        store: Store,
        health: Health,
        lookback: Lookback,
        clock: Clock,
        address: Address,
        folder: Path,
    ) -> None:
        self._store = store
        self._health = health
        self._lookback = lookback
        self._clock = clock
        self._address = address
        self._folder = folder

    async def read(self) -> Json:
        """As the page's API gives it. Raises StoreError."""
        async with self._store.read() as unit:
            rows = await self._rows(unit)
            nodes = await unit.nodes.all()
        coins = sorted(_subscribed(rows, self._lookback), key=_by_state)
        alerts = [row for row in rows.latest if row.kind is DeliveryKind.ALERT]
        failed = [row for row in rows.latest if _has_failed(row)]
        return {
            "version": __version__,
            "at": instant(self._clock.now()),
            "status": self._health.status,
            "parts": [_part(part) for part in self._health.parts()],
            "nodes": [_node(node) for node in nodes],
            "coin_count": len(coins),
            "live_count": sum(coin["state"] == "live" for coin in coins),
            "coins": coins[:_COINS],
            "alerts": [_delivery(row, rows.coins) for row in alerts[:_SHOWN]],
            "failures": [_delivery(row, rows.coins) for row in failed[:_SHOWN]],
            "disk": await asyncio.to_thread(self._disk),
        }

    async def _rows(self, unit: Unit) -> _Rows:
        target = await unit.places.find(self._address)
        subscriptions = await unit.subscriptions.of_place(target.place_id) if target else ()
        latest = await unit.deliveries.latest(_LOOKED_AT)
        mints = {row.mint for row in subscriptions} | {row.mint for row in latest if row.mint}
        return _Rows(
            subscriptions=subscriptions,
            latest=latest,
            coins=await unit.coins.many(mints),
            streams=await unit.streams.open(),
        )

    def _disk(self) -> Json | None:
        """Bytes; None where it cannot be told."""
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError as error:
            _log.debug("the disk of %s cannot be read: %s", self._folder, error)
            return None
        return {"free": usage.free, "total": usage.total}


def _has_failed(row: HistoryRow) -> bool:
    return row.state in _FAILED and row.error not in _BY_CHOICE


def _part(part: Part) -> Json:
    return {
        "name": part.name,
        "ok": part.ok,
        "off": part.is_off,
        "detail": texts.health.part_state(part.name, part.detail, part.age, ok=part.ok),
        "since": instant(part.since) if part.since else None,
        "age": None if part.age is None else round(part.age, 1),
    }


def _node(node: NodeState) -> Json:
    return {"name": node.name, "ok": node.is_here, "detail": texts.health.node(node)}


def _subscribed(rows: _Rows, lookback: Lookback) -> Iterable[Json]:
    for mint in dict.fromkeys(row.mint for row in rows.subscriptions):
        stream, window = rows.streams.get(mint), lookback.at_hand(mint)
        cast = stream.broadcast if stream else None
        yield _coin(mint, rows.coins) | {
            "state": _STATES[cast.state] if cast else "offline",
            "viewers": cast.viewers if cast else None,
            "title": inert(cast.title, _TITLE) if cast else "",
            "since": instant(cast.began_at) if cast else None,
            "picture": f"/files/{stream.picture_key}" if stream and stream.picture_key else None,
            "at_hand": texts.subscriptions.at_hand(window.seconds) if window else None,
        }


def _by_state(coin: Json) -> tuple[int, int, str]:
    return _ORDER.index(coin["state"]), -(coin["viewers"] or 0), str(coin["symbol"]).lower()


def _coin(mint: str | None, coins: Mapping[str, Coin]) -> Json:
    coin = coins.get(mint or "")
    symbol, name = (coin.symbol, coin.name) if coin else ("", "")
    return {"mint": mint, "symbol": inert(symbol, _SYMBOL), "name": inert(name, _NAME)}


def _delivery(row: HistoryRow, coins: Mapping[str, Coin]) -> Json:
    address = row.target.address
    return _coin(row.mint, coins) | {
        "kind": row.kind.value,
        "state": row.state.value,
        "platform": address.platform,
        "target": inert(address.channel_name or address.channel, _NAME),
        "at": instant(row.sent_at or row.created_at),
        "error": texts.alerts.why(row.error) if _has_failed(row) else None,
    }
