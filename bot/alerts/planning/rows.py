"""The rows that a plan is made of: all that planning asks the store. They are only read here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.alerts.planning.compose import NightRow
from bot.alerts.planning.plan import MENTION_PAUSE, Why, alert_nonce, clip_nonce, other_nonce
from bot.model import (
    ClipJob,
    Coin,
    Delivery,
    DeliveryKind,
    Preference,
    Preferences,
    Stream,
    Target,
    UndoName,
)

if TYPE_CHECKING:
    from bot.kit.timing.clock import Clock
    from bot.store import Store, Unit


@dataclass(frozen=True, slots=True)
class AlertRows:
    """What an alert is made of. `origin` names the broadcast (`Streams.origins`). `mentioned_at`:
    when an alert of that coin last mentioned a role there, if that was a short while ago.
    `is_followed`: the target still is subscribed to the coin."""

    target: Target
    stream: Stream
    origin: str
    coin: Coin | None
    chosen: Preferences
    mentioned_at: datetime | None
    is_followed: bool

    @property
    def nonce(self) -> str:
        """Of its first showing."""
        return alert_nonce(self.target.address, self.stream.mint, self.origin)


@dataclass(frozen=True, slots=True)
class ClipRows:
    """What a clip's answer is made of. `shown` is `job`, or what that was cut anew into since.
    `undo` would bring a deleted one back."""

    target: Target
    job: ClipJob
    shown: ClipJob
    coin: Coin | None
    chosen: Preferences
    undo: UndoName | None = None


@dataclass(frozen=True, slots=True)
class DigestRows:
    """What a digest is made of; `chosen` of each row's coin."""

    target: Target
    night: tuple[NightRow, ...]
    chosen: tuple[Preferences, ...]


class RowReader:
    """Each answer is of one moment. All of it raises StoreError."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def alerts(self, claimed: Sequence[Delivery]) -> dict[int, AlertRows]:
        """Those of what is claimed that are alerts, by its id; of many in a few statements."""
        since = self._clock.before(MENTION_PAUSE)
        async with self._store.read() as unit:
            alerts = [d for d in claimed if d.kind is DeliveryKind.ALERT]
            return await _alert_rows(unit, alerts, since)

    async def clip(self, d: Delivery) -> ClipRows | None:
        """None: its target or its job is gone."""
        async with self._store.read() as unit:
            target = await unit.places.by_id(d.target_id)
            job = await unit.jobs.get(d.job_id) if d.job_id is not None else None
            if target is None or job is None:
                return None
            coin = await unit.coins.get(job.order.mint)
            chosen = await unit.preferences.of(target.id, job.order.mint)
            shown = await unit.jobs.shown(job.id) or job
            undo = await unit.undos.of_clip(shown.id)
        return ClipRows(target, job, shown, coin, chosen, undo.name if undo is not None else None)

    async def digest(self, d: Delivery) -> DigestRows | None:
        """Of what is still followed there. None: its target is gone."""
        async with self._store.read() as unit:
            target = await unit.places.by_id(d.target_id)
            ids = await unit.deliveries.held_back(d, Why.NIGHT_DIGEST)
            streams = [await unit.streams.get(stream_id) for stream_id in ids]
            followed = {one.mint for one in await unit.subscriptions.of_target(d.target_id)}
            known = [one for one in streams if one is not None and one.mint in followed]
            coins = await unit.coins.many({stream.mint for stream in known})
            pairs = [(d.target_id, stream.mint) for stream in known]
            chosen = await unit.preferences.of_many(pairs)
        if target is None:
            return None
        night = (NightRow(one.mint, one.broadcast, coins.get(one.mint)) for one in known)
        return DigestRows(target, tuple(night), tuple(chosen[pair] for pair in pairs))

    async def targets(self, ids: Collection[int]) -> Mapping[int, Target]:
        """Those that there are."""
        async with self._store.read() as unit:
            return await unit.places.many(ids)

    async def named(self, d: Delivery) -> tuple[Target, str] | None:
        """Where it goes and the nonce of its first showing; None if that can no longer be said."""
        async with self._store.read() as unit:
            target = await unit.places.by_id(d.target_id)
            stream = await unit.streams.get(d.stream_id) if d.stream_id is not None else None
            origins = await unit.streams.origins([stream.id] if stream is not None else [])
            job = await unit.jobs.get(d.job_id) if d.job_id is not None else None
        if target is None:
            return None
        if d.kind is DeliveryKind.ALERT:
            if stream is None:
                return None
            return target, alert_nonce(target.address, stream.mint, origins[stream.id])
        if d.kind is DeliveryKind.CLIP:
            return None if job is None else (target, clip_nonce(target.address, job))
        return target, other_nonce(target.address, d)


async def _alert_rows(
    unit: Unit, alerts: Sequence[Delivery], since: datetime
) -> dict[int, AlertRows]:
    ids = {d.stream_id for d in alerts if d.stream_id is not None}
    streams = {id_: await unit.streams.get(id_) for id_ in ids}
    origins = await unit.streams.origins(ids)
    coins = await unit.coins.many({stream.mint for stream in streams.values() if stream})
    targets = await unit.places.many({d.target_id for d in alerts})
    found: dict[int, AlertRows] = {}
    known = [
        (d, stream, targets[d.target_id])
        for d in alerts
        if (stream := streams.get(d.stream_id or 0)) is not None and d.target_id in targets
    ]
    pairs = [(d.target_id, stream.mint) for d, stream, _ in known]
    chosen = await unit.preferences.of_many(pairs)
    followed = await unit.subscriptions.followed(pairs)
    for d, stream, target in known:
        mint = stream.mint
        preferences = chosen[d.target_id, mint]
        mentions = d.message_id is None and Preference.ROLE in preferences
        mentioned_at = (
            await unit.deliveries.last_mention(d.target_id, mint, since) if mentions else None
        )
        found[d.id] = AlertRows(
            target,
            stream,
            origins[stream.id],
            coins.get(mint),
            preferences,
            mentioned_at,
            is_followed=(d.target_id, mint) in followed,
        )
    return found
